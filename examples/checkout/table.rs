//! Text in columns.

use std::fmt;

/// Rows of cells, the first of them the heads of the columns.
pub(crate) struct Table<const COLUMNS: usize>(pub(crate) Vec<[String; COLUMNS]>);

impl<const COLUMNS: usize> fmt::Display for Table<COLUMNS> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut widths = [0; COLUMNS];
        for row in &self.0 {
            for (width, cell) in widths.iter_mut().zip(row) {
                *width = cell.chars().count().max(*width);
            }
        }
        for (number, row) in self.0.iter().enumerate() {
            write_row(f, row, &widths)?;
            if number == 0 {
                write_row(f, &widths.map(|width| "-".repeat(width)), &widths)?;
            }
        }
        Ok(())
    }
}

fn write_row(f: &mut fmt::Formatter<'_>, row: &[String], widths: &[usize]) -> fmt::Result {
    let cells = row.iter().zip(widths);
    let cells: Vec<_> = cells
        .map(|(cell, width)| format!("{cell:width$}"))
        .collect();
    writeln!(f, "{}", cells.join("  ").trim_end())
}
