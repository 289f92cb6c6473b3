#![deny(warnings)]

use saga_core::saga;

struct Order;

struct Checkout;

#[saga]
impl Checkout {
    #[step(compensate = r#break)]
    async fn r#match(&self, r#type: &Order) -> Result<u32, String> {
        let Order = r#type;
        Ok(7)
    }

    #[step(pivot)]
    async fn charge_card(&self, r#in: &u32, #[from(r#match)] _found: &u32) -> Result<u32, String> {
        Ok(*r#in)
    }

    async fn r#break(&self, _found: &u32) -> Result<(), String> {
        Ok(())
    }
}

fn main() {}
