//! An id that is submitted again with the same input is the same run: what the same is, is for the type of today.

use std::collections::{HashMap, HashSet};
use std::time::Duration;

use saga_core::durable::{Engine, InMemoryJournal, SubmitError};
use saga_core::saga;
use serde::{Deserialize, Serialize};

/// What a second submission of an id is.
#[derive(Debug, PartialEq)]
enum Again {
    Same,
    Other,
    Unreadable,
}

fn again<T>(submitted: Result<T, SubmitError>) -> Again {
    match submitted {
        Ok(_) => Again::Same,
        Err(SubmitError::OtherInput { .. }) => Again::Other,
        Err(SubmitError::UnreadableInput { .. }) => Again::Unreadable,
        Err(error) => panic!("{error}"),
    }
}

/// A saga with an input of this type, and what it is when one is submitted after the other.
macro_rules! twice {
    ($input:ty, $first:expr, $second:expr) => {{
        struct Tag;

        #[saga(durable)]
        impl Tag {
            #[step]
            async fn tag(&self, _: &$input) -> Result<u32, String> {
                Ok(1)
            }
        }

        let builder = Engine::builder().register::<TagSaga>(Tag);
        let engine = builder.open(InMemoryJournal::new()).await.unwrap();
        let first: $input = $first;
        let mut handle = engine.submit::<TagSaga>("x", first).await.unwrap();
        handle.outcome().await.unwrap().unwrap();
        again(engine.submit::<TagSaga>("x", $second).await)
    }};
}

fn tags(names: &[&str]) -> HashSet<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

#[tokio::test]
async fn a_set_or_a_map_in_another_order_is_the_same_input() {
    let names = ["a", "b", "c", "d", "e", "f", "g", "h"];
    for _ in 0..10 {
        let same = twice!(HashSet<String>, tags(&names), tags(&names));
        assert_eq!(same, Again::Same);
        let map = || HashMap::from(names.map(|name| (name.to_owned(), name.len())));
        assert_eq!(twice!(HashMap<String, usize>, map(), map()), Again::Same);
    }
    let other = twice!(HashSet<String>, tags(&names), tags(&["a"]));
    assert_eq!(other, Again::Other);
}

#[tokio::test]
async fn numbers_that_differ_in_their_last_digit_are_other_inputs() {
    let wei = 100_000_000_000_000_000_001_u128;
    assert_eq!(twice!(u128, wei, wei), Again::Same);
    assert_eq!(twice!(u128, wei, wei + 1), Again::Other);
    assert_eq!(twice!(i128, -1 - (1 << 100), -1 - (1 << 100)), Again::Same);
    assert_eq!(twice!(i128, -1 - (1 << 100), -2 - (1 << 100)), Again::Other);
    let cents = 0.1 + 0.2;
    assert_eq!(twice!(f64, cents, cents), Again::Same);
    assert_eq!(twice!(f64, cents, 0.3), Again::Other);
    assert_eq!(twice!(f64, 1.0, -1.0), Again::Other);
}

/// One without `==`.
#[derive(Serialize, Deserialize)]
struct Opaque {
    wei: u128,
}

/// One of which a part is not kept.
#[derive(PartialEq, Serialize, Deserialize)]
struct Cached {
    name: String,
    #[serde(skip)]
    cache: Option<u32>,
}

/// One whose `==` panics.
#[derive(Serialize, Deserialize)]
struct Panics(u32);

impl PartialEq for Panics {
    fn eq(&self, _: &Self) -> bool {
        panic!("not comparable")
    }
}

#[tokio::test]
async fn inputs_that_cannot_be_compared_are_compared_as_they_are_written() {
    let wei = 100_000_000_000_000_000_001;
    let opaque = |wei| Opaque { wei };
    assert_eq!(twice!(Opaque, opaque(wei), opaque(wei)), Again::Same);
    assert_eq!(twice!(Opaque, opaque(wei), opaque(wei + 1)), Again::Other);
    // A run would see nothing of what is not kept.
    let cached = |name: &str, cache| Cached {
        name: name.to_owned(),
        cache,
    };
    let same = twice!(Cached, cached("a", Some(1)), cached("a", Some(2)));
    assert_eq!(same, Again::Same);
    let other = twice!(Cached, cached("a", None), cached("b", None));
    assert_eq!(other, Again::Other);
    assert_eq!(twice!(Panics, Panics(1), Panics(1)), Again::Same);
    assert_eq!(twice!(Panics, Panics(1), Panics(2)), Again::Other);
}

/// A saga whose input is a type parameter.
mod generic {
    use core::marker::PhantomData;

    use serde::{Serialize, de::DeserializeOwned};

    pub(super) struct Bounded<T>(pub(super) PhantomData<fn() -> T>);

    #[saga_core::saga(durable, vis = pub(super))]
    impl<T> Bounded<T>
    where
        T: Serialize + DeserializeOwned + PartialEq + Send + Sync + 'static,
    {
        #[step]
        async fn tag(&self, _: &T) -> Result<u32, String> {
            Ok(1)
        }
    }

    /// Nothing is known of it but that it can be kept.
    pub(super) struct Unbounded<T>(pub(super) PhantomData<fn() -> T>);

    #[saga_core::saga(durable, vis = pub(super))]
    impl<T> Unbounded<T>
    where
        T: Serialize + DeserializeOwned + Send + Sync + 'static,
    {
        #[step]
        async fn tag(&self, _: &T) -> Result<u32, String> {
            Ok(1)
        }
    }
}

#[tokio::test]
async fn of_a_type_parameter_its_bounds_say_whether_it_can_be_compared() {
    use generic::{Bounded, BoundedSaga, Unbounded, UnboundedSaga};
    let builder = Engine::builder()
        .register::<BoundedSaga<HashSet<String>>>(Bounded(core::marker::PhantomData));
    let engine = builder.open(InMemoryJournal::new()).await.unwrap();
    let names = ["a", "b", "c", "d", "e", "f", "g", "h"];
    for _ in 0..10 {
        let submitted = engine.submit::<BoundedSaga<HashSet<String>>>("x", tags(&names));
        assert_eq!(again(submitted.await), Again::Same);
    }
    let builder =
        Engine::builder().register::<UnboundedSaga<u128>>(Unbounded(core::marker::PhantomData));
    let engine = builder.open(InMemoryJournal::new()).await.unwrap();
    for (wei, expected) in [(7, Again::Same), (7, Again::Same), (8, Again::Other)] {
        let submitted = engine.submit::<UnboundedSaga<u128>>("x", wei).await;
        assert_eq!(again(submitted), expected);
    }
}

/// The versions of one saga, by its input.
mod versions {
    use serde::{Deserialize, Serialize};

    macro_rules! version {
        ($version:ident, $(#[$of:meta])* { $($fields:tt)* }) => {
            pub(super) mod $version {
                use super::{Deserialize, Serialize};

                $(#[$of])*
                #[derive(Serialize, Deserialize)]
                pub(crate) struct Order { $($fields)* }

                pub(crate) struct Shop;

                #[saga_core::saga(durable, vis = pub(crate))]
                impl Shop {
                    #[step]
                    async fn sell(&self, _: &Order) -> Result<u32, String> {
                        Ok(1)
                    }
                }
            }
        };
    }

    version!(v1, { pub(crate) item: String });
    version!(v2, { pub(crate) item: String, #[serde(default)] pub(crate) gift: bool });
    version!(v3, #[derive(PartialEq)] {
        pub(crate) item: String,
        #[serde(default = "crate::resubmission::two")]
        pub(crate) pieces: u32
    });
    version!(v4, { pub(crate) item: u32 });
}

const fn two() -> u32 {
    2
}

#[tokio::test]
async fn a_field_that_was_added_with_a_default_makes_no_other_input() {
    use versions::{v1, v2, v3, v4};
    let (lamp, journal) = (|| "lamp".to_owned(), InMemoryJournal::new());
    macro_rules! of {
        ($version:ident, $order:expr) => {{
            let builder = Engine::builder().register::<$version::ShopSaga>($version::Shop);
            let engine = builder.open(journal.clone()).await.unwrap();
            let submitted = engine.submit::<$version::ShopSaga>("x", $order).await;
            let ended = engine.outcome::<$version::ShopSaga>("x").await;
            assert_eq!(ended.unwrap().unwrap(), 1);
            engine.shutdown(Duration::from_secs(1)).await;
            again(submitted)
        }};
    }
    assert_eq!(of!(v1, v1::Order { item: lamp() }), Again::Same);
    for (gift, expected) in [(false, Again::Same), (true, Again::Other)] {
        let order = v2::Order { item: lamp(), gift };
        assert_eq!(of!(v2, order), expected);
    }
    for (pieces, expected) in [(2, Again::Same), (1, Again::Other)] {
        let item = lamp();
        assert_eq!(of!(v3, v3::Order { item, pieces }), expected);
    }
    assert_eq!(of!(v4, v4::Order { item: 7 }), Again::Unreadable);
}
