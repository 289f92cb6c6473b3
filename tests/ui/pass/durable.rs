#![deny(warnings)]
//! A saga that is marked `durable`, with all that can be kept.

use std::borrow::Cow;
use std::collections::BTreeMap;

use saga_core::durable::{Engine, InMemoryJournal};
use saga_core::{Saga, saga};
use serde::Serialize;
use serde::de::DeserializeOwned;

mod private {
    #[derive(serde::Serialize, serde::Deserialize)]
    pub(super) struct Order(pub(super) u32);
    #[derive(serde::Serialize, serde::Deserialize)]
    pub(super) struct Page<T> {
        pub(super) items: Vec<T>,
    }
    /// Written by hand, and of what cannot be written.
    pub(super) struct Id<T>(pub(super) std::marker::PhantomData<fn() -> T>);

    impl<T> serde::Serialize for Id<T> {
        fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            serializer.serialize_unit()
        }
    }

    impl<'de, T> serde::Deserialize<'de> for Id<T> {
        fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
            <() as serde::Deserialize>::deserialize(deserializer)?;
            Ok(Self(std::marker::PhantomData))
        }
    }
}

use private::{Id, Order, Page};

pub struct Unwritten;
type BankResult<T> = Result<T, String>;

pub struct Payments;

#[saga]
impl Payments {
    #[step(readonly)]
    async fn pay(&self, cents: &u32) -> Result<u32, String> {
        Ok(*cents)
    }
}

pub struct Shop {
    payments: Payments,
}

#[saga(durable, vis = pub(crate))]
impl Shop {
    #[step(readonly)]
    async fn look(&self, _order: &Order) -> Result<(), String> {
        Ok(())
    }

    #[step(parallel = both, readonly)]
    async fn left(&self) -> Result<(Page<Order>, Option<Box<str>>), String> {
        Ok((Page { items: Vec::new() }, None))
    }

    #[step(parallel = both, readonly)]
    async fn right(&self) -> BankResult<BTreeMap<String, Cow<'static, str>>> {
        Ok(BTreeMap::new())
    }

    #[step(only_if = is_large, readonly)]
    async fn mark(&self) -> Result<Id<Unwritten>, String> {
        Ok(Id(std::marker::PhantomData))
    }

    #[step(saga = PaymentsSaga, on = self.payments)]
    fn pay(&self, #[input] order: &Order) -> u32 {
        order.0
    }

    fn is_large(&self, #[input] order: &Order) -> bool {
        order.0 > 100
    }
}

pub struct Generic<T>(T);

#[saga(durable)]
impl<T: Send + Sync + Clone> Generic<T>
where
    T: Serialize + DeserializeOwned,
{
    #[step(readonly)]
    async fn both(&self, _value: &T) -> Result<(T, Vec<T>), String> {
        Ok((self.0.clone(), Vec::new()))
    }
}

/// One that stands in no engine needs no `'static`.
pub struct Lent<'s>(&'s str);

#[saga(durable)]
impl Lent<'_> {
    #[step(readonly)]
    async fn length(&self) -> Result<usize, String> {
        Ok(self.0.len())
    }
}

fn main() {
    let shop = Shop { payments: Payments };
    let builder = Engine::builder().register::<ShopSaga>(shop);
    let opened = builder.register::<GenericSaga<u32>>(Generic(1)).open(InMemoryJournal::new());
    drop(opened);
    drop(LentSaga::run(&Lent("cup"), ()));
}
