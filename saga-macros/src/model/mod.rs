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
mod sagas;

use core::ops::Range;
use std::collections::BTreeSet;

use syn::{ExprPath, Generics, Ident, Type, Visibility};

pub(crate) use self::bindings::Role;
pub(crate) use self::kept::Parts;
pub(crate) use self::sagas::{may_be_a_saga, meant_saga, value_of};
use crate::parse::block::Method;
use crate::parse::options::{Retry, StepOptions};
use crate::util::names::camel_case;

/// A saga.
pub(crate) struct Saga<'a> {
    /// The generated types: `CheckoutSaga` and what is named after it.
    pub(crate) names: Names,
    pub(crate) vis: Visibility,
    /// The name in journals and reports.
    pub(crate) name: String,
    /// The service, with a name for each lifetime that the block leaves out.
    pub(crate) service: Type,
    pub(crate) generics: Generics,
    /// The type of the input; `()` if nothing asks for one.
    pub(crate) input: Type,
    /// Whether that can be written outside of a method's signature.
    pub(crate) is_input_usable: bool,
    pub(crate) deadline: Option<core::time::Duration>,
    /// The word that says that it is run over a journal.
    pub(crate) durable: Option<Ident>,
    pub(crate) steps: Vec<Step<'a>>,
}

/// The names of the generated types.
pub(crate) struct Names {
    pub(crate) saga: Ident,
    pub(crate) error: Ident,
    pub(crate) state: Ident,
    pub(crate) slots: Ident,
}

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
    pub(crate) options: StepOptions,
    pub(crate) policy: Policy,
    pub(crate) output: Returned<'a>,
    pub(crate) parameters: Vec<Parameter>,
    pub(crate) condition: Option<Condition<'a>>,
    pub(crate) compensation: Option<Compensation<'a>>,
}

/// The method that says whether a step is to run.
pub(crate) struct Condition<'a> {
    /// As it stands in `only_if = ..`.
    pub(crate) ident: Ident,
    /// The method, if it is in this block, as it has to be.
    pub(crate) here: Option<Asked<'a>>,
}

/// A condition that stands in the saga's own block.
pub(crate) struct Asked<'a> {
    pub(crate) method: &'a Method,
    pub(crate) parameters: Vec<Parameter>,
}

/// The method that undoes a step.
pub(crate) struct Compensation<'a> {
    /// As it stands in `compensate = ..`.
    pub(crate) ident: Ident,
    /// The method, if it is in this block. One that is not takes the step's output by reference.
    pub(crate) here: Option<Here<'a>>,
    pub(crate) policy: Policy,
}

/// A compensation that stands in the saga's own block, so that its signature can be read.
pub(crate) struct Here<'a> {
    pub(crate) method: &'a Method,
    pub(crate) returned: Returned<'a>,
    pub(crate) parameters: Vec<Parameter>,
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
pub(crate) struct Returned<'a> {
    pub(crate) ty: &'a Type,
    /// Output and error, where it is spelled as a `Result` of both.
    pub(crate) spelled: Option<(&'a Type, &'a Type)>,
    /// Whether it is there at all.
    pub(crate) is_written: bool,
    /// Whether it can be written outside of the method's signature.
    pub(crate) is_usable: bool,
    pub(crate) of_compensation: bool,
    /// The saga that is run, if it is a step that does: then output and error are those of that.
    pub(crate) nested: Option<Type>,
}

impl<'a> Returned<'a> {
    /// What the method of a step that runs a saga gives; none if it says nothing.
    pub(crate) fn given(&self) -> Option<&'a Type> {
        self.is_written.then_some(self.ty)
    }
}

/// A parameter after `&self`.
pub(crate) struct Parameter {
    /// The name in the signature, or `_`.
    pub(crate) name: String,
    /// Its type, without the names of the method's own lifetimes.
    pub(crate) ty: Type,
    pub(crate) source: Source,
    /// The field of a tuple that is spread.
    pub(crate) part: Option<Part>,
    pub(crate) pass: Pass,
    /// Whether reports hide it.
    pub(crate) sensitive: bool,
    /// Whether nothing says what it is bound to but its place.
    pub(crate) is_bare: bool,
}

impl Parameter {
    /// Whether it is handed a value by its place alone.
    pub(crate) fn is_bare_value(&self) -> bool {
        self.is_bare && !matches!(self.source, Source::Context | Source::Attempt)
    }
}

/// How a value reaches a parameter.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Pass {
    /// By reference.
    Lent,
    /// By value, for each attempt anew: the value is needed again.
    Cloned,
    /// By value, and given away: nobody needs it later.
    Moved,
}

/// One of several parameters that a tuple is spread over.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Part {
    pub(crate) field: usize,
    pub(crate) arity: usize,
}

/// What a parameter is bound to.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Source {
    Input,
    /// The output of the step at this position.
    Output(usize),
    /// In its compensation, the output of the step at this position, which has a condition and did run.
    Ran(usize),
    /// What is known of the compensation's own step.
    Attempt,
    Context,
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

/// The variants of the error enum that belong to no step.
pub(crate) const TAKEN_VARIANTS: [&str; 2] = ["Cancelled", "DeadlineExceeded"];

impl Saga<'_> {
    /// The position of the pivot.
    pub(crate) fn pivot(&self) -> Option<usize> {
        self.steps
            .iter()
            .position(|step| step.options.pivot.is_some())
    }

    /// Whether some step is given this value by move.
    pub(crate) fn is_given_away(&self, source: Source) -> bool {
        self.steps.iter().any(|step| step.is_given(source))
    }

    /// The methods that the saga calls.
    pub(crate) fn methods(&self) -> BTreeSet<&Ident> {
        let methods = self.steps.iter().flat_map(|step| {
            let undo = step.compensation.as_ref().map(|undo| &undo.ident);
            let asked = step.condition.as_ref().map(|asked| &asked.ident);
            [Some(step.ident), undo, asked]
        });
        methods.flatten().collect()
    }

    /// The same without the steps and groups whose names collide with others: what is generated from
    /// them would collide as well, and be reported again.
    pub(crate) fn without_collisions(mut self) -> Self {
        let mut variants = BTreeSet::from(TAKEN_VARIANTS.map(ToOwned::to_owned));
        self.steps
            .retain(|step| *step.ident != "input" && variants.insert(step.variant.to_string()));
        let stages = self.steps.chunk_by(|one, next| one.stage == next.stage);
        let lengths: Vec<_> = stages.map(<[_]>::len).collect();
        let mut groups = BTreeSet::new();
        let mut steps = self.steps.iter_mut().enumerate();
        let mut start = 0;
        for length in lengths {
            let stage = start..start + length;
            start = stage.end;
            let mut is_named = None;
            for (index, step) in steps.by_ref().take(length) {
                (step.index, step.stage) = (index, stage.clone());
                // Otherwise called by its first member.
                step.group = step.group.take().filter(|group| {
                    *is_named.get_or_insert_with(|| {
                        let variant = camel_case(group);
                        !variants.contains(&variant) && groups.insert(variant)
                    })
                });
            }
        }
        self
    }

    /// The steps whose outputs are that of the whole: the last, or the members of the last group.
    pub(crate) fn last_stage(&self) -> &[Step<'_>] {
        let last = self.steps.last().map_or(0..0, |last| last.stage.clone());
        self.steps.get(last).unwrap_or_default()
    }

    /// Whether nothing comes after it, and nothing runs beside it.
    pub(crate) fn is_last(&self, step: &Step<'_>) -> bool {
        step.index + 1 == self.steps.len() && step.stage.len() == 1
    }

    /// Whether it runs a saga that can be undone, or has to be one that can.
    pub(crate) fn is_undone_by_its_saga(&self, step: &Step<'_>) -> bool {
        step.nested().is_some() && self.kind(step) == Some(Kind::Compensatable)
    }

    /// `None` for a step that should say how it is undone, and does not.
    pub(crate) fn kind(&self, step: &Step<'_>) -> Option<Kind> {
        let options = &step.options;
        let after_the_pivot = self.pivot().is_some_and(|pivot| step.index > pivot);
        if options.pivot.is_some() {
            Some(Kind::Pivot)
        } else if step.nested().is_some() && !after_the_pivot {
            Some(Kind::Compensatable)
        } else if options.readonly.is_some() {
            Some(Kind::ReadOnly)
        } else if let Some(reason) = &options.no_compensation {
            let reason = reason.value.value();
            Some(Kind::NoCompensation { reason })
        } else if after_the_pivot {
            Some(Kind::Retriable)
        } else if options.compensate.is_some() {
            Some(Kind::Compensatable)
        } else if self.is_last(step) {
            Some(Kind::Last)
        } else {
            None
        }
    }
}

impl Step<'_> {
    /// The saga that it runs, if it does.
    pub(crate) fn nested(&self) -> Option<&Type> {
        self.output.nested.as_ref()
    }

    /// Whether it is one of a parallel group.
    pub(crate) fn is_member(&self) -> bool {
        self.options.group.is_some()
    }

    /// Whether it may be skipped.
    pub(crate) fn is_conditional(&self) -> bool {
        self.condition.is_some()
    }

    /// The parameters of its condition, where they are known.
    pub(crate) fn asked_parameters(&self) -> impl Iterator<Item = &Parameter> {
        let asked = self.condition.as_ref();
        let here = asked.and_then(|asked| asked.here.as_ref());
        here.into_iter().flat_map(|here| &here.parameters)
    }

    /// All that is bound by it: for itself, its condition and its compensation.
    pub(crate) fn all_parameters(&self) -> impl Iterator<Item = &Parameter> {
        let own = self.parameters.iter();
        own.chain(self.asked_parameters())
            .chain(self.undo_parameters())
    }

    /// Whether it is given this value by move.
    pub(crate) fn is_given(&self, source: Source) -> bool {
        let moved = |p: &Parameter| p.source == source && p.pass == Pass::Moved;
        self.parameters.iter().any(moved)
    }

    /// Whether a second attempt could be made: nothing is given away to the first.
    pub(crate) fn is_repeatable(&self) -> bool {
        self.parameters.iter().all(|p| p.pass != Pass::Moved)
    }

    /// The parameters of its compensation, where they are known.
    pub(crate) fn undo_parameters(&self) -> impl Iterator<Item = &Parameter> {
        let undo = self
            .compensation
            .as_ref()
            .and_then(|undo| undo.here.as_ref());
        undo.into_iter().flat_map(|here| &here.parameters)
    }
}

impl Compensation<'_> {
    pub(crate) fn takes_attempt(&self) -> bool {
        let parameters = self.here.iter().flat_map(|here| &here.parameters);
        parameters
            .into_iter()
            .any(|parameter| parameter.source == Source::Attempt)
    }
}
