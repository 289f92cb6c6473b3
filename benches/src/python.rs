//! The contestant in Python: a program of its own, in `peers/`, that times itself.

use std::io::ErrorKind;
use std::path::Path;
use std::process::Command;

use anyhow::{Context as _, Result, ensure};

use crate::case::Case;
use crate::measuring::{Effort, Nanoseconds};

/// The key of its figures.
pub const KEY: &str = "python";

/// The interpreter.
pub const INTERPRETER: &str = "python3";

/// The version of `interpreter`, or `None` if there is no such program.
///
/// # Errors
///
/// If it exists and cannot be run.
pub fn version(interpreter: &str) -> Result<Option<String>> {
    match Command::new(interpreter).arg("--version").output() {
        Ok(output) => {
            ensure!(output.status.success(), "{interpreter}: {output:?}");
            let text = String::from_utf8_lossy(&output.stdout);
            Ok(Some(text.trim().to_owned()))
        }
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error).context(interpreter.to_owned()),
    }
}

/// One round of all cases.
///
/// # Errors
///
/// If the program fails or prints unexpected output.
pub fn round(effort: Effort) -> Result<Nanoseconds> {
    let seconds = effort.measurement().as_secs_f64().to_string();
    let cases = Case::all().map(|case| case.to_string());
    let text = run(["time".to_owned(), seconds].into_iter().chain(cases))?;
    let figures = text.lines().map(|line| {
        let (case, nanoseconds) = line.split_once(' ').with_context(|| line.to_owned())?;
        Ok(((KEY.to_owned(), case.to_owned()), nanoseconds.parse()?))
    });
    figures.collect()
}

/// The calls of one run, one a line, and how it ended.
///
/// # Errors
///
/// When the program fails.
pub fn calls(case: Case) -> Result<String> {
    run(["calls".to_owned(), case.to_string()].into_iter())
}

fn run(arguments: impl Iterator<Item = String>) -> Result<String> {
    let program = Path::new(env!("CARGO_MANIFEST_DIR")).join("peers/no_op.py");
    let mut command = Command::new(INTERPRETER);
    // No `__pycache__` in the repository.
    command.arg("-B").arg(program).args(arguments);
    let output = command.output().context(INTERPRETER)?;
    let errors = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "peers/no_op.py failed: {errors}");
    Ok(String::from_utf8(output.stdout)?)
}
