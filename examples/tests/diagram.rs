//! The `diagram` example: what it prints is what it writes, in every form.

mod common;

use std::fs;
use std::path::Path;

use common::{example, run};

#[test]
fn every_form_of_all_sagas_and_of_their_runs_is_written_where_it_says() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("diagrams");
    // What an earlier run of this test may have left.
    let _ = fs::remove_dir_all(&folder);
    let ran = run(example("diagram").arg(&folder));
    ran.ends_with(0);
    assert_eq!(ran.stderr, "", "{}", ran.all());

    let read = |name: &str| {
        let path = folder.join(name);
        assert!(ran.stdout.contains(&*path.to_string_lossy()), "{name}");
        fs::read_to_string(&path).unwrap_or_else(|error| panic!("{name}: {error}"))
    };
    for saga in ["trip", "present", "order"] {
        for name in [saga.to_owned(), format!("{saga}_run")] {
            let mermaid = read(&format!("{name}.mmd"));
            assert!(mermaid.starts_with("flowchart TD\n"), "{mermaid}");
            assert!(ran.stdout.contains(&mermaid), "{}", ran.all());
            assert!(read(&format!("{name}.dot")).starts_with("digraph saga {\n"));
            assert!(read(&format!("{name}.md")).starts_with("Saga `"));
        }
    }

    let trip = read("trip_run.mmd");
    for line in [
        "✗ failed after 3 attempts<br/>no flight goes to Atlantis",
        "cancel_hotel<br/>undoes 2<br/>↶ undone",
    ] {
        assert!(trip.contains(line), "{trip}");
    }
    // The steps of the trip stand within the step that runs it.
    let present = read("present_run.md");
    assert!(
        present.contains("| 2.2 | &emsp;`book_hotel` |"),
        "{present}"
    );
    assert!(present.contains("no flight goes to Atlantis"), "{present}");
    let order = read("order_run.md");
    assert!(order.starts_with("Saga `order`, run `monday`: **stuck**\n"));
    let gave_up = "✗ gave up after 3 attempts: not undone: the bank is closed";
    assert!(order.contains(gave_up), "{order}");
}

#[test]
fn without_an_argument_they_are_written_below_target() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("somewhere");
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).expect("the folder for tests can be written to");
    run(example("diagram").current_dir(&folder)).ends_with(0);
    assert!(folder.join("target/diagrams/trip.dot").is_file());
}
