use std::sync::Mutex;

use saga_core::saga;

struct Order;

struct Checkout {
    balance: Mutex<u32>,
}

#[saga]
impl Checkout {
    #[step(pivot)]
    async fn charge_card(&self, _order: &Order) -> Result<u32, String> {
        let mut balance = self.balance.lock().unwrap();
        ask_bank().await;
        *balance += 1;
        Ok(*balance)
    }
}

async fn ask_bank() {}

fn main() {}
