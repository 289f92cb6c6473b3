//! One round: times every contestant in every case, and writes criterion's estimates into a folder.
//!
//! Run by the benchmark, a process for each round: what the layout of one process in memory favours by
//! chance, it favours in one round. Arguments: the folder, `forwards` or `backwards`, and `full` or `quick`.

use std::error::Error;
use std::path::Path;

use saga_benches::measuring::{Effort, Order, round};

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [folder, order, effort] = arguments.as_slice() else {
        return Err("needs a folder, an order and an effort".into());
    };
    let order: Order = order.parse()?;
    let effort: Effort = effort.parse()?;
    round(Path::new(folder), order, effort);
    Ok(())
}
