//! Two steps, one after the other.

use saga_core::{Saga, SagaError, saga};

struct Basics;

#[saga]
impl Basics {
    #[step(readonly)]
    async fn action_1(&self) -> Result<&'static str, String> {
        println!("action_1()");
        Ok("result_1")
    }

    #[step(readonly)]
    async fn action_2(&self) -> Result<&'static str, String> {
        println!("async_action_2()");
        Ok("result_2")
    }
}

#[tokio::main]
async fn main() -> Result<(), SagaError<BasicsSaga>> {
    BasicsSaga::run(&Basics, ()).await?;
    Ok(())
}
