//! What a saga is, and the ways to run one.
//!
//! The methods that run a saga are one line each and call `launch`. They are in this trait, in the only file that
//! imports from rooms above it, because `CheckoutSaga::run` must work where only `Saga` is imported
//! (`docs/structure.md`).

use core::future::Future;
use std::sync::Arc;

use crate::definition::Definition;
use crate::drive::SagaError;
use crate::launch::{self, InMemory, RunOptions, SagaHandle};
use crate::machine::{Machine, Slots, StepError};

/// A saga. Implemented by the type that `#[saga]` generates beside the service.
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
    note = "a saga is the type that `#[saga]` generates beside a service: for `impl {Self}` write `{Self}Saga`"
)]
pub trait Saga: Sized {
    /// The type that has the steps as methods.
    type Service: Sync + ?Sized;
    /// The input of a run.
    type Input;
    /// The output of the last step.
    type Output;
    /// The error enum: one variant per step, and `Cancelled` and `DeadlineExceeded`.
    type Error: StepError + Send;
    /// The state enum: one variant for each point between two steps or groups.
    type State<'a>
    where
        Self: 'a;
    /// What is stored while a run goes on.
    #[doc(hidden)]
    type Slots: Slots<Self> + Send;
    /// Whether it can be undone once it has completed: [`TwoWay`](crate::expansion::checks::TwoWay) or
    /// [`OneWay`](crate::expansion::checks::OneWay).
    #[doc(hidden)]
    type Way;

    /// The saga as data.
    const DEFINITION: &'static Definition;

    /// Runs the saga in memory, with a random id and the policies of the definition.
    ///
    /// # Errors
    ///
    /// A [`SagaError`] if a step gave up or the run was ended from outside. It says which step and why, what was
    /// undone, and whether an operator must act.
    ///
    /// # Cancellation
    ///
    /// Dropping the future stops the saga where it is and *undoes nothing*: the compensations would have to run in it.
    /// If the caller may go away (a request handler, a `select!`), use [`spawn`](Self::spawn). To end a run in order,
    /// use [`RunOptions::cancellation`] or [`RunOptions::deadline`].
    fn run(
        service: &Self::Service,
        input: Self::Input,
    ) -> impl Future<Output = Result<Self::Output, SagaError<Self>>> + Send
    where
        Self: Machine<InMemory>,
    {
        launch::saga::run::<Self>(service, input)
    }

    /// Runs the saga in memory, with these options.
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

    /// Runs the saga in memory, in a task of its own, which goes on, and rolls back if it must, whatever happens to the
    /// caller. The task starts now, even if the handle is never awaited. The service is shared with the task, so it is
    /// in an [`Arc`]; the service, the input, the outputs and the errors must be `'static`.
    ///
    /// # Panics
    ///
    /// If it is called outside of a Tokio runtime.
    ///
    /// # Cancellation
    ///
    /// Dropping the handle does not affect the run; [`SagaHandle::cancel`] ends it in order. A runtime that is shut
    /// down drops the task where it is and undoes nothing: cancel the runs first, and wait for their handles.
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
