//! Points at which tests end the process or fill the disk.

/// Ends the process, if a test asked for this point by name.
///
/// Expands to nothing without the feature `crash-points`.
macro_rules! crash_point {
    ($name:literal) => {
        #[cfg(feature = "crash-points")]
        fail::fail_point!($name, |_| std::process::abort());
    };
}

/// Returns the error of a full disk, if a test asked for this point by name.
///
/// Expands to nothing without the feature `crash-points`.
macro_rules! full_disk_point {
    ($name:literal) => {
        #[cfg(feature = "crash-points")]
        fail::fail_point!($name, |_| Err(std::io::ErrorKind::StorageFull.into()));
    };
}

pub(crate) use crash_point;
pub(crate) use full_disk_point;
