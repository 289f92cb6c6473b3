use saga_core::{Saga, StepContext, saga};

#[derive(Debug, Clone, PartialEq, Eq)]
enum GatewayError {
    Unavailable,
    Declined { code: u16 },
}

impl std::fmt::Display for GatewayError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Unavailable => write!(f, "the gateway is unavailable"),
            Self::Declined { code } => write!(f, "declined with code {code}"),
        }
    }
}

#[derive(Debug)]
struct Donation {
    donor: String,
    cents: u64,
}

#[derive(Debug)]
struct Authorization(String);

struct Donations;

#[saga]
impl Donations {
    #[step(
        compensate = void,
        retry(attempts = 3, backoff = "100ms..2s", when = |error| matches!(error, GatewayError::Unavailable))
    )]
    async fn authorize(
        &self,
        donation: &Donation,
        ctx: &StepContext,
    ) -> Result<Authorization, GatewayError> {
        match (donation.cents, ctx.attempt()) {
            (_, 1) => Err(GatewayError::Unavailable),
            (0, _) => Err(GatewayError::Declined { code: 51 }),
            _ => Ok(Authorization(ctx.idempotency_key())),
        }
    }

    #[step(pivot)]
    async fn capture(
        &self,
        authorization: &Authorization,
        #[input] donation: &Donation,
    ) -> Result<String, GatewayError> {
        Ok(format!(
            "thank you, {} ({})",
            donation.donor, authorization.0
        ))
    }

    async fn void(&self, authorization: &Authorization) -> Result<(), GatewayError> {
        println!("voiding {}", authorization.0);
        Ok(())
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let donation = Donation {
        donor: "Grace".to_owned(),
        cents: 5_000,
    };
    let thanks = DonationsSaga::run(&Donations, donation).await;
    println!("{}", thanks.unwrap_or_else(|error| error.to_string()));
}
