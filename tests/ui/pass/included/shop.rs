// Included twice by `saga_names_in_several_scopes.rs`.

use saga_core::saga;

pub struct Shop;

#[saga(vis = pub)]
impl Shop {
    #[step]
    async fn pay(&self, price: u32) -> Result<u32, String> {
        Ok(price + 5)
    }
}
