//! The remote boundary: the calls of the Bluejay API.
//!
//! This module has the paths, the wire types and the classification of every answer. Only
//! this module uses `reqwest`. After a lost answer, a call returns only whether its effect
//! is certain, ruled out or unknown ([`Fate`]); other modules decide what follows.

mod address;
mod agents;
mod attempt;
mod auth;
mod body;
mod bulk;
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
mod traffic;
pub mod wire;

pub use address::Target;
pub use call::BeforeSending;
pub use client::{Client, ClientOptions, Sent};
pub use clock::ServerTime;
pub use error::{ApiError, FieldError, PathStep};
pub use fate::Fate;
pub use key::{ApiKey, KeyError};
pub use limiter::{Limiter, Throttle};
pub use notice::Notice;
pub use traffic::Calls;
