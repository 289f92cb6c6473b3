//! Diagrams of sagas and of the results of their runs: their content in each form.

// As `expect-test` writes them.
#![allow(clippy::needless_raw_string_hashes)]

use std::collections::BTreeSet;

use expect_test::expect;
use saga_core::{Diagram, Saga, definition::Definition};

mod dot;
mod hostile;
mod mermaid;
mod sagas;

use self::dot::Dot;
use self::mermaid::Mermaid;
use self::sagas::{ShopSaga, StallSaga, TripsSaga, cancelled_trip, order, sale, trip};

const TRIP: &Definition = TripsSaga::DEFINITION;

#[test]
fn the_steps_follow_one_another_around_what_may_be_skipped_and_past_the_point_of_no_return() {
    let dot = Dot::read(&TRIP.diagram().dot());
    assert_eq!(
        dot.edges("-->"),
        [
            ("begin", "s1"),
            ("s1", "s2_fork"),
            ("s2_fork", "s2"),
            ("s2_fork", "s3"),
            ("s2", "s2_join"),
            ("s3", "s2_join"),
            ("s2_join", "s4_if"),
            ("s4_if", "s4"),
            ("s4", "s5"),
            ("s4_if", "s5"),
        ]
    );
    assert_eq!(
        dot.edges("==>"),
        [
            ("s5", "s5_line"),
            ("s5_line", "s6"),
            ("s6", "completed_end")
        ]
    );
    let labels = dot.edges.iter().filter(|edge| edge.from == "s4_if");
    let labels: Vec<_> = labels.map(|edge| (&*edge.to, &*edge.label)).collect();
    assert_eq!(labels, [("s4", "yes"), ("s5", "no")]);
}

#[test]
fn each_compensation_stands_beside_its_step_and_leads_to_the_one_that_runs_after_it() {
    let dot = Dot::read(&TRIP.diagram().dot());
    assert_eq!(
        dot.edges("-.-"),
        [("s2", "s2_undo"), ("s3", "s3_undo"), ("s5", "s5_undo")]
    );
    assert_eq!(
        dot.edges("-.->"),
        [
            ("s5_undo", "s3_undo"),
            ("s3_undo", "s2_undo"),
            ("s2_undo", "begin")
        ]
    );
    assert_eq!(dot.beside, [["s5", "s5_undo"]]);
    let of_pivot = dot.edges.iter().find(|edge| edge.to == "s5_undo");
    assert_eq!(of_pivot.unwrap().label, "only in doubt");
}

#[test]
fn a_group_is_a_frame_with_its_members_and_their_compensations() {
    let dot = Dot::read(&TRIP.diagram().dot());
    let inside = ["s2", "s2_fork", "s2_join", "s2_undo", "s3", "s3_undo"];
    let (title, nodes) = &dot.clusters["cluster_s2_group"];
    assert_eq!(title, "parallel bookings");
    assert!(nodes.iter().eq(&inside), "{nodes:?}");
    assert_eq!(dot.clusters.len(), 1);
    let mermaid = Mermaid::read(&TRIP.diagram().mermaid());
    assert_eq!(mermaid.clusters["s2_group"], "parallel bookings");
}

#[test]
fn a_node_says_in_words_what_its_step_is() {
    let dot = Dot::read(&TRIP.diagram().dot());
    for (node, label) in [
        ("begin", "saga trip"),
        ("s1", "1 look_up\nread-only"),
        ("s2", "2 book_hotel"),
        ("s3", "3 book_flight\n2 attempts, timeout 10s"),
        ("s3_undo", "cancel_flight\nundoes 3\n3 attempts"),
        (
            "s4",
            "4 insure\ncannot be undone: the insurer keeps the fee",
        ),
        ("s4_if", "is_long?"),
        ("s5", "5 pay\npivot\nin doubt after is_lost"),
        (
            "s6",
            "6 send_tickets\n↻ forward only, never undone\n10 attempts, backoff 1s..60s",
        ),
        ("completed_end", "completed"),
    ] {
        assert_eq!(dot.label(node), label);
    }
    let shapes = ["s1", "s2_undo", "s4_if", "s5"].map(|node| &*dot.nodes[node]["shape"]);
    assert_eq!(shapes, ["box", "box", "diamond", "hexagon"]);
}

/// A definition, and the results of some of its runs.
async fn all() -> Vec<Diagram> {
    vec![
        TRIP.diagram(),
        ShopSaga::DEFINITION.diagram(),
        trip(3, "flight").await.diagram(),
        trip(3, "payment").await.diagram(),
        trip(14, "ticket").await.diagram(),
        cancelled_trip().await.diagram(),
        order().await.diagram(),
        sale(false).await.diagram(),
        sale(true).await.diagram(),
    ]
}

#[tokio::test(start_paused = true)]
async fn mermaid_says_what_dot_says() {
    for diagram in all().await {
        let (dot, mermaid) = (diagram.dot(), diagram.mermaid());
        let (dot, mermaid) = (Dot::read(&dot), Mermaid::read(&mermaid));
        let nodes: BTreeSet<_> = dot.nodes.keys().collect();
        assert_eq!(nodes, mermaid.nodes.keys().collect());
        for node in nodes {
            assert_eq!(dot.label(node), mermaid.label(node));
        }
        for arrow in ["-->", "==>", "-.-", "-.->"] {
            assert_eq!(dot.edges(arrow), mermaid.edges(arrow));
        }
        assert_eq!(dot.clusters.len(), mermaid.clusters.len());
        for (id, (title, _)) in &dot.clusters {
            let id = id.strip_prefix("cluster_").unwrap();
            assert_eq!(&mermaid.clusters[id], title);
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_report_is_the_diagram_of_its_definition_with_what_happened() {
    let definition = Mermaid::read(&TRIP.diagram().mermaid());
    for report in [
        trip(3, "flight").await,
        trip(3, "payment").await,
        trip(14, "ticket").await,
    ] {
        let run = Mermaid::read(&report.diagram().mermaid());
        let ours = run.nodes.keys().filter(|id| !id.starts_with('k'));
        assert!(ours.eq(definition.nodes.keys()));
        let edges = |it: &Mermaid| -> Vec<_> {
            let edges = it
                .edges
                .iter()
                .filter(|[_, _, label, _]| label != "gave up");
            let ends = edges.map(|[from, arrow, _, to]| [from, arrow, to].map(String::clone));
            ends.collect()
        };
        assert_eq!(edges(&run), edges(&definition));
    }
}

/// The last lines of these nodes, which are their results, and their classes.
fn went<'a>(mermaid: &'a Mermaid, nodes: &[&str]) -> Vec<(&'a str, &'a str)> {
    let nodes = nodes.iter().map(|node| {
        let (label, class) = &mermaid.nodes[*node];
        let signs = ['✓', '✗', '?', '–', '↷', '↶'];
        let said = label.lines().find(|line| line.starts_with(signs));
        (said.unwrap_or(label), class.as_str())
    });
    nodes.collect()
}

#[tokio::test(start_paused = true)]
async fn a_run_that_was_compensated_shows_what_failed_and_what_was_undone() {
    let mermaid = Mermaid::read(&trip(3, "flight").await.diagram().mermaid());
    assert_eq!(
        went(
            &mermaid,
            &[
                "s1",
                "s2",
                "s2_undo",
                "s3",
                "s3_undo",
                "s4",
                "s5",
                "completed_end"
            ]
        ),
        [
            ("✓ completed", "completed"),
            ("✓ completed", "completed"),
            ("↶ undone", "undone"),
            ("✗ failed after 2 attempts", "failed"),
            ("– not due", "not_due"),
            ("– not run", "not_run"),
            ("– not run", "not_run"),
            ("– not reached", "not_run"),
        ]
    );
    assert_eq!(
        mermaid.label("s3"),
        "3 book_flight\n✗ failed after 2 attempts\nno flight for Atlantis"
    );
    assert_eq!(
        mermaid.label("begin"),
        "saga trip\nrun trip-7\nended compensated"
    );
    let cause = ["s3", "-->", "gave up", "s2_undo"];
    assert!(mermaid.edges.iter().any(|edge| edge == &cause));
}

#[tokio::test(start_paused = true)]
async fn a_pivot_in_doubt_is_undone_first_and_a_skipped_step_says_why() {
    let mermaid = Mermaid::read(&trip(3, "payment").await.diagram().mermaid());
    assert_eq!(
        went(&mermaid, &["s4", "s5", "s5_undo", "s3_undo", "s2_undo"]),
        [
            ("↷ skipped: is_long said no", "skipped"),
            ("? in doubt", "in_doubt"),
            ("↶ undone", "undone"),
            ("↶ undone", "undone"),
            ("↶ undone", "undone"),
        ]
    );
    let cause = ["s5", "-->", "gave up", "s5_undo"];
    assert!(mermaid.edges.iter().any(|edge| edge == &cause));
}

#[tokio::test(start_paused = true)]
async fn past_the_pivot_nothing_is_undone_and_nothing_leads_back_from_what_failed() {
    let mermaid = Mermaid::read(&trip(14, "ticket").await.diagram().mermaid());
    assert_eq!(
        went(&mermaid, &["s4", "s5", "s5_undo", "s2_undo", "s6"]),
        [
            ("✓ completed", "completed"),
            ("✓ completed", "completed"),
            ("– not due", "not_due"),
            ("– not due", "not_due"),
            ("✗ failed after 2 attempts", "failed"),
        ]
    );
    assert!(
        !mermaid
            .edges
            .iter()
            .any(|[.., label, _]| label == "gave up")
    );
    assert!(
        mermaid
            .label("begin")
            .ends_with("ended stuck: an operator must act")
    );
}

#[tokio::test(start_paused = true)]
async fn a_run_that_was_cancelled_has_a_note_that_leads_to_what_was_undone_first() {
    let mermaid = Mermaid::read(&cancelled_trip().await.diagram().mermaid());
    assert_eq!(mermaid.label("outside"), "ended from outside\n✗ cancelled");
    let causes = mermaid.edges.iter().filter(|[from, ..]| from == "outside");
    let causes: Vec<_> = causes.map(|[.., to]| to.as_str()).collect();
    assert_eq!(causes, ["s3_undo"]);
}

#[tokio::test(start_paused = true)]
async fn a_compensation_that_gave_up_says_whether_it_is_in_doubt() {
    let mermaid = Mermaid::read(&order().await.diagram().mermaid());
    assert_eq!(
        went(&mermaid, &["s2", "s2_undo", "s1_undo"]),
        [
            ("? in doubt", "in_doubt"),
            ("✗ gave up after 3 attempts: not undone", "not_undone"),
            ("? in doubt: perhaps not undone", "perhaps_not_undone"),
        ]
    );
    assert!(mermaid.label("s2_undo").ends_with("\nthe bank is closed"));
}

/// Without words, a class would be lost in black and white, or on a reader who sees no colours.
#[tokio::test(start_paused = true)]
async fn what_happened_is_in_words_beside_each_colour_and_each_is_in_the_legend() {
    for diagram in all().await.iter().skip(2) {
        let mermaid = Mermaid::read(&diagram.mermaid());
        let is_entry = |id: &&String| id.starts_with('k');
        let (legend, nodes): (Vec<_>, Vec<_>) = mermaid.nodes.keys().partition(is_entry);
        let mut explained = BTreeSet::new();
        for id in legend {
            let (text, class) = &mermaid.nodes[id];
            assert!(explained.insert((class, text.chars().next())), "{text}");
        }
        for id in nodes {
            let (text, class) = &mermaid.nodes[id];
            if ["plain", "pivot_line"].contains(&&**class) || id == "outside" {
                continue;
            }
            let signs = text.lines().map(|line| (class, line.chars().next()));
            assert_eq!(
                signs.filter(|sign| explained.contains(sign)).count(),
                1,
                "{text} {class}"
            );
        }
    }
}

#[tokio::test]
async fn a_saga_in_a_saga_is_a_frame_and_is_undone_step_by_step() {
    let definition = Dot::read(&StallSaga::DEFINITION.diagram().dot());
    for (report, gave_up, first) in [
        (sale(false).await, "s2_2", "s2_1_undo"),
        (sale(true).await, "s3", "s2_2_undo"),
    ] {
        let run = Dot::read(&report.diagram().dot());
        for dot in [&definition, &run] {
            let (title, nodes) = &dot.clusters["cluster_s2_saga"];
            assert_eq!(title, "pay runs saga payment");
            let inside = ["s2", "s2_1", "s2_1_undo", "s2_2", "s2_2_undo"];
            assert!(nodes.iter().eq(&inside), "{nodes:?}");
            assert_eq!(
                dot.edges("-.->"),
                [
                    ("s2_2_undo", "s2_1_undo"),
                    ("s2_1_undo", "s1_undo"),
                    ("s1_undo", "begin")
                ]
            );
        }
        let cause = run.edges.iter().find(|edge| edge.label == "gave up");
        let cause = cause.expect("something was undone");
        assert_eq!((&*cause.from, &*cause.to), (gave_up, first));
    }
    let forward = ["s2", "s2_1", "s2_2", "s3"];
    for ends in forward.windows(2) {
        assert!(definition.edges("-->").contains(&(ends[0], ends[1])));
    }
}

#[tokio::test]
async fn the_steps_of_a_saga_in_a_saga_are_rows_of_their_own() {
    expect![[r#"
        Saga `stall`

        | # | step | kind | group | only if | takes | policy | undone by |
        |---|---|---|---|---|---|---|---|
        | 1 | `pick` | can be undone | | | `cents` | 1 attempt | `put_back` |
        | 2 | `pay` runs saga `payment` | can be undone | | | `cents` | 1 attempt | its own steps |
        | 2.1 | &emsp;`hold` | can be undone | | | `cents` | 1 attempt | `release` |
        | 2.2 | &emsp;`charge` | can be undone | | | `held` | 1 attempt | `refund` |
        | 3 | `hand_over` | **pivot** | | | `cents` | 1 attempt | |
        | | **point of no return** | | | | | | |"#]]
    .assert_eq(&StallSaga::DEFINITION.diagram().markdown());
    expect![[r#"
        Saga `stall`, run `sale-3`: **compensated**

        | # | step | kind | group | only if | what happened | undone by | what became of the undo |
        |---|---|---|---|---|---|---|---|
        | 1 | `pick` | can be undone | | | ✓ completed | `put_back` | ↶ undone |
        | 2 | `pay` runs saga `payment` | can be undone | | | **✗ failed** | its own steps | ↶ undone in its own run |
        | 2.1 | &emsp;`hold` | can be undone | | | ✓ completed | `release` | ↶ undone |
        | 2.2 | &emsp;`charge` | can be undone | | | **✗ failed: 250 cents are too much** | `refund` | – not due |
        | 3 | `hand_over` | **pivot** | | | – not run | | |
        | | **point of no return** | | | | | | |"#]].assert_eq(&sale(false).await.diagram().markdown());
    expect![[r#"
        Saga `stall`, run `sale-3`: **compensated**

        | # | step | kind | group | only if | what happened | undone by | what became of the undo |
        |---|---|---|---|---|---|---|---|
        | 1 | `pick` | can be undone | | | ✓ completed | `put_back` | ↶ undone |
        | 2 | `pay` runs saga `payment` | can be undone | | | ✓ completed | its own steps | ↶ undone |
        | 2.1 | &emsp;`hold` | can be undone | | | ✓ completed | `release` | ↶ undone |
        | 2.2 | &emsp;`charge` | can be undone | | | ✓ completed | `refund` | ↶ undone |
        | 3 | `hand_over` | **pivot** | | | **✗ failed: nobody is there who paid 250** | | |
        | | **point of no return** | | | | | | |"#]].assert_eq(&sale(true).await.diagram().markdown());
}

#[test]
fn the_table_of_a_definition_has_a_row_a_step() {
    expect![[r#"
        Saga `trip`

        | # | step | kind | group | only if | takes | policy | undone by |
        |---|---|---|---|---|---|---|---|
        | 1 | `look_up` | read-only | | | `nights` | 1 attempt | |
        | 2 | `book_hotel` | can be undone | `bookings` | | `nights` | 1 attempt | `cancel_hotel` |
        | 3 | `book_flight` | can be undone | `bookings` | | | 2 attempts, timeout 10s | `cancel_flight`: 3 attempts |
        | 4 | `insure` | cannot be undone: the insurer keeps the fee | | `is_long` | `hotel`, `flight` | 1 attempt | |
        | 5 | `pay` | **pivot** | | | `insurance` | in doubt after is_lost | `give_back`, only in doubt |
        | | **point of no return** | | | | | | |
        | 6 | `send_tickets` | ↻ forward only, never undone | | | `euros` | 10 attempts, backoff 1s..60s | |"#]].assert_eq(&TRIP.diagram().markdown());
}

#[tokio::test(start_paused = true)]
async fn the_table_of_a_report_says_what_happened() {
    expect![[r#"
        Saga `trip`, run `trip-7`: **compensated**

        | # | step | kind | group | only if | what happened | undone by | what became of the undo |
        |---|---|---|---|---|---|---|---|
        | 1 | `look_up` | read-only | | | ✓ completed | | |
        | 2 | `book_hotel` | can be undone | `bookings` | | ✓ completed | `cancel_hotel` | ↶ undone |
        | 3 | `book_flight` | can be undone | `bookings` | | **✗ failed after 2 attempts: no flight for Atlantis** | `cancel_flight` | – not due |
        | 4 | `insure` | cannot be undone: the insurer keeps the fee | | `is_long` | – not run | | |
        | 5 | `pay` | **pivot** | | | – not run | `give_back`, only in doubt | – not due |
        | | **point of no return** | | | | | | |
        | 6 | `send_tickets` | ↻ forward only, never undone | | | – not run | | |"#]].assert_eq(&trip(3, "flight").await.diagram().markdown());
    expect![[r#"
        Saga `order`, run `order-42`: **stuck**

        | # | step | kind | group | only if | what happened | undone by | what became of the undo |
        |---|---|---|---|---|---|---|---|
        | 1 | `reserve_stock` | can be undone | | | ✓ completed | `release_stock` | ? in doubt: perhaps not undone: panicked: the stock &#124; is gone |
        | 2 | `charge_card` | can be undone | | | **? in doubt: no answer to charge 6** | `refund` | ✗ gave up after 3 attempts: not undone: the bank is closed |
        | 3 | `book_courier` | last step, never undone | | | – not run | | |"#]].assert_eq(&order().await.diagram().markdown());
    expect![[r#"
        Saga `trip`, run `trip-8`: **compensated**, ended from outside: cancelled

        | # | step | kind | group | only if | what happened | undone by | what became of the undo |
        |---|---|---|---|---|---|---|---|
        | 1 | `look_up` | read-only | | | ✓ completed | | |
        | 2 | `book_hotel` | can be undone | `bookings` | | ✓ completed | `cancel_hotel` | ↶ undone |
        | 3 | `book_flight` | can be undone | `bookings` | | ✓ completed | `cancel_flight` | ↶ undone |
        | 4 | `insure` | cannot be undone: the insurer keeps the fee | | `is_long` | – not run | | |
        | 5 | `pay` | **pivot** | | | – not run | `give_back`, only in doubt | – not due |
        | | **point of no return** | | | | | | |
        | 6 | `send_tickets` | ↻ forward only, never undone | | | – not run | | |"#]].assert_eq(&cancelled_trip().await.diagram().markdown());
}

const DOCUMENT: &str = include_str!("../../../docs/diagrams.md");

#[tokio::test(start_paused = true)]
async fn the_diagrams_of_the_document_are_those_of_its_sagas() {
    let order = order().await;
    for (fence, shown) in [
        ("```mermaid\n", TRIP.diagram().mermaid()),
        ("```mermaid\n", trip(3, "flight").await.diagram().mermaid()),
        ("```mermaid\n", sale(false).await.diagram().mermaid()),
        ("```dot\n", ShopSaga::DEFINITION.diagram().dot()),
    ] {
        let block = format!("\n{fence}{shown}\n```\n");
        assert!(DOCUMENT.contains(&block), "{block}");
    }
    for shown in [TRIP.diagram().markdown(), order.diagram().markdown()] {
        assert!(DOCUMENT.contains(&format!("\n{shown}\n\n")), "{shown}");
    }
    let pictures = DOCUMENT.matches("```mermaid\n").count();
    assert_eq!((pictures, DOCUMENT.matches("```dot\n").count()), (3, 1));
}
