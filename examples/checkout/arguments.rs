//! The command line.

use std::env;
use std::path::PathBuf;

use anyhow::{Context as _, bail};

use crate::orders::one_of;
use crate::service;

pub(crate) const USAGE: &str = "\
Checks out orders, some of which go wrong, and proves that none was left half done.

usage: checkout [OPTIONS] [ORDERS]

  ORDERS   a file with one order a line, as JSON; without it, examples/data/orders.jsonl

options:
  --break-compensation METHOD
           has a compensation say that all is well and do nothing, to see the proof fail:
           release_stock, refund or cancel_courier
  --help   this text

Ends with 0 if every line was an order and the proof holds, else with 1.
";

/// What the command line asks for.
pub(crate) struct Arguments {
    pub(crate) orders: PathBuf,
    pub(crate) broken_compensation: Option<String>,
}

impl Arguments {
    /// Reads the arguments of this process. `None` if they ask for the usage.
    pub(crate) fn of_this_process() -> anyhow::Result<Option<Self>> {
        let mut orders = None;
        let mut broken_compensation = None;
        let mut arguments = env::args_os().skip(1);
        while let Some(argument) = arguments.next() {
            match argument.to_str() {
                Some("--help" | "-h") => return Ok(None),
                Some("--break-compensation") => {
                    let method = arguments
                        .next()
                        .and_then(|method| method.into_string().ok());
                    let method = method.context("--break-compensation needs a method")?;
                    one_of("compensation", &method, service::compensations())?;
                    broken_compensation = Some(method);
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
            broken_compensation,
        }))
    }
}
