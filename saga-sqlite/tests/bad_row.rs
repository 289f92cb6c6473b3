//! A damaged row in the table of sagas affects one saga only: it is listed with its damage, and the others go on.

use std::fs;
use std::path::Path;
use std::time::Duration;

use rusqlite::Connection;
use rusqlite::types::Value;
use saga_core::durable::{
    Claim, Engine, Journal, JournalErrorKind, Query, SagaEntry, SagaKey, SagaState,
};
use saga_core::saga;
use saga_sqlite::SqliteJournal;

mod common;

use common::{Folder, Owned, next, record};

const DAMAGED: SagaKey = SagaKey(2);

/// Three sagas of an engine that has ended, in a closed file.
async fn left(path: &Path) {
    let owned = Owned::open(path).await;
    for id in ["order-1", "order-2", "order-3"] {
        owned.added(id, 1).await;
    }
}

/// Removes the constraints of the table of sagas while `change` is made.
fn unchecked(path: &Path, change: &str) {
    let sql = Connection::open(path).expect("it opens");
    let schema = |to: &str| {
        let change = format!(
            "PRAGMA writable_schema = ON;
            UPDATE sqlite_schema SET sql = {to} WHERE name = 'saga';
            PRAGMA writable_schema = RESET;"
        );
        sql.execute_batch(&change).expect("the schema is changed");
    };
    let before: String = sql
        .query_row(
            "SELECT sql FROM sqlite_schema WHERE name = 'saga'",
            [],
            |row| row.get(0),
        )
        .expect("there is such a table");
    schema("replace(replace(sql, ' NOT NULL', ''), ' STRICT', '')");
    assert_eq!(
        sql.execute(change, []).expect("it is changed"),
        1,
        "{change}"
    );
    schema(&format!("'{before}'"));
}

/// The columns of the damaged row.
fn row(path: &Path) -> Vec<Value> {
    let sql = Connection::open(path).expect("it opens");
    let columns = "CAST(id AS BLOB), CAST(name AS BLOB), definition, state, created_at, min_reader,
        owner_epoch, loads, due_at";
    let sql = sql.query_row(
        &format!("SELECT {columns} FROM saga WHERE key = 2"),
        [],
        |row| (0..9).map(|place| row.get(place)).collect(),
    );
    sql.expect("it is there")
}

async fn listed(owned: &Owned, query: Query) -> Vec<SagaEntry> {
    owned.journal.list(query).await.expect("it lists")
}

fn keys(entries: &[SagaEntry]) -> Vec<i64> {
    entries.iter().map(|entry| entry.key.0).collect()
}

/// Whether the state of the damaged row can still be read.
#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Read,
    Lost,
}

/// Opens what `left` has left behind and damaged, and checks how it is read. Returns the reported damage.
async fn others_go_on(path: &Path, state: State) -> String {
    let owned = Owned::open(path).await;
    let all = listed(&owned, Query::new()).await;
    assert_eq!(keys(&all), [1, 2, 3]);
    let [first, damaged, last] = &*all else {
        panic!("{all:?}");
    };
    assert_eq!((&first.damage, &last.damage), (&None, &None));
    assert_eq!(damaged.state, SagaState::Unfinished);
    let damage = damaged.damage.clone().expect("it is damaged");

    // In the list of unfinished sagas, also page by page.
    let open = listed(&owned, Query::new().state(SagaState::Unfinished)).await;
    assert_eq!(open, all);
    let mut query = Query::new().state(SagaState::Unfinished).limit(1);
    for expected in &all {
        let page = listed(&owned, query.clone()).await;
        assert_eq!(page, std::slice::from_ref(expected));
        query = query.after(expected.key);
    }
    assert_eq!(listed(&owned, query).await, []);
    for state in [
        SagaState::Completed,
        SagaState::Compensated,
        SagaState::Stuck,
    ] {
        assert_eq!(listed(&owned, Query::new().state(state)).await, []);
    }
    if let Ok(counts) = owned.journal.counts().await {
        let is_open = counts
            .iter()
            .all(|count| count.state == SagaState::Unfinished);
        let sagas: u64 = counts.iter().map(|count| count.sagas).sum();
        assert!(is_open && sagas == 3, "{counts:?}");
    } else {
        assert!(
            state == State::Lost,
            "only a row that cannot be read at all"
        );
    }
    let found = owned
        .journal
        .find(&"order-2".into())
        .await
        .expect("it is found");
    assert!(found.is_none_or(|found| found.damage == damaged.damage));

    // One page at a time, past the damaged saga, which does not change.
    for expected in [vec![1], vec![3], vec![]] {
        let page = owned.claim(next(1)).await.expect("it claims");
        assert_eq!(keys(&page), expected);
    }
    let one = owned.claim(Claim::One(DAMAGED)).await.expect("it claims");
    assert_eq!(one, []);
    for key in [1, 3] {
        let next = owned.append(SagaKey(key), [record(2)], Some(SagaState::Completed));
        next.await.expect("the others go on");
    }
    let left = listed(&owned, Query::new().state(SagaState::Unfinished)).await;
    assert_eq!(left, std::slice::from_ref(damaged));
    damage.to_string()
}

#[tokio::test]
async fn a_value_that_was_not_written_here_is_a_saga_that_is_listed_as_damaged() {
    for (change, said) in [
        ("state = 9", "its state is 9, which does not exist"),
        ("state = -1", "its state is -1, which does not exist"),
        ("state = NULL", "its state is missing"),
        ("id = CAST(x'ff6f' AS TEXT)", "its id is not UTF-8"),
        ("name = CAST(x'c0' AS TEXT)", "its name is not UTF-8"),
        (
            "min_reader = -1",
            "its min_reader is -1, which was not written here",
        ),
        (
            "loads = 4294967296",
            "its count of loads is 4294967296, which was not written here",
        ),
        (
            "state = 4, name = CAST(x'c0' AS TEXT)",
            "its name is not UTF-8, its state is 4, which does not exist",
        ),
    ] {
        let folder = Folder::new("bad-value");
        let path = folder.file("sagas.db");
        left(&path).await;
        let sql = Connection::open(&path).expect("it opens");
        let sql = sql.execute(&format!("UPDATE saga SET {change} WHERE key = 2"), []);
        assert_eq!(sql.expect("it is changed"), 1);
        let before = row(&path);
        assert_eq!(others_go_on(&path, State::Read).await, said, "{change}");
        assert_eq!(row(&path), before, "{change}");
    }
}

#[tokio::test]
async fn a_value_that_is_missing_or_of_another_type_is_a_saga_that_is_listed_as_damaged() {
    for (column, said) in [
        ("id", "its id is missing"),
        ("name", "its name is missing"),
        ("definition", "its definition is missing"),
        ("state", "its state is missing"),
        ("created_at", "its time of creation is missing"),
        ("min_reader", "its min_reader is missing"),
        ("loads", "its count of loads is missing"),
    ] {
        for value in ["NULL", "x'07'", "x''"] {
            let folder = Folder::new("bad-type");
            let path = folder.file("sagas.db");
            left(&path).await;
            let change = format!("UPDATE saga SET {column} = {value} WHERE key = 2");
            unchecked(&path, &change);
            let before = row(&path);
            assert_eq!(others_go_on(&path, State::Read).await, said, "{change}");
            assert_eq!(row(&path), before, "{change}");
        }
    }
}

/// The position in the file of a row that begins with this id and name.
fn place_of_row(bytes: &[u8], written: &str) -> usize {
    // In the index, the id is not followed by the name.
    let mut windows = bytes.windows(written.len());
    let place = windows.position(|window| window == written.as_bytes());
    place.expect("its row")
}

#[tokio::test]
async fn a_row_that_sqlite_cannot_read_is_a_saga_that_is_listed_as_damaged() {
    let folder = Folder::new("bad-bytes");
    let path = folder.file("sagas.db");
    left(&path).await;
    let mut bytes = fs::read(&path).expect("it is read");
    let place = place_of_row(&bytes, "order-2checkout");
    // A header byte counts the header, and one byte describes each of the ten columns.
    assert_eq!(bytes[place - 11], 11);
    bytes[place - 11] = 0x7f;
    fs::write(&path, bytes).expect("it is written");
    let said = others_go_on(&path, State::Lost).await;
    assert!(said.starts_with("its row cannot be read: "), "{said}");

    // A call about the damaged saga fails alone, with the damage.
    let owned = Owned::open(&path).await;
    let (added, appended, created) = tokio::join!(
        owned.added("order-4", 1),
        owned.append(DAMAGED, [record(2)], None),
        owned.create(common::saga("order-2")),
    );
    for kind in [
        appended.expect_err("it cannot be read").kind(),
        created.expect_err("it cannot be read").kind(),
    ] {
        assert_eq!(kind, JournalErrorKind::Corrupt);
    }
    let kept = owned.journal.records(added).await.expect("it is written");
    assert_eq!(kept.len(), 2);
}

#[tokio::test]
async fn of_an_ended_saga_that_is_damaged_the_end_stays() {
    let folder = Folder::new("bad-ended");
    let path = folder.file("sagas.db");
    let owned = Owned::open(&path).await;
    let states = [
        SagaState::Completed,
        SagaState::Compensated,
        SagaState::Stuck,
    ];
    for state in states {
        let key = owned.added(state.as_str(), 0).await;
        let set = owned.append(key, [], Some(state)).await;
        set.expect("it ends");
    }
    let sql = Connection::open(&path).expect("it opens");
    let sql = sql.execute("UPDATE saga SET name = CAST(x'ff' AS TEXT)", []);
    assert_eq!(sql.expect("it is changed"), 3);
    for state in states {
        let page = listed(&owned, Query::new().state(state)).await;
        let [entry] = &*page else { panic!("{page:?}") };
        assert_eq!(
            (entry.state, &*entry.id.to_string()),
            (state, state.as_str())
        );
        assert_eq!(entry.damage.as_deref(), Some("its name is not UTF-8"));
    }
    assert_eq!(
        listed(&owned, Query::new().state(SagaState::Unfinished)).await,
        []
    );
}

#[tokio::test]
async fn an_owner_that_is_lost_is_no_owner() {
    let folder = Folder::new("bad-owner");
    let path = folder.file("sagas.db");
    left(&path).await;
    unchecked(&path, "UPDATE saga SET owner_epoch = NULL WHERE key = 2");
    let owned = Owned::open(&path).await;
    let refused = owned.append(DAMAGED, [record(2)], None).await;
    let kind = refused.expect_err("it is not its own").kind();
    assert_eq!(kind, JournalErrorKind::Fenced);
    let page = owned.claim(next(10)).await.expect("it claims");
    assert_eq!(keys(&page), [1, 2, 3]);
    let next = owned.append(DAMAGED, [record(2)], None).await;
    next.expect("it goes on");
}

struct Shop;

#[saga(durable)]
impl Shop {
    #[step(readonly)]
    async fn wait(&self, seconds: &u64) -> Result<u32, String> {
        tokio::time::sleep(Duration::from_secs(*seconds)).await;
        Ok(1)
    }

    #[step]
    async fn end(&self) -> Result<(), String> {
        Ok(())
    }
}

async fn engine(path: &Path) -> Engine {
    let journal = SqliteJournal::open(path).expect("it opens");
    let engine = Engine::builder().register::<ShopSaga>(Shop);
    engine.open(journal).await.expect("one bad row is one saga")
}

/// `bad_row_runs.rs` tests what an engine does with such rows.
#[tokio::test]
async fn an_engine_opens_on_a_row_that_sqlite_cannot_read_and_goes_on_with_the_other_sagas() {
    let folder = Folder::new("bad-engine");
    let path = folder.file("sagas.db");
    let first = engine(&path).await;
    for id in ["order-1", "order-2", "order-3"] {
        let submitted = first.submit::<ShopSaga>(id, 1).await;
        submitted.expect("it is submitted");
    }
    first.shutdown(Duration::ZERO).await;
    drop(first);
    let mut file = fs::read(&path).expect("it is read");
    let place = place_of_row(&file, "order-2shop");
    file[place - 11] = 0x7f;
    fs::write(&path, file).expect("it is written");

    let second = engine(&path).await;
    let open = || second.list(Query::new().state(SagaState::Unfinished));
    assert_eq!(open().await.expect("it lists").len(), 3);
    for id in ["order-1", "order-3"] {
        let outcome = second.outcome::<ShopSaga>(id).await.expect("it goes on");
        outcome.expect("it completes");
    }
    assert_eq!(open().await.expect("it lists").len(), 1);
    let another = second.submit::<ShopSaga>("order-4", 0).await;
    let ended = another.expect("it is submitted").outcome().await;
    ended.expect("it ends").expect("it completes");
    second.shutdown(Duration::from_secs(10)).await;
}
