use std::sync::Arc;

use anyhow::Context as _;
use saga_core::{Saga, StepContext, saga};

#[derive(Debug, Clone)]
struct Policyholder {
    name: String,
    birth_year: u16,
}

#[derive(Debug)]
struct Premium {
    cents: u64,
}

#[derive(Debug)]
struct PolicyNumber(String);

struct Tariffs {
    base: u64,
}

struct Insurance {
    tariffs: Arc<Tariffs>,
}

#[saga]
impl Insurance {
    #[step(readonly)]
    async fn rate(&self, holder: &Policyholder) -> anyhow::Result<Premium> {
        let age = 2026_u16
            .checked_sub(holder.birth_year)
            .context("not born yet")?;
        Ok(Premium {
            cents: self.tariffs.base + u64::from(age) * 10,
        })
    }

    #[step(compensate = cancel_policy)]
    async fn issue_policy(
        &self,
        premium: &Premium,
        ctx: &StepContext,
    ) -> anyhow::Result<PolicyNumber> {
        anyhow::ensure!(premium.cents > 0, "a policy is not free");
        Ok(PolicyNumber(ctx.saga_id().to_string()))
    }

    #[step(timeout = "10s")]
    async fn mail_policy(
        &self,
        policy: &PolicyNumber,
        #[input] holder: &Policyholder,
    ) -> anyhow::Result<String> {
        Ok(format!("policy {} for {}", policy.0, holder.name))
    }

    async fn cancel_policy(&self, policy: &PolicyNumber) -> anyhow::Result<()> {
        println!("cancelling {}", policy.0);
        Ok(())
    }
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let insurance = Insurance {
        tariffs: Arc::new(Tariffs { base: 2_000 }),
    };
    let holder = Policyholder {
        name: "Ada".to_owned(),
        birth_year: 1990,
    };
    let mailed = Insurance::run(&insurance, holder)
        .await
        .context("no policy")?;
    println!("{mailed}");
    Ok(())
}
