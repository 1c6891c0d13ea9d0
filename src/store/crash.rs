//! Places where the tests end the process.

/// Ends the process here, if a test asked for it by name.
///
/// Without the feature `crash-points` this is nothing at all.
macro_rules! crash_point {
    ($name:literal) => {
        #[cfg(feature = "crash-points")]
        fail::fail_point!($name, |_| std::process::abort());
    };
}

pub(crate) use crash_point;
