#![deny(warnings)]

use saga_core::{Saga, saga};

trait Stock {
    type Reservation: Send + Sync;

    fn reserve(&self, cents: u64) -> Self::Reservation;
}

struct Checkout<'a, S, const LIMIT: u64> {
    stock: &'a S,
}

#[saga]
impl<'a, S, const LIMIT: u64> Checkout<'a, S, LIMIT>
where
    S: Stock + Sync,
{
    #[step(parallel = preparations, only_if = is_allowed, compensate = release_stock)]
    async fn reserve_stock(&self, cents: &u64) -> Result<S::Reservation, String> {
        Ok(self.stock.reserve(*cents))
    }

    #[step(parallel = preparations, readonly)]
    async fn limit(&self) -> Result<u64, String> {
        Ok(LIMIT)
    }

    #[step(pivot)]
    async fn charge_card(
        &self,
        stock: Option<&S::Reservation>,
        limit: &u64,
    ) -> Result<(bool, u64), String> {
        Ok((stock.is_some(), *limit))
    }

    fn is_allowed(&self, cents: &u64) -> bool {
        *cents < LIMIT
    }

    async fn release_stock(&self, _stock: &S::Reservation) -> Result<(), String> {
        Ok(())
    }
}

struct Shelf;

impl Stock for Shelf {
    type Reservation = u8;

    fn reserve(&self, _cents: u64) -> u8 {
        7
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let checkout = Checkout::<Shelf, 9> { stock: &Shelf };
    assert_eq!(CheckoutSaga::run(&checkout, 5).await.unwrap(), (true, 9));
    assert_eq!(CheckoutSaga::run(&checkout, 10).await.unwrap(), (false, 9));
}
