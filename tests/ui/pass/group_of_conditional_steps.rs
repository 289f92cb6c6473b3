#![deny(warnings)]

use saga_core::{Attempt, Saga, StepContext, saga};

struct Checkout;

// The compensations stand in another block: of a member, and of one that may be skipped.
impl Checkout {
    async fn release_stock(&self, _stock: &u32) -> Result<(), String> {
        Ok(())
    }

    async fn cancel_insurance(&self, _insurance: &String) -> Result<(), String> {
        Ok(())
    }
}

#[saga(deadline = "1h")]
impl Checkout {
    #[step(parallel = preparations, compensate = release_stock)]
    async fn reserve_stock(&self, cents: &u64) -> Result<u32, String> {
        u32::try_from(*cents).map_err(|error| error.to_string())
    }

    #[step(parallel = preparations, only_if = is_dear, compensate = cancel_insurance)]
    async fn insure(&self, cents: &u64) -> Result<String, String> {
        Ok(format!("insured for {cents}"))
    }

    #[step(parallel = preparations, only_if = is_dear, compensate = forget, at_most_once)]
    async fn note(
        &self,
        #[sensitive] cents: &u64,
        _run: &StepContext,
    ) -> Result<(u64, u8), String> {
        Ok((*cents, 1))
    }

    #[step]
    async fn sell(
        &self,
        _stock: &u32,
        insurance: Option<&str>,
        note: &Option<(u64, u8)>,
    ) -> Result<(bool, bool), String> {
        Ok((insurance == Some("insured for 2000"), note.is_some()))
    }

    // Asked for two steps.
    fn is_dear(&self, cents: &u64, run: &StepContext) -> bool {
        *cents > 1_000 && run.attempt() == 1
    }

    async fn forget(&self, _note: Attempt<&(u64, u8)>) -> Result<(), String> {
        Ok(())
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    assert_eq!(
        CheckoutSaga::run(&Checkout, 2_000).await.unwrap(),
        (true, true)
    );
    assert_eq!(
        CheckoutSaga::run(&Checkout, 10).await.unwrap(),
        (false, false)
    );
}
