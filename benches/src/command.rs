//! The command: runs the rounds and the count, and writes the results.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context as _, Result, ensure};

use crate::case::Case;
use crate::contestants::Name;
use crate::exercise::{runtime, size_of_future};
use crate::machine::Machine;
use crate::measuring::{Effort, Nanoseconds, Order, medians};
use crate::results::Results;
use crate::{chart, document, python, table};

/// The arguments of the command line.
#[derive(Debug, PartialEq, Eq)]
pub struct Options {
    /// How long it may take.
    pub effort: Effort,
    /// Whether the results go into `docs/` too.
    pub update_docs: bool,
}

/// An unknown argument.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "there is no argument `{0}`: the benchmark takes `--update-docs` (writes the results into docs/ too) \
     and `--quick` (a trial whose figures mean nothing), after `cargo bench -p saga-benches --`"
)]
pub struct NoSuchArgument(String);

/// What is wrong with a command line.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum UsageError {
    /// An unknown argument.
    #[error(transparent)]
    NoSuchArgument(#[from] NoSuchArgument),
    /// Figures of a trial do not go into the documents.
    #[error("the figures of a trial mean nothing: `--update-docs` does not write them")]
    QuickDocs,
}

impl Options {
    /// Parses the arguments after the program's name.
    ///
    /// # Errors
    ///
    /// If an argument is unknown.
    pub fn parse(arguments: impl Iterator<Item = String>) -> Result<Self, UsageError> {
        let mut options = Self {
            effort: Effort::Full,
            update_docs: false,
        };
        let mut benchmark = false;
        for argument in arguments {
            match argument.as_str() {
                "--bench" => benchmark = true,
                "--quick" => options.effort = Effort::Quick,
                "--update-docs" => options.update_docs = true,
                _ => return Err(NoSuchArgument(argument).into()),
            }
        }
        // Cargo passes this argument for a benchmark, and not for `cargo test --all-targets`, which runs a trial.
        if !benchmark {
            options.effort = Effort::Quick;
        }
        if options.update_docs && options.effort == Effort::Quick {
            return Err(UsageError::QuickDocs);
        }
        Ok(options)
    }
}

/// The programs of this package that the command runs, and where it may write.
#[derive(Debug)]
pub struct Places {
    /// `src/bin/round.rs`, built.
    pub round: PathBuf,
    /// `src/bin/allocations.rs`, built.
    pub allocations: PathBuf,
    /// Where the results go.
    pub folder: PathBuf,
}

/// The written results.
#[derive(Debug)]
pub struct Written {
    /// The tables, as Markdown.
    pub section: String,
    /// The picture, as SVG.
    pub picture: String,
}

/// Measures everything, writes `in_memory.md` and `in_memory.svg`, and returns both.
///
/// # Errors
///
/// If a program fails, or a file cannot be written.
pub fn run(options: &Options, places: &Places) -> Result<Written> {
    fs::create_dir_all(&places.folder)?;
    if options.effort == Effort::Quick {
        eprintln!("this is a trial: its figures mean nothing");
    }
    let results = measure(options.effort, places)?;
    let written = Written {
        section: table::section(&results),
        picture: chart::svg(&results),
    };
    fs::write(places.folder.join("in_memory.md"), &written.section)?;
    fs::write(places.folder.join("in_memory.svg"), &written.picture)?;
    if options.update_docs {
        let docs = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs");
        let file = docs.join("performance.md");
        let text = fs::read_to_string(&file)?;
        let text =
            document::with_section(&text, &written.section).context("docs/performance.md")?;
        fs::write(file, text)?;
        fs::write(docs.join("in_memory.svg"), &written.picture)?;
    }
    Ok(written)
}

fn measure(effort: Effort, places: &Places) -> Result<Results> {
    let version = python::version(python::INTERPRETER)?;
    let mut rounds = Vec::new();
    for round in 0..effort.rounds() {
        eprintln!("round {} of {}", round + 1, effort.rounds());
        rounds.push(one_round(round, effort, version.is_some(), places)?);
    }
    eprintln!("counting allocations");
    let counted = Command::new(&places.allocations).output()?;
    let errors = String::from_utf8_lossy(&counted.stderr);
    ensure!(counted.status.success(), "allocations failed: {errors}");
    let runtime = runtime();
    let sizes = Name::ALL.into_iter().filter(|name| name.boxes_nothing());
    let sizes = sizes.flat_map(|name| Case::all().map(move |case| (name, case)));
    let sizes = sizes.map(|(name, case)| ((name, case), size_of_future(&runtime, name, case)));
    Ok(Results {
        rounds,
        counted: serde_json::from_slice(&counted.stdout)?,
        sizes: sizes.collect::<BTreeMap<_, _>>(),
        python: version,
        machine: Machine::this(),
    })
}

fn one_round(round: usize, effort: Effort, python: bool, places: &Places) -> Result<Nanoseconds> {
    let folder = places.folder.join(format!("round-{}", round + 1));
    // Otherwise criterion would compare with the earlier results.
    if folder.exists() {
        fs::remove_dir_all(&folder)?;
    }
    fs::create_dir_all(&folder)?;
    let log = folder.join("criterion.log");
    let file = File::create(&log)?;
    let mut command = Command::new(&places.round);
    command
        .arg(&folder)
        .arg(Order::of_round(round).key())
        .arg(effort.key())
        .stdout(Stdio::from(file.try_clone()?))
        .stderr(Stdio::from(file));
    let status = command.status()?;
    ensure!(status.success(), "a round failed: see {}", log.display());
    let mut all = medians(&folder)?;
    if python {
        all.extend(python::round(effort)?);
    }
    Ok(all)
}
