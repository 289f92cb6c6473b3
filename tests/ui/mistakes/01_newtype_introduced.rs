use std::sync::Arc;

use saga_core::{Saga, StepContext, saga};

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CustomerId(String);

impl CustomerId {
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[derive(Debug)]
pub struct Company {
    pub name: String,
    pub vat_number: String,
}

#[derive(Debug, thiserror::Error)]
pub enum OnboardingError {
    #[error("the CRM rejected `{0}`")]
    Rejected(String),
}

#[derive(Default)]
pub struct Crm;

impl Crm {
    async fn create(&self, key: &str, company: &Company) -> Result<CustomerId, OnboardingError> {
        if company.vat_number.is_empty() {
            return Err(OnboardingError::Rejected(company.name.clone()));
        }
        Ok(CustomerId(format!("cus_{key}")))
    }

    async fn archive(&self, _customer: &CustomerId) -> Result<(), OnboardingError> {
        Ok(())
    }
}

#[derive(Default)]
pub struct Ledger;

impl Ledger {
    async fn open(&self, customer: &str) -> Result<u64, OnboardingError> {
        Ok(customer.len() as u64)
    }
}

pub struct Onboarding {
    crm: Arc<Crm>,
    ledger: Arc<Ledger>,
}

#[saga]
impl Onboarding {
    #[step(compensate = archive_customer, timeout = "5s")]
    async fn create_customer(
        &self,
        company: &Company,
        ctx: &StepContext,
    ) -> Result<CustomerId, OnboardingError> {
        self.crm.create(&ctx.idempotency_key(), company).await
    }

    #[step]
    async fn open_ledger(&self, customer: &str) -> Result<u64, OnboardingError> {
        self.ledger.open(customer).await
    }

    async fn archive_customer(&self, customer: &CustomerId) -> Result<(), OnboardingError> {
        self.crm.archive(customer).await
    }
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let onboarding = Onboarding {
        crm: Arc::default(),
        ledger: Arc::default(),
    };
    let company = Company {
        name: "Acme".to_owned(),
        vat_number: "BE0123".to_owned(),
    };
    let ledger = OnboardingSaga::run(&onboarding, company).await?;
    println!("ledger {ledger} is open");
    Ok(())
}
