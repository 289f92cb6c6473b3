//! Each step takes what the step before it returned.
//!
//! What is fixed before the saga starts (here `a` to `f`) is a field of the service; what is
//! handed from step to step is a parameter, and the compiler checks that it fits.

use saga_core::{Saga, SagaError, saga};

struct PreviousResult {
    a: i32,
    b: i32,
    c: i32,
    d: i32,
    e: i32,
    f: i32,
}

#[saga]
impl PreviousResult {
    #[step(readonly)]
    async fn action_1(&self) -> Result<String, String> {
        println!("async_action_1()");
        Ok("result_1".to_owned())
    }

    #[step(readonly)]
    async fn action_2(&self, previous: &str) -> Result<String, String> {
        let Self { a, b, .. } = self;
        println!("async_action_2(a={a}, b={b}, args=('{previous}',)");
        Ok("result_2".to_owned())
    }

    #[step(readonly)]
    async fn action_3(&self, previous: &str) -> Result<String, String> {
        let Self { c, d, .. } = self;
        println!("async_action_3(args=('{previous}',), c={c}, d={d})");
        Ok("result_3".to_owned())
    }

    #[step(readonly)]
    async fn action_4(&self, previous: &str) -> Result<String, String> {
        let Self { a, b, c, d, e, f } = self;
        println!(
            "async_action_4(a={a}, b={b}, args=('{previous}',), c={c}, d={d}, \
             kwargs={{'e': {e}, 'f': {f}}}"
        );
        Ok("result_4".to_owned())
    }
}

#[tokio::main]
async fn main() -> Result<(), SagaError<PreviousResultSaga>> {
    let service = PreviousResult {
        a: 1,
        b: 2,
        c: 3,
        d: 4,
        e: 5,
        f: 6,
    };
    PreviousResultSaga::run(&service, ()).await?;
    Ok(())
}
