//! What a saga is, and the ways to run one.
//!
//! The methods that run a saga are one line each, into `launch`. They stand in this trait, the only file that
//! imports from rooms above it, because `CheckoutSaga::run` has to work where `Saga` alone is imported
//! (`docs/structure.md`).

use core::future::Future;
use std::sync::Arc;

use crate::definition::Definition;
use crate::drive::SagaError;
use crate::launch::{self, InMemory, RunOptions, SagaHandle};
use crate::machine::{Machine, Slots, StepError};

/// A saga: implemented by the type that `#[saga]` generates beside the service.
///
/// ```
/// use saga_core::{Saga, saga};
///
/// struct Greeter;
///
/// #[saga]
/// impl Greeter {
///     #[step(readonly)]
///     async fn greet(&self, name: &str) -> Result<String, String> {
///         Ok(format!("hello {name}"))
///     }
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// let greeting = GreeterSaga::run(&Greeter, "world".to_owned()).await;
/// assert_eq!(greeting.unwrap(), "hello world");
/// # }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a saga",
    label = "not a saga",
    note = "a saga is the type that `#[saga]` generates beside a service: for `impl Payments` it is called \
            `PaymentsSaga`"
)]
pub trait Saga: Sized {
    /// What has the steps as methods.
    type Service: Sync;
    /// What a run begins with.
    type Input;
    /// What the last step gives.
    type Output;
    /// The error enum: one variant a step, `Cancelled` and `DeadlineExceeded`.
    type Error: StepError + Send;
    /// The state enum: one variant for each point between two steps.
    type State<'a>
    where
        Self: 'a;
    /// What is kept while a run goes on.
    #[doc(hidden)]
    type Slots: Slots<Self> + Send;
    /// Whether it can be undone once it has completed: [`TwoWay`](crate::expansion::checks::TwoWay) or
    /// [`OneWay`](crate::expansion::checks::OneWay).
    #[doc(hidden)]
    type Way;

    /// The saga as data.
    const DEFINITION: &'static Definition;

    /// Runs the saga in memory, under a random id and the policies of the definition.
    ///
    /// # Errors
    ///
    /// A [`SagaError`] when a step gave up or the run was ended from outside: it says which and why, what was
    /// undone, and whether something is left that needs a person.
    ///
    /// # Cancellation
    ///
    /// Dropping the future stops the saga where it is and *undoes nothing*: nobody is left to do
    /// it. Where the caller may go away (a request handler, a `select!`), [`spawn`](Self::spawn) it. To end
    /// it in order there are [`RunOptions::cancellation`] and [`RunOptions::deadline`].
    fn run(
        service: &Self::Service,
        input: Self::Input,
    ) -> impl Future<Output = Result<Self::Output, SagaError<Self>>> + Send
    where
        Self: Machine<InMemory>,
    {
        launch::saga::run::<Self>(service, input)
    }

    /// Runs the saga in memory, as `options` say.
    ///
    /// # Errors
    ///
    /// As [`run`](Self::run).
    ///
    /// # Cancellation
    ///
    /// As [`run`](Self::run).
    fn run_with(
        service: &Self::Service,
        input: Self::Input,
        options: RunOptions<Self>,
    ) -> impl Future<Output = Result<Self::Output, SagaError<Self>>> + Send
    where
        Self: Machine<InMemory>,
    {
        launch::saga::run_with::<Self>(service, input, options)
    }

    /// Runs the saga in memory, in a task of its own: nobody has to stay for it to go on, or to be rolled
    /// back. It begins now, also if the handle is never awaited. The service is shared with the task, so it
    /// is in an [`Arc`], and it, the input, the outputs and the errors borrow from nobody.
    ///
    /// # Panics
    ///
    /// Outside of a Tokio runtime.
    ///
    /// # Cancellation
    ///
    /// Dropping the handle changes nothing; [`SagaHandle::cancel`] ends the run in order. A runtime that is
    /// shut down drops the task where it is, and undoes nothing: cancel the runs before, and wait for them.
    ///
    /// ```
    /// use std::sync::Arc;
    ///
    /// use saga_core::{RunOptions, Saga, saga};
    ///
    /// struct Greeter;
    ///
    /// #[saga]
    /// impl Greeter {
    ///     #[step(readonly)]
    ///     async fn greet(&self, name: &str) -> Result<String, String> {
    ///         Ok(format!("hello {name}"))
    ///     }
    /// }
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), saga_core::Lost> {
    /// let options = RunOptions::new().id("greeting-1");
    /// let handle = GreeterSaga::spawn(Arc::new(Greeter), "world".to_owned(), options);
    /// let greeting = handle.await?;
    /// assert_eq!(greeting.unwrap(), "hello world");
    /// # Ok(())
    /// # }
    /// ```
    fn spawn(
        service: Arc<Self::Service>,
        input: Self::Input,
        options: RunOptions<Self>,
    ) -> SagaHandle<Self>
    where
        Self: Machine<InMemory> + 'static,
        Self::Service: Send + 'static,
        Self::Input: Send + 'static,
        Self::Output: Send + 'static,
    {
        launch::saga::spawn(service, input, options)
    }
}
