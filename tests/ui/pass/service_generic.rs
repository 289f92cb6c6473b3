#![deny(warnings)]

use saga_core::saga;

trait Cards {
    fn charge(&self, cents: u32) -> bool;
}

trait Stock {
    type Reservation: Send + Sync;

    fn reserve(&self) -> Self::Reservation;
}

struct Checkout<C, S> {
    cards: C,
    stock: S,
}

#[saga]
impl<C: Cards, S> Checkout<C, S>
where
    C: Sync,
    S: Stock + Sync,
{
    #[step(compensate = release_stock)]
    async fn reserve_stock(&self, _cents: &u32) -> Result<S::Reservation, String> {
        Ok(self.stock.reserve())
    }

    #[step(pivot)]
    async fn charge_card(
        &self,
        _reservation: &S::Reservation,
        #[input] cents: &u32,
    ) -> Result<bool, String> {
        Ok(self.cards.charge(*cents))
    }

    async fn release_stock(&self, _reservation: &S::Reservation) -> Result<(), String> {
        Ok(())
    }
}

fn main() {}
