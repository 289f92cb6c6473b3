#![deny(warnings)]

//! Sagas of one name that never meet: in modules and functions of one file, by `#[cfg(..)]`, from one macro, and from
//! one file that is included twice.

use saga_core::{Saga, saga};

pub struct Shop;

#[saga]
impl Shop {
    #[step]
    async fn pay(&self, price: u32) -> Result<u32, String> {
        Ok(price)
    }
}

mod rent {
    use saga_core::saga;

    pub struct Shop;

    #[saga(vis = pub)]
    impl Shop {
        #[step]
        async fn pay(&self, price: u32) -> Result<u32, String> {
            Ok(price + 1)
        }
    }
}

mod tea {
    use saga_core::saga;

    pub struct Shop;

    #[saga(vis = pub)]
    impl Shop {
        #[step]
        async fn pay(&self, price: u32) -> Result<u32, String> {
            Ok(price + 1)
        }
    }
}

async fn in_a_function() -> u32 {
    struct Shop;

    #[saga]
    impl Shop {
        #[step]
        async fn pay(&self, price: u32) -> Result<u32, String> {
            Ok(price + 2)
        }
    }

    async fn in_another() -> u32 {
        struct Shop;

        #[saga]
        impl Shop {
            #[step]
            async fn pay(&self, price: u32) -> Result<u32, String> {
                Ok(price + 2)
            }
        }

        ShopSaga::run(&Shop, 1).await.unwrap()
    }

    ShopSaga::run(&Shop, 1).await.unwrap() + in_another().await
}

mod by_configuration {
    use saga_core::saga;

    pub struct Shop;

    #[cfg(not(any()))]
    #[saga(vis = pub)]
    impl Shop {
        #[step]
        async fn pay(&self, price: u32) -> Result<u32, String> {
            Ok(price + 3)
        }
    }

    #[cfg(any())]
    #[saga(vis = pub)]
    impl Shop {
        #[step]
        async fn pay(&self, price: u32) -> Result<u32, String> {
            Ok(price + 3)
        }
    }
}

macro_rules! shop {
    ($module:ident, $service:ident, $tip:literal) => {
        mod $module {
            use saga_core::saga;

            pub struct $service;

            #[saga(vis = pub)]
            impl $service {
                #[step]
                async fn pay(&self, price: u32) -> Result<u32, String> {
                    Ok(price + $tip)
                }
            }
        }
    };
    (whole $module:ident) => {
        mod $module {
            use saga_core::saga;

            pub struct Shop;

            #[saga(vis = pub)]
            impl Shop {
                #[step]
                async fn pay(&self, price: u32) -> Result<u32, String> {
                    Ok(price + 4)
                }
            }
        }
    };
}

shop!(first, Shop, 4);
shop!(second, Shop, 4);
shop!(whole third);
shop!(whole fourth);

mod included {
    include!("included/shop.rs");
}

mod included_again {
    include!("included/shop.rs");
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    assert_eq!(ShopSaga::run(&Shop, 1).await.unwrap(), 1);
    assert_eq!(rent::ShopSaga::run(&rent::Shop, 1).await.unwrap(), 2);
    assert_eq!(tea::ShopSaga::run(&tea::Shop, 1).await.unwrap(), 2);
    assert_eq!(in_a_function().await, 6);
    let shop = by_configuration::Shop;
    assert_eq!(by_configuration::ShopSaga::run(&shop, 1).await.unwrap(), 4);
    assert_eq!(first::ShopSaga::run(&first::Shop, 1).await.unwrap(), 5);
    assert_eq!(second::ShopSaga::run(&second::Shop, 1).await.unwrap(), 5);
    assert_eq!(third::ShopSaga::run(&third::Shop, 1).await.unwrap(), 5);
    assert_eq!(fourth::ShopSaga::run(&fourth::Shop, 1).await.unwrap(), 5);
    assert_eq!(included::ShopSaga::run(&included::Shop, 1).await.unwrap(), 6);
    let shop = included_again::Shop;
    assert_eq!(included_again::ShopSaga::run(&shop, 1).await.unwrap(), 6);
}
