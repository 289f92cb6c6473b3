//! Data that is no report of this version is refused.

use super::*;

#[tokio::test(start_paused = true)]
async fn a_report_of_another_version_is_refused_with_both_versions() {
    let schema = Schema::read();
    let json = schema.round_trip(&full_report().await);
    for version in [0, 2, 4_294_967_297_u64] {
        let mut other = json.clone();
        other["schema_version"] = version.into();
        let error = serde_json::from_value::<Report>(other.clone()).expect_err("not this version");
        assert_eq!(
            error.to_string(),
            format!("the report is of schema version {version}, and only version 1 is known here")
        );
        assert!(!schema.accepts(&other));
    }
}

#[test]
fn the_version_is_looked_at_before_anything_else_wherever_it_stands() {
    for other in [
        r#"{"schema_version":2,"saga":{"of":["another","form"]}}"#,
        r#"{"end":"skipped","saga":{"of":["another","form"]},"schema_version":2}"#,
    ] {
        let error = serde_json::from_str::<Report>(other).expect_err("not this version");
        let error = error.to_string();
        assert!(
            error.starts_with("the report is of schema version 2,"),
            "{error}"
        );
    }
    let none = serde_json::from_str::<Report>(r#"{"end":"skipped"}"#).expect_err("no version");
    let none = none.to_string();
    assert!(none.starts_with("missing field `schema_version`"), "{none}");
}

/// Every object and every array item in `json`, by its JSON pointer.
fn pointers(json: &Value, at: &str, found: &mut Vec<String>) {
    let below: Vec<(String, &Value)> = match json {
        Value::Object(fields) => fields
            .iter()
            .map(|(key, value)| (key.clone(), value))
            .collect(),
        Value::Array(items) => (0..)
            .zip(items)
            .map(|(i, value): (usize, _)| (i.to_string(), value))
            .collect(),
        _ => Vec::new(),
    };
    for (key, value) in below {
        let pointer = format!("{at}/{key}");
        pointers(value, &pointer, found);
        found.push(pointer);
    }
}

#[tokio::test(start_paused = true)]
async fn a_field_that_is_missing_is_named_unless_it_is_optional() {
    let schema = Schema::read();
    let json = schema.round_trip(&full_report().await);
    let mut found = Vec::new();
    pointers(&json, "", &mut found);
    let (mut needed, mut optional) = (BTreeSet::new(), BTreeSet::new());
    for pointer in &found {
        let (parent, key) = pointer.rsplit_once('/').unwrap();
        let mut cut = json.clone();
        let Some(Value::Object(fields)) = cut.pointer_mut(parent) else {
            continue;
        };
        fields.remove(key).unwrap();
        match serde_json::from_value::<Report>(cut.clone()) {
            Err(error) => {
                assert_eq!(
                    error.to_string(),
                    format!("missing field `{key}`"),
                    "{pointer}"
                );
                assert!(!schema.accepts(&cut), "{pointer}");
                needed.insert(key);
            }
            Ok(_) => {
                optional.insert(key);
            }
        }
    }
    // `failure` is required in a report; a compensation only has one if it gave up. `attempts` of a failure are
    // always known, those of a step are not. `step` and `name` are required in what is left for an operator, and
    // the first failure has them unless the run was cancelled.
    assert_eq!(
        optional,
        BTreeSet::from([
            "attempts",
            "compensation",
            "ended_at_unix_ms",
            "failure",
            "idempotency_key",
            "in_doubt_since",
            "limit_us",
            "name",
            "output",
            "started_at_unix_ms",
            "step",
            "took_us",
            "value",
        ])
    );
    assert_eq!(
        needed,
        BTreeSet::from([
            "also_failed",
            "arguments",
            "attempts",
            "chain",
            "end",
            "failure",
            "file",
            "id",
            "idempotency_key",
            "in_doubt",
            "kind",
            "left_for_a_person",
            "line",
            "location",
            "message",
            "method",
            "name",
            "number",
            "outcome",
            "saga",
            "schema_version",
            "step",
            "steps",
            "to_do",
            "undo",
        ])
    );
}

#[tokio::test(start_paused = true)]
async fn a_tag_that_is_not_known_is_refused_with_those_that_are() {
    let schema = Schema::read();
    let json = schema.round_trip(&full_report().await);
    let mut found = Vec::new();
    pointers(&json, "", &mut found);
    let mut refused: BTreeMap<&str, usize> = BTreeMap::new();
    for pointer in &found {
        let (_, key) = pointer.rsplit_once('/').unwrap();
        if !["end", "kind", "outcome", "undo"].contains(&key) {
            continue;
        }
        let mut other = json.clone();
        let tag = std::mem::replace(other.pointer_mut(pointer).unwrap(), "invented".into());
        let error = serde_json::from_value::<Report>(other.clone()).expect_err("no such tag");
        let error = error.to_string();
        assert!(
            error.starts_with("unknown variant `invented`, expected "),
            "{pointer}: {error}"
        );
        assert!(
            error.contains(&format!("`{}`", tag.as_str().unwrap())),
            "{pointer}: {error}"
        );
        assert!(!schema.accepts(&other), "{pointer}");
        *refused.entry(key).or_default() += 1;
    }
    // The failure has a kind, and so has each of the five steps.
    let expected = [("end", 1), ("kind", 6), ("outcome", 5), ("undo", 2)];
    assert_eq!(refused, BTreeMap::from(expected));
}

#[tokio::test(start_paused = true)]
async fn fields_of_a_later_day_are_passed_over() {
    let schema = Schema::read();
    let report = full_report().await;
    let json = schema.round_trip(&report);
    let mut found = vec![String::new()];
    pointers(&json, "", &mut found);
    let (mut all, mut objects) = (json.clone(), 0);
    for pointer in &found {
        if let Some(Value::Object(fields)) = all.pointer_mut(pointer) {
            fields.insert("of_a_later_day".to_owned(), json!({ "kind": ["any"] }));
            objects += 1;
        }
    }
    assert!(objects > 20, "{objects}");
    assert_eq!(
        serde_json::from_value::<Report>(all.clone()).unwrap(),
        report
    );
    assert!(schema.accepts(&all));
    assert!(
        !schema.names_all_of(&all),
        "or it would not see a field that is not documented"
    );
}

#[test]
fn what_is_no_object_is_no_report() {
    for json in ["", "null", "[]", "7", "\"report\"", "{", "{}"] {
        let read = serde_json::from_str::<Report>(json);
        assert!(read.is_err(), "{json:?}");
    }
}
