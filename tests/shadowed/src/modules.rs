//! Modules by the names of steps, of their compensations and of the input.

use saga_core::saga;

mod input {
    pub(crate) struct Order(pub(crate) u8);
}

mod payment {
    pub(crate) struct Receipt(pub(crate) u8);

    pub(crate) struct Refused;

    impl Refused {
        pub(crate) fn is_passing(&self) -> bool {
            let Self = self;
            true
        }
    }

    impl core::fmt::Display for Refused {
        fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
            f.write_str("refused")
        }
    }
}

mod refund {
    pub(crate) type Result = core::result::Result<(), super::payment::Refused>;
}

pub(crate) struct Shop;

#[saga(vis = pub(crate), input = input::Order)]
impl Shop {
    #[step(compensate = refund, retry(attempts = 2, when = payment::Refused::is_passing))]
    async fn payment(&self, order: &input::Order) -> Result<payment::Receipt, payment::Refused> {
        Ok(payment::Receipt(order.0))
    }

    #[step]
    async fn parcel(&self, receipt: &payment::Receipt) -> Result<u8, payment::Refused> {
        match receipt.0 {
            0 => Err(payment::Refused),
            number => Ok(number),
        }
    }

    async fn refund(&self, receipt: &payment::Receipt) -> refund::Result {
        match receipt.0 {
            0 => Ok(()),
            _ => Err(payment::Refused),
        }
    }
}

pub(crate) mod shop {
    pub(crate) fn order(number: u8) -> super::input::Order {
        super::input::Order(number)
    }
}
