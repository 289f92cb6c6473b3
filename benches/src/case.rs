//! The cases: how many steps, what they return, and how the run ends.

use core::fmt;
use core::str::FromStr;

/// What the steps return.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Output {
    /// A `u64`.
    Number,
    /// 256 bytes that are not `Copy`.
    Block,
}

/// The number of steps.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Length {
    /// 3 steps.
    Three,
    /// 10 steps.
    Ten,
    /// 50 steps.
    Fifty,
}

/// How a run ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum End {
    /// All steps complete.
    Success,
    /// The last step refuses, and all before it are undone in reverse.
    Failure,
}

impl Output {
    /// All.
    pub const ALL: [Self; 2] = [Self::Number, Self::Block];

    const fn key(self) -> &'static str {
        match self {
            Self::Number => "u64",
            Self::Block => "256_bytes",
        }
    }

    /// The name in a heading.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Number => "`u64`",
            Self::Block => "256 bytes",
        }
    }
}

impl Length {
    /// All.
    pub const ALL: [Self; 3] = [Self::Three, Self::Ten, Self::Fifty];

    /// The number of steps.
    #[must_use]
    pub const fn steps(self) -> usize {
        match self {
            Self::Three => 3,
            Self::Ten => 10,
            Self::Fifty => 50,
        }
    }
}

impl End {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Success, Self::Failure];

    /// The name in a heading and in a key.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Success => "success",
            Self::Failure => "failure",
        }
    }
}

/// One of the twelve cases that every contestant runs.
///
/// As text: `u64-3-success`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Case {
    /// The output type of the steps.
    pub output: Output,
    /// The number of steps.
    pub length: Length,
    /// How it ends.
    pub end: End,
}

impl Case {
    /// All twelve.
    pub fn all() -> impl Iterator<Item = Self> {
        Output::ALL.into_iter().flat_map(Self::with)
    }

    /// Those in which the steps return this: the columns of its tables.
    pub fn with(output: Output) -> impl Iterator<Item = Self> {
        End::ALL.into_iter().flat_map(move |end| {
            Length::ALL.into_iter().map(move |length| Self {
                output,
                length,
                end,
            })
        })
    }

    /// The step that refuses, if one does.
    #[must_use]
    pub const fn refuses(self) -> Option<usize> {
        match self.end {
            End::Success => None,
            End::Failure => Some(self.length.steps() - 1),
        }
    }
}

impl fmt::Display for Case {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (output, steps, end) = (self.output.key(), self.length.steps(), self.end.name());
        write!(f, "{output}-{steps}-{end}")
    }
}

/// The text names no case.
#[derive(Debug, thiserror::Error)]
#[error("there is no case `{0}`")]
pub struct NoSuchCase(String);

impl FromStr for Case {
    type Err = NoSuchCase;

    fn from_str(text: &str) -> Result<Self, NoSuchCase> {
        let mut all = Self::all();
        all.find(|case| case.to_string() == text)
            .ok_or_else(|| NoSuchCase(text.to_owned()))
    }
}
