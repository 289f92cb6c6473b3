//! Reads pages of sagas. A row that cannot be read affects only its own saga.

use rusqlite::{Connection, Params, Row, Statement};
use saga_journal::{Query, SagaEntry, SagaId, SagaKey, SagaState};

use crate::error::is_corrupt;
use crate::row;

/// Passes each row of `statement` to `then`, until that has enough. Returns whether all rows could be read.
///
/// A damaged row can make SQLite fail the whole statement.
pub(crate) fn rows<P: Params>(
    statement: &mut Statement<'_>,
    params: P,
    mut then: impl FnMut(&Row<'_>) -> bool,
) -> rusqlite::Result<bool> {
    let mut rows = statement.query(params)?;
    loop {
        match rows.next() {
            Ok(Some(row)) => {
                if !then(row) {
                    return Ok(true);
                }
            }
            Ok(None) => return Ok(true),
            Err(error) if is_corrupt(&error) => return Ok(false),
            Err(error) => return Err(error),
        }
    }
}

/// Reads these sagas one by one, until `then` has enough. `then` gets each row, or the key of one that cannot be
/// read.
pub(crate) fn one_by_one(
    connection: &Connection,
    keys: &[SagaKey],
    mut then: impl FnMut(Result<&Row<'_>, SagaEntry>) -> bool,
) -> rusqlite::Result<()> {
    let mut statement = connection.prepare(&format!("{} WHERE key = ?1", row::ENTRY))?;
    for key in keys {
        let mut rows = statement.query([key.0])?;
        let goes_on = match rows.next() {
            Ok(Some(row)) => then(Ok(row)),
            Ok(None) => true,
            Err(error) if is_corrupt(&error) => then(Err(row::unreadable(*key, &error))),
            Err(error) => return Err(error),
        };
        if !goes_on {
            break;
        }
    }
    Ok(())
}

/// The keys of the sagas after this one, in order: of all sagas, or of those in the index of sagas that have not
/// completed. Reads no rows.
pub(crate) fn keys(
    connection: &Connection,
    after: i64,
    open: bool,
) -> rusqlite::Result<Vec<SagaKey>> {
    let of = if open {
        "INDEXED BY saga_open WHERE state IS NOT 1 AND"
    } else {
        "WHERE"
    };
    let mut statement =
        connection.prepare(&format!("SELECT key FROM saga {of} key > ?1 ORDER BY key"))?;
    let keys = statement.query_map([after], |row| Ok(SagaKey(row.get(0)?)))?;
    keys.collect()
}

/// The saga with this id, found by the statement that reads an entry by its id.
pub(crate) fn find(
    connection: &Connection,
    of_id: &mut Statement<'_>,
    id: &str,
) -> rusqlite::Result<Option<SagaEntry>> {
    let mut found = None;
    let whole = rows(of_id, [id], |row| {
        found = Some(row::entry(row));
        false
    })?;
    if whole {
        return Ok(found);
    }
    // Its row cannot be read, but the index has its key.
    let sql = "SELECT key FROM saga INDEXED BY saga_id WHERE id = ?1";
    let key = connection.query_row(sql, [id], |row| Ok(SagaKey(row.get(0)?)))?;
    one_by_one(connection, &[key], |row| {
        let entry = row.map_or_else(|entry| entry, row::entry);
        found = Some(SagaEntry {
            id: SagaId::new(id.to_owned()),
            ..entry
        });
        false
    })?;
    Ok(found)
}

/// The sagas that match a query.
pub(crate) fn list(connection: &Connection, query: &Query) -> rusqlite::Result<Vec<SagaEntry>> {
    let after = query.after.map_or(i64::MIN, |after| after.0);
    let limit = i64::try_from(query.limit).unwrap_or(i64::MAX);
    let name = query.saga.as_deref();
    let before = query.created_before.map(u64::cast_signed);
    let mut entries = Vec::new();
    for sql in list_sql(query) {
        // Rare, and of many forms, so it is prepared each time.
        let mut statement = connection.prepare(&sql)?;
        let params = (after, limit, name, before);
        let whole = rows(&mut statement, params, |row| {
            entries.push(row::entry(row));
            true
        })?;
        if !whole {
            return list_one_by_one(connection, query, after);
        }
    }
    // An unknown state counts as unfinished.
    entries.sort_unstable_by_key(|entry| entry.key);
    entries.truncate(query.limit);
    Ok(entries)
}

fn list_one_by_one(
    connection: &Connection,
    query: &Query,
    after: i64,
) -> rusqlite::Result<Vec<SagaEntry>> {
    let is_open = query
        .state
        .is_some_and(|state| state != SagaState::Completed);
    let keys = keys(connection, after, is_open)?;
    let mut entries = Vec::new();
    one_by_one(connection, &keys, |row| {
        let entry = row.map_or_else(|entry| entry, row::entry);
        let fits = query.state.is_none_or(|state| entry.state == state)
            && query.saga.as_ref().is_none_or(|saga| entry.saga == *saga)
            && query.created_before.is_none_or(|at| entry.created_at < at);
        if fits && entries.len() < query.limit {
            entries.push(entry);
        }
        entries.len() < query.limit
    })?;
    Ok(entries)
}

/// The statements that list the sagas of a query. For unfinished sagas there are several, each in order.
///
/// The statements name the index of the sagas that have not completed, because SQLite would otherwise scan all sagas in
/// order. They also repeat the condition of the index, because SQLite does not infer it.
fn list_sql(query: &Query) -> Vec<String> {
    let open = |of: &str| {
        (
            "INDEXED BY saga_open",
            format!("{of} AND state IS NOT 1 AND"),
        )
    };
    let states = match query.state.map(row::of_state) {
        None => vec![("", String::new())],
        Some(row::COMPLETED) => vec![("", format!("state = {} AND", row::COMPLETED))],
        Some(row::UNFINISHED) => ["state = 0", "state < 0", "state > 3", "state IS NULL"]
            .map(open)
            .to_vec(),
        Some(state) => vec![open(&format!("state = {state}"))],
    };
    // Times are unsigned, so those from 2⁶³ on are negative here. A missing time is 0.
    let created_before = match query.created_before.map(u64::cast_signed) {
        None => "?4 IS NULL",
        Some(0..) => "coalesce(created_at, 0) >= 0 AND coalesce(created_at, 0) < ?4",
        Some(_) => "(coalesce(created_at, 0) >= 0 OR created_at < ?4)",
    };
    let sql = |(index, of_state): (&str, String)| {
        format!(
            "{} {index} WHERE {of_state} key > ?1 AND (?3 IS NULL OR name = ?3) AND {created_before} \
            ORDER BY key LIMIT ?2",
            row::ENTRY
        )
    };
    states.into_iter().map(sql).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::MIGRATIONS;

    #[test]
    fn what_has_not_completed_is_listed_without_a_look_at_what_has() {
        let connection = Connection::open_in_memory().unwrap();
        for migration in MIGRATIONS {
            connection.execute_batch(migration).unwrap();
        }
        let plan = |sql: &str, saga: Option<&str>| {
            let sql = format!("EXPLAIN QUERY PLAN {sql}");
            let mut statement = connection.prepare(&sql).unwrap();
            let before = None::<i64>;
            let rows = statement.query_map((1, 10, saga, before), |row| row.get::<_, String>(3));
            rows.unwrap()
                .map(Result::unwrap)
                .collect::<Vec<_>>()
                .join("; ")
        };
        for saga in [None, Some("checkout")] {
            for state in SagaState::ALL.map(Some).into_iter().chain([None]) {
                let query = Query {
                    state,
                    saga: saga.map(Into::into),
                    limit: 10,
                    ..Query::new()
                };
                let plans: Vec<_> = list_sql(&query).iter().map(|sql| plan(sql, saga)).collect();
                let all = "SEARCH saga USING INTEGER PRIMARY KEY (rowid>?)";
                let open = "SEARCH saga USING INDEX saga_open (state=? AND rowid>?)";
                let sorted = "; USE TEMP B-TREE FOR ORDER BY";
                let less = format!("SEARCH saga USING INDEX saga_open (state<?){sorted}");
                let more = format!("SEARCH saga USING INDEX saga_open (state>?){sorted}");
                let expected = match state {
                    None | Some(SagaState::Completed) => vec![all],
                    Some(SagaState::Unfinished) => vec![open, &less, &more, open],
                    Some(_) => vec![open],
                };
                assert_eq!(plans, expected, "{state:?}");
            }
        }
    }
}
