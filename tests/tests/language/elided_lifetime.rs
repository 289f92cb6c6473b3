//! A service that borrows, in a block that does not name the lifetime.

use saga_core::{End, Saga, saga};

struct Named<'n>(&'n str);

#[saga]
impl Named<'_> {
    #[step(compensate = forget)]
    async fn name(&self) -> Result<String, String> {
        Ok(self.0.to_owned())
    }

    #[step]
    async fn greet(&self, name: &str) -> Result<String, String> {
        match name {
            "" => Err("no name".to_owned()),
            _ => Ok(format!("hello {name}")),
        }
    }

    async fn forget(&self, name: &str) -> Result<(), String> {
        assert_eq!(name, self.0);
        Ok(())
    }
}

#[tokio::test(start_paused = true)]
async fn the_lifetime_of_a_service_may_be_elided() {
    let name = "borrowed".to_owned();
    let greeting = NamedSaga::run(&Named(&name), ()).await;
    assert_eq!(greeting.unwrap(), "hello borrowed");
    let error = NamedSaga::run(&Named(""), ()).await.unwrap_err();
    assert_eq!(error.step().unwrap().name, "greet");
    assert_eq!(error.attempts(), 1);
    assert_eq!(error.end(), End::Compensated);
}
