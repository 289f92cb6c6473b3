//! What every message must have, and must not have. `tests/tests/ui.rs` reads this file too, for the
//! messages of the cases in `tests/ui/fail`.

/// What no message may show: names that the macro made up, the footer that rustc writes where the
/// caret is on `#[saga]`, and the sources of the standard library, which are not installed everywhere.
const NEVER: [&str; 4] = ["__", "Slots", "originates in the attribute macro", "$RUST/"];

/// How a message says what to write instead. One of these does not make a message good, but a message
/// with none of them says only that something is wrong. Code to copy after a colon counts too.
const SUGGESTIONS: [&str; 19] = [
    "write ",
    ": remove ",
    "; remove ",
    ": keep one",
    ": give one ",
    ": put ",
    ": leave ",
    ": say why ",
    "; rename ",
    ": rename ",
    "implement `",
    "take it whole",
    "; it has `",
    "; did you mean `",
    "help: there is a method ",
    "help: consider borrowing here",
    ": move `",
    ": name a method ",
    ", so remove ",
];

/// Messages of rustc to which the macro can add nothing: they need neither a step nor a suggestion.
/// Each is the name of a case or, with `_` at the end, how the names of several begin.
const OF_RUSTC: [&str; 20] = [
    // A syntax error in a body: the macro does not parse bodies.
    "body_",
    // A function of another type as a predicate: rustc shows both signatures, at the predicate.
    "predicate_",
    // A future that is not `Send`: rustc shows which value, and where it is held. Services have no step.
    "send_conditional_rc_across_await",
    "send_guard_across_await",
    "send_rc_across_await_",
    "send_rc_across_await",
    "send_service_not_sync",
    "send_input_",
    // The compensation would be in another impl block: the macro does not see it.
    "compensation_missing_nothing_similar",
    // A type of `Self` that Rust cannot find, also in the block alone: rustc writes which trait to name.
    "step_returns_a_type_of_self",
    // The macro does not know what is private, or what another crate has.
    "vis_private_types",
    "saga_crate_not_found",
    // Which saga is intended: it is not found, not imported, or named without its own types.
    "nested_type_",
    // The same for what the service has, and for how long.
    "nested_on_field_not_found",
    "nested_on_a_temporary",
    // Which type is intended is not known.
    "step_output_not_found",
    // Two methods of one name.
    "name_two_methods",
    // An `async` method that leaves the lifetime of a parameter out.
    "input_cow_without_a_lifetime",
    // Traits do not know what a type borrows, and for how long.
    "durable_lifetime_in_a_type",
    // Attributes that stand where the macro does not see them.
    "saga_step_outside",
];

/// Known flaws: more than one error, or an error at the wrong place. A case that no longer has its
/// flaw must leave this list.
const FLAWED: [&str; 4] = [
    // The future of a member is named three times: at the step, and twice in the sources of `core::pin::pin!`.
    "send_group_member_rc_across_await",
    // A saga that is not marked is registered or submitted: rustc shows `#[saga]` as the place of the saga.
    // The service in place of its saga is reported once more where a type of the call depends on the saga.
    "durable_registered_",
    // The id is no id, and the input not the input: rustc reports each of the two arguments.
    "durable_submit_swapped",
    // Shows `#[saga]` as the place of the saga.
    "nested_type_private",
];

/// What is wrong with `message`, which is all that rustc says to `case`.
pub(crate) fn what_is_wrong(name: &str, case: &str, message: &str) -> Vec<String> {
    let mut wrong = Vec::new();
    let starts = |start: &str| {
        message
            .lines()
            .filter(|line| line.starts_with(start))
            .count()
    };
    let errors = starts("error");
    if name.starts_with("several_") {
        if errors < 2 {
            wrong.push(format!("{errors} errors, and the case must show several"));
        }
    } else if errors != 1 {
        wrong.push(format!("{errors} errors for one mistake"));
    }
    if starts("warning") > 0 {
        wrong.push("a warning beside the error".to_owned());
    }
    for never in NEVER {
        if message.contains(never) {
            wrong.push(format!("`{never}` in it"));
        }
    }
    let is_listed =
        |listed: &&str| name == *listed || (listed.ends_with('_') && name.starts_with(*listed));
    if FLAWED.iter().any(is_listed) {
        if wrong.is_empty() && names_a_method(case, message) {
            return vec!["it has no flaw any more, so remove it from `FLAWED`".to_owned()];
        }
        return Vec::new();
    }
    if OF_RUSTC.iter().any(is_listed) {
        return wrong;
    }
    // Each error by itself: of several, one must not make up for the others.
    for error in message
        .split("\n\n")
        .filter(|part| part.starts_with("error"))
    {
        // A mistake in the block, or in `#[saga(..)]`, belongs to no step.
        if !name.starts_with("saga_") && !names_a_method(case, error) {
            wrong.push("no step is named".to_owned());
        }
        if !has_a_suggestion(error) {
            wrong.push("no suggestion".to_owned());
        }
    }
    wrong
}

/// The lines of a message without the lines of the source. What is written below the source counts.
fn words(error: &str) -> impl Iterator<Item = &str> {
    let is_source = |line: &&str| line.trim_start().starts_with(|c: char| c.is_ascii_digit());
    error.lines().filter(move |line| !is_source(line))
}

/// Whether a method of the case is named.
fn names_a_method(case: &str, error: &str) -> bool {
    let after_fn = case.split("fn ").skip(1);
    let mut methods = after_fn.filter_map(|text| text.split(['(', '<']).next());
    methods.any(|method| {
        // With the saga before it, where another has a step of the same name.
        let quoted = [format!("`{method}`"), format!("Saga::{method}`")];
        words(error).any(|line| quoted.iter().any(|quoted| line.contains(quoted)))
    })
}

fn has_a_suggestion(error: &str) -> bool {
    let shows_code = |line: &str| {
        let quoted = line
            .split(": `")
            .skip(1)
            .filter_map(|rest| rest.split('`').next());
        let mut code = quoted.filter(|code| code.contains(['=', '(', '{']));
        code.next().is_some()
    };
    words(error).any(|line| SUGGESTIONS.iter().any(|form| line.contains(form)) || shows_code(line))
}
