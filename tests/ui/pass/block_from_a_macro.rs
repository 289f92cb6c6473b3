#![deny(warnings)]

use saga_core::{Saga as _, saga};

struct Order;
struct Reservation;

macro_rules! checkout {
    ($service:ident, $output:ty, $undo:ident, $attempts:literal, |$order:ident: $input:ty| $body:expr) => {
        struct $service;

        #[saga]
        impl $service {
            #[step(compensate = $undo, retry(attempts = $attempts), timeout = "3s")]
            async fn reserve_stock(&self, $order: &$input) -> Result<$output, String> {
                $body
            }

            #[step(pivot)]
            async fn charge_card(&self, _reservation: &$output, #[input] _order: &$input) -> Result<u32, String> {
                Ok(7)
            }

            async fn $undo(&self, _reservation: &$output) -> Result<(), String> {
                Ok(())
            }
        }
    };
}

checkout!(Shop, Reservation, release_stock, 2, |_order: Order| Ok(Reservation));
checkout!(Kiosk, Vec<u32>, put_back, 3, |order: Vec<u32>| Ok(order.clone()));

#[tokio::main(flavor = "current_thread")]
async fn main() {
    assert_eq!(ShopSaga::run(&Shop, Order).await.unwrap(), 7);
    assert_eq!(KioskSaga::run(&Kiosk, vec![1]).await.unwrap(), 7);
}
