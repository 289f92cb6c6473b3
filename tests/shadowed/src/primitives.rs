//! Types by the names of the primitive types.
#![allow(
    non_camel_case_types,
    reason = "what counts is that the names are taken"
)]

use ::core::primitive;

use saga_core::{Attempt, StepContext, saga};

type bool = ();
type char = ();
type f32 = ();
type f64 = ();
type i8 = ();
type i16 = ();
type i32 = ();
type i64 = ();
type i128 = ();
type isize = ();
type str = ();
type u8 = ();
type u16 = ();
type u32 = ();
type u64 = ();
type u128 = ();
type usize = ();

pub(crate) struct Sums;

#[saga(
    vis = pub(crate),
    retry(attempts = 2, backoff = "1ms..2ms"),
    compensation(timeout = "3s", max_interruptions = 2),
    deadline = "9s",
    durable
)]
impl Sums {
    #[step(compensate = forget, timeout = "1s", max_interruptions = 3)]
    async fn begin(
        &self,
        number: &primitive::u8,
        _text: &primitive::str,
        run: &StepContext,
    ) -> Result<primitive::u8, String> {
        assert_eq!(run.attempt(), 1);
        Ok(*number)
    }

    #[step(parallel = sums, readonly, sensitive)]
    async fn small(&self, number: primitive::u8) -> Result<primitive::u8, String> {
        number.checked_sub(2).ok_or_else(|| "too small".to_owned())
    }

    #[step(parallel = sums, only_if = is_large, compensate = take_back)]
    async fn large(&self, number: &primitive::u8) -> Result<primitive::u8, String> {
        Ok(*number - 6)
    }

    #[step(saga = PlusSaga)]
    fn plus(
        &self,
        small: &primitive::u8,
        large: Option<&primitive::u8>,
    ) -> (primitive::u8, Option<primitive::u8>) {
        (*small, large.copied())
    }

    fn is_large(&self, number: &primitive::u8) -> primitive::bool {
        *number > 6
    }

    async fn forget(&self, number: Attempt<&primitive::u8>) -> Result<(), String> {
        match number {
            Attempt::Completed(1) => Ok(()),
            _ => Err("large".to_owned()),
        }
    }

    async fn take_back(&self, _number: &primitive::u8) -> Result<(), String> {
        Ok(())
    }
}

#[saga(saga = PlusSaga, vis = pub(crate), durable)]
impl Sums {
    #[step]
    async fn add(
        &self,
        small: primitive::u8,
        large: Option<primitive::u8>,
    ) -> Result<(primitive::u8, Option<primitive::u8>), String> {
        Ok((small + 3, large))
    }
}
