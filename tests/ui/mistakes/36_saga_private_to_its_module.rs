mod billing {
    use saga_core::{StepContext, saga};

    #[derive(Debug, Clone)]
    pub struct Invoice {
        pub customer: u64,
        pub cents: u64,
    }

    #[derive(Debug)]
    pub struct Posting(pub u64);

    #[derive(Debug, thiserror::Error)]
    pub enum BillingError {
        #[error("customer {0} is unknown")]
        UnknownCustomer(u64),
        #[error("the printer is out of paper")]
        NoPaper,
    }

    pub struct Billing {
        pub paper: u32,
    }

    #[saga(compensation(retry(attempts = 3)))]
    impl Billing {
        #[step(compensate = reverse)]
        async fn post(&self, invoice: &Invoice) -> Result<Posting, BillingError> {
            if invoice.customer == 0 {
                return Err(BillingError::UnknownCustomer(invoice.customer));
            }
            Ok(Posting(invoice.cents))
        }

        #[step]
        async fn print(
            &self,
            posting: &Posting,
            ctx: &StepContext,
        ) -> Result<String, BillingError> {
            if self.paper == 0 {
                return Err(BillingError::NoPaper);
            }
            Ok(format!("{} under {}", posting.0, ctx.saga_id()))
        }

        async fn reverse(&self, posting: &Posting) -> Result<(), BillingError> {
            println!("reversing {}", posting.0);
            Ok(())
        }
    }
}

use billing::{Billing, BillingSaga, Invoice};
use saga_core::{RunOptions, Saga};

#[tokio::main]
async fn main() {
    let billing = Billing { paper: 10 };
    let options = RunOptions::new().id("2026-11");
    let invoice = Invoice {
        customer: 3,
        cents: 4_200,
    };
    match BillingSaga::run_with(&billing, invoice, options).await {
        Ok(printed) => println!("{printed}"),
        Err(error) if error.is_stuck() => eprintln!("{}", error.report()),
        Err(error) => println!("{error}"),
    }
}
