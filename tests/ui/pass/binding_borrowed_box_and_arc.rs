#![deny(warnings)]

use std::sync::Arc;

use saga_core::saga;

struct Order;
struct Payment;

trait Receipt: Send + Sync {}

impl Receipt for Payment {}

struct Checkout;

#[saga]
impl Checkout {
    #[step(compensate = refund)]
    async fn charge_card(&self, _order: &Order) -> Result<Box<Payment>, String> {
        Ok(Box::new(Payment))
    }

    #[step(readonly)]
    async fn share(&self, _payment: &Payment) -> Result<Arc<Payment>, String> {
        Ok(Arc::new(Payment))
    }

    #[step(readonly)]
    async fn print_receipt(&self, _payment: &Payment) -> Result<Box<dyn Receipt>, String> {
        Ok(Box::new(Payment))
    }

    #[step(pivot)]
    async fn send_receipt(
        &self,
        _receipt: &dyn Receipt,
        #[from(share)] _payment: &Arc<Payment>,
    ) -> Result<(), String> {
        Ok(())
    }

    async fn refund(&self, _payment: &Payment) -> Result<(), String> {
        Ok(())
    }
}

fn main() {}
