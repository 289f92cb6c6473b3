//! The saga that a block describes, in the words of sagas: steps, compensations, and the value that each
//! parameter takes.
//!
//! The model borrows the syntax, for spans. It is pure: building it reports nothing. It also exists for a
//! wrong block: what cannot be resolved is recorded or left out, for `validate` to judge.

mod bindings;
mod build;
mod elsewhere;
mod journaled;
mod lifetimes;
mod moves;
mod names;
mod order;
mod parameter;
mod paths;
mod saga;
mod saga_types;
mod step;

pub(crate) use self::journaled::TypeParts;
pub(crate) use self::lifetimes::anonymous;
pub(crate) use self::names::variant_name;
pub(crate) use self::parameter::{
    Parameter, Part, Pass, Role, Source, UnboundParameter, UnboundReason,
};
pub(crate) use self::saga::{Saga, TAKEN_VARIANTS};
pub(crate) use self::saga_types::{intended_saga, may_be_a_saga, value_of};
pub(crate) use self::step::{
    Compensation, CompensationMethod, ConditionMethod, Kind, Policy, ReturnedType, Step,
};
