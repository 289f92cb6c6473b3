//! The command line.

use std::env;
use std::ffi::OsString;
use std::num::NonZeroU64;
use std::path::PathBuf;

use anyhow::{Context as _, bail};

pub(crate) const USAGE: &str = "\
Checks out the orders of the example `checkout` with sagas that survive this process, and proves that none was
left half done.

usage: durable_checkout [OPTIONS] [ORDERS]

  ORDERS   a file with one order a line, as JSON; without it, examples/data/orders.jsonl

options:
  --folder PATH
           where the shop's database and the journal of the sagas are, from one run to the next; without it,
           saga-durable-checkout among the temporary files
  --fresh  deletes both first
  --crash-after N
           aborts the process at the N-th write to the journal, counted from 1, before it is made: what has just
           happened is not recorded. Run again without it: everything that was in flight is finished.
           (A step that was interrupted more than five times gives up.)
  --help   this text

Ctrl-C ends it in order: what is in flight is finished, the rest goes on at the next run.
Ends with 0 if every line was an order and the proof holds, else with 1.
";

/// What the command line asks for.
pub(crate) struct Arguments {
    pub(crate) orders: PathBuf,
    pub(crate) folder: PathBuf,
    pub(crate) fresh: bool,
    pub(crate) crash_after: Option<NonZeroU64>,
}

impl Arguments {
    /// Reads the arguments of this process. `None` if they ask for the usage.
    pub(crate) fn of_this_process() -> anyhow::Result<Option<Self>> {
        let (mut orders, mut folder, mut fresh, mut crash_after) = (None, None, false, None);
        let mut arguments = env::args_os().skip(1);
        while let Some(argument) = arguments.next() {
            match argument.to_str() {
                Some("--help" | "-h") => return Ok(None),
                Some("--folder") => {
                    let path = arguments.next().context("--folder needs a path")?;
                    folder = Some(PathBuf::from(path));
                }
                Some("--fresh") => fresh = true,
                Some("--crash-after") => {
                    let number = arguments.next().context("--crash-after needs a number")?;
                    crash_after = Some(number_of_write(&number)?);
                }
                Some(option) if option.starts_with('-') => {
                    bail!("there is no option `{option}`; --help lists those there are")
                }
                _ if orders.is_some() => bail!("one file of orders at a time; see --help"),
                _ => orders = Some(PathBuf::from(argument)),
            }
        }
        Ok(Some(Self {
            // Found from wherever the example is started.
            orders: orders.unwrap_or_else(|| {
                PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("data/orders.jsonl")
            }),
            folder: folder.unwrap_or_else(|| env::temp_dir().join("saga-durable-checkout")),
            fresh,
            crash_after,
        }))
    }
}

fn number_of_write(number: &OsString) -> anyhow::Result<NonZeroU64> {
    let parsed = number.to_str().and_then(|number| number.parse().ok());
    parsed.with_context(|| {
        let number = number.display();
        format!("--crash-after needs the number of a write, 1 or more, not `{number}`")
    })
}
