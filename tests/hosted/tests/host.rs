//! The engine with its files, on the machine's clock: it continues after waits, also in another process, and
//! delivers requests.

use core::time::Duration;
use std::fs;
use std::sync::Arc;
use std::time::SystemTime;

use saga_core::durable::{Carried, Hosted, NoRequests};
use saga_core::{CancellationToken, Policy, RunOptions, StepError as _};
use saga_hosted_tests::host::{Directory, Host};
use saga_tests::cells::{steps_and_end, without_keys};
use saga_tests::ten_steps::{Works, WorksSaga};

const QUICK: &str = "look: ok/0; hold: ok/0; pay: ok/0; gift: ok/0; stamp: ok/0; ship: ok/0; mail: ok/0; \
                     log: ok/0; close: ok/0; unopen: ok/0; open: busy/0 busy/0";

/// Another process on the same directory, in which waits take this long.
fn process(dir: &Directory, wait: Duration) -> (Arc<Works>, Host<WorksSaga>) {
    let works = Arc::new(Works::new(QUICK, None));
    let policy = Policy::attempts(3).backoff(wait, wait);
    let options = RunOptions::new().policy("open", policy).unwrap();
    let hosted = Hosted::new(Arc::clone(&works), options, CancellationToken::new());
    // No process waits in place.
    let hosted = hosted.waits_up_to(Duration::ZERO);
    (works, Host::new(dir.path(), hosted))
}

fn block_on<T>(future: impl Future<Output = T>) -> T {
    let mut builder = tokio::runtime::Builder::new_current_thread();
    builder.enable_time().build().unwrap().block_on(future)
}

#[test]
fn it_comes_again_after_each_wait_until_the_run_has_ended() {
    let dir = Directory::new("waits");
    let (works, host) = process(&dir, Duration::from_millis(200));
    host.start("id", "42").unwrap();
    let ended = block_on(host.carry_to_end("id", || NoRequests)).unwrap();
    let calls = without_keys("id", &works.calls.take());
    assert_eq!(calls[..3], ["open", "open#2", "open#3"]);
    assert_eq!(steps_and_end(&ended, &calls).1, "completed");
    let kinds = host.records("id").unwrap();
    let kinds = kinds.iter().map(|record| record.entry.to_json());
    assert!(!kinds.into_iter().any(|entry| entry.contains("interrupted")));
    // Another process gets the same answer, and a second start does nothing.
    let (works, other) = process(&dir, Duration::ZERO);
    other.start("id", "43").unwrap();
    let again = block_on(other.carry_to_end("id", || NoRequests)).unwrap();
    assert_eq!(again.unwrap().as_ref(), "close");
    assert!(works.calls.is_empty());
}

#[test]
fn a_request_reaches_a_run_that_another_process_left_waiting() {
    let dir = Directory::new("request");
    let long = Duration::from_hours(1_000);
    let (works, host) = process(&dir, long);
    host.start("id", "42").unwrap();
    let carried = block_on(host.carry("id", NoRequests)).unwrap();
    let Carried::Waits { until } = carried else {
        panic!("{carried:?}");
    };
    assert!(until > SystemTime::now());
    assert_eq!(without_keys("id", &works.calls.take()), ["open"]);
    let (works, other) = process(&dir, long);
    let request = CancellationToken::new();
    request.cancel();
    let ended = block_on(other.carry_to_end("id", || request.clone())).unwrap();
    assert!(ended.unwrap_err().error().cancellation().is_some());
    assert!(works.calls.is_empty());
    let file = fs::read_to_string(other.path("id")).unwrap();
    assert_eq!(file.matches("cancel_requested").count(), 1);
}
