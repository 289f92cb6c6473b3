#![allow(private_interfaces)]

pub mod shop {
    use saga_core::saga;

    pub struct Checkout;
    pub struct Order;
    struct Payment;

    #[saga(vis = pub)]
    impl Checkout {
        #[step(pivot)]
        async fn charge_card(&self, _order: &Order) -> Result<Payment, String> {
            Ok(Payment)
        }
    }
}

fn main() {}
