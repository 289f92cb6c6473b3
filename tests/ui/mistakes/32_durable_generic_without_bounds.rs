use std::marker::PhantomData;

use saga_core::saga;
use serde::{Deserialize, Serialize};

pub trait Entity: Clone + Send + Sync + 'static {
    const TABLE: &'static str;

    fn parse(line: &str) -> Option<Self>;
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Customer {
    name: String,
}

impl Entity for Customer {
    const TABLE: &'static str = "customers";

    fn parse(line: &str) -> Option<Self> {
        (!line.is_empty()).then(|| Self {
            name: line.to_owned(),
        })
    }
}

#[derive(Debug, thiserror::Error)]
pub enum MigrationError {
    #[error("cannot parse `{0}`")]
    Parse(String),
    #[error("`{0}` has no rows")]
    Empty(&'static str),
}

pub struct Migration<E> {
    batch: usize,
    entity: PhantomData<E>,
}

#[saga(durable, vis = pub)]
impl<E: Entity> Migration<E> {
    #[step(readonly)]
    async fn extract(&self, dump: &str) -> Result<Vec<E>, MigrationError> {
        dump.lines()
            .take(self.batch)
            .map(|line| E::parse(line).ok_or_else(|| MigrationError::Parse(line.to_owned())))
            .collect()
    }

    #[step(compensate = delete_rows)]
    async fn load(&self, rows: &[E]) -> Result<usize, MigrationError> {
        if rows.is_empty() {
            return Err(MigrationError::Empty(E::TABLE));
        }
        Ok(rows.len())
    }

    #[step(pivot)]
    async fn switch_over(&self, loaded: &usize) -> Result<String, MigrationError> {
        Ok(format!("{loaded} rows in {}", E::TABLE))
    }

    async fn delete_rows(&self, loaded: &usize) -> Result<(), MigrationError> {
        println!("deleting {loaded} rows of {}", E::TABLE);
        Ok(())
    }
}

fn main() {}
