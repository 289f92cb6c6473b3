#![deny(warnings)]

#![deny(missing_docs, clippy::all, unused)]
//! Whatever stands on a method stays there.

use saga_core::saga;

/// What is bought.
pub struct Order;

/// The shop.
pub struct Checkout;

#[saga(vis = pub)]
#[allow(clippy::needless_pass_by_value)]
/// The saga of the shop.
impl Checkout {
    /// Takes the goods off the shelf.
    ///
    /// Twice is once.
    #[step(compensate = release_stock)]
    #[must_use]
    #[inline]
    pub async fn reserve_stock(&self, _order: &Order) -> Result<u32, String> {
        Ok(7)
    }

    #[allow(unused_variables)]
    #[step(pivot)]
    #[cold]
    async fn charge_card(&self, #[allow(unused_mut)] mut reservation: u32) -> Result<u32, String> {
        let unused = 1;
        Ok(7)
    }

    #[compensation(timeout = "3s")]
    #[doc(hidden)]
    pub async fn release_stock(&self, _reservation: &u32) -> Result<(), String> {
        Ok(())
    }
}

fn main() {}
