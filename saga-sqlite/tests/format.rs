//! What `docs/journal.md` says of the tables, asked by SQL alone.

use rusqlite::Connection;
use saga_core::durable::{DefinitionText, Journal, NewSaga, Record, SagaState};
use saga_sqlite::SqliteJournal;

mod common;

use common::{Folder, saga};

#[tokio::test]
async fn what_is_written_is_in_the_documented_columns_with_the_documented_checksum() {
    let folder = Folder::new("format");
    let path = folder.file("sagas.db");
    let journal = SqliteJournal::open(&path).expect("it opens");
    let text = "a definition".to_owned();
    let hash = u64::MAX;
    let defined = journal.define(DefinitionText { hash, text }).await;
    defined.expect("it is written");
    let records = [(0, "{}", ""), (1, r#"{"step":"grüßen"}"#, "the value")];
    let records = records.map(|(number, head, value)| Record {
        number,
        at: 1_700_000_000_000 + number,
        head: head.to_owned(),
        value: value.into(),
    });
    let [first, second] = records.clone();
    let definition = u64::MAX;
    let new = NewSaga {
        first,
        definition,
        ..saga("order-42")
    };
    journal.create(new).await.expect("it is written");
    let there = journal.find(&"order-42".into()).await.expect("it reads");
    let key = there.expect("it is there").key;
    let appended = journal.append(key, [second].into(), Some(SagaState::Compensated));
    appended.await.expect("it is written");

    let sql = Connection::open(&path).expect("it opens");
    let number = |name: &str| -> i64 {
        let read = sql.pragma_query_value(None, name, |row| row.get(0));
        read.expect("it is read")
    };
    assert_eq!(number("application_id"), 0x7361_6761);
    assert_eq!(number("user_version"), 1);
    let mode = sql.pragma_query_value(None, "journal_mode", |row| row.get::<_, String>(0));
    assert_eq!(mode.expect("it is read"), "wal");

    let text: String = sql
        .query_row("SELECT text FROM definition WHERE hash = -1", [], |row| {
            row.get(0)
        })
        .expect("the definition is there");
    assert_eq!(text, "a definition");
    let entry: (i64, String, i64, i64, i64) = sql
        .query_row(
            "SELECT key, name, definition, state, created_at FROM saga WHERE id = 'order-42'",
            [],
            |row| {
                Ok((
                    row.get(0)?,
                    row.get(1)?,
                    row.get(2)?,
                    row.get(3)?,
                    row.get(4)?,
                ))
            },
        )
        .expect("the saga is there");
    assert_eq!(
        entry,
        (key.0, "checkout".to_owned(), -1, 2, 1_700_000_000_000)
    );

    let mut statement = sql
        .prepare(
            "SELECT number, at, head, value, checksum FROM record WHERE saga = ?1 ORDER BY number",
        )
        .expect("there are such columns");
    let rows = statement.query_map([key.0], |row| {
        let read = Record {
            number: row.get::<_, i64>(0)?.cast_unsigned(),
            at: row.get::<_, i64>(1)?.cast_unsigned(),
            head: row.get(2)?,
            value: row.get(3)?,
        };
        Ok((read, row.get::<_, u32>(4)?))
    });
    let rows: Result<Vec<_>, _> = rows.expect("they are read").collect();
    let rows = rows.expect("they are read");
    assert_eq!(rows.len(), 2);
    for ((read, checksum), written) in rows.into_iter().zip(records) {
        assert_eq!(read, written);
        let length = written.head.len() as u64;
        let of = [
            &key.0.to_le_bytes()[..],
            &written.number.to_le_bytes(),
            &written.at.to_le_bytes(),
            &length.to_le_bytes(),
            written.head.as_bytes(),
            &written.value,
        ];
        assert_eq!(crc32fast::hash(&of.concat()), checksum);
    }
}
