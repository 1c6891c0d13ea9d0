//! The listener of the sandbox and its connections.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use axum::extract::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

use super::data::Data;
use super::exchange::{Exchanges, LoggedRequest};
use super::faults::Faults;
use super::pause::wait_for_stop;
use super::routes;
use super::service::Service;
use crate::store::writable::WritablePath;

/// How long an open connection may take to end after the beginning of a shutdown.
const GRACE: Duration = Duration::from_secs(2);

/// The options of a sandbox. By default, the data is only in memory, there are no faults,
/// any key is accepted, and the port is free.
#[derive(Clone)]
pub struct SandboxOptions {
    /// The file of the stored resources; `None` for memory only.
    pub data: Option<WritablePath>,
    /// The longest wait for another process that has the data file open.
    pub data_wait: Duration,
    /// The faults to inject.
    pub faults: Faults,
    /// The only accepted API key; `None` accepts any key that is not empty.
    pub key: Option<String>,
    /// The address to listen on: a loopback address. Port 0 selects a free port.
    pub address: SocketAddr,
    /// Whether all requests are recorded for [`Sandbox::requests`].
    pub log_requests: bool,
}

impl Default for SandboxOptions {
    fn default() -> Self {
        Self {
            data: None,
            data_wait: Duration::ZERO,
            faults: Faults::default(),
            key: None,
            address: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            log_requests: false,
        }
    }
}

/// A running sandbox. Dropping it also stops it, without writing a snapshot. No data is
/// lost in either case.
pub struct Sandbox {
    address: SocketAddr,
    service: Arc<Service>,
    exchanges: Arc<Exchanges>,
    /// The signal to stop. Each task holds a receiver until the task ends.
    stop: watch::Sender<bool>,
}

/// Starts a sandbox, which serves requests until it is shut down or dropped.
///
/// Returns an error for an address that is not loopback (`InvalidInput`), for a data file
/// that another process has open (`WouldBlock`), and for a damaged data file
/// (`InvalidData`).
pub async fn start(options: SandboxOptions) -> io::Result<Sandbox> {
    if !options.address.ip().is_loopback() {
        let message = format!("`{}` is not a loopback address", options.address);
        return Err(io::Error::new(io::ErrorKind::InvalidInput, message));
    }
    let listener = TcpListener::bind(options.address).await?;
    let address = listener.local_addr()?;
    let data = match options.data {
        None => Data::in_memory(),
        Some(path) => {
            let wait = options.data_wait;
            tokio::task::spawn_blocking(move || Data::open(&path, wait)).await??
        }
    };
    let service = Arc::new(Service::new(data, options.key));
    let (stop, stopped) = watch::channel(false);
    let exchanges = Arc::new(Exchanges::new(
        routes::router(Arc::clone(&service)),
        options.faults,
        options.log_requests,
    ));
    tokio::spawn(accept(listener, Arc::clone(&exchanges), stopped));
    Ok(Sandbox {
        address,
        service,
        exchanges,
        stop,
    })
}

impl Sandbox {
    /// Returns the address.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Returns the base URL, without a trailing slash.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Returns the number of received requests.
    #[must_use]
    pub fn request_count(&self) -> u64 {
        self.exchanges.count()
    }

    /// Returns the recorded requests in the order of their answers; empty unless
    /// [`SandboxOptions::log_requests`] is set.
    #[must_use]
    pub fn requests(&self) -> Vec<LoggedRequest> {
        self.exchanges.logged_requests()
    }

    /// Stops accepting connections, finishes the requests in flight, executes late commits
    /// immediately, folds the log into the snapshot, and closes the data file. A connection
    /// that does not end within two seconds is closed.
    pub async fn shutdown(self) -> io::Result<()> {
        self.stop.send_replace(true);
        self.stop.closed().await;
        self.service.data().close()
    }
}

async fn accept(
    listener: TcpListener,
    exchanges: Arc<Exchanges>,
    mut stopped: watch::Receiver<bool>,
) {
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = wait_for_stop(&mut stopped) => return,
        };
        match accepted {
            Ok((stream, _)) => {
                let connection = serve(stream, Arc::clone(&exchanges), stopped.clone());
                tokio::spawn(connection);
            }
            // The process has no free file descriptors, or the client disconnected. The
            // loop continues.
            Err(_) => tokio::time::sleep(Duration::from_millis(5)).await,
        }
    }
}

async fn serve(stream: TcpStream, exchanges: Arc<Exchanges>, mut stopped: watch::Receiver<bool>) {
    // A failure only increases the latency.
    let _ = stream.set_nodelay(true);
    let exchange_stop = stopped.clone();
    let answer = service_fn(move |request: Request<Incoming>| {
        let exchanges = Arc::clone(&exchanges);
        let stopped = exchange_stop.clone();
        async move { exchanges.answer(request, stopped).await }
    });
    let mut connection =
        std::pin::pin!(http1::Builder::new().serve_connection(TokioIo::new(stream), answer));
    // An error means that the client disconnected, or that a fault closed the connection.
    tokio::select! {
        _ = &mut connection => {}
        () = wait_for_stop(&mut stopped) => {
            connection.as_mut().graceful_shutdown();
            let _ = tokio::time::timeout(GRACE, connection).await;
        }
    }
}
