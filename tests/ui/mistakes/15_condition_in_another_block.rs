use std::collections::HashSet;

use saga_core::saga;

#[derive(Debug)]
pub struct Application {
    pub name: String,
    pub country: String,
    pub limit: u32,
}

#[derive(Debug)]
pub struct KycCase(u64);

#[derive(Debug)]
pub struct Account {
    iban: String,
}

#[derive(Debug)]
pub enum KycError {
    Blocked(String),
}

impl std::fmt::Display for KycError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self::Blocked(name) = self;
        write!(f, "{name} is on a list")
    }
}

pub struct Bank {
    high_risk: HashSet<String>,
}

impl Bank {
    pub fn new(high_risk: impl IntoIterator<Item = String>) -> Self {
        Self {
            high_risk: high_risk.into_iter().collect(),
        }
    }

    fn needs_kyc(&self, application: &Application) -> bool {
        application.limit > 10_000 || self.is_listed(&application.country)
    }

    fn is_listed(&self, country: &str) -> bool {
        self.high_risk.contains(country)
    }
}

#[saga(vis = pub)]
impl Bank {
    #[step(compensate = close_account)]
    async fn open_account(&self, application: &Application) -> Result<Account, KycError> {
        Ok(Account {
            iban: format!("NL00{}", application.name.to_uppercase()),
        })
    }

    #[step(only_if = needs_kyc, compensate = close_case)]
    async fn open_kyc_case(&self, #[input] application: &Application) -> Result<KycCase, KycError> {
        if application.name == "Blofeld" {
            return Err(KycError::Blocked(application.name.clone()));
        }
        Ok(KycCase(u64::from(application.limit)))
    }

    #[step]
    async fn send_welcome(
        &self,
        case: Option<&KycCase>,
        #[from(open_account)] account: &Account,
    ) -> Result<String, KycError> {
        Ok(format!(
            "{} (case {:?})",
            account.iban,
            case.map(|case| case.0)
        ))
    }

    async fn close_account(&self, _account: &Account) -> Result<(), KycError> {
        Ok(())
    }

    async fn close_case(&self, _case: &KycCase) -> Result<(), KycError> {
        Ok(())
    }
}

fn main() {}
