//! Detects whether a pending future has been woken.

use core::sync::atomic::{AtomicBool, Ordering};
use core::task::{Context, Waker};
use std::sync::Arc;
use std::task::Wake;

/// Whether a future was woken since it was last polled. A future that was not woken waits for an external event.
#[derive(Debug, Default)]
pub(super) struct Woken(Option<Arc<NotingWaker>>);

#[derive(Debug)]
struct NotingWaker {
    is_woken: AtomicBool,
    task: Waker,
}

impl Woken {
    /// The waker with which the future must be polled now, in a task that is polled with `cx`.
    pub(super) fn watch(&mut self, cx: &Context<'_>) -> Waker {
        let noted = self.0.take();
        let noted = noted.filter(|noted| noted.task.will_wake(cx.waker()));
        let noted = noted.unwrap_or_else(|| {
            Arc::new(NotingWaker {
                is_woken: AtomicBool::new(false),
                task: cx.waker().clone(),
            })
        });
        noted.is_woken.store(false, Ordering::Release);
        Waker::from(Arc::clone(self.0.insert(noted)))
    }

    pub(super) fn is_woken(&self) -> bool {
        let noted = self.0.as_ref();
        noted.is_some_and(|noted| noted.is_woken.load(Ordering::Acquire))
    }
}

impl Wake for NotingWaker {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.is_woken.store(true, Ordering::Release);
        self.task.wake_by_ref();
    }
}
