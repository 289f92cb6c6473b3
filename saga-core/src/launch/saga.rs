//! Runs a saga in memory: what the methods of [`Saga`](crate::Saga) do.

use core::future::Future;
use std::sync::Arc;

use crate::drive::{Own, SagaError, drive_by, only};
use crate::launch::{InMemory, RunOptions, SagaHandle};
use crate::machine::{Machine, Slots};
use crate::run::{Caller, Position, Progress, Run};
use crate::util::map::map;
use crate::util::panics;

/// Runs with a random id.
pub(crate) fn run<S: Machine<InMemory>>(
    service: &S::Service,
    input: S::Input,
) -> impl Future<Output = Result<S::Output, SagaError<S>>> + Send {
    let run = match S::DEFINITION.deadline {
        None => Run::random(),
        Some(_) => RunOptions::<S>::new().into_run(),
    };
    in_memory(service, input, run)
}

/// Runs with these options.
pub(crate) fn run_with<S: Machine<InMemory>>(
    service: &S::Service,
    input: S::Input,
    options: RunOptions<S>,
) -> impl Future<Output = Result<S::Output, SagaError<S>>> + Send {
    in_memory(service, input, options.into_run())
}

/// Runs in a task of its own.
pub(crate) fn spawn<S>(
    service: Arc<S::Service>,
    input: S::Input,
    mut options: RunOptions<S>,
) -> SagaHandle<S>
where
    S: Machine<InMemory> + 'static,
    S::Service: Send + 'static,
    S::Input: Send + 'static,
    S::Output: Send + 'static,
{
    let (token, progress) = (options.own_token(), Arc::new(Progress::new()));
    let run = options.into_run().with_progress(Arc::clone(&progress));
    let run = run.with_caller(Caller::current());
    let (id, position) = (run.id(), Arc::clone(&progress));
    let task = tokio::spawn(async move {
        let ended = in_memory::<S>(&service, input, run).await;
        // This may be the last reference to the service: a panic in its `Drop` must not lose the result of the run.
        panics::discard(service);
        position.set(Position::Ended);
        ended
    });
    SagaHandle::new(task, token, progress, id)
}

fn in_memory<S: Machine<InMemory>>(
    service: &S::Service,
    input: S::Input,
    run: Run,
) -> impl Future<Output = Result<S::Output, SagaError<S>>> + Send {
    let executor = Own(InMemory::of(run));
    let driven = drive_by::<S, InMemory, _, _, _>(service, executor, input, S::Slots::finish, only);
    map(driven, |end| match end {
        Ok(end) => end,
        Err(never) => match never {},
    })
}
