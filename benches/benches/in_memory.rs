//! `cargo bench -p saga-benches`: prints the tables, and writes them and the picture into
//! `target/saga-benches`; with `-- --update-docs` into `docs/` too.

use std::path::Path;
use std::process::ExitCode;

use saga_benches::command::{Options, Places, run};

fn main() -> ExitCode {
    let options = match Options::parse(std::env::args().skip(1)) {
        Ok(options) => options,
        Err(error) => {
            eprintln!("{error}");
            return ExitCode::FAILURE;
        }
    };
    let places = Places {
        round: env!("CARGO_BIN_EXE_round").into(),
        allocations: env!("CARGO_BIN_EXE_allocations").into(),
        // Cargo says where a benchmark may write: a folder in its target folder.
        folder: Path::new(env!("CARGO_TARGET_TMPDIR")).with_file_name("saga-benches"),
    };
    match run(&options, &places) {
        Ok(written) => {
            println!("{}", written.section);
            eprintln!("written into {}", places.folder.display());
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("{error:#}");
            ExitCode::FAILURE
        }
    }
}
