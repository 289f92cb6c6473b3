//! Names, reasons and errors with any text break no syntax and are shown unchanged.

use std::collections::BTreeSet;

use proptest::collection::vec;
use proptest::prelude::*;
use saga_core::{
    Diagram, Report,
    definition::{Compensation, Condition, Definition, Kind, Location, Parameter, Source, Step},
};
use serde_json::Value;

use super::dot::Dot;
use super::mermaid::Mermaid;
use super::sagas::order;

/// Text with a meaning in one of the forms.
const TRAPS: [&str; 54] = [
    "\"",
    "'",
    "`",
    "<",
    ">",
    "<b>",
    "</script>",
    "<br/>",
    "&",
    "&amp;",
    "#",
    "#35;",
    "#quot;",
    ";",
    ":::",
    "|",
    "||",
    "\\",
    "\\n",
    "\\\"",
    "\\|",
    "[",
    "]",
    "](",
    "(",
    ")",
    "{",
    "}",
    "{{",
    "}}",
    "end",
    "graph",
    "subgraph",
    "digraph",
    "-->",
    "---",
    "==>",
    "~~~",
    "%%",
    "%%{init}%%",
    "**",
    "_",
    "__",
    "~",
    "$$",
    "@",
    "http://a.b",
    "www.a.b",
    "- ",
    "1. ",
    "fa:fa-car",
    "naïve",
    "💥",
    "名前",
];

/// Characters that end a line or are invisible.
const UNSEEN: [&str; 8] = [
    "\n",
    "\r\n",
    "\t",
    "\u{0}",
    "\u{1b}[0m",
    "\u{202e}",
    "\u{200b}",
    "\u{85}",
];

/// Text on one line that is short enough to be shown whole.
fn one_line() -> impl Strategy<Value = String> {
    let part = prop_oneof![
        3 => proptest::sample::select(&TRAPS[..]).prop_map(ToOwned::to_owned),
        1 => "[ -~]{0,3}",
    ];
    let parts = vec(part, 1..5).prop_map(|parts| parts.concat());
    parts.prop_map(|text| format!("x{text}x"))
}

/// Any text.
fn text() -> impl Strategy<Value = String> {
    let part = prop_oneof![
        one_line(),
        proptest::sample::select(&UNSEEN[..]).prop_map(ToOwned::to_owned),
        any::<String>(),
    ];
    vec(part, 0..6).prop_map(|parts| parts.concat())
}

fn leaked(text: &str) -> &'static str {
    Box::leak(text.to_owned().into_boxed_str())
}

/// A saga in which every name is this text.
fn called(name: &str) -> Diagram {
    let name = leaked(name);
    let location = Location::new("a.rs", 1);
    let parameters: &'static [Parameter] = vec![Parameter::new(name, Source::Input)].leak();
    let step = |index, kind| {
        Step::new(name, kind, location)
            .at(index)
            .parameters(parameters)
            .when(name)
            .in_doubt(name)
    };
    let undo = || Compensation::new(name, location).when(name);
    let steps = vec![
        step(0, Kind::Compensatable)
            .compensation(undo())
            .group(name),
        step(1, Kind::ReadOnly)
            .condition(Condition::new(name, location))
            .group(name),
        step(2, Kind::NoCompensation { reason: name }),
        step(3, Kind::Pivot),
        step(4, Kind::Retriable),
    ];
    Definition::new(name, location, steps.leak()).diagram()
}

/// A report in which every text is this one.
fn telling(report: &Report, text: &str) -> Diagram {
    fn replace(value: &mut Value, text: &str) {
        match value {
            Value::Object(fields) => {
                for (name, value) in fields {
                    match (name.as_str(), value) {
                        ("end" | "kind" | "outcome" | "undo", _) => {}
                        (_, Value::String(old)) => text.clone_into(old),
                        (_, value) => replace(value, text),
                    }
                }
            }
            Value::Array(items) => items.iter_mut().for_each(|item| replace(item, text)),
            _ => {}
        }
    }
    let mut json = serde_json::to_value(report).unwrap();
    replace(&mut json, text);
    let report: Report = serde_json::from_value(json).unwrap();
    report.diagram()
}

/// Parses every form. The nodes must be those of the other diagram, whatever the names are.
#[track_caller]
fn read(diagram: &Diagram, like: &Diagram) -> (Dot, Mermaid) {
    let dot = Dot::read(&diagram.dot());
    let mermaid = Mermaid::read(&diagram.mermaid());
    let plain = Mermaid::read(&like.mermaid());
    let nodes: BTreeSet<_> = dot.nodes.keys().collect();
    assert_eq!(nodes, mermaid.nodes.keys().collect());
    assert_eq!(nodes, plain.nodes.keys().collect());
    assert_eq!(mermaid.edges, plain.edges);
    for node in nodes {
        // Graphviz decodes entities; the parser does not.
        let label = dot.label(node).replace("&amp;", "&");
        assert_eq!(label, mermaid.label(node));
        assert_eq!(label.lines().count(), plain.label(node).lines().count());
    }

    let markdown = diagram.markdown();
    let bars = |line: &str| line.matches('|').count();
    let mut rows = markdown.lines();
    assert_eq!(rows.next().map(bars), Some(0), "{markdown}");
    assert_eq!(rows.next(), Some(""), "{markdown}");
    let columns = bars(rows.next().unwrap());
    let mut count = 1;
    for row in rows {
        assert_eq!(bars(row), columns, "{markdown}");
        count += 1;
    }
    let plain = like.markdown();
    assert_eq!(count, plain.lines().skip(2).count(), "{markdown}");
    (dot, mermaid)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_name_breaks_no_syntax(name in text()) {
        read(&called(&format!("x{name}")), &called("plain"));
    }

    #[test]
    fn a_name_is_shown_as_it_is(name in one_line()) {
        prop_assume!(name.chars().count() < 40);
        let (dot, mermaid) = read(&called(&name), &called("plain"));
        let label = mermaid.label("s1");
        prop_assert!(label.starts_with(&format!("1 {name}\n")), "{label:?}");
        prop_assert_eq!(&mermaid.clusters["s1_group"], &format!("parallel {name}"));
        let (title, _) = &dot.clusters["cluster_s1_group"];
        prop_assert_eq!(title.replace("&amp;", "&"), format!("parallel {name}"));
    }

    #[test]
    fn any_text_in_a_report_breaks_no_syntax(text in text()) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let report = runtime.block_on(order());
        read(&telling(&report, &format!("x{text}")), &telling(&report, "plain"));
    }
}
