//! The tables are as `docs/journal.md` says. Checked by SQL alone.

use rusqlite::Connection;
use saga_core::definition::Phase;
use saga_core::durable::{CallId, DefinitionText, Entry, Journal, NewSaga, Record, SagaState};

mod common;

use common::{Folder, Owned, saga};

#[tokio::test]
async fn what_is_written_is_in_the_documented_columns_with_the_documented_checksum() {
    let folder = Folder::new("format");
    let path = folder.file("sagas.db");
    let owned = Owned::open(&path).await;
    let journal = &owned.journal;
    let text = "a definition".to_owned();
    let hash = u64::MAX;
    let defined = journal.define(DefinitionText { hash, text }).await;
    defined.expect("it is written");
    let second = Entry::Began {
        call: CallId::new(None, "grüßen", Phase::Step),
        attempt: 2,
    };
    let heads = [
        r#"{"cancel_requested":{}}"#,
        r#"{"began":{"call":"grüßen/do","attempt":2}}"#,
    ];
    let records = [(0, Entry::CancelRequested {}, ""), (1, second, "the value")];
    let records = records.map(|(number, entry, value)| {
        Record::new(number, 1_700_000_000_000 + number, entry, value.into())
    });
    let [first, second] = records.clone();
    let definition = u64::MAX;
    let new = NewSaga {
        first,
        definition,
        ..saga("order-42")
    };
    owned.create(new).await.expect("it is written");
    let there = journal.find(&"order-42".into()).await.expect("it reads");
    let key = there.expect("it is there").key;
    let appended = owned.append(key, [second], Some(SagaState::Compensated));
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
    let entry = sql.query_row(
        "SELECT key, name, definition, state, created_at, min_reader, owner_epoch, loads, due_at
        FROM saga WHERE id = 'order-42'",
        [],
        |row| {
            let number = |place| row.get::<_, Option<i64>>(place);
            let numbers = [0, 2, 3, 4, 5, 6, 7, 8].map(number);
            let numbers: Result<Vec<_>, _> = numbers.into_iter().collect();
            Ok((row.get::<_, String>(1)?, numbers?))
        },
    );
    let numbers = [key.0, -1, 2, 1_700_000_000_000, 1, 1, 0].map(Some);
    let numbers = numbers.into_iter().chain([None]).collect();
    let entry = entry.expect("the saga is there");
    assert_eq!(entry, ("checkout".to_owned(), numbers));

    let mut statement = sql
        .prepare(
            "SELECT number, at, min_reader, head, value, checksum FROM record
            WHERE saga = ?1 ORDER BY number",
        )
        .expect("there are such columns");
    let rows = statement.query_map([key.0], |row| {
        let numbers = [row.get::<_, i64>(0)?, row.get(1)?, row.get(2)?];
        let (head, value) = (row.get::<_, String>(3)?, row.get::<_, Vec<u8>>(4)?);
        Ok((numbers, head, value, row.get::<_, u32>(5)?))
    });
    let rows: Result<Vec<_>, _> = rows.expect("they are read").collect();
    let rows = rows.expect("they are read");
    assert_eq!(rows.len(), 2);
    for (((numbers, head, value, checksum), written), expected) in
        rows.into_iter().zip(records).zip(heads)
    {
        let number = written.number.cast_signed();
        assert_eq!(numbers, [number, written.at.cast_signed(), 1]);
        assert_eq!((head.as_str(), &value), (expected, &written.value));
        let length = head.len() as u64;
        let of = [
            &key.0.to_le_bytes()[..],
            &written.number.to_le_bytes(),
            &written.at.to_le_bytes(),
            &1_u64.to_le_bytes(),
            &length.to_le_bytes(),
            head.as_bytes(),
            &written.value,
        ];
        assert_eq!(crc32fast::hash(&of.concat()), checksum);
    }
}

#[tokio::test]
async fn each_engine_is_a_row_with_its_epoch_and_the_last_has_not_ended() {
    let folder = Folder::new("workers");
    let path = folder.file("sagas.db");
    let first = Owned::open(&path).await.epoch();
    let second = Owned::open(&path).await;
    let sql = Connection::open(&path).expect("it opens");
    let mut workers = sql
        .prepare("SELECT epoch, started_at, lease_until, ended_at FROM worker ORDER BY epoch")
        .expect("there are such columns");
    let workers = workers.query_map([], |row| {
        let started: i64 = row.get(1)?;
        assert!(started > 1_600_000_000_000, "{started}");
        let ended: Option<i64> = row.get(3)?;
        Ok((row.get(0)?, row.get(2)?, ended.is_some()))
    });
    let workers: Result<Vec<(i64, Option<i64>, bool)>, _> =
        workers.expect("they are read").collect();
    let expected = [(first.0, None, true), (second.epoch().0, None, false)];
    assert_eq!(workers.expect("they are read"), expected);
}
