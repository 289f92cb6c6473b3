//! A step and what belongs to it: its condition, its compensation, its policy.

use core::ops::Range;

use syn::{ExprPath, Ident, Type};

use super::parameter::{Parameter, Pass, Source, UnboundParameter};
use crate::parse::block::Method;
use crate::parse::options::StepOptions;
use crate::parse::read::Read;
use crate::parse::retry::Retry;

/// A step, in its place.
pub(crate) struct Step<'a> {
    pub(crate) index: usize,
    /// The positions of the steps that run at the same time, its own among them.
    pub(crate) stage: Range<usize>,
    /// The name of the group that these make.
    pub(crate) group: Option<String>,
    pub(crate) method: &'a Method,
    pub(crate) ident: &'a Ident,
    /// The name in journals and reports.
    pub(crate) name: String,
    /// The variant in the error enum.
    pub(crate) variant: Ident,
    pub(crate) read: Read<StepOptions, StepOptions>,
    pub(crate) policy: Policy,
    pub(crate) output: ReturnedType<'a>,
    pub(crate) parameters: Vec<Parameter>,
    pub(crate) unbound: Vec<UnboundParameter<'a>>,
    pub(crate) condition: Option<Condition<'a>>,
    pub(crate) compensation: Option<Compensation<'a>>,
}

/// The method that says whether a step is to run.
pub(crate) struct Condition<'a> {
    /// As it stands in `only_if = ..`.
    pub(crate) ident: Ident,
    /// The method, if it is in this block, as it has to be.
    pub(crate) in_block: Option<ConditionMethod<'a>>,
}

/// A condition that stands in the saga's own block.
pub(crate) struct ConditionMethod<'a> {
    pub(crate) method: &'a Method,
    pub(crate) parameters: Vec<Parameter>,
    pub(crate) unbound: Vec<UnboundParameter<'a>>,
}

/// The method that undoes a step.
pub(crate) struct Compensation<'a> {
    /// As it stands in `compensate = ..`.
    pub(crate) ident: Ident,
    /// The method, if it is in this block. One that is not takes the step's output by reference.
    pub(crate) in_block: Option<CompensationMethod<'a>>,
    pub(crate) policy: Policy,
}

/// A compensation that stands in the saga's own block, so that its signature can be read.
pub(crate) struct CompensationMethod<'a> {
    pub(crate) method: &'a Method,
    pub(crate) returned: ReturnedType<'a>,
    pub(crate) parameters: Vec<Parameter>,
    pub(crate) unbound: Vec<UnboundParameter<'a>>,
}

/// How attempts are carried out.
#[derive(Clone, Default)]
pub(crate) struct Policy {
    pub(crate) retry: Option<Retry>,
    pub(crate) timeout: Option<core::time::Duration>,
    pub(crate) max_interruptions: Option<u32>,
}

impl Policy {
    pub(crate) fn when(&self) -> Option<&ExprPath> {
        let when = self.retry.as_ref()?.when.as_ref()?;
        Some(&when.value)
    }
}

/// A return type.
pub(crate) struct ReturnedType<'a> {
    pub(crate) ty: &'a Type,
    /// Output and error, where it is spelled as a `Result` of both.
    pub(crate) result_types: Option<(&'a Type, &'a Type)>,
    /// Whether it is there at all.
    pub(crate) is_written: bool,
    /// Whether it can be written outside of the method's signature.
    pub(crate) is_usable: bool,
    pub(crate) of_compensation: bool,
    /// The saga that is run, if it is a step that does: then output and error are those of that.
    pub(crate) nested: Option<Type>,
}

impl<'a> ReturnedType<'a> {
    /// What the method of a step that runs a saga gives; none if it says nothing.
    pub(crate) fn given(&self) -> Option<&'a Type> {
        self.is_written.then_some(self.ty)
    }
}

/// What becomes of a step's effect when a later step fails.
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
    /// What stands in its `#[step(..)]`, as far as it can be read.
    pub(crate) fn options(&self) -> &StepOptions {
        self.read.intended()
    }

    /// The saga that it runs, if it does.
    pub(crate) fn nested(&self) -> Option<&Type> {
        self.output.nested.as_ref()
    }

    /// Whether it is one of a parallel group.
    pub(crate) fn is_member(&self) -> bool {
        self.options().is_group_intended()
    }

    /// Whether it may be skipped.
    pub(crate) fn is_conditional(&self) -> bool {
        self.condition.is_some()
    }

    /// The parameters of its condition, where they are known.
    pub(crate) fn condition_parameters(&self) -> impl Iterator<Item = &Parameter> {
        let condition = self.condition.as_ref();
        let method = condition.and_then(|condition| condition.in_block.as_ref());
        method.into_iter().flat_map(|method| &method.parameters)
    }

    /// All that is bound by it: for itself, its condition and its compensation.
    pub(crate) fn all_parameters(&self) -> impl Iterator<Item = &Parameter> {
        let own = self.parameters.iter();
        own.chain(self.condition_parameters())
            .chain(self.compensation_parameters())
    }

    /// Whether it is given this value by move.
    pub(crate) fn takes_by_move(&self, source: Source) -> bool {
        let moved = |p: &Parameter| p.source == source && p.pass == Pass::Moved;
        self.parameters.iter().any(moved)
    }

    /// Whether a second attempt could be made: nothing is given away to the first.
    pub(crate) fn is_repeatable(&self) -> bool {
        self.parameters.iter().all(|p| p.pass != Pass::Moved)
    }

    /// The parameters of its compensation, where they are known.
    pub(crate) fn compensation_parameters(&self) -> impl Iterator<Item = &Parameter> {
        let undo = self
            .compensation
            .as_ref()
            .and_then(|undo| undo.in_block.as_ref());
        undo.into_iter().flat_map(|here| &here.parameters)
    }
}

impl Compensation<'_> {
    pub(crate) fn takes_attempt(&self) -> bool {
        let parameters = self.in_block.iter().flat_map(|here| &here.parameters);
        parameters
            .into_iter()
            .any(|parameter| parameter.source == Source::Attempt)
    }
}
