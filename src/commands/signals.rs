//! SIGINT and SIGTERM, and the events of a Windows console: the first signal stops new work,
//! the second signal ends the process.

use std::sync::{Arc, OnceLock};

use tokio::sync::watch;

use crate::error::{CommandError, Exit, Signal};
use crate::report::screen;

/// Listens for signals for the rest of the process.
pub(super) struct Signals {
    first: Arc<OnceLock<Signal>>,
    /// True after the first signal.
    pub stop: watch::Receiver<bool>,
}

impl Signals {
    /// Starts to listen for a command that changes nothing while it waits.
    pub fn of_reader() -> Self {
        Self::listen(|| {}, || ())
    }

    /// Starts to listen. `on_first` is called at the first signal, and `on_second` at the
    /// second signal, before the process ends.
    pub fn listen(
        on_first: impl Fn() + Send + 'static,
        on_second: impl Fn() + Send + 'static,
    ) -> Self {
        let (sender, stop) = watch::channel(false);
        let first = Arc::new(OnceLock::new());
        let known = Arc::clone(&first);
        tokio::spawn(async move {
            let signal = next().await;
            // Only this task sets the value.
            let _ = known.set(signal);
            screen::interrupted();
            on_first();
            sender.send_replace(true);
            let signal = next().await;
            screen::end();
            screen::interrupted();
            on_second();
            // The journal has all open intents, so the exit is safe.
            std::process::exit(i32::from(Exit::Interrupted(signal).code()));
        });
        Self { first, stop }
    }

    /// Returns the first signal, if one arrived.
    pub fn caught(&self) -> Option<Signal> {
        self.first.get().copied()
    }

    /// Waits for a read, which the first signal cancels.
    pub async fn cancel<T>(
        &self,
        read: impl Future<Output = Result<T, CommandError>>,
    ) -> Result<T, CommandError> {
        let stopped = async {
            self.stopped().await;
            self.caught()
        };
        tokio::select! {
            biased;
            Some(signal) = stopped => Err(CommandError::interrupted(signal)),
            result = read => result,
        }
    }

    /// Waits for the first signal.
    pub async fn stopped(&self) {
        let mut stop = self.stop.clone();
        if stop.wait_for(|stop| *stop).await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}

#[cfg(unix)]
async fn next() -> Signal {
    use tokio::signal::unix::{SignalKind, signal};
    let Ok(mut terminate) = signal(SignalKind::terminate()) else {
        return interrupt().await;
    };
    tokio::select! {
        signal = interrupt() => signal,
        _ = terminate.recv() => Signal::Terminate,
    }
}

/// A CI system sends Ctrl-C, and then Ctrl-Break. A closed window or a shutdown gives the
/// process a few seconds.
#[cfg(windows)]
async fn next() -> Signal {
    use tokio::signal::windows::{ctrl_break, ctrl_close, ctrl_shutdown};
    let (Ok(mut stop), Ok(mut close), Ok(mut shutdown)) =
        (ctrl_break(), ctrl_close(), ctrl_shutdown())
    else {
        return interrupt().await;
    };
    tokio::select! {
        signal = interrupt() => signal,
        _ = stop.recv() => Signal::Terminate,
        _ = close.recv() => Signal::Terminate,
        _ = shutdown.recv() => Signal::Terminate,
    }
}

async fn interrupt() -> Signal {
    match tokio::signal::ctrl_c().await {
        Ok(()) => Signal::Interrupt,
        Err(_) => std::future::pending().await,
    }
}
