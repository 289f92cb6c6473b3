//! `Self` and the service's generics in the paths of `when` and `in_doubt`.

use core::fmt;

use saga_core::{Attempt, End, Saga, saga};
use saga_tests::Calls;

trait Fault {
    fn is_transient(&self) -> bool;
}

#[derive(Debug, Clone, PartialEq)]
enum Broken {
    Again,
    Lost,
}

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self:?}")
    }
}

impl Fault for Broken {
    fn is_transient(&self) -> bool {
        *self == Self::Again
    }
}

struct Client<E> {
    calls: Calls,
    error: E,
}

#[saga]
impl<E: Fault + fmt::Display + Clone + Send + Sync> Client<E> {
    #[step(compensate = undo, retry(attempts = 2, when = Self::again), in_doubt = Self::lost)]
    async fn ask(&self) -> Result<u8, E> {
        self.calls.add("ask");
        Err(self.error.clone())
    }

    #[step(no_compensation = "it is only looked at", retry(attempts = 2, when = E::is_transient), in_doubt = <E as Fault>::is_transient)]
    async fn look(&self) -> Result<u8, E> {
        Err(self.error.clone())
    }

    async fn undo(&self, asked: Attempt<&u8>) -> Result<(), E> {
        self.calls.add(format!("undo({asked:?})"));
        Ok(())
    }

    fn again(error: &E) -> bool {
        error.is_transient()
    }

    fn lost(error: &E) -> bool {
        !error.is_transient()
    }
}

#[tokio::test(start_paused = true)]
async fn a_predicate_may_be_a_function_of_the_service_or_of_the_error() {
    for (error, attempts, in_doubt, calls) in [
        (Broken::Again, 2, false, &["ask", "ask"][..]),
        (Broken::Lost, 1, true, &["ask", "undo(InDoubt)"]),
    ] {
        let service = Client {
            calls: Calls::new(),
            error,
        };
        let error = ClientSaga::run(&service, ()).await.unwrap_err();
        assert_eq!(error.step().unwrap().name, "ask");
        assert_eq!(error.attempts(), attempts);
        assert_eq!(error.in_doubt(), in_doubt);
        assert_eq!(error.end(), End::Compensated);
        assert_eq!(service.calls.take(), calls);
    }
}
