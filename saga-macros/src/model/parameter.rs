//! A parameter: what it is bound to, and how the value reaches it.

use syn::{Attribute, Ident, Type};

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

#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Role {
    Step,
    /// A step that runs another saga: its method says with what input.
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

/// A parameter that nothing can be bound to.
pub(crate) struct UnboundParameter<'a> {
    /// Its position after `&self`.
    pub(crate) position: usize,
    pub(crate) why: UnboundReason<'a>,
}

/// Why a parameter is bound to nothing.
pub(crate) enum UnboundReason<'a> {
    /// Two markers say what it is.
    TwoMarkers(&'a Attribute, &'a Attribute),
    /// It is an `Attempt`, of this type, and only compensations take one.
    Attempt(Box<Type>),
    /// `#[from]` does not name a step.
    NoName(&'a Attribute),
    /// `#[from]` has a name, which no step has.
    NoStep(&'a Attribute, Ident),
    /// `#[from]` names the step at this position, which has no output by then.
    NoOutputYet(&'a Attribute, Ident, usize),
}
