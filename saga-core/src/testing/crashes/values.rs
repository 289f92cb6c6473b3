//! Compares the values that a run passes on with those that were returned: a durable engine passes on what it reads
//! back from JSON, a run in memory what was returned.
//!
//! For each output and each input of a nested run there are two lives of a saga on one journal. The first one keeps the
//! value as it was returned, the second one reads it back. Both stop as soon as they have the value, before it is moved
//! into a step. The `Debug` and the JSON of both values are compared.

use std::sync::{Mutex, MutexGuard, PoisonError};

use serde_json::Value as Json;
use tokio::sync::Notify;

use super::debug_text::{canonical, lines};
use super::record_text::{Head, What, path_of, run_of, step_at};
use crate::definition::{Definition, Parameter, Source};
use crate::durable::{CallId, Journalable, RunId};
use crate::machine::{Saga, Slots as _};
use crate::outcome::Value;
use crate::testing::difference::differing;
use crate::util::foreign::Line;
use crate::util::panics;

/// Up to this many characters, both values are shown in full, in one line.
const SHORT: usize = 240;

/// A value of a run that is compared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum ValueSite {
    /// The output of the step of this call.
    Output(String),
    /// The input of this nested run. Empty for the outermost saga.
    Input(String),
}

impl ValueSite {
    /// The values that were written in a run with these records.
    pub(super) fn all(saga: &Definition, heads: &[String]) -> Vec<Self> {
        let mut all = vec![Self::Input(String::new())];
        for head in heads.iter().filter_map(|head| Head::of(head)) {
            let Some(call) = head.call else {
                continue;
            };
            match head.what {
                What::NestedBegan(attempt) => {
                    let step = call.trim_end_matches("/do");
                    all.push(Self::Input(format!("{step}/{attempt}")));
                }
                // If nothing fails, only a step whose output cannot be read back gives up.
                What::Completed | What::GaveUp if call.ends_with("/do") => {
                    let step = path_of(&call).and_then(|(path, _)| step_at(saga, &path));
                    // The output of a saga is that of its last step.
                    if step.is_some_and(|step| step.nested.is_none()) {
                        all.push(Self::Output(call));
                    }
                }
                _ => {}
            }
        }
        all
    }

    /// Its name, with the steps around it: `pay/charge`.
    fn path(&self) -> String {
        match self {
            Self::Output(call) => path_of(call).map_or_else(|| call.clone(), |(path, _)| path),
            Self::Input(run) => {
                let names: Vec<_> = run.split('/').step_by(2).collect();
                names.join("/")
            }
        }
    }
}

impl ValueSite {
    /// Whether it is sensitive: where it is made, or in an outer saga.
    fn is_hidden(&self, mut saga: &Definition) -> bool {
        let (path, is_output) = (self.path(), matches!(self, Self::Output(_)));
        let (mut hides_input, mut hides_output) = (false, false);
        let mut names = path.split('/').filter(|name| !name.is_empty()).peekable();
        loop {
            let is_hidden = |source, part| {
                let last = saga.steps.len().checked_sub(1).map(|last| saga.stage(last));
                let is_whole = match source {
                    Source::Input => hides_input,
                    Source::Output(index) | Source::Ran(index) => {
                        hides_output && last.is_some_and(|last| last.contains(&index))
                    }
                    _ => false,
                };
                is_whole || saga.is_sensitive(source, part)
            };
            let Some(step) = names.next().and_then(|name| saga.step(name)) else {
                return is_hidden(Source::Input, None);
            };
            let output = is_hidden(Source::Output(step.index), None);
            let nested = match step.nested {
                Some(nested) if !is_output || names.peek().is_some() => nested,
                _ => return output,
            };
            let mut parameters = step.parameters.iter();
            let is_marked = |p: &Parameter| p.sensitive || is_hidden(p.source, p.part);
            let input = parameters.any(is_marked);
            (saga, hides_input, hides_output) = (nested, input, output);
        }
    }
}

/// Reads one value in a life that stops there.
#[derive(Debug)]
pub(super) struct ValueProbe {
    site: ValueSite,
    /// Whether the returned value is kept, instead of the one that is read back.
    keeps_returned: bool,
    seen: Mutex<SeenValue>,
    over: Notify,
}

/// The text and the JSON of a value.
#[derive(Debug, Clone, Default)]
pub(super) struct SeenValue {
    debug: Option<String>,
    json: Option<Json>,
}

impl ValueProbe {
    pub(super) fn new(site: ValueSite, keeps_returned: bool) -> Self {
        Self {
            site,
            keeps_returned,
            seen: Mutex::default(),
            over: Notify::new(),
        }
    }

    /// Whether the run stops once this call has its output.
    pub(super) fn is_at(&self, call: &CallId) -> bool {
        matches!(&self.site, ValueSite::Output(site) if *site == call.to_string())
    }

    /// Whether this run stops once it has its input.
    pub(super) fn is_before(&self, run: Option<&RunId>) -> bool {
        matches!((&self.site, run), (ValueSite::Input(site), Some(run)) if *site == run.to_string())
    }

    /// Whether the returned value is passed on.
    pub(super) const fn keeps_returned(&self) -> bool {
        self.keeps_returned
    }

    /// Stores the JSON of the value at which the run stops.
    pub(super) fn has(&self, json: Option<Vec<u8>>) {
        self.seen().json = json.and_then(|json| serde_json::from_slice(&json).ok());
    }

    /// Stores the text of the value, when a run or a nested run has stopped with these values.
    pub(super) fn see<'v>(
        &self,
        run: Option<&RunId>,
        saga: &'static Definition,
        values: &dyn Fn(Source) -> Value<'v>,
    ) {
        let source = match &self.site {
            ValueSite::Input(site) => (run_name(run) == *site).then_some(Source::Input),
            ValueSite::Output(call) if run_of(call) == run_name(run) => {
                let step = path_of(call).and_then(|(path, _)| {
                    let name = path.rsplit('/').next()?.to_owned();
                    saga.step(&name)
                });
                step.map(|step| match step.condition {
                    Some(_) => Source::Ran(step.index),
                    None => Source::Output(step.index),
                })
            }
            ValueSite::Output(_) => None,
        };
        if let Some(source) = source {
            self.seen().debug = debug_of(values(source));
            self.over.notify_one();
        }
    }

    /// Ready when the run has stopped there.
    pub(super) async fn over(&self) {
        self.over.notified().await;
    }

    pub(super) fn value(&self) -> SeenValue {
        self.seen().clone()
    }

    fn seen(&self) -> MutexGuard<'_, SeenValue> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn run_name(run: Option<&RunId>) -> String {
    run.map(ToString::to_string).unwrap_or_default()
}

fn debug_of(value: Value<'_>) -> Option<String> {
    let Value::Shown(value) = value else {
        return None;
    };
    let text = panics::catch(|| format!("{value:?}"));
    let text = text.unwrap_or_else(|panic| format!("(its Debug panicked: {panic})"));
    Some(Line(canonical(&text)).to_string())
}

/// An input, and the same after it was written and read.
pub(in crate::testing) fn of_input<S>(input: S::Input) -> Option<[SeenValue; 2]>
where
    S: Saga,
    S::Input: Journalable,
{
    let json = input.to_json().ok()?;
    let read = S::Input::of_json(&json).ok()?;
    let seen = |input: S::Input| {
        let json = input.to_json().ok();
        let slots = S::Slots::begin(input);
        let seen = SeenValue {
            debug: debug_of(slots.value(Source::Input, None, None)),
            json: json.and_then(|json| serde_json::from_slice(&json).ok()),
        };
        panics::discard(slots);
        seen
    };
    Some([seen(input), seen(read)])
}

/// Reports that a value that is passed on differs from the one that was returned, if it does.
pub(super) fn difference(
    saga: &Definition,
    site: &ValueSite,
    [returned, read]: &[SeenValue; 2],
) -> Option<String> {
    const NOT_BACK: &str = "what serde writes of it does not come back";
    let path = site.path();
    let (whose, verb) = match site {
        ValueSite::Output(_) => (format!("`{path}`"), "returned"),
        ValueSite::Input(run) if run.is_empty() => ("the input".to_owned(), "is"),
        ValueSite::Input(_) => (format!("the input of `{path}`"), "is"),
    };
    let (hands_on, other) = match site {
        ValueSite::Output(_) => ("hands on", "hands on another value than it returned"),
        ValueSite::Input(_) => ("is handed on as", "is handed on as another value"),
    };
    let (debug, json) = ((&returned.debug, &read.debug), (&returned.json, &read.json));
    let shown = returned
        .debug
        .clone()
        .or_else(|| Some(returned.json.as_ref()?.to_string()));
    if let (Some(one), None, None) = (shown, &read.debug, &read.json) {
        let is_shown = !site.is_hidden(saga) && one.len() <= SHORT;
        let what = if is_shown { &*one } else { "what is not shown" };
        return Some(format!(
            "{whose} {verb} {what} and {hands_on} nothing: serde cannot write it and read it again"
        ));
    }
    let (one, next, how) = match (debug, json) {
        ((Some(one), Some(next)), _) if one != next => (one.clone(), next.clone(), ""),
        (_, (Some(one), Some(next))) if unordered(one) != unordered(next) => {
            (one.to_string(), next.to_string(), ", as serde writes them")
        }
        _ => return None,
    };
    if site.is_hidden(saga) {
        return Some(format!(
            "{whose} {other}, which is sensitive and not shown: {NOT_BACK}"
        ));
    }
    if one.len() + next.len() <= SHORT {
        return Some(format!(
            "{whose} {verb} {one} and {hands_on} {next}{how}: {NOT_BACK}"
        ));
    }
    let mut text = format!("{whose} {other}: {NOT_BACK}; `-` was, `+` is handed on{how}");
    let (one, next) = (lines(&one), lines(&next));
    let [one, next] =
        [&one, &next].map(|lines| lines.iter().map(String::as_str).collect::<Vec<_>>());
    for line in differing(&one, &next) {
        text.push('\n');
        text.push_str(&line);
    }
    Some(text)
}

/// The JSON with sorted arrays: an array may stand for a set, which has no order. A list whose order changes shows it
/// in its `Debug`.
fn unordered(json: &Json) -> Json {
    match json {
        Json::Array(items) => {
            let mut items: Vec<_> = items.iter().map(unordered).collect();
            items.sort_by_key(Json::to_string);
            Json::Array(items)
        }
        Json::Object(fields) => {
            let fields = fields
                .iter()
                .map(|(name, value)| (name.clone(), unordered(value)));
            Json::Object(fields.collect())
        }
        other => other.clone(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{SeenValue, ValueSite, unordered};
    use crate::definition::{Definition, Kind, Location, Parameter, Source, Step};

    const HERE: Location = Location::new("", 0);

    const fn step(name: &'static str, index: usize) -> Step {
        Step::new(name, Kind::ReadOnly, HERE).at(index)
    }

    static INNER: Definition = Definition::new("inner", HERE, &[step("quote", 0), step("sign", 1)]);

    static OUTER: Definition = Definition::new(
        "outer",
        HERE,
        &[
            step("order", 0).nested(&INNER),
            step("secret", 1)
                .nested(&INNER)
                .sensitive()
                .parameters(&[Parameter::new("card", Source::Input).sensitive()]),
        ],
    );

    fn difference(site: &ValueSite, values: &[SeenValue; 2]) -> Option<String> {
        super::difference(&OUTER, site, values)
    }

    fn seen(debug: &str, json: serde_json::Value) -> SeenValue {
        SeenValue {
            debug: Some(debug.to_owned()),
            json: Some(json),
        }
    }

    #[test]
    fn a_difference_names_the_step_and_shows_both_values() {
        let quote = ValueSite::Output("order/1/quote/do".to_owned());
        let values = [seen("Some(None)", json!(null)), seen("None", json!(null))];
        assert_eq!(
            difference(&quote, &values).unwrap(),
            "`order/quote` returned Some(None) and hands on None: what serde writes of it does not come back"
        );
        let values = [seen("_", json!({"a": 1})), seen("_", json!({"a": 2}))];
        assert_eq!(
            difference(&ValueSite::Input("order/1".to_owned()), &values).unwrap(),
            "the input of `order` is {\"a\":1} and is handed on as {\"a\":2}, as serde writes them: what serde \
             writes of it does not come back"
        );
        assert_eq!(
            difference(&ValueSite::Input(String::new()), &values).unwrap(),
            "the input is handed on as another value, which is sensitive and not shown: what serde writes of \
             it does not come back"
        );
        let [one, next] = values;
        assert_eq!(difference(&quote, &[next.clone(), next]), None);
        assert_eq!(
            difference(&quote, &[one, SeenValue::default()]).unwrap(),
            "`order/quote` returned _ and hands on nothing: serde cannot write it and read it again"
        );
    }

    #[test]
    fn of_long_values_the_lines_that_differ_are_shown() {
        let long = |limit: &str| {
            let many = "1, ".repeat(100);
            seen(
                &format!("Quote {{ limit: {limit}, many: [{many}] }}"),
                json!(null),
            )
        };
        let values = [long("Some(inf)"), long("None")];
        assert_eq!(
            difference(&ValueSite::Output("order/1/quote/do".to_owned()), &values).unwrap(),
            "`order/quote` hands on another value than it returned: what serde writes of it does not come back; `-` was, \
             `+` is handed on\n-     limit: Some(inf),\n+     limit: None,"
        );
    }

    #[test]
    fn what_is_sensitive_for_a_saga_around_it_is_not_shown() {
        let is_hidden = |site: ValueSite| site.is_hidden(&OUTER);
        let output = |call: &str| is_hidden(ValueSite::Output(call.to_owned()));
        let input = |run: &str| is_hidden(ValueSite::Input(run.to_owned()));
        assert!(!output("order/1/quote/do") && !output("order/1/sign/do") && !input("order/1"));
        // The step takes the input, which is sensitive, and its output is that of the last step.
        assert!(!output("secret/1/quote/do") && output("secret/1/sign/do") && input("secret/1"));
        assert!(input(""));
    }

    #[test]
    fn the_order_in_an_array_is_no_difference_and_what_is_in_it_is() {
        assert_eq!(
            unordered(&json!([{"b": [2, 1]}, 3])),
            unordered(&json!([3, {"b": [1, 2]}]))
        );
        assert_ne!(unordered(&json!([1, 1])), unordered(&json!([1])));
    }
}
