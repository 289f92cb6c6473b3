//! The parts of the command that need no measurement.
//!
//! Not beside them: as unit tests they would compile the contestants twice.

use saga_benches::case::{Case, End, Length, Output};
use saga_benches::command::{Options, UsageError};
use saga_benches::document::{NoMarks, with_section};
use saga_benches::measuring::{Effort, Nanoseconds, figure};
use saga_benches::table::ratio;

const CASE: Case = Case {
    output: Output::Number,
    length: Length::Three,
    end: End::Success,
};

#[test]
fn there_are_twelve_cases_and_each_is_read_as_it_is_written() {
    let all: Vec<_> = Case::all().collect();
    assert_eq!(all.len(), 12);
    for case in all {
        assert_eq!(case.to_string().parse::<Case>().unwrap(), case);
    }
    assert!("u64-4-success".parse::<Case>().is_err());
}

fn parse(arguments: &[&str]) -> Result<Options, UsageError> {
    Options::parse(arguments.iter().map(|&argument| argument.to_owned()))
}

#[test]
fn what_cargo_says_is_accepted_and_what_is_not_known_is_named() {
    let options = parse(&["--bench", "--update-docs"]).unwrap();
    assert!(options.update_docs && options.effort == Effort::Full);
    let error = parse(&["--bench", "nested"]).unwrap_err().to_string();
    assert!(
        error.starts_with("there is no argument `nested`"),
        "{error}"
    );
}

#[test]
fn what_runs_under_cargo_test_is_a_trial() {
    assert_eq!(parse(&[]).unwrap().effort, Effort::Quick);
}

#[test]
fn quick_figures_do_not_go_into_the_documents() {
    for arguments in [
        &["--bench", "--quick", "--update-docs"][..],
        &["--update-docs"],
    ] {
        assert_eq!(parse(arguments), Err(UsageError::QuickDocs));
    }
}

fn round_of(baseline: f64, other: f64) -> Nanoseconds {
    let key = |name: &str| (name.to_owned(), CASE.to_string());
    [(key("nested"), baseline), (key("drive"), other)].into()
}

#[test]
fn a_ratio_is_taken_within_a_round_and_then_the_median_of_the_rounds() {
    // The second round was disturbed as a whole, and the third for one contestant.
    let rounds = [
        round_of(10.0, 12.0),
        round_of(30.0, 36.0),
        round_of(10.0, 30.0),
    ];
    let figure = figure(&rounds, "drive", CASE).unwrap();
    assert!((figure.ratio - 1.2).abs() < 1e-9, "{figure:?}");
    assert!((figure.nanoseconds - 30.0).abs() < 1e-9, "{figure:?}");
    assert!((figure.spread - 1.5).abs() < 1e-9, "{figure:?}");
}

#[test]
fn there_is_no_figure_for_a_contestant_that_a_round_does_not_have() {
    assert_eq!(figure(&[round_of(1.0, 1.0)], "python", CASE), None);
    assert_eq!(figure(&[], "drive", CASE), None);
}

#[test]
fn a_ratio_has_three_digits_that_mean_something() {
    let shown = [0.987, 1.0, 9.994, 12.345, 99.94, 123.4, 12_345.6].map(ratio);
    let due = ["0.99", "1.00", "9.99", "12.3", "99.9", "123", "12,346"];
    assert_eq!(shown, due);
}

const BEGIN: &str = "<!-- in-memory: begin -->";
const END: &str = "<!-- in-memory: end -->";

#[test]
fn a_section_is_replaced_and_all_else_stays() {
    let document = format!("before\n{BEGIN}\nold\n{END}\nafter\n");
    let new = with_section(&document, "new\n").unwrap();
    assert_eq!(new, format!("before\n{BEGIN}\nnew\n{END}\nafter\n"));
    assert_eq!(with_section(&new, "new\n").unwrap(), new);
}

#[test]
fn a_document_without_marks_in_order_is_refused() {
    assert_eq!(with_section("text", "new"), Err(NoMarks("in-memory")));
    let swapped = format!("{END}{BEGIN}");
    assert_eq!(with_section(&swapped, "new"), Err(NoMarks("in-memory")));
}
