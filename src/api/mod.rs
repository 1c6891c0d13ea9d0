//! The remote boundary: the Bluejay API as calls that say what became of them.
//!
//! Paths, wire types and the classification of every answer live here, and
//! `reqwest` is used nowhere else. What to do about an answer that never came
//! is not decided here: a call only says whether its effect is sure, ruled out
//! or unknown ([`Fate`]).

mod address;
mod attempt;
mod auth;
mod body;
mod call;
mod cause;
mod client;
mod clock;
mod error;
mod fate;
mod key;
mod limiter;
mod notice;
mod pacer;
mod redact;
mod runs;
mod send;
mod status;
mod trace;
pub mod wire;

pub use address::Target;
pub use call::BeforeSending;
pub use client::{Client, ClientOptions};
pub use clock::ServerTime;
pub use error::{ApiError, FieldError, PathStep};
pub use fate::Fate;
pub use key::{ApiKey, KeyError};
pub use limiter::{Limiter, Throttle};
pub use notice::Notice;
