//! Breaks a saga in a test, wherever it can break.

mod fault;
mod given;
mod inject;
mod log;
mod turn;

pub use self::fault::Fault;
pub use self::inject::Injecting;
