//! The results as Markdown.

use core::fmt::Write as _;

use crate::case::{Case, End, Length, Output};
use crate::results::{Results, Row};

/// The budgets of this repository's contestants: the ratio to the baseline for each end, and the size of a run's
/// future. A run that succeeds allocates nothing.
const SUCCESS: f64 = 1.5;
const FAILURE: f64 = 2.5;
const FUTURE: usize = 2;

/// The whole section: the machine, the tables, and how steady the figures were.
#[must_use]
pub fn section(results: &Results) -> String {
    let mut text = String::new();
    let rounds = results.rounds.len();
    let _ = write!(
        text,
        "Time of a run, as a multiple of the same written by hand as a nested `match` with panics caught \
         (its own time in nanoseconds): the median of {rounds} rounds. **Bold** is what is over budget: \
         {SUCCESS} × for success, {FAILURE} × for failure.\n\n"
    );
    for output in Output::ALL {
        let _ = write!(text, "Steps that give {}:\n\n", output.name());
        heading(&mut text);
        for row in Row::all() {
            line(&mut text, row, Case::with(output), |case| {
                time(results, row, case)
            });
        }
        text.push('\n');
    }
    text.push_str(&steadiness(results));
    text.push_str(
        "\n![Time of a run as a multiple of the same by hand, on a logarithmic scale](in_memory.svg)\n\n\
         Heap allocations of a run, with the bytes asked for:\n\n",
    );
    for output in Output::ALL {
        let _ = write!(text, "Steps that give {}:\n\n", output.name());
        heading(&mut text);
        for row in Row::all() {
            line(&mut text, row, Case::with(output), |case| {
                allocations(results, row, case)
            });
        }
        text.push('\n');
    }
    let _ = write!(
        text,
        "Size of a run's future in bytes, of those that box nothing (budget: {FUTURE} ×):\n\n"
    );
    sizes(&mut text, results);
    let _ = write!(text, "\nMeasured on: {}", results.machine);
    if let Some(version) = &results.python {
        let _ = write!(text, ", {version}");
    }
    text.push_str(".\n");
    text
}

fn heading(text: &mut String) {
    text.push('|');
    for end in End::ALL {
        for length in Length::ALL {
            let _ = write!(text, " | {}, {} steps", end.name(), length.steps());
        }
    }
    text.push_str(" |\n|---|");
    text.push_str(&"---:|".repeat(6));
    text.push('\n');
}

fn line(
    text: &mut String,
    row: Row,
    cases: impl Iterator<Item = Case>,
    mut cell: impl FnMut(Case) -> String,
) {
    let _ = write!(text, "| {}", row.label());
    for case in cases {
        let _ = write!(text, " | {}", cell(case));
    }
    text.push_str(" |\n");
}

fn time(results: &Results, row: Row, case: Case) -> String {
    let Some(figure) = results.figure(row, case) else {
        return absent(results, row).to_owned();
    };
    if row.is_baseline() {
        return format!("1 ({} ns)", number(figure.nanoseconds.round()));
    }
    let budget = match case.end {
        End::Success => SUCCESS,
        End::Failure => FAILURE,
    };
    // Judged by the rounded value: 1.504 is shown as 1.50, which is not over 1.5.
    let over = (figure.ratio * 100.0).round() > budget * 100.0;
    marked(ratio(figure.ratio), row.is_ours() && over)
}

fn allocations(results: &Results, row: Row, case: Case) -> String {
    let Some(allocated) = results.allocated(row, case) else {
        return match row {
            Row::Python => "not counted".to_owned(),
            Row::Rust(_) => absent(results, row).to_owned(),
        };
    };
    if allocated.allocations == 0.0 {
        return "0".to_owned();
    }
    let (count, bytes) = (mean(allocated.allocations), number(allocated.bytes.round()));
    let over = case.end == End::Success && row.is_ours();
    marked(format!("{count} ({bytes} B)"), over)
}

fn sizes(text: &mut String, results: &Results) {
    let cases = || Case::all().filter(|case| case.end == End::Success);
    text.push('|');
    for case in cases() {
        let (output, steps) = (case.output.name(), case.length.steps());
        let _ = write!(text, " | {output}, {steps} steps");
    }
    text.push_str(" |\n|---|");
    text.push_str(&"---:|".repeat(6));
    text.push('\n');
    let baseline = |case| {
        let mut rows = Row::all();
        let row = rows.find(|row| row.is_baseline());
        row.and_then(|row| results.size(row, case))
    };
    for row in Row::all() {
        if cases().all(|case| results.size(row, case).is_none()) {
            continue;
        }
        line(text, row, cases(), |case| {
            results.size(row, case).map_or_else(String::new, |size| {
                let over = baseline(case).is_some_and(|baseline| size > FUTURE * baseline);
                marked(grouped(&size.to_string()), row.is_ours() && over)
            })
        });
    }
}

/// How far the ratios of single rounds are from the shown ones.
fn steadiness(results: &Results) -> String {
    let figures = Row::all().flat_map(|row| Case::all().map(move |case| (row, case)));
    let figures = figures.filter(|(row, _)| !row.is_baseline());
    let figures = figures.filter_map(|(row, case)| results.figure(row, case));
    let mut spreads: Vec<f64> = figures.map(|figure| figure.spread).collect();
    spreads.sort_by(f64::total_cmp);
    let percent = |spread: f64| (spread * 100.0).ceil();
    let (Some(half), Some(most)) = (spreads.get(spreads.len() / 2), spreads.last()) else {
        return String::new();
    };
    format!(
        "In half of the cells no round was further than {} % from what is shown, in all \
         of them none further than {} %.\n",
        percent(*half),
        percent(*most)
    )
}

/// In place of a missing figure.
#[must_use]
pub fn absent(results: &Results, row: Row) -> &'static str {
    match row {
        Row::Python if results.python.is_none() => "python3 not found",
        _ => "not measured",
    }
}

fn marked(cell: String, over: bool) -> String {
    if over { format!("**{cell}**") } else { cell }
}

/// With three significant digits.
#[must_use]
pub fn ratio(ratio: f64) -> String {
    if ratio < 9.995 {
        format!("{ratio:.2}")
    } else if ratio < 99.95 {
        format!("{ratio:.1}")
    } else {
        number(ratio.round())
    }
}

/// A count, which is whole unless runs differ.
fn mean(count: f64) -> String {
    if count.fract() == 0.0 || count >= 100.0 {
        number(count.round())
    } else {
        format!("{count:.1}")
    }
}

fn number(whole: f64) -> String {
    grouped(&format!("{whole:.0}"))
}

/// Digits in groups of three.
fn grouped(digits: &str) -> String {
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}
