//! What `#[saga]` implements: what a saga is, and how it goes forward and back.

mod failures;
mod group;
mod rollback;
mod saga;

pub use self::failures::Failures;
pub use self::group::{Member, Siblings, join};
pub use self::rollback::Rollback;
pub use self::saga::{Machine, Saga, Slots, StepError, Value};
