//! The measurements, and the rows in which they are shown.

use std::collections::BTreeMap;

use crate::allocations::{Allocated, Counted};
use crate::case::Case;
use crate::contestants::Name;
use crate::machine::Machine;
use crate::measuring::{Figure, Nanoseconds, figure};
use crate::python;

/// All measurements.
#[derive(Debug)]
pub struct Results {
    /// The times of each round.
    pub rounds: Vec<Nanoseconds>,
    /// The allocations of runs.
    pub counted: Counted,
    /// The sizes of futures, for contestants that do not box.
    pub sizes: BTreeMap<(Name, Case), usize>,
    /// The version of Python, or `None` where there is none.
    pub python: Option<String>,
    /// The machine.
    pub machine: Machine,
}

impl Results {
    /// The time of a contestant in a case.
    #[must_use]
    pub fn figure(&self, row: Row, case: Case) -> Option<Figure> {
        figure(&self.rounds, row.key(), case)
    }

    /// What it allocates there.
    #[must_use]
    pub fn allocated(&self, row: Row, case: Case) -> Option<Allocated> {
        self.counted.get(row.key())?.get(&case.to_string()).copied()
    }

    /// How large its future is there.
    #[must_use]
    pub fn size(&self, row: Row, case: Case) -> Option<usize> {
        match row {
            Row::Rust(name) => self.sizes.get(&(name, case)).copied(),
            Row::Python => None,
        }
    }
}

/// A contestant, in Rust or not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Row {
    /// In Rust.
    Rust(Name),
    /// In Python.
    Python,
}

impl Row {
    /// All, in order.
    pub fn all() -> impl Iterator<Item = Self> {
        Name::ALL.into_iter().map(Self::Rust).chain([Self::Python])
    }

    fn key(self) -> &'static str {
        match self {
            Self::Rust(name) => name.key(),
            Self::Python => python::KEY,
        }
    }

    /// What it is, in words.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Rust(Name::NestedBare) => "by hand, nested match, panics not caught",
            Self::Rust(Name::Nested) => "by hand, nested match, panics caught",
            Self::Rust(Name::Position) => "by hand, loop over a position",
            Self::Rust(Name::Drive) => "saga, drive with a given id",
            Self::Rust(Name::Run) => "saga, run with a random id",
            Self::Rust(Name::Boxed) => "boxed closures over JSON",
            Self::Rust(Name::Steno) => "steno 0.5",
            Self::Python => "the Python reference",
        }
    }

    /// Whether it is part of this repository, and so has a budget.
    #[must_use]
    pub const fn is_ours(self) -> bool {
        matches!(self, Self::Rust(Name::Drive | Name::Run))
    }

    /// Whether it is the baseline.
    #[must_use]
    pub fn is_baseline(self) -> bool {
        self == Self::Rust(Name::BASELINE)
    }
}
