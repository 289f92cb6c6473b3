use saga_core::{Saga, saga};

#[derive(Debug, Clone)]
struct Sale {
    address: String,
    cents: u64,
}

#[derive(Debug)]
struct Authorization {
    cents: u64,
}

#[derive(Debug)]
struct Pickup(usize);

#[derive(Debug, thiserror::Error)]
enum SaleError {
    #[error("there is no address")]
    NoAddress,
    #[error("not authorized")]
    NotAuthorized,
}

struct Marketplace;

#[saga(saga = SaleSaga)]
impl Marketplace {
    #[step(compensate = void_authorization)]
    async fn authorize(&self, sale: &Sale) -> Result<Authorization, SaleError> {
        if sale.cents == 0 {
            return Err(SaleError::NotAuthorized);
        }
        Ok(Authorization { cents: sale.cents })
    }

    #[step(pivot, timeout = "5s")]
    async fn capture(
        &self,
        #[from(authorize)] authorization: &Authorization,
    ) -> Result<u64, SaleError> {
        Ok(authorization.cents)
    }

    #[step(compensate = cancel_pickup, timeout = "5s")]
    async fn book_pickup(&self, #[input] sale: &Sale) -> Result<Pickup, SaleError> {
        if sale.address.is_empty() {
            return Err(SaleError::NoAddress);
        }
        Ok(Pickup(sale.address.len()))
    }

    #[step(retry(attempts = 20, backoff = "1s..5m"))]
    async fn notify_seller(
        &self,
        #[from(book_pickup)] pickup: &Pickup,
    ) -> Result<usize, SaleError> {
        Ok(pickup.0)
    }

    async fn void_authorization(&self, authorization: &Authorization) -> Result<(), SaleError> {
        println!("voiding {}", authorization.cents);
        Ok(())
    }

    async fn cancel_pickup(&self, pickup: &Pickup) -> Result<(), SaleError> {
        println!("cancelling pickup {}", pickup.0);
        Ok(())
    }
}

#[tokio::main]
async fn main() {
    let sale = Sale {
        address: "Dam 1".to_owned(),
        cents: 8_000,
    };
    if let Err(error) = SaleSaga::run(&Marketplace, sale).await {
        eprintln!("{}", error.report());
    }
}
