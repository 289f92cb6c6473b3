//! Whether a step is executed or compensated.

/// Whether a step is run or undone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Phase {
    /// The step itself.
    Step,
    /// Its compensation.
    Compensation,
}

impl Phase {
    /// `step` or `compensation`: for the labels of metrics.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Step => "step",
            Self::Compensation => "compensation",
        }
    }
}
