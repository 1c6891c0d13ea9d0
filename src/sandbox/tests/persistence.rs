//! Tests of the data file.

use std::path::Path;

use super::*;
use crate::store::writable::WritablePath;

async fn kept(path: &Path) -> TestSandbox {
    TestSandbox::with(SandboxOptions {
        data: Some(WritablePath::named(path)),
        // A dropped sandbox closes its data file a moment later.
        data_wait: std::time::Duration::from_secs(5),
        ..SandboxOptions::default()
    })
    .await
}

#[tokio::test]
async fn simulations_survive_shutdown_and_kill() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(".bluejay/sandbox.json");
    let api = kept(&path).await;
    let first = api.create("one").await;
    api.sandbox.shutdown().await.unwrap();

    let api = kept(&path).await;
    assert_eq!(api.create("two").await, first + 1);
    // Dropping neither finishes the requests nor folds the log.
    drop(api);

    let api = kept(&path).await;
    assert_eq!(api.names().await, ["one", "two"]);
}

#[tokio::test]
async fn shutdown_ends_idle_connections_and_frees_the_port() {
    let api = TestSandbox::new().await;
    let address = api.sandbox.address();
    let idle = tokio::net::TcpStream::connect(address).await.unwrap();
    api.create("one").await;
    api.sandbox.shutdown().await.unwrap();
    drop(idle);
    assert!(
        api.client
            .get(format!("http://{address}"))
            .send()
            .await
            .is_err()
    );
}

#[tokio::test]
async fn data_in_use_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("sandbox.json");
    let _api = kept(&path).await;
    let second = start(SandboxOptions {
        data: Some(WritablePath::named(&path)),
        ..SandboxOptions::default()
    });
    let refused = second.await.err().map(|error| error.kind());
    assert_eq!(refused, Some(std::io::ErrorKind::WouldBlock));
}
