#![deny(warnings)]

use core::future::Future;
use core::marker::PhantomData;

use saga_core::{Attempt, Saga, saga};

trait Client<K>: Sync {
    type Error: core::fmt::Display + Send + Sync;
    type Receipt: Send + Sync + Clone;

    fn charge(&self, key: &K) -> impl Future<Output = Result<Self::Receipt, Self::Error>> + Send;
}

trait Lends<'a>: Sync {
    type Lent: Send + Sync;

    fn lend(&self) -> Self::Lent;
}

struct Cards;

impl Client<u8> for Cards {
    type Error = String;
    type Receipt = u32;

    async fn charge(&self, key: &u8) -> Result<u32, String> {
        match key {
            0 => Err("no card".to_owned()),
            key => Ok(u32::from(*key)),
        }
    }
}

impl<'a> Lends<'a> for Cards {
    type Lent = &'a str;

    fn lend(&self) -> &'a str {
        "card"
    }
}

/// The bound of one parameter names the other.
struct Bounds<C, K> {
    client: C,
    key: PhantomData<fn(K)>,
}

#[saga]
impl<C, K> Bounds<C, K>
where
    C: Client<K>,
    K: Send + Sync,
{
    #[step(compensate = refund)]
    async fn charge(&self, key: &K) -> Result<C::Receipt, C::Error> {
        self.client.charge(key).await
    }

    #[step]
    async fn done(&self, receipt: &C::Receipt) -> Result<C::Receipt, C::Error> {
        Ok(receipt.clone())
    }

    async fn refund(&self, _receipt: Attempt<&C::Receipt>) -> Result<(), C::Error> {
        Ok(())
    }
}

/// The same on the parameters themselves, in another order.
struct Inline<K, C> {
    client: C,
    key: K,
}

#[saga]
impl<K: Send + Sync, C: Client<K>> Inline<K, C> {
    #[step(readonly)]
    async fn charge(&self) -> Result<C::Receipt, C::Error> {
        self.client.charge(&self.key).await
    }

    #[step(saga = InlineAgainSaga<K, C>)]
    fn again(&self, receipt: &C::Receipt) -> C::Receipt {
        receipt.clone()
    }

    #[step]
    async fn done(&self, receipt: C::Receipt) -> Result<C::Receipt, C::Error> {
        Ok(receipt)
    }
}

#[saga(saga = InlineAgainSaga)]
impl<K: Send + Sync, C: Client<K>> Inline<K, C> {
    #[step(readonly)]
    async fn same(&self, #[input] receipt: &C::Receipt) -> Result<C::Receipt, C::Error> {
        Ok(receipt.clone())
    }
}

/// A bound that no type of the saga needs, with another parameter in it.
struct Unused<A, B>(PhantomData<fn(A, B)>);

#[saga]
impl<A, B> Unused<A, B>
where
    A: Into<B> + Clone + Send + Sync,
    Vec<A>: PartialEq<Vec<B>>,
{
    #[step(readonly)]
    async fn keep(&self, a: &A) -> Result<Vec<A>, String> {
        Ok(vec![a.clone()])
    }

    #[step]
    async fn last(&self, all: &Vec<A>) -> Result<usize, Box<dyn std::error::Error + Send + Sync>> {
        Ok(all.len())
    }
}

struct UnusedInline<A, B>(PhantomData<fn(A, B)>);

#[saga]
impl<A: Into<B> + Clone + Send + Sync, B> UnusedInline<A, B> {
    #[step(readonly)]
    async fn keep(&self, a: &A) -> Result<Vec<A>, String> {
        Ok(vec![a.clone()])
    }
}

/// A lifetime and a constant, which occur in the bounds alone.
struct Others<'a, C, const N: usize> {
    client: C,
    name: PhantomData<&'a str>,
}

#[saga]
impl<'a, C, const N: usize> Others<'a, C, N>
where
    C: Client<[u8; N], Receipt: 'static> + Lends<'a>,
    C::Error: 'static,
{
    #[step(compensate = refund, parallel = both)]
    async fn charge(&self, key: &[u8; N]) -> Result<C::Receipt, C::Error> {
        self.client.charge(key).await
    }

    #[step(readonly, parallel = both)]
    async fn lend(&self) -> Result<C::Lent, String> {
        Ok(self.client.lend())
    }

    #[step]
    async fn done(&self, receipt: &C::Receipt, _lent: &C::Lent) -> Result<C::Receipt, C::Error> {
        Ok(receipt.clone())
    }

    async fn refund(&self, _receipt: &C::Receipt) -> Result<(), C::Error> {
        Ok(())
    }
}

impl Client<[u8; 2]> for Cards {
    type Error = String;
    type Receipt = u32;

    async fn charge(&self, key: &[u8; 2]) -> Result<u32, String> {
        Ok(u32::from(key[0] + key[1]))
    }
}

/// The trait has the parameter, and its associated type another.
trait Store<K> {
    type Row: Row<K>;
}

trait Row<K> {
    type Id: Send + Sync + Clone;
}

struct Rows<S, K>(PhantomData<fn(S, K)>);

#[saga]
impl<S, K> Rows<S, K>
where
    S: Store<K>,
    K: Send + Sync,
{
    #[step(readonly)]
    async fn find(&self, id: &<S::Row as Row<K>>::Id) -> Result<<S::Row as Row<K>>::Id, String> {
        Ok(id.clone())
    }

    #[step]
    async fn again(&self, id: <<S as Store<K>>::Row as Row<K>>::Id) -> Result<<S::Row as Row<K>>::Id, String> {
        Ok(id)
    }
}

struct Table;

impl Store<u8> for Table {
    type Row = Table;
}

impl Row<u8> for Table {
    type Id = u64;
}

fn error_of<C: Client<K>, K: Send + Sync>(error: &BoundsSagaError<C, K>) -> bool {
    matches!(error, BoundsSagaError::Charge(_))
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let bounds = Bounds { client: Cards, key: PhantomData };
    assert_eq!(BoundsSaga::run(&bounds, 7).await.unwrap(), 7);
    let error = BoundsSaga::run(&bounds, 0).await.unwrap_err();
    assert!(error_of(error.error()));
    let inline = Inline { client: Cards, key: 7 };
    assert_eq!(InlineSaga::run(&inline, ()).await.unwrap(), 7);
    let unused: Unused<u8, u8> = Unused(PhantomData);
    assert_eq!(UnusedSaga::run(&unused, 7).await.unwrap(), 1);
    let unused: UnusedInline<u8, u16> = UnusedInline(PhantomData);
    assert_eq!(UnusedInlineSaga::run(&unused, 7).await.unwrap(), [7]);
    let others: Others<'_, Cards, 2> = Others { client: Cards, name: PhantomData };
    assert_eq!(OthersSaga::run(&others, [3, 4]).await.unwrap(), 7);
    let rows: Rows<Table, u8> = Rows(PhantomData);
    assert_eq!(RowsSaga::run(&rows, 7).await.unwrap(), 7);
}
