//! Code that is generic over the saga that it runs.

use saga_core::{End, InMemory, Machine, RunOptions, SagaError, StepError, saga};

struct Halve;

#[saga]
impl Halve {
    #[step(compensate = unprepare)]
    async fn prepare(&self, number: &u64) -> Result<u64, String> {
        Ok(*number)
    }

    #[step]
    async fn halve(&self, prepared: &u64) -> Result<u64, String> {
        match prepared % 2 {
            0 => Ok(prepared / 2),
            _ => Err(format!("{prepared} is odd")),
        }
    }

    async fn unprepare(&self, _prepared: &u64) -> Result<(), String> {
        Ok(())
    }
}

struct Greet<'n>(&'n str);

#[saga]
impl<'n> Greet<'n> {
    #[step(readonly)]
    async fn greet(&self) -> Result<&'n str, String> {
        Ok(self.0)
    }
}

async fn run_any<S>(service: &S::Service, input: S::Input) -> Result<S::Output, SagaError<S>>
where
    S: Machine<InMemory>,
{
    let named = S::run_with(service, input, RunOptions::new().id("named"));
    named.await
}

async fn log_any<S>(service: &S::Service, input: S::Input) -> Result<S::Output, String>
where
    S: Machine<InMemory>,
{
    S::run(service, input).await.map_err(|error| {
        let step = error.error().step().unwrap().name;
        format!("{step} of {}: {}", S::DEFINITION.name, error.end())
    })
}

fn is_send<T: Send>(value: T) -> T {
    value
}

#[tokio::test(start_paused = true)]
async fn a_function_may_run_any_saga_and_its_future_is_send() {
    let half = is_send(log_any::<HalveSaga>(&Halve, 8)).await;
    assert_eq!(half.unwrap(), 4);
    let half = is_send(log_any::<HalveSaga>(&Halve, 7)).await;
    assert_eq!(half.unwrap_err(), "halve of halve: compensated");

    let error = is_send(run_any::<HalveSaga>(&Halve, 7)).await.unwrap_err();
    assert_eq!(error.step().unwrap().name, "halve");
    assert_eq!(error.attempts(), 1);
    assert_eq!(error.end(), End::Compensated);
    assert_eq!(error.saga_id().to_string(), "named");

    let name = "Ada".to_owned();
    let service = Greet(&name);
    let greeting = is_send(log_any::<GreetSaga<'_>>(&service, ())).await;
    assert_eq!(greeting.unwrap(), "Ada");

    let half = tokio::spawn(async { run_any::<HalveSaga>(&Halve, 8).await });
    assert_eq!(half.await.unwrap().unwrap(), 4);
}
