//! The records of one run in a file: a line of JSON each, on disk before any caller is answered.

use std::fs::{File, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use saga_core::durable::{
    Answer, Entry, JournalError, JournalErrorKind, Record, Records, SagaState,
};
use serde_json::{Value, json};

/// The file of one run.
#[derive(Debug, Clone)]
pub struct FileRecords(Arc<Mutex<Open>>);

#[derive(Debug)]
struct Open {
    file: File,
    /// The number of the next record.
    next: u64,
}

impl FileRecords {
    /// Opens or creates the file of a run, and reads it. Cuts off a line at its end that a crash has torn.
    ///
    /// # Errors
    ///
    /// If it cannot be read, or is not such a file.
    pub fn open(path: &Path) -> io::Result<(Self, Vec<Record>)> {
        let mut options = OpenOptions::new();
        let mut file = options.read(true).append(true).create(true).open(path)?;
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes)?;
        let whole = bytes.iter().rposition(|byte| *byte == b'\n');
        let whole = whole.map_or(0, |last| last + 1);
        bytes.truncate(whole);
        file.set_len(u64::try_from(whole).map_err(io::Error::other)?)?;
        file.sync_all()?;
        let text = String::from_utf8(bytes).map_err(io::Error::other)?;
        let records: Result<Vec<_>, _> = text.lines().map(record_of).collect();
        let records = records.map_err(io::Error::other)?;
        let next = records.last().map_or(0, |last| last.number + 1);
        Ok((Self(Arc::new(Mutex::new(Open { file, next }))), records))
    }

    /// Appends these records. Skips those that are already there.
    ///
    /// # Errors
    ///
    /// If they could not be written to disk.
    pub fn write(&self, records: &[Record]) -> Result<(), JournalError> {
        let mut open = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let next = open.next;
        let new = records.iter().filter(|record| record.number >= next);
        let (mut lines, mut number) = (String::new(), next);
        for record in new {
            if record.number != number {
                let text = format!("record {number} is left out");
                return Err(JournalError::new(JournalErrorKind::Conflict, text));
            }
            lines.push_str(&line_of(record));
            number += 1;
        }
        let written = open.file.write_all(lines.as_bytes());
        let written = written.and_then(|()| open.file.sync_data());
        // An incomplete line is cut off when the file is opened again.
        written.map_err(|error| JournalError::new(JournalErrorKind::Rejected, error))?;
        open.next = number;
        Ok(())
    }
}

impl Records for FileRecords {
    fn append(&self, records: Arc<[Record]>, _: Option<SagaState>) -> Answer<'_, ()> {
        Box::pin(async move { self.write(&records) })
    }
}

fn line_of(record: &Record) -> String {
    let Record {
        number,
        at,
        min_reader,
        entry,
        value,
    } = record;
    let (entry, value) = (entry.to_json(), hex(value));
    let line = json!({
        "number": number, "at": at, "min_reader": min_reader, "entry": entry, "value": value,
    });
    format!("{line}\n")
}

fn record_of(line: &str) -> Result<Record, String> {
    let line: Value = serde_json::from_str(line).map_err(|error| error.to_string())?;
    let number = |key: &str| line[key].as_u64().ok_or(format!("no {key}"));
    let text = |key: &str| line[key].as_str().ok_or(format!("no {key}"));
    let mut record = Record::new(
        number("number")?,
        number("at")?,
        Entry::from_json(text("entry")?)?,
        unhex(text("value")?)?,
    );
    record.min_reader = number("min_reader")?.try_into().map_err(|_| "no reader")?;
    Ok(record)
}

/// Writes two digits for each byte. Also used for the names of files.
#[must_use]
pub fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let digit = |of: u8| char::from(DIGITS[usize::from(of)]);
    let digits = bytes
        .iter()
        .flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]);
    digits.collect()
}

fn unhex(digits: &str) -> Result<Vec<u8>, String> {
    let pairs = digits.as_bytes().chunks(2);
    let byte = |pair: &[u8]| {
        let pair = str::from_utf8(pair).map_err(|error| error.to_string())?;
        u8::from_str_radix(pair, 16).map_err(|error| error.to_string())
    };
    pairs.map(byte).collect()
}
