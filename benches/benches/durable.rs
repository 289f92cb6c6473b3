//! `cargo bench -p saga-benches --bench durable`: sagas of three steps on SQLite, one at a time and 64 at once,
//! compared with commits of the same records by `rusqlite` alone, in one run. Prints a table; with `--
//! --update-docs` it goes into `docs/performance.md`.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use rusqlite::Connection;
use saga_benches::command::Options;
use saga_benches::document::with_durable_section;
use saga_benches::measuring::Effort;
use saga_core::durable::Engine;
use saga_core::saga;
use saga_sqlite::SqliteJournal;
use serde::{Deserialize, Serialize};

/// With its head, each record has about 200 bytes.
const VALUE: usize = 150;
const RECORDS_OF_A_SAGA: usize = 4;
const AT_ONCE: usize = 64;

#[derive(Debug, Clone, Serialize, Deserialize)]
struct Bytes(String);

struct NoOp;

#[saga]
impl NoOp {
    #[step(compensate = undo)]
    async fn first(&self, bytes: &Bytes) -> Result<Bytes, String> {
        Ok(bytes.clone())
    }

    #[step(compensate = undo_second)]
    async fn second(&self, bytes: &Bytes) -> Result<Bytes, String> {
        Ok(bytes.clone())
    }

    #[step(pivot)]
    async fn third(&self, bytes: &Bytes) -> Result<Bytes, String> {
        Ok(bytes.clone())
    }

    async fn undo(&self, _: &Bytes) -> Result<(), String> {
        Ok(())
    }

    async fn undo_second(&self, _: &Bytes) -> Result<(), String> {
        Ok(())
    }
}

/// Writes the same records, this many in each commit. Returns sagas per second.
fn raw(file: &Path, sagas: usize, group: usize) -> Result<f64> {
    let connection = Connection::open(file)?;
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.execute_batch(
        "CREATE TABLE record (place INTEGER PRIMARY KEY, saga INTEGER NOT NULL, number INTEGER NOT NULL, \
         at INTEGER NOT NULL, head TEXT NOT NULL, value BLOB NOT NULL, checksum INTEGER NOT NULL) STRICT",
    )?;
    let sql =
        "INSERT INTO record (saga, number, at, head, value, checksum) VALUES (?, ?, ?, ?, ?, ?)";
    let head = r#"{"completed":{"call":"first/do","begins":["second/do"]}}"#;
    let value = vec![b'x'; VALUE];
    let began = Instant::now();
    let mut insert = connection.prepare(sql)?;
    let mut written = 0_usize;
    while written < sagas * RECORDS_OF_A_SAGA {
        connection.execute_batch("BEGIN IMMEDIATE")?;
        for _ in 0..group {
            let (saga, number) = (written / RECORDS_OF_A_SAGA, written % RECORDS_OF_A_SAGA);
            let (saga, number) = (i64::try_from(saga)?, i64::try_from(number)?);
            insert.execute((saga, number, 1_i64, head, &value, 1_i64))?;
            written += 1;
        }
        connection.execute_batch("COMMIT")?;
    }
    Ok(per_second(sagas, began.elapsed()))
}

/// Sagas per second, with this many at once.
async fn engine(file: &Path, sagas: usize, at_once: usize) -> Result<f64> {
    let journal = SqliteJournal::open(file)?;
    let engine = Engine::builder().register::<NoOpSaga>(NoOp);
    let engine = engine.open(journal).await?;
    let next = Arc::new(AtomicUsize::new(0));
    let began = Instant::now();
    let lanes: Vec<_> = (0..at_once)
        .map(|_| {
            let (engine, next) = (engine.clone(), Arc::clone(&next));
            tokio::spawn(async move {
                loop {
                    let nth = next.fetch_add(1, Ordering::Relaxed);
                    if nth >= sagas {
                        return anyhow::Ok(());
                    }
                    let input = Bytes("x".repeat(VALUE));
                    let submitted = engine.submit::<NoOpSaga>(format!("order-{nth}"), input);
                    submitted.await?.outcome().await??;
                }
            })
        })
        .collect();
    for lane in lanes {
        lane.await??;
    }
    let took = began.elapsed();
    engine.shutdown(Duration::from_secs(10)).await;
    Ok(per_second(sagas, took))
}

#[expect(clippy::cast_precision_loss, reason = "thousands")]
fn per_second(sagas: usize, took: Duration) -> f64 {
    sagas as f64 / took.as_secs_f64()
}

/// A file of its own for each measurement, because a growing table changes the result.
struct Files {
    folder: PathBuf,
    count: usize,
}

impl Files {
    fn next(&mut self) -> Result<PathBuf> {
        self.count += 1;
        let folder = self.folder.join(self.count.to_string());
        if folder.exists() {
            fs::remove_dir_all(&folder)?;
        }
        fs::create_dir_all(&folder)?;
        Ok(folder.join("sagas.db"))
    }
}

fn median(mut of: Vec<f64>) -> f64 {
    of.sort_by(f64::total_cmp);
    of.get(of.len() / 2).copied().unwrap_or_default()
}

/// Sagas per second by `rusqlite` alone and by the engine, and the median of the ratios of each round.
struct Line {
    raw: f64,
    engine: f64,
    ratio: f64,
}

impl Line {
    fn of(rounds: &[(f64, f64)]) -> Self {
        let of = |which: fn(&(f64, f64)) -> f64| median(rounds.iter().map(which).collect());
        Self {
            raw: of(|(raw, _)| *raw),
            engine: of(|(_, engine)| *engine),
            ratio: of(|(raw, engine)| engine / raw),
        }
    }
}

fn measure(effort: Effort, folder: &Path) -> Result<String> {
    let (rounds, few, many) = match effort {
        Effort::Full => (7, 1_500, 30_000),
        Effort::Quick => (1, 5, 100),
    };
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_time()
        .build()?;
    let mut files = Files {
        folder: folder.join("durable"),
        count: 0,
    };
    let (mut alone, mut together) = (Vec::new(), Vec::new());
    for round in 0..rounds {
        eprintln!("round {} of {rounds}", round + 1);
        // In turns, so that whatever else the machine does affects both.
        for (lines, sagas, at_once) in [(&mut alone, few, 1), (&mut together, many, AT_ONCE)] {
            let raw_first = round % 2 == 0;
            let mut raw_rate = 0.0;
            if raw_first {
                raw_rate = raw(&files.next()?, sagas, at_once)?;
            }
            let rate = runtime.block_on(engine(&files.next()?, sagas, at_once))?;
            if !raw_first {
                raw_rate = raw(&files.next()?, sagas, at_once)?;
            }
            lines.push((raw_rate, rate));
        }
    }
    fs::remove_dir_all(&files.folder)?;
    let line = |name: &str, rounds: &[(f64, f64)]| {
        let Line { raw, engine, ratio } = Line::of(rounds);
        format!("| {name} | {raw:.0} | {engine:.0} | {ratio:.2} |")
    };
    Ok(format!(
        "Sagas in a second, of three steps that do nothing: {RECORDS_OF_A_SAGA} records of about 200 bytes a \
         saga, each commit synced. The medians of {rounds} rounds, and of the ratios in each.\n\n\
         | | `rusqlite` alone | engine | ratio |\n|---|---:|---:|---:|\n{}\n{}",
        line("one at a time, a record a commit", &alone),
        line("64 at once, 64 records a commit", &together),
    ))
}

fn run(options: &Options) -> Result<()> {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).with_file_name("saga-benches");
    fs::create_dir_all(&folder)?;
    if options.effort == Effort::Quick {
        eprintln!("this is a trial: its figures mean nothing");
    }
    let section = measure(options.effort, &folder)?;
    println!("{section}");
    if options.update_docs {
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/performance.md");
        let text = fs::read_to_string(&file)?;
        let text = with_durable_section(&text, &section).context("docs/performance.md")?;
        fs::write(file, text)?;
    }
    Ok(())
}

fn main() -> ExitCode {
    let ran = Options::parse(std::env::args().skip(1))
        .map_err(Into::into)
        .and_then(|options| run(&options));
    match ran {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error:#}");
            ExitCode::FAILURE
        }
    }
}
