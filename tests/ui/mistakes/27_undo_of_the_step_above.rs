use saga_core::{Attempt, StepContext, saga};

#[derive(Debug)]
pub struct NetworkId(pub String);

#[derive(Debug)]
pub struct DatabaseId(pub String);

#[derive(Debug, thiserror::Error)]
#[error("terraform: {0}")]
pub struct InfraError(String);

#[derive(Debug, Clone)]
pub struct Environment {
    pub name: String,
    pub storage_gb: u32,
}

pub struct Infra;

impl Infra {
    async fn destroy(&self, kind: &str, id: &str) -> Result<(), InfraError> {
        if id.is_empty() {
            return Err(InfraError(format!("no {kind}")));
        }
        println!("destroying {kind} {id}");
        Ok(())
    }
}

#[saga(
    retry(attempts = 3, backoff = "1s..30s"),
    compensation(retry(attempts = 10))
)]
impl Infra {
    #[step(compensate = delete_network, timeout = "1m")]
    async fn create_network(
        &self,
        environment: &Environment,
        ctx: &StepContext,
    ) -> Result<NetworkId, InfraError> {
        Ok(NetworkId(format!("{}-{}", environment.name, ctx.saga_id())))
    }

    #[step(compensate = delete_network, timeout = "10m")]
    async fn create_database(
        &self,
        network: &NetworkId,
        #[input] environment: &Environment,
    ) -> Result<DatabaseId, InfraError> {
        if environment.storage_gb == 0 {
            return Err(InfraError("no storage".to_owned()));
        }
        Ok(DatabaseId(format!("{}/db", network.0)))
    }

    #[step(pivot)]
    async fn publish(&self, database: &DatabaseId) -> Result<String, InfraError> {
        Ok(database.0.clone())
    }

    async fn delete_network(&self, network: Attempt<&NetworkId>) -> Result<(), InfraError> {
        match network {
            Attempt::Completed(network) => self.destroy("network", &network.0).await,
            Attempt::InDoubt => Ok(()),
        }
    }

    async fn delete_database(&self, database: Attempt<&DatabaseId>) -> Result<(), InfraError> {
        match database {
            Attempt::Completed(database) => self.destroy("database", &database.0).await,
            Attempt::InDoubt => Ok(()),
        }
    }
}

fn main() {}
