//! What `#[saga]` implements: what a saga is, and how it runs forward and back.

mod failures;
mod group;
#[expect(clippy::module_inception, reason = "the trait of that name")]
mod machine;
mod rollback;
mod saga;
mod slots;
mod step_error;

pub use self::failures::Failures;
pub use self::group::{Member, join};
pub use self::machine::Machine;
pub use self::rollback::Rollback;
pub use self::saga::Saga;
pub(crate) use self::slots::MISSING;
pub use self::slots::Slots;
pub use self::step_error::StepError;
