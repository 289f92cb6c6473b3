//! A step and what belongs to it: its condition, its compensation, its policy.

use core::ops::Range;

use syn::{ExprPath, Generics, Ident, Type};

use super::parameter::{Parameter, Pass, Source, UnboundParameter};
use crate::parse::block::Method;
use crate::parse::options::StepOptions;
use crate::parse::read::Read;
use crate::parse::retry::Retry;
use crate::util::types::{borrowed, find_impl};

/// A step, at its position.
pub(crate) struct Step<'a> {
    pub(crate) index: usize,
    /// The positions of the steps that run at the same time, including its own.
    pub(crate) stage: Range<usize>,
    /// The name of their group.
    pub(crate) group: Option<String>,
    pub(crate) method: &'a Method,
    pub(crate) ident: &'a Ident,
    /// The name in journals and reports.
    pub(crate) name: String,
    /// The variant of the error enum.
    pub(crate) variant: Ident,
    pub(crate) read: Read<StepOptions, StepOptions>,
    pub(crate) policy: Policy,
    pub(crate) output: ReturnedType<'a>,
    pub(crate) parameters: Vec<Parameter>,
    pub(crate) unbound: Vec<UnboundParameter<'a>>,
    pub(crate) condition: Option<Condition<'a>>,
    pub(crate) compensation: Option<Compensation<'a>>,
}

/// The method that decides whether a step runs.
pub(crate) struct Condition<'a> {
    /// The name in `only_if = ..`.
    pub(crate) ident: Ident,
    /// The method, if it is in this block, as it must be.
    pub(crate) in_block: Option<ConditionMethod<'a>>,
}

/// A condition in the saga's own block.
pub(crate) struct ConditionMethod<'a> {
    pub(crate) method: &'a Method,
    pub(crate) parameters: Vec<Parameter>,
    pub(crate) unbound: Vec<UnboundParameter<'a>>,
}

/// The method that undoes a step.
pub(crate) struct Compensation<'a> {
    /// The name in `compensate = ..`.
    pub(crate) ident: Ident,
    /// The method, if it is in this block. A method elsewhere takes the step's output by reference.
    pub(crate) in_block: Option<CompensationMethod<'a>>,
    pub(crate) policy: Policy,
}

/// A compensation in the saga's own block, whose signature the macro can read.
pub(crate) struct CompensationMethod<'a> {
    pub(crate) method: &'a Method,
    pub(crate) returned: ReturnedType<'a>,
    pub(crate) parameters: Vec<Parameter>,
    pub(crate) unbound: Vec<UnboundParameter<'a>>,
}

/// The policy of the attempts of a call.
#[derive(Clone, Default)]
pub(crate) struct Policy {
    pub(crate) retry: Option<Retry>,
    pub(crate) timeout: Option<core::time::Duration>,
    pub(crate) max_interruptions: Option<u32>,
}

impl Policy {
    /// How many attempts there are at most.
    pub(crate) fn attempts(&self) -> u32 {
        let attempts = self.retry.as_ref().and_then(|retry| retry.attempts);
        attempts.unwrap_or(1)
    }

    pub(crate) fn when(&self) -> Option<&ExprPath> {
        let when = self.retry.as_ref()?.when.as_ref()?;
        Some(&when.value)
    }
}

/// A return type.
pub(crate) struct ReturnedType<'a> {
    pub(crate) ty: &'a Type,
    /// Output and error, if it is written as a `Result` of both.
    pub(crate) result_types: Option<(&'a Type, &'a Type)>,
    /// Whether the method has a return type.
    pub(crate) is_written: bool,
    /// The generics of the method.
    pub(crate) generics: &'a Generics,
    pub(crate) of_compensation: bool,
    /// The saga that the step runs, if it does. Output and error are then those of that saga.
    pub(crate) nested: Option<Type>,
}

impl<'a> ReturnedType<'a> {
    /// Whether a part of it can be written outside of the method's signature.
    pub(crate) fn is_usable(&self, part: &Type) -> bool {
        borrowed(part, self.generics).is_none() && find_impl(part).is_none()
    }

    /// The return type of a method that returns the input of a saga, if it has one.
    pub(crate) fn written(&self) -> Option<&'a Type> {
        self.is_written.then_some(self.ty)
    }
}

/// What happens to a step's effect when a later step fails.
#[derive(Clone, PartialEq, Eq)]
pub(crate) enum Kind {
    Compensatable,
    ReadOnly,
    NoCompensation { reason: String },
    Pivot,
    Last,
    Retriable,
}

impl Step<'_> {
    /// The options of its `#[step(..)]`, as far as they could be read.
    pub(crate) fn options(&self) -> &StepOptions {
        self.read.intended()
    }

    /// The saga that it runs, if it runs one.
    pub(crate) fn nested(&self) -> Option<&Type> {
        self.output.nested.as_ref()
    }

    /// Whether it is a member of a parallel group.
    pub(crate) fn is_member(&self) -> bool {
        self.options().is_group_intended()
    }

    /// Whether it may be skipped.
    pub(crate) fn is_conditional(&self) -> bool {
        self.condition.is_some()
    }

    /// The parameters of its condition, if that is in the block.
    pub(crate) fn condition_parameters(&self) -> impl Iterator<Item = &Parameter> {
        let condition = self.condition.as_ref();
        let method = condition.and_then(|condition| condition.in_block.as_ref());
        method.into_iter().flat_map(|method| &method.parameters)
    }

    /// The parameters of itself, its condition and its compensation.
    pub(crate) fn all_parameters(&self) -> impl Iterator<Item = &Parameter> {
        let own = self.parameters.iter();
        own.chain(self.condition_parameters())
            .chain(self.compensation_parameters())
    }

    /// Whether it takes this value by move.
    pub(crate) fn takes_by_move(&self, source: Source) -> bool {
        let moved = |p: &Parameter| p.source == source && p.pass == Pass::Moved;
        self.parameters.iter().any(moved)
    }

    /// Whether it can be attempted twice: the first attempt moves no value.
    pub(crate) fn is_repeatable(&self) -> bool {
        self.parameters.iter().all(|p| p.pass != Pass::Moved)
    }

    /// The parameters of its compensation, if that is in the block.
    pub(crate) fn compensation_parameters(&self) -> impl Iterator<Item = &Parameter> {
        let undo = self
            .compensation
            .as_ref()
            .and_then(|undo| undo.in_block.as_ref());
        undo.into_iter().flat_map(|in_block| &in_block.parameters)
    }
}

impl Compensation<'_> {
    pub(crate) fn takes_attempt(&self) -> bool {
        let parameters = self
            .in_block
            .iter()
            .flat_map(|in_block| &in_block.parameters);
        parameters
            .into_iter()
            .any(|parameter| parameter.source == Source::Attempt)
    }
}
