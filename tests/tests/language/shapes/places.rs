use super::*;

pub(super) mod nested {
    pub(crate) mod deeper {
        use saga_core::saga;

        pub(crate) struct Deep(pub(in crate::shapes::places) u8);

        #[saga(vis = pub(crate))]
        impl Deep {
            #[step(readonly)]
            async fn dig(&self, spade: &super::Spade) -> Result<u8, super::super::Stone> {
                match spade.0.checked_sub(self.0) {
                    Some(left) => Ok(left),
                    None => Err(super::super::Stone),
                }
            }
        }
    }

    #[derive(Debug)]
    pub(crate) struct Spade(pub(crate) u8);
}

#[derive(Debug)]
pub(crate) struct Stone;

impl fmt::Display for Stone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a stone")
    }
}

#[tokio::test(start_paused = true)]
async fn a_saga_may_stand_in_a_nested_module() {
    use nested::deeper::{Deep, DeepSaga, DeepSagaError};
    let left = DeepSaga::run(&Deep(2), nested::Spade(5)).await;
    assert_eq!(left.unwrap(), 3);
    let error = DeepSaga::run(&Deep(2), nested::Spade(1)).await.unwrap_err();
    assert_eq!(error.step().unwrap().name, "dig");
    assert_eq!(error.attempts(), 1);
    assert_eq!(error.end(), End::Compensated);
    assert!(matches!(
        error.error(),
        DeepSagaError::Dig(Failure::Error(Stone))
    ));
}

#[tokio::test(start_paused = true)]
async fn a_saga_may_stand_in_a_function_body() {
    struct Local(u8);

    #[derive(Debug)]
    struct Product(u8);

    #[saga]
    impl Local {
        #[step(compensate = unmake)]
        async fn make(&self, by: &u8) -> Result<Product, String> {
            Ok(Product(self.0 * by))
        }

        #[step]
        async fn check(&self, made: &Product) -> Result<u8, String> {
            match made {
                Product(6) => Ok(6),
                Product(_) => Err(format!("{made:?}")),
            }
        }

        async fn unmake(&self, _made: &Product) -> Result<(), String> {
            Ok(())
        }
    }

    assert_eq!(LocalSaga::run(&Local(2), 3).await.unwrap(), 6);
    let error = LocalSaga::run(&Local(2), 4).await.unwrap_err();
    assert_eq!(error.step().unwrap().name, "check");
    assert_eq!(error.attempts(), 1);
    assert_eq!(error.end(), End::Compensated);
}
