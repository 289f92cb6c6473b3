//! A parameter: the value it takes, and how.

use syn::{Attribute, Ident, Type};

/// A parameter after `&self`.
pub(crate) struct Parameter {
    /// The name in the signature, or `_`.
    pub(crate) name: String,
    /// Its type, without the lifetimes that the method declares.
    pub(crate) ty: Type,
    pub(crate) source: Source,
    /// The field it takes, if a tuple is spread over several parameters.
    pub(crate) part: Option<Part>,
    pub(crate) pass: Pass,
    /// Whether reports hide the value.
    pub(crate) sensitive: bool,
    /// Whether it has no marker, so that its place decides what it takes.
    pub(crate) is_bare: bool,
}

impl Parameter {
    /// Whether its place alone decides which value it takes.
    pub(crate) fn is_bare_value(&self) -> bool {
        self.is_bare && !matches!(self.source, Source::Context | Source::Attempt)
    }
}

/// How a value reaches a parameter.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Pass {
    /// By reference.
    Lent,
    /// By value, as a clone for each attempt: the value is needed again.
    Cloned,
    /// By value, moved: nothing needs it later.
    Moved,
}

/// One of the parameters that a tuple is spread over.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Part {
    pub(crate) field: usize,
    pub(crate) arity: usize,
}

/// The value that a parameter takes.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Source {
    Input,
    /// The output of the step at this position.
    Output(usize),
    /// In the compensation of a conditional step, the output of that step, which did run.
    Ran(usize),
    /// The state of the step that a compensation undoes.
    Attempt,
    Context,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Role {
    Step,
    /// A step that runs another saga: its method returns the input.
    Nested,
    Condition,
    Compensation,
}

impl Role {
    pub(crate) fn noun(self) -> &'static str {
        match self {
            Self::Step | Self::Nested => "step",
            Self::Condition => "condition",
            Self::Compensation => "compensation",
        }
    }
}

/// A parameter that takes no value.
pub(crate) struct UnboundParameter<'a> {
    /// Its position after `&self`.
    pub(crate) position: usize,
    pub(crate) why: UnboundReason<'a>,
}

/// The reason why a parameter takes no value.
pub(crate) enum UnboundReason<'a> {
    /// It has two markers.
    TwoMarkers(&'a Attribute, &'a Attribute),
    /// It is an `Attempt`, of this type, outside of a compensation.
    Attempt(Box<Type>),
    /// Its `#[from]` names no step.
    NoName(&'a Attribute),
    /// Its `#[from]` names a step that does not exist.
    NoStep(&'a Attribute, Ident),
    /// Its `#[from]` names the step at this position, which has no output yet.
    NoOutputYet(&'a Attribute, Ident, usize),
}
