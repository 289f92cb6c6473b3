//! The second step fails, so the first one is undone: its compensation takes its result.

use saga_core::{Saga, saga};

struct Compensation;

#[saga]
impl Compensation {
    #[step(compensate = compensation_1)]
    async fn action_1(&self) -> Result<String, RuntimeError> {
        println!("async_action_1()");
        Ok("result_1".to_owned())
    }

    async fn compensation_1(&self, result: &str) -> Result<(), RuntimeError> {
        println!("async_compensation_1({result})");
        Ok(())
    }

    // The last step needs no compensation: nothing can fail after it.
    #[step]
    async fn action_2(&self) -> Result<(), RuntimeError> {
        println!("async_action_2()");
        Err(RuntimeError("test"))
    }
}

#[derive(Debug, thiserror::Error)]
#[error("RuntimeError: {0}")]
struct RuntimeError(&'static str);

#[tokio::main]
async fn main() {
    if let Err(error) = CompensationSaga::run(&Compensation, ()).await {
        println!("\n{}", error.report());
    }
}
