//! The `metrics` example: the whole of what it prints. Its time is paused, so that durations are exact.

mod common;

use common::{example, run};

#[test]
fn every_step_and_saga_is_counted_by_its_outcome_and_timed() {
    let ran = run(&mut example("metrics"));
    ran.ends_with(0);
    assert_eq!(ran.stderr, "", "{}", ran.all());
    // Those of one metric come in the order of a hash map.
    let mut lines: Vec<_> = ran.stdout.lines().filter(|line| !line.is_empty()).collect();
    lines.sort_unstable();
    assert_eq!(
        lines,
        [
            "# 250000 cents: step `charge`: declined",
            "# 500 cents: shipped",
            "# 700 cents: shipped",
            "# HELP saga_step_seconds How long a step or compensation took, with retries.",
            "# HELP saga_steps_total Steps and compensations, by how they ended.",
            "# TYPE saga_step_seconds histogram",
            "# TYPE saga_steps_total counter",
            "# TYPE sagas_in_flight gauge",
            "# TYPE sagas_total counter",
            r#"saga_step_seconds_bucket{saga="order",step="charge",phase="step",le="+Inf"} 3"#,
            r#"saga_step_seconds_bucket{saga="order",step="charge",phase="step",le="0.01"} 0"#,
            r#"saga_step_seconds_bucket{saga="order",step="charge",phase="step",le="0.1"} 0"#,
            r#"saga_step_seconds_bucket{saga="order",step="charge",phase="step",le="1"} 3"#,
            r#"saga_step_seconds_bucket{saga="order",step="reserve",phase="compensation",le="+Inf"} 1"#,
            r#"saga_step_seconds_bucket{saga="order",step="reserve",phase="compensation",le="0.01"} 1"#,
            r#"saga_step_seconds_bucket{saga="order",step="reserve",phase="compensation",le="0.1"} 1"#,
            r#"saga_step_seconds_bucket{saga="order",step="reserve",phase="compensation",le="1"} 1"#,
            r#"saga_step_seconds_bucket{saga="order",step="reserve",phase="step",le="+Inf"} 3"#,
            r#"saga_step_seconds_bucket{saga="order",step="reserve",phase="step",le="0.01"} 0"#,
            r#"saga_step_seconds_bucket{saga="order",step="reserve",phase="step",le="0.1"} 3"#,
            r#"saga_step_seconds_bucket{saga="order",step="reserve",phase="step",le="1"} 3"#,
            r#"saga_step_seconds_bucket{saga="order",step="ship",phase="step",le="+Inf"} 2"#,
            r#"saga_step_seconds_bucket{saga="order",step="ship",phase="step",le="0.01"} 2"#,
            r#"saga_step_seconds_bucket{saga="order",step="ship",phase="step",le="0.1"} 2"#,
            r#"saga_step_seconds_bucket{saga="order",step="ship",phase="step",le="1"} 2"#,
            r#"saga_step_seconds_count{saga="order",step="charge",phase="step"} 3"#,
            r#"saga_step_seconds_count{saga="order",step="reserve",phase="compensation"} 1"#,
            r#"saga_step_seconds_count{saga="order",step="reserve",phase="step"} 3"#,
            r#"saga_step_seconds_count{saga="order",step="ship",phase="step"} 2"#,
            r#"saga_step_seconds_sum{saga="order",step="charge",phase="step"} 1"#,
            r#"saga_step_seconds_sum{saga="order",step="reserve",phase="compensation"} 0"#,
            r#"saga_step_seconds_sum{saga="order",step="reserve",phase="step"} 0.06"#,
            r#"saga_step_seconds_sum{saga="order",step="ship",phase="step"} 0.004"#,
            r#"saga_steps_total{saga="order",step="charge",phase="step",outcome="completed"} 2"#,
            r#"saga_steps_total{saga="order",step="charge",phase="step",outcome="failed"} 1"#,
            r#"saga_steps_total{saga="order",step="reserve",phase="compensation",outcome="completed"} 1"#,
            r#"saga_steps_total{saga="order",step="reserve",phase="step",outcome="completed"} 3"#,
            r#"saga_steps_total{saga="order",step="ship",phase="step",outcome="completed"} 2"#,
            r#"sagas_in_flight{saga="order"} 0"#,
            r#"sagas_total{saga="order",outcome="compensated"} 1"#,
            r#"sagas_total{saga="order",outcome="completed"} 2"#,
        ],
        "{}",
        ran.all()
    );
}
