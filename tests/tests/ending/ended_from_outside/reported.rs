//! What is reported of runs that were ended from outside.

use super::*;

/// Replaces the number of every line of this file by `_`.
fn without_lines(text: &str) -> String {
    let mut parts = text.split("ended_from_outside.rs:");
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |text, part| {
        let rest = part.trim_start_matches(|c: char| c.is_ascii_digit());
        text + "ended_from_outside.rs:_" + rest
    })
}

fn blank_lines(json: &mut Value) {
    match json {
        Value::Object(fields) => {
            if let Some(line) = fields.get_mut("line") {
                *line = json!(0);
            }
            fields.values_mut().for_each(blank_lines);
        }
        Value::Array(items) => items.iter_mut().for_each(blank_lines),
        _ => {}
    }
}

struct Reported {
    line: String,
    text: String,
    json: Value,
}

/// The reports of a run of this service, which does not complete.
async fn report_of(desk: Desk, nights: u32, options: RunOptions<TripSaga>) -> Reported {
    let error = TripSaga::run_with(&desk, nights, options)
        .await
        .unwrap_err();
    let report = error.report();
    assert_eq!(format!("{error:?}"), report.to_string());
    let mut json = Schema::read().round_trip(&report);
    blank_lines(&mut json);
    Reported {
        line: error.to_string(),
        text: without_lines(&report.to_string()),
        json,
    }
}

/// The JSON of a step or of a compensation, from what differs between them.
fn step(number: u32, name: &str, more: &Value) -> Value {
    let (method, undo) = match name {
        "open" => ("close", Some("nights")),
        "hotel" => ("leave", Some("hotel")),
        "flight" => ("land", Some("flight")),
        "car" => ("park", Some("car")),
        _ => ("", None),
    };
    let mut step = json!({
        "number": number,
        "name": name,
        "method": name,
        "location": here(),
        "kind": "compensatable",
        "idempotency_key": format!("trip/trip-1/{name}/do"),
        "arguments": [],
    });
    if let Some(parameter) = undo {
        step["compensation"] = json!({
            "method": method,
            "location": here(),
            "idempotency_key": format!("trip/trip-1/{name}/undo"),
            "arguments": [{"name": parameter}],
            "undo": "not_due",
        });
    } else {
        step["kind"] = json!("pivot");
    }
    if matches!(name, "hotel" | "flight") {
        step["group"] = json!("bookings");
    }
    if name == "car" {
        step["only_if"] = json!("is_long");
    }
    merge(&mut step, more);
    step
}

/// All source locations, without their lines.
fn here() -> Value {
    json!({"file": "tests/tests/ending/ended_from_outside.rs", "line": 0})
}

fn merge(into: &mut Value, from: &Value) {
    match (into, from) {
        (Value::Object(into), Value::Object(from)) => {
            for (key, value) in from {
                merge(into.entry(key.clone()).or_insert(Value::Null), value);
            }
        }
        (into, from) => *into = from.clone(),
    }
}

fn argument(name: &str, value: &str) -> Value {
    json!([{"name": name, "value": value}])
}

fn undone(name: &str, value: &str) -> Value {
    json!({"arguments": argument(name, value), "undo": "done"})
}

fn opened(nights: &str) -> Value {
    let more = json!({
        "arguments": argument("nights", nights),
        "outcome": "completed",
        "output": nights,
        "compensation": undone("nights", nights),
    });
    step(1, "open", &more)
}

fn report(failure: &Value, also_failed: &Value, steps: &[Value]) -> Value {
    json!({
        "schema_version": 1,
        "saga": "trip",
        "id": "trip-1",
        "location": here(),
        "end": "compensated",
        "failure": failure,
        "also_failed": also_failed,
        "steps": steps,
        "left_for_a_person": [],
    })
}

#[tokio::test]
async fn a_cancelled_run_reports_that_it_was_cancelled_and_what_was_undone() {
    let desk = Desk {
        cancels: "flight",
        ..Desk::default()
    };
    let options = desk.options();
    let reported = report_of(desk, 9, options).await;
    let line = "saga `trip` (trip-1) was compensated: cancelled";
    assert_eq!(reported.line, line);
    assert_eq!(
        reported.text,
        format!(
            "{line}

steps:
  1. open(nights: 9)
       completed: 9
       undone by close(nights: 9)
  2. hotel(nights: 9)  (parallel bookings)
       completed: 109
       undone by leave(hotel: 109)
  3. flight()  (parallel bookings)
       completed: \"12A\"
       undone by land(flight: \"12A\")
  4. car(...)
       not run
  5. pay(...)  (pivot)
       not run

ended from outside:
  cancelled"
        )
    );
    let failure = json!({
        "kind": "cancelled",
        "location": here(),
        "message": "cancelled",
        "chain": [],
        "attempts": 0,
        "in_doubt": false,
    });
    let steps = [
        opened("9"),
        step(
            2,
            "hotel",
            &json!({
                "arguments": argument("nights", "9"),
                "outcome": "completed",
                "output": "109",
                "compensation": undone("hotel", "109"),
            }),
        ),
        step(
            3,
            "flight",
            &json!({
                "outcome": "completed",
                "output": "\"12A\"",
                "compensation": undone("flight", "\"12A\""),
            }),
        ),
        step(
            4,
            "car",
            &json!({"outcome": "not_run", "arguments": [{"name": "hotel"}, {"name": "flight"}]}),
        ),
        step(
            5,
            "pay",
            &json!({"outcome": "not_run", "arguments": [{"name": "car"}]}),
        ),
    ];
    assert_eq!(reported.json, report(&failure, &json!([]), &steps));
}

#[tokio::test(start_paused = true)]
async fn a_run_past_its_deadline_reports_that_and_what_the_attempt_in_flight_failed_with() {
    let desk = Desk {
        slow: "hotel",
        refuses: &["hotel"],
        ..Desk::default()
    };
    let options = desk.options().deadline(SECOND);
    let options = options.policy("hotel", Policy::attempts(2)).unwrap();
    let reported = report_of(desk, 9, options).await;
    let line = "saga `trip` (trip-1) was compensated: the deadline passed; step `hotel` failed: \
                no hotel today";
    assert_eq!(reported.line, line);
    assert_eq!(
        reported.text,
        format!(
            "{line}

steps:
  1. open(nights: 9)
       completed: 9
       undone by close(nights: 9)
  2. hotel(nights: 9)  (parallel bookings)
       failed: no hotel today
       no other attempt was made: the deadline passed
  3. flight()  (parallel bookings)
       completed: \"12A\"
       undone by land(flight: \"12A\")
  4. car(...)
       not run
  5. pay(...)  (pivot)
       not run

ended from outside:
  the deadline passed

failure of step 2 `hotel` at tests/tests/ending/ended_from_outside.rs:_:
  no hotel today"
        )
    );
    let failure = json!({
        "kind": "deadline_exceeded",
        "location": here(),
        "message": "the deadline passed",
        "chain": [],
        "attempts": 0,
        "in_doubt": false,
    });
    let steps = [
        opened("9"),
        step(
            2,
            "hotel",
            &json!({
                "arguments": argument("nights", "9"),
                "outcome": "failed",
                "attempts": 1,
            }),
        ),
        step(
            3,
            "flight",
            &json!({
                "outcome": "completed",
                "output": "\"12A\"",
                "compensation": undone("flight", "\"12A\""),
            }),
        ),
        step(
            4,
            "car",
            &json!({"outcome": "not_run", "arguments": [{"name": "hotel"}, {"name": "flight"}]}),
        ),
        step(
            5,
            "pay",
            &json!({"outcome": "not_run", "arguments": [{"name": "car"}]}),
        ),
    ];
    let mut also = refused(2, "hotel");
    also["prevented_by"] = json!("deadline_exceeded");
    assert_eq!(reported.json, report(&failure, &json!([also]), &steps));
}

fn refused(number: u32, name: &str) -> Value {
    json!({
        "step": number,
        "name": name,
        "kind": "error",
        "location": here(),
        "message": format!("no {name} today"),
        "chain": [],
        "attempts": 1,
        "in_doubt": false,
    })
}

#[tokio::test]
async fn of_two_members_that_failed_both_are_reported_the_first_first() {
    let desk = Desk {
        refuses: &["hotel", "flight"],
        ..Desk::default()
    };
    let options = desk.options();
    let reported = report_of(desk, 9, options).await;
    let line = "saga `trip` (trip-1) was compensated: step `hotel` failed: no hotel today; step \
                `flight` failed: no flight today";
    assert_eq!(reported.line, line);
    assert_eq!(
        reported.text,
        format!(
            "{line}

steps:
  1. open(nights: 9)
       completed: 9
       undone by close(nights: 9)
  2. hotel(nights: 9)  (parallel bookings)
       failed: no hotel today
  3. flight()  (parallel bookings)
       failed: no flight today
  4. car(...)
       not run
  5. pay(...)  (pivot)
       not run

failure of step 2 `hotel` at tests/tests/ending/ended_from_outside.rs:_:
  no hotel today

failure of step 3 `flight` at tests/tests/ending/ended_from_outside.rs:_:
  no flight today"
        )
    );
    let steps = [
        opened("9"),
        step(
            2,
            "hotel",
            &json!({
                "arguments": argument("nights", "9"),
                "outcome": "failed",
                "attempts": 1,
            }),
        ),
        step(3, "flight", &json!({"outcome": "failed", "attempts": 1})),
        step(
            4,
            "car",
            &json!({"outcome": "not_run", "arguments": [{"name": "hotel"}, {"name": "flight"}]}),
        ),
        step(
            5,
            "pay",
            &json!({"outcome": "not_run", "arguments": [{"name": "car"}]}),
        ),
    ];
    let also = json!([refused(3, "flight")]);
    assert_eq!(reported.json, report(&refused(2, "hotel"), &also, &steps));
}

#[tokio::test]
async fn a_skipped_step_is_reported_as_skipped_and_is_none_for_the_steps_after_it() {
    let desk = Desk {
        refuses: &["pay"],
        ..Desk::default()
    };
    let options = desk.options();
    let reported = report_of(desk, 3, options).await;
    let line = "saga `trip` (trip-1) was compensated: step `pay` failed: no pay today";
    assert_eq!(reported.line, line);
    assert_eq!(
        reported.text,
        format!(
            "{line}

steps:
  1. open(nights: 3)
       completed: 3
       undone by close(nights: 3)
  2. hotel(nights: 3)  (parallel bookings)
       completed: 103
       undone by leave(hotel: 103)
  3. flight()  (parallel bookings)
       completed: \"12A\"
       undone by land(flight: \"12A\")
  4. car(...)
       skipped: is_long said no
  5. pay(car: None)  (pivot)
       failed: no pay today

failure of step 5 `pay` at tests/tests/ending/ended_from_outside.rs:_:
  no pay today"
        )
    );
    let steps = [
        opened("3"),
        step(
            2,
            "hotel",
            &json!({
                "arguments": argument("nights", "3"),
                "outcome": "completed",
                "output": "103",
                "compensation": undone("hotel", "103"),
            }),
        ),
        step(
            3,
            "flight",
            &json!({
                "outcome": "completed",
                "output": "\"12A\"",
                "compensation": undone("flight", "\"12A\""),
            }),
        ),
        step(
            4,
            "car",
            &json!({"outcome": "skipped", "arguments": [{"name": "hotel"}, {"name": "flight"}]}),
        ),
        step(
            5,
            "pay",
            &json!({
                "arguments": argument("car", "None"),
                "outcome": "failed",
                "attempts": 1,
            }),
        ),
    ];
    assert_eq!(
        reported.json,
        report(&refused(5, "pay"), &json!([]), &steps)
    );
}
