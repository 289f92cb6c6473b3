use std::path::Path;

use saga_core::saga;

#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    #[error("cannot read the file")]
    Io(#[from] std::io::Error),
    #[error("line {0} is no amount")]
    NoAmount(usize),
    #[error("the total {found} is not the {expected} of the trailer")]
    WrongTotal { found: u64, expected: u64 },
}

#[derive(Debug, Clone, Copy)]
pub struct BatchId(u64);

#[derive(Debug)]
pub struct Rows(Vec<u64>);

pub struct Importer {
    expected: u64,
}

#[saga(retry(attempts = 2), compensation(timeout = "10s"))]
impl Importer {
    #[step(readonly)]
    async fn read(&self, file: &Path) -> Result<Vec<String>, ImportError> {
        let text = tokio::task::block_in_place(|| std::fs::read_to_string(file))?;
        Ok(text.lines().map(str::to_owned).collect())
    }

    #[step(readonly)]
    async fn parse(&self, lines: &[String]) -> Result<Rows, ImportError> {
        let mut rows = Vec::with_capacity(lines.len());
        for line in lines {
            let amount = line.trim().parse::<u64>()?;
            rows.push(amount);
        }
        Ok(Rows(rows))
    }

    #[step(compensate = drop_batch)]
    async fn stage(&self, rows: &Rows) -> Result<BatchId, ImportError> {
        Ok(BatchId(rows.0.len() as u64))
    }

    #[step(readonly)]
    async fn verify(&self, #[from(parse)] rows: &Rows) -> Result<u64, ImportError> {
        let found = rows.0.iter().sum();
        if found != self.expected {
            return Err(ImportError::WrongTotal {
                found,
                expected: self.expected,
            });
        }
        Ok(found)
    }

    #[step(pivot)]
    async fn publish(
        &self,
        total: &u64,
        #[from(stage)] batch: &BatchId,
    ) -> Result<(), ImportError> {
        println!("batch {} with {total}", batch.0);
        Ok(())
    }

    async fn drop_batch(&self, batch: &BatchId) -> Result<(), ImportError> {
        println!("dropping batch {}", batch.0);
        Ok(())
    }
}

fn main() {}
