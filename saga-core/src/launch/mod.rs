//! Runs sagas in memory, for the methods of [`Saga`](crate::Saga).

mod handle;
mod in_memory;
mod options;
pub(crate) mod saga;

pub use self::handle::{CancelAnswer, Lost, SagaHandle};
pub use self::in_memory::InMemory;
pub use self::options::{OptionsError, RunOptions};
