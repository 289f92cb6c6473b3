//! What the block means, in the words of sagas: steps, compensations, and what each parameter is
//! bound to.
//!
//! Borrows the syntax it was made from, for spans. Made even when something is wrong: what cannot
//! be resolved is reported and left out, so that the rest can still be checked.

mod bindings;
mod build;
mod giving;
mod kept;
mod lifetimes;
mod names;
mod order;
mod parameter;
mod saga;
mod sagas;
mod step;

pub(crate) use self::kept::TypeParts;
pub(crate) use self::names::variant_name;
pub(crate) use self::parameter::{
    Parameter, Part, Pass, Role, Source, UnboundParameter, UnboundReason,
};
pub(crate) use self::saga::{Saga, TAKEN_VARIANTS};
pub(crate) use self::sagas::{intended_saga, may_be_a_saga, value_of};
pub(crate) use self::step::{
    Compensation, CompensationMethod, ConditionMethod, Kind, Policy, ReturnedType, Step,
};
