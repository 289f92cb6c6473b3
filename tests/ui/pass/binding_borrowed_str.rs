#![deny(warnings)]

use saga_core::saga;

struct Checkout;

#[saga]
impl Checkout {
    #[step(readonly)]
    async fn find_card(&self, customer: &str) -> Result<String, String> {
        Ok(customer.to_owned())
    }

    #[step(readonly)]
    async fn find_bank(&self, card: &str) -> Result<&'static str, String> {
        if card.is_empty() { Err("no card".to_owned()) } else { Ok("bank") }
    }

    #[step(pivot)]
    async fn charge_card(
        &self,
        _bank: &str,
        #[from(find_card)] _card: &String,
        #[input] _customer: &String,
    ) -> Result<u32, String> {
        Ok(7)
    }
}

fn main() {}
