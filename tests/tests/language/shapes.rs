//! Shapes of services, steps and types that have to compile as sagas, and run.

mod a_saga_in_a_step;
mod bodies_that_use_anything;
mod borrowed_forms;
mod compensation_elsewhere;
mod compensation_of_any_shape;
mod const_generics;
mod errors_of_other_crates;
mod fifty_steps;
mod generic_service;
mod methods_stay_methods;
mod names;
mod paths_to_the_service;
mod places;
mod private_types;
mod result_aliases;
mod send;
mod two_sagas_on_one_service;
mod without_a_runtime;

use core::fmt;
use core::future::Future;
use std::sync::Arc;

use saga_core::{End, Failure, Saga, SagaError, StepError, saga};

fn is_send<T: Send>(value: T) -> T {
    value
}

fn is_send_and_lives_for_ever<T: Send + 'static>(value: T) -> T {
    value
}

/// Polls on this thread, without a runtime.
fn block_on<F: Future>(future: F) -> F::Output {
    struct Unpark(std::thread::Thread);

    impl std::task::Wake for Unpark {
        fn wake(self: Arc<Self>) {
            self.0.unpark();
        }
    }

    let waker = Arc::new(Unpark(std::thread::current())).into();
    let mut context = core::task::Context::from_waker(&waker);
    let mut future = core::pin::pin!(future);
    loop {
        match future.as_mut().poll(&mut context) {
            core::task::Poll::Ready(output) => return output,
            core::task::Poll::Pending => std::thread::park(),
        }
    }
}

/// Returns `Pending` once, and wakes itself.
async fn yield_once() {
    let mut yielded = false;
    core::future::poll_fn(|context| {
        if core::mem::replace(&mut yielded, true) {
            return core::task::Poll::Ready(());
        }
        context.waker().wake_by_ref();
        core::task::Poll::Pending
    })
    .await;
}
