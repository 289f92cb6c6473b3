use saga_core::{Saga, saga};

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Cents(u64);

#[derive(Debug)]
struct Cart {
    member: Option<u64>,
    total: Cents,
}

#[derive(Debug)]
struct Discount {
    voucher: String,
    off: Cents,
}

#[derive(Debug, thiserror::Error)]
enum ShopError {
    #[error("no voucher for member {0}")]
    NoVoucher(u64),
    #[error("the amount is not positive")]
    NothingToPay,
}

struct Shop;

#[saga(retry(attempts = 2, backoff = "10ms..50ms"))]
impl Shop {
    #[step(only_if = is_member, compensate = restore_voucher)]
    async fn redeem_voucher(&self, cart: &Cart) -> Result<Discount, ShopError> {
        let member = cart.member.unwrap_or_default();
        if member == 13 {
            return Err(ShopError::NoVoucher(member));
        }
        Ok(Discount {
            voucher: format!("v-{member}"),
            off: Cents(cart.total.0 / 10),
        })
    }

    #[step(pivot)]
    async fn charge(&self, discount: &Discount, #[input] cart: &Cart) -> Result<Cents, ShopError> {
        let due = cart.total.0.saturating_sub(discount.off.0);
        if due == 0 {
            return Err(ShopError::NothingToPay);
        }
        Ok(Cents(due))
    }

    fn is_member(&self, cart: &Cart) -> bool {
        cart.member.is_some() && cart.total > Cents(1_000)
    }

    async fn restore_voucher(&self, discount: &Discount) -> Result<(), ShopError> {
        println!("restoring {}", discount.voucher);
        Ok(())
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    for member in [None, Some(4)] {
        let cart = Cart {
            member,
            total: Cents(12_000),
        };
        match ShopSaga::run(&Shop, cart).await {
            Ok(Cents(cents)) => println!("charged {cents}"),
            Err(error) => println!("{error}"),
        }
    }
}
