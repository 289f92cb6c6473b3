use std::sync::Arc;

use saga_core::saga;

#[derive(Debug, Clone)]
pub struct Employee {
    pub name: String,
    pub team: String,
}

#[derive(Debug, thiserror::Error)]
pub enum ItError {
    #[error("the directory has a `{0}` already")]
    Taken(String),
    #[error("no licences left")]
    NoLicence,
}

pub struct Accounts;

#[saga(vis = pub)]
impl Accounts {
    #[step(compensate = delete_mailbox)]
    async fn create_mailbox(&self, name: &str) -> Result<String, ItError> {
        if name == "root" {
            return Err(ItError::Taken(name.to_owned()));
        }
        Ok(format!("{name}@example.com"))
    }

    #[step]
    async fn assign_licence(&self, mailbox: &str) -> Result<u32, ItError> {
        u32::try_from(mailbox.len()).map_err(|_| ItError::NoLicence)
    }

    async fn delete_mailbox(&self, mailbox: &str) -> Result<(), ItError> {
        println!("deleting {mailbox}");
        Ok(())
    }
}

pub struct Hiring {
    accounts: Arc<Accounts>,
}

#[saga(vis = pub)]
impl Hiring {
    #[step(compensate = withdraw_contract)]
    async fn sign_contract(&self, employee: &Employee) -> Result<u64, ItError> {
        Ok(employee.team.len() as u64)
    }

    #[step(saga = AccountsSaga, on = self.accounts)]
    fn create_accounts(&self, #[input] employee: &Employee) -> String {
        employee.name.to_lowercase()
    }

    #[step]
    async fn order_laptop(&self, licence: &u32) -> Result<String, ItError> {
        Ok(format!("laptop with licence {licence}"))
    }

    async fn withdraw_contract(&self, contract: &u64) -> Result<(), ItError> {
        println!("withdrawing {contract}");
        Ok(())
    }
}

fn main() {}
