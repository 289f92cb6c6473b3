//! Values that are written to a file and read back: nothing, `None` as an output, large values, other characters
//! than ASCII, and values of a codec; and a last line that a crash has torn.

#![expect(
    clippy::ref_option,
    clippy::option_option,
    reason = "an output that is an `Option`, of a step that may be skipped"
)]

use core::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::fs::{self, OpenOptions};
use std::io::Write as _;
use std::sync::Arc;
use std::time::Duration;

use saga_core::durable::{Carried, Codec, CodecError, Hosted, HostedStop, NoRequests};
use saga_core::{CancellationToken, RunOptions, StepContext, saga};
use saga_hosted_tests::host::{Directory, Host, Unable};
use saga_hosted_tests::memory::Write;
use saga_hosted_tests::run::{Life, OneRun};
use saga_tests::Calls;
use serde::{Deserialize, Serialize};

/// The input of the saga.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Wish {
    text: String,
    large: usize,
    wants: bool,
    refused: bool,
}

#[derive(Debug, Default)]
struct Post {
    calls: Calls,
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("nein, {0} ≠ ✓")]
struct Refused(String);

#[saga(durable, name = "post", vis = pub(crate))]
impl Post {
    /// Returns nothing.
    #[step(compensate = close)]
    async fn open(&self, wish: &Wish, run: &StepContext) -> Result<(), Refused> {
        let _ = wish;
        self.calls.add(run.idempotency_key());
        Ok(())
    }

    /// Returns a `None` that is an output.
    #[step(readonly)]
    async fn look(&self, run: &StepContext) -> Result<Option<u8>, Refused> {
        self.calls.add(run.idempotency_key());
        Ok(None)
    }

    /// Skipped, or returns a `None` that does not mean skipped.
    #[step(readonly, only_if = wanted)]
    async fn wrap(&self, looked: &Option<u8>, run: &StepContext) -> Result<Option<u8>, Refused> {
        assert_eq!(*looked, None);
        self.calls.add(run.idempotency_key());
        Ok(None)
    }

    #[step(compensate = burn)]
    async fn write(
        &self,
        #[from(wrap)] wrap: &Option<Option<u8>>,
        #[input] wish: &Wish,
        run: &StepContext,
    ) -> Result<String, Refused> {
        self.calls
            .add(format!("{} {wrap:?}", run.idempotency_key()));
        Ok(wish.text.repeat(wish.large))
    }

    #[step(pivot)]
    async fn send(
        &self,
        text: &str,
        #[input] wish: &Wish,
        run: &StepContext,
    ) -> Result<usize, Refused> {
        self.calls.add(run.idempotency_key());
        if wish.refused {
            return Err(Refused(wish.text.clone()));
        }
        Ok(text.len())
    }

    fn wanted(&self, #[input] wish: &Wish) -> bool {
        wish.wants
    }

    async fn close(&self, _opened: &(), run: &StepContext) -> Result<(), Refused> {
        self.calls.add(run.idempotency_key());
        Ok(())
    }

    async fn burn(&self, text: &str, run: &StepContext) -> Result<(), Refused> {
        self.calls
            .add(format!("{} {}", run.idempotency_key(), text.len()));
        Ok(())
    }
}

const ID: &str = "Straße 7/Ölmühle 🚚";

fn wish(large: usize, wants: bool, refused: bool) -> String {
    let text = "grüße, 世界\n".to_owned();
    let wish = Wish {
        text,
        large,
        wants,
        refused,
    };
    serde_json::to_string(&wish).unwrap()
}

fn hosted() -> (Arc<Post>, Hosted<PostSaga>) {
    let post = Arc::new(Post::default());
    let hosted = Hosted::new(
        Arc::clone(&post),
        RunOptions::new(),
        CancellationToken::new(),
    );
    (post, hosted)
}

fn block_on<T>(future: impl Future<Output = T>) -> T {
    let mut builder = tokio::runtime::Builder::new_current_thread();
    builder.enable_time().build().unwrap().block_on(future)
}

#[test]
fn a_run_in_a_file_comes_through_a_crash_at_each_line_of_it() {
    let dir = Directory::new("lines");
    for (wants, refused) in [(true, false), (false, false), (true, true), (false, true)] {
        let (post, hosted) = hosted();
        let whole = Host::new(dir.path(), hosted);
        let id = format!("{ID} {wants} {refused}");
        whole.start(&id, &wish(3, wants, refused)).unwrap();
        let ended = block_on(whole.carry_to_end(&id, || NoRequests)).unwrap();
        let calls = post.calls.take();
        match &ended {
            Ok(length) => assert_eq!(*length, "grüße, 世界\n".len() * 3),
            Err(error) => {
                assert_eq!(error.step().unwrap().name, "send");
                assert!(
                    error.to_string().ends_with("nein, grüße, 世界\\n ≠ ✓"),
                    "{error}"
                );
            }
        }
        assert_eq!(ended.is_err(), refused);
        // A skipped step and a step that completed with nothing are different.
        let wrapped = if wants { "Some(None)" } else { "None" };
        assert!(
            calls
                .iter()
                .any(|call| call.ends_with(&format!("write/do {wrapped}"))),
            "{calls:?}"
        );

        let text = fs::read_to_string(whole.path(&id)).unwrap();
        let lines: Vec<_> = text.split_inclusive('\n').collect();
        for kept in 1..=lines.len() {
            // Half of the next line is in the file as well.
            let torn = lines.get(kept).map_or("", |line| &line[..line.len() / 2]);
            let file = format!("{}{torn}", lines[..kept].concat());
            fs::write(whole.path(&id), file).unwrap();
            assert_eq!(whole.records(&id).unwrap().len(), kept);
            let again = block_on(whole.carry_to_end(&id, || NoRequests)).unwrap();
            match (&ended, again) {
                (Ok(length), Ok(again)) => assert_eq!(*length, again),
                // In doubt, because the pivot was interrupted.
                (Err(_), Err(again)) => assert_eq!(again.step().unwrap().name, "send"),
                (ended, again) => panic!("{ended:?}, and then {again:?}"),
            }
            let again = post.calls.take();
            assert!(again.len() <= calls.len() && again.iter().all(|call| calls.contains(call)));
            if kept == lines.len() {
                assert_eq!(again, [""; 0]);
            }
        }
    }
}

#[test]
fn a_run_of_which_the_first_line_is_torn_has_not_been_started() {
    let dir = Directory::new("torn");
    let (post, hosted) = hosted();
    let host = Host::new(dir.path(), hosted);
    host.start(ID, &wish(1, true, false)).unwrap();
    let text = fs::read_to_string(host.path(ID)).unwrap();
    fs::write(host.path(ID), &text[..text.len() - 1]).unwrap();
    let carried = block_on(host.carry(ID, NoRequests));
    assert!(
        matches!(carried, Err(Unable::Stopped(HostedStop::NoRecords))),
        "{carried:?}"
    );
    assert!(post.calls.is_empty());
    host.start(ID, &wish(1, true, false)).unwrap();
    let carried = block_on(host.carry(ID, NoRequests)).unwrap();
    assert!(matches!(carried, Carried::Ended(Ok(_))), "{carried:?}");
}

#[test]
fn a_file_that_is_damaged_in_the_middle_is_not_read() {
    let dir = Directory::new("damaged");
    let (post, hosted) = hosted();
    let host = Host::new(dir.path(), hosted);
    host.start(ID, &wish(1, true, false)).unwrap();
    let mut file = OpenOptions::new().append(true).open(host.path(ID)).unwrap();
    file.write_all(b"{\"number\":1}\n").unwrap();
    let carried = block_on(host.carry(ID, NoRequests));
    assert!(matches!(carried, Err(Unable::File(_))), "{carried:?}");
    assert!(post.calls.is_empty());
}

#[test]
fn a_large_output_is_kept_and_not_made_again() {
    const MIB: usize = 1 << 20;
    let dir = Directory::new("large");
    let (post, hosted) = hosted();
    let host = Host::new(dir.path(), hosted);
    let each = "grüße, 世界\n".len();
    host.start(ID, &wish(MIB / each + 1, false, true)).unwrap();
    let ended = block_on(host.carry_to_end(ID, || NoRequests)).unwrap();
    assert_eq!(ended.unwrap_err().step().unwrap().name, "send");
    let calls = post.calls.take();
    let length = (MIB / each + 1) * each;
    let burned = format!("write/undo {length}");
    assert!(
        calls.iter().any(|call| call.ends_with(&burned)),
        "{calls:?}"
    );
    // The same in a process that only reads it.
    let text = fs::read_to_string(host.path(ID)).unwrap();
    let lines: Vec<_> = text.split_inclusive('\n').collect();
    let written = lines.iter().position(|line| line.len() > MIB).unwrap();
    fs::write(host.path(ID), lines[..=written].concat()).unwrap();
    block_on(host.carry_to_end(ID, || NoRequests))
        .unwrap()
        .unwrap_err();
    let calls = post.calls.take();
    assert!(
        !calls.iter().any(|call| call.contains("write/do")),
        "{calls:?}"
    );
}

/// Inverts the bits, and fails for a while.
#[derive(Debug, Default)]
struct Turned {
    fails: AtomicUsize,
    failed: AtomicUsize,
    is_gone: AtomicBool,
}

impl Turned {
    fn turn(&self, value: &[u8]) -> Result<Vec<u8>, CodecError> {
        let take = |left: usize| left.checked_sub(1);
        let fails = self
            .fails
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, take);
        if fails.is_ok() || self.is_gone.load(Ordering::Relaxed) {
            self.failed.fetch_add(1, Ordering::Relaxed);
            return Err("no key".into());
        }
        Ok(value.iter().map(|byte| !byte).collect())
    }
}

/// A codec that several engines share.
struct Same(Arc<Turned>);

impl Codec for Same {
    fn encode(&self, json: Vec<u8>) -> Result<Vec<u8>, CodecError> {
        self.0.turn(&json)
    }

    fn decode(&self, written: &[u8]) -> Result<Vec<u8>, CodecError> {
        self.0.turn(written)
    }
}

#[test]
fn a_codec_changes_every_value_and_nothing_else() {
    let codec = Arc::new(Turned::default());
    let (post, plain) = hosted();
    let (_, coded) = hosted();
    let coded = coded.codec(Same(Arc::clone(&codec)));
    let input = wish(3, true, true);
    let (one, two) = (
        OneRun::of(&plain, "id", &input),
        OneRun::of(&coded, "id", &input),
    );
    let plan = [(3, Write::EndsAfter)];
    one.crash(&plain, Life::in_order().plan(&plan));
    two.crash(&coded, Life::in_order().plan(&plan));
    let ended = [
        one.end(&plain, Life::after_crash()),
        two.end(&coded, Life::after_crash()),
    ];
    let [one_report, two_report] = ended.map(|ended| ended.unwrap_err().report().to_string());
    assert_eq!(one_report, two_report);
    assert_eq!(one.written(), two.written());
    for (one, two) in one.kept.all().into_iter().zip(two.kept.all()) {
        let turned: Vec<_> = one.value.iter().map(|byte| !byte).collect();
        assert_eq!(turned, two.value, "{:?}", one.entry);
    }
    // An engine without the codec reads nothing.
    post.calls.take();
    let (post, plain) = hosted();
    two.kept.change(|records| records.truncate(3));
    let stop = two.stop(&plain, Life::after_crash());
    assert!(matches!(stop, HostedStop::Unreadable { .. }), "{stop}");
    assert!(post.calls.is_empty());
}

#[test]
fn a_codec_that_fails_for_a_while_keeps_the_run_where_it_is() {
    let codec = Arc::new(Turned::default());
    let (post, coded) = hosted();
    let coded = coded.codec(Same(Arc::clone(&codec)));
    let run = OneRun::of(&coded, "id", &wish(3, true, false));
    codec.fails.store(20, Ordering::Relaxed);
    run.end(&coded, Life::in_order()).unwrap();
    assert_eq!(codec.failed.load(Ordering::Relaxed), 20);
    assert_eq!(post.calls.take().len(), 5);
    // It cannot say how the run ended now, but can later.
    codec.is_gone.store(true, Ordering::Relaxed);
    let stop = run.stop(&coded, Life::in_order().lasts(Duration::from_mins(1)));
    assert!(stop.to_string().contains("no key"), "{stop}");
    assert!(coded.submitted(wish(1, true, false).as_bytes()).is_err());
    codec.is_gone.store(false, Ordering::Relaxed);
    run.end(&coded, Life::in_order()).unwrap();
    assert!(post.calls.is_empty());
}
