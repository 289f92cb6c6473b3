//! Detects whether a pending future has been woken.

use core::sync::atomic::{AtomicBool, Ordering};
use core::task::{Context, Waker};
use std::sync::Arc;
use std::task::Wake;

/// Whether a future was woken since it was last polled. A future that was not woken waits for an external event.
#[derive(Debug, Default)]
pub(super) struct Woken(Option<Arc<WakeFlag>>);

#[derive(Debug)]
struct WakeFlag {
    is_woken: AtomicBool,
    task: Waker,
}

impl Woken {
    /// The waker with which the future must be polled now, in a task that is polled with `cx`.
    pub(super) fn watch(&mut self, cx: &Context<'_>) -> Waker {
        let flag = self.0.take();
        let flag = flag.filter(|flag| flag.task.will_wake(cx.waker()));
        let flag = flag.unwrap_or_else(|| {
            Arc::new(WakeFlag {
                is_woken: AtomicBool::new(false),
                task: cx.waker().clone(),
            })
        });
        flag.is_woken.store(false, Ordering::Release);
        Waker::from(Arc::clone(self.0.insert(flag)))
    }

    pub(super) fn is_woken(&self) -> bool {
        let flag = self.0.as_ref();
        flag.is_some_and(|flag| flag.is_woken.load(Ordering::Acquire))
    }
}

impl Wake for WakeFlag {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.is_woken.store(true, Ordering::Release);
        self.task.wake_by_ref();
    }
}
