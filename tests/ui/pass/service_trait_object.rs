#![deny(warnings)]

use std::sync::Arc;

use saga_core::{RunOptions, Saga, saga};

trait Bank: Send + Sync {
    fn balance(&self) -> u32;
}

struct Local;

impl Bank for Local {
    fn balance(&self) -> u32 {
        7
    }
}

#[saga(saga = BankSaga)]
impl dyn Bank {
    #[step(compensate = give_back, retry(attempts = 2))]
    async fn take(&self, amount: &u32) -> Result<u32, String> {
        Ok(self.balance() - amount)
    }

    #[step(saga = CountSaga, only_if = is_rich)]
    fn count(&self, left: &u32) -> u32 {
        *left
    }

    #[step]
    async fn end(&self, counted: Option<&u32>) -> Result<u32, String> {
        counted.copied().ok_or_else(|| "poor".to_owned())
    }

    fn is_rich(&self, left: &u32) -> bool {
        *left > 1
    }

    async fn give_back(&self, _left: &u32) -> Result<(), String> {
        Ok(())
    }
}

#[saga(saga = CountSaga)]
impl dyn Bank {
    #[step(readonly)]
    async fn count_all(&self, left: &u32) -> Result<u32, String> {
        Ok(self.balance() + left)
    }
}

trait Lent<'a>: Sync {}

struct Borrows;

impl Lent<'_> for Borrows {}

#[saga(saga = LentSaga)]
impl<'a> dyn Lent<'a> + Send + 'a {
    #[step(readonly)]
    async fn lend(&self) -> Result<(), String> {
        Ok(())
    }
}

#[saga(saga = ElidedSaga)]
impl dyn Lent<'_> + '_ {
    #[step(readonly)]
    async fn elided(&self) -> Result<(), String> {
        Ok(())
    }
}

struct Shop {
    bank: Arc<dyn Bank>,
    boxed: Box<dyn Bank>,
}

#[saga]
impl Shop {
    #[step(saga = CountSaga, on = self.bank)]
    fn one(&self, n: &u32) -> u32 {
        *n
    }

    #[step(saga = BankSaga, on = *self.boxed)]
    fn other(&self, _n: &u32) -> u32 {
        1
    }
}

#[rustfmt::skip]
mod parentheses {
    #![allow(unused_parens)]

    use super::*;

    pub(super) struct Wrapped;

    #[saga]
    impl (Wrapped) {
        #[step(readonly)]
        async fn only(&self, n: (&u32)) -> (Result<u32, String>) {
            Ok(*n)
        }
    }

    macro_rules! this {
        () => { Wrapped };
    }

    #[saga(saga = MacroSaga)]
    impl this!() {
        #[step(readonly)]
        async fn also(&self, n: &u32) -> Result<u32, String> {
            Ok(*n)
        }
    }

    #[tokio::main(flavor = "current_thread")]
    pub(super) async fn run() {
        assert_eq!(WrappedSaga::run(&Wrapped, 7).await.unwrap(), 7);
        assert_eq!(MacroSaga::run(&Wrapped, 7).await.unwrap(), 7);
    }
}

#[tokio::main(flavor = "current_thread")]
async fn trait_objects() {
    let bank: Arc<dyn Bank> = Arc::new(Local);
    assert_eq!(BankSaga::run(&*bank, 2).await.unwrap(), 12);
    let spawned = BankSaga::spawn(Arc::clone(&bank), 2, RunOptions::new());
    assert_eq!(spawned.await.unwrap().unwrap(), 12);
    let shop = Shop { bank, boxed: Box::new(Local) };
    assert_eq!(ShopSaga::run(&shop, 1).await.unwrap(), 13);
    let lent: &(dyn Lent<'_> + Send) = &Borrows;
    LentSaga::run(lent, ()).await.unwrap();
    let lent: &dyn Lent<'_> = &Borrows;
    ElidedSaga::run(lent, ()).await.unwrap();
}

fn main() {
    parentheses::run();
    trait_objects();
}
