//! The `alert` example: the whole of what it prints.

mod common;

use common::{example, run};

#[test]
fn only_sagas_that_are_stuck_are_reported_with_their_id_the_step_and_what_to_do() {
    let ran = run(&mut example("alert"));
    ran.ends_with(0);
    assert_eq!(ran.stderr, "", "{}", ran.all());
    assert_eq!(
        ran.stdout,
        "book: completed
anvil: stuck
lamp: stuck
ALERT saga `order` (anvil) is stuck: step `ship` gave up: no courier takes anvils
  - undo `charge` by hand: the card has expired
ALERT saga `order` (lamp) is stuck: step `send_invoice` gave up: the printer is on fire
  - find out whether `send_invoice` took effect, and finish it by hand
",
        "{}",
        ran.all()
    );
}
