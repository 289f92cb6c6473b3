//! The command writes whole tables and a picture. The figures are not checked: nothing here may depend on the speed
//! of the machine.

use std::path::Path;

use saga_benches::command::{Options, Places, run};
use saga_benches::measuring::Effort;
use saga_benches::results::Row;

#[test]
fn a_quick_run_writes_every_row_and_a_picture_that_is_xml() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("in_memory");
    let options = Options {
        effort: Effort::Quick,
        update_docs: false,
    };
    let places = Places {
        round: env!("CARGO_BIN_EXE_round").into(),
        allocations: env!("CARGO_BIN_EXE_allocations").into(),
        folder: folder.clone(),
    };
    let written = run(&options, &places).unwrap();

    for row in Row::all() {
        let start = format!("| {} |", row.label());
        let lines: Vec<_> = written.section.lines().collect();
        let lines: Vec<_> = lines
            .iter()
            .filter(|line| line.starts_with(&start))
            .collect();
        // Times and allocations for both outputs, and the size of the futures that box nothing.
        assert!((4..=5).contains(&lines.len()), "{lines:#?}");
        for line in lines {
            assert_eq!(line.matches(" | ").count(), 6, "{line}");
            assert!(!line.contains("not measured"), "{line}");
        }
    }
    for file in ["in_memory.md", "in_memory.svg"] {
        assert!(folder.join(file).is_file(), "{file}");
    }
    let picture = roxmltree::Document::parse(&written.picture).unwrap();
    let bars = picture
        .descendants()
        .filter(|node| node.has_tag_name("rect"));
    // Two for each contestant but the baseline in six panels, four in the legend, and the ground.
    assert_eq!(bars.count(), 2 * 6 * (Row::all().count() - 1) + 5);
}
