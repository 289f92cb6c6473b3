//! Timing: rounds over all contestants, and the results of all rounds together.

use core::str::FromStr;
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::time::Duration;

use anyhow::{Context as _, Result};
use criterion::{Criterion, PlottingBackend, SamplingMode};

use crate::case::Case;
use crate::contestants::Name;
use crate::exercise::{Stopwatch, exercise, runtime};

/// How long a measurement may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effort {
    /// Long enough for figures to publish.
    Full,
    /// As short as possible, for a test of the rest. The figures mean nothing.
    Quick,
}

impl Effort {
    /// How many rounds are run.
    #[must_use]
    pub const fn rounds(self) -> usize {
        match self {
            Self::Full => 7,
            Self::Quick => 1,
        }
    }

    /// The argument of the program for one round.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::Full => "full",
            Self::Quick => "quick",
        }
    }

    /// How long a contestant runs before it is timed.
    const fn warm_up(self) -> Duration {
        match self {
            Self::Full => Duration::from_millis(30),
            Self::Quick => Duration::from_millis(1),
        }
    }

    /// How long it is timed, in all samples together.
    #[must_use]
    pub const fn measurement(self) -> Duration {
        match self {
            Self::Full => Duration::from_millis(100),
            Self::Quick => Duration::from_millis(1),
        }
    }
}

/// The order in which a round goes through the contestants of a case.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    /// The order of the table.
    Forwards,
    /// The reverse order.
    Backwards,
}

impl Order {
    /// Forwards and backwards in turn.
    #[must_use]
    pub const fn of_round(round: usize) -> Self {
        if round.is_multiple_of(2) {
            Self::Forwards
        } else {
            Self::Backwards
        }
    }

    /// The argument of the program for one round.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::Forwards => "forwards",
            Self::Backwards => "backwards",
        }
    }
}

/// The text names no order or effort.
#[derive(Debug, thiserror::Error)]
#[error("`{0}` is not known")]
pub struct NotKnown(String);

impl FromStr for Effort {
    type Err = NotKnown;

    fn from_str(text: &str) -> Result<Self, NotKnown> {
        let all = [Self::Full, Self::Quick].into_iter();
        let mut found = all.filter(|effort| effort.key() == text);
        found.next().ok_or_else(|| NotKnown(text.to_owned()))
    }
}

impl FromStr for Order {
    type Err = NotKnown;

    fn from_str(text: &str) -> Result<Self, NotKnown> {
        let all = [Self::Forwards, Self::Backwards].into_iter();
        let mut found = all.filter(|order| order.key() == text);
        found.next().ok_or_else(|| NotKnown(text.to_owned()))
    }
}

/// Times all contestants in all cases once. The contestants of a case follow each other, so that a temporary
/// disturbance of the machine affects all of them. Criterion writes its estimates below `folder`.
pub fn round(folder: &Path, order: Order, effort: Effort) {
    let runtime = runtime();
    let mut criterion = Criterion::default()
        .plotting_backend(PlottingBackend::None)
        .output_directory(folder)
        .warm_up_time(effort.warm_up())
        .measurement_time(effort.measurement())
        .sample_size(match effort {
            Effort::Full => 20,
            Effort::Quick => 10,
        })
        // Its intervals are not used.
        .nresamples(1_000);
    let mut names = Name::ALL;
    if order == Order::Backwards {
        names.reverse();
    }
    for case in Case::all() {
        let mut group = criterion.benchmark_group(case.to_string());
        group.sampling_mode(SamplingMode::Flat);
        for name in names {
            group.bench_function(name.key(), |bencher| {
                bencher.iter_custom(|runs| {
                    let mut stopwatch = Stopwatch::default();
                    exercise(&runtime, name, case, runs, &mut stopwatch);
                    stopwatch.total()
                });
            });
        }
        group.finish();
    }
}

/// Nanoseconds for a run in one round, by contestant and case.
pub type Nanoseconds = BTreeMap<(String, String), f64>;

/// Reads what criterion wrote in one round: for each contestant and case, the median over the samples of the time
/// for one run.
///
/// # Errors
///
/// If a file is missing or malformed.
pub fn medians(folder: &Path) -> Result<Nanoseconds> {
    let mut all = Nanoseconds::new();
    for case in Case::all() {
        for name in Name::ALL {
            let case = case.to_string();
            let file = folder
                .join(&case)
                .join(name.key())
                .join("new/estimates.json");
            let text = fs::read_to_string(&file).with_context(|| file.display().to_string())?;
            let estimates: serde_json::Value = serde_json::from_str(&text)?;
            let median = estimates["median"]["point_estimate"].as_f64();
            let median = median.with_context(|| format!("no median in {}", file.display()))?;
            all.insert((name.key().to_owned(), case), median);
        }
    }
    Ok(all)
}

/// The results of all rounds for a contestant in a case.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Figure {
    /// Nanoseconds for a run: the median of the rounds.
    pub nanoseconds: f64,
    /// The ratio to the baseline of the same round: the median of the rounds.
    pub ratio: f64,
    /// The largest deviation of a round's ratio from that median, relative to it.
    pub spread: f64,
}

/// The results of all rounds together. `None` if a round has no such contestant.
#[must_use]
pub fn figure(rounds: &[Nanoseconds], contestant: &str, case: Case) -> Option<Figure> {
    let case = case.to_string();
    let of = |round: &Nanoseconds, name: &str| round.get(&(name.to_owned(), case.clone())).copied();
    let mut nanoseconds = Vec::new();
    let mut ratios = Vec::new();
    for round in rounds {
        let own = of(round, contestant)?;
        nanoseconds.push(own);
        ratios.push(own / of(round, Name::BASELINE.key())?);
    }
    let ratio = median(&mut ratios)?;
    let spread = |other: f64| (other / ratio - 1.0).abs();
    Some(Figure {
        nanoseconds: median(&mut nanoseconds)?,
        ratio,
        spread: ratios.iter().copied().map(spread).fold(0.0, f64::max),
    })
}

/// The median: the middle value, or the mean of the two in the middle. `None` if there is none.
pub fn median(values: &mut [f64]) -> Option<f64> {
    values.sort_by(f64::total_cmp);
    let upper = values.len() / 2;
    let lower = values.len().checked_sub(1)? / 2;
    Some(f64::midpoint(values[lower], values[upper]))
}
