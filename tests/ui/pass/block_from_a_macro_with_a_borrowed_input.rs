#![deny(warnings)]

use saga_core::{Saga as _, saga};

macro_rules! checkout {
    ($service:ident, $input:ty) => {
        struct $service;

        #[saga]
        impl $service {
            #[step(pivot)]
            async fn charge_card(&self, _order: &$input) -> Result<u32, String> {
                Ok(7)
            }
        }
    };
}

checkout!(Kiosk, str);

#[tokio::main(flavor = "current_thread")]
async fn main() {
    assert_eq!(KioskSaga::run(&Kiosk, "order".to_owned()).await.unwrap(), 7);
}
