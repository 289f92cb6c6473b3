#![deny(warnings)]

use saga_core::{Saga, saga};

struct Couriers;

// It has a pivot, so it stands where nothing has to be undone.
#[saga]
impl Couriers {
    #[step(pivot)]
    async fn send(&self, what: &str) -> Result<String, String> {
        Ok(what.to_owned())
    }
}

struct Shop {
    couriers: Couriers,
}

#[saga(saga = LastSaga)]
impl Shop {
    #[step(readonly)]
    async fn pack(&self, what: &str) -> Result<String, String> {
        Ok(what.to_owned())
    }

    #[step(saga = CouriersSaga, on = self.couriers)]
    fn ship(&self, packed: &str) -> String {
        packed.to_owned()
    }
}

#[saga(saga = PivotSaga)]
impl Shop {
    #[step(pivot, saga = CouriersSaga, on = self.couriers)]
    fn first(&self, what: &str) -> String {
        what.to_owned()
    }

    #[step(saga = CouriersSaga, on = self.couriers)]
    fn second(&self, sent: String) -> String {
        sent
    }

    #[step(parallel = others, saga = CouriersSaga, on = self.couriers)]
    fn third(&self, sent: &str) -> String {
        sent.to_owned()
    }

    #[step(parallel = others, saga = LastSaga)]
    fn fourth(&self, sent: &str) -> String {
        sent.to_owned()
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let shop = Shop { couriers: Couriers };
    let sent = LastSaga::run(&shop, "a".to_owned()).await;
    assert_eq!(sent.unwrap(), "a");
    let sent = PivotSaga::run(&shop, "a".to_owned()).await;
    assert_eq!(sent.unwrap(), ("a".to_owned(), "a".to_owned()));
}
