//! Panics in `Debug` and `Display`.

use super::*;

/// Writes half of its `Debug`, then panics.
struct Unspeakable;

impl fmt::Debug for Unspeakable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("half of it, then")?;
        panic!("this has no name");
    }
}

/// An error whose `Display` panics, or whose source's `Display` does.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Mute {
    Itself,
    Source,
    SourceItself,
    /// In the middle, with a payload that is no text.
    Number,
}

impl fmt::Display for Mute {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Source | Self::SourceItself => f.write_str("the outer error"),
            Self::Itself => panic!("cannot speak"),
            Self::Number => {
                f.write_str("half of it, then")?;
                panic_any(42_u8)
            }
        }
    }
}

impl std::error::Error for Mute {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Itself | Self::Number => None,
            Self::Source => Some(&Self::Itself),
            Self::SourceItself => panic!("cannot say why"),
        }
    }
}

struct Speaking {
    calls: Calls,
    step: Option<Mute>,
    compensation: Option<Mute>,
}

impl Speaking {
    fn new(step: Option<Mute>, compensation: Option<Mute>) -> Self {
        Self {
            calls: Calls::new(),
            step,
            compensation,
        }
    }
}

#[saga]
impl Speaking {
    #[step(compensate = undo_first)]
    async fn first(&self, input: &Unspeakable) -> Result<Unspeakable, String> {
        let Unspeakable = input;
        self.calls.add("first");
        Ok(Unspeakable)
    }

    #[step(compensate = undo_second)]
    async fn second(&self, first: &Unspeakable) -> Result<u8, String> {
        let Unspeakable = first;
        self.calls.add("second");
        Ok(2)
    }

    #[step(readonly)]
    async fn third(&self, second: &u8, #[from(first)] first: &Unspeakable) -> Result<(), Mute> {
        let Unspeakable = first;
        self.calls.add(format!("third({second})"));
        self.step.map_or(Ok(()), Err)
    }

    #[step(readonly)]
    async fn last(&self) -> Result<(), String> {
        self.calls.add("last");
        Err("the last step failed".to_owned())
    }

    async fn undo_first(
        &self,
        first: Attempt<&Unspeakable>,
        context: &StepContext,
    ) -> Result<(), String> {
        assert!(first.completed().is_some());
        let cause = context.cause().and_then(|cause| cause.step.as_deref());
        self.calls
            .add(format!("undo_first, because of {}", cause.unwrap()));
        Ok(())
    }

    async fn undo_second(&self, second: &u8, context: &StepContext) -> Result<(), Mute> {
        assert_eq!(*second, 2);
        let cause = context.cause().and_then(|cause| cause.step.as_deref());
        self.calls
            .add(format!("undo_second, because of {}", cause.unwrap()));
        self.compensation.map_or(Ok(()), Err)
    }
}

#[tokio::test(start_paused = true)]
async fn a_panic_in_debug_costs_the_report_that_value_and_nothing_else() {
    let service = Speaking::new(None, None);
    let error = fails::<SpeakingSaga>(&service, Unspeakable).await;
    assert_eq!(error.step().unwrap().name, "last");
    assert_eq!(error.attempts(), 1);
    assert_eq!(error.end(), End::Compensated);
    let report = error.report().to_string();
    for part in [
        "1. first(input: ",
        "2. second(first: ",
        "3. third(second: 2, first: ",
        "completed: 2",
        "4. last()",
        "undone by undo_second(second: 2)",
        "undone by undo_first(first: ",
        "the last step failed",
        "this has no name",
    ] {
        assert!(report.contains(part), "{part:?} is not in\n{report}");
    }
    assert!(error.to_string().contains("the last step failed"));
    // None of this is the `{:?}` of a value.
    assert_eq!(format!("{error:?}"), report);
}

#[tokio::test(start_paused = true)]
async fn a_panic_in_the_display_of_a_steps_error_does_not_keep_anything_from_being_undone() {
    for mute in [Mute::Itself, Mute::Source, Mute::SourceItself, Mute::Number] {
        let service = Speaking::new(Some(mute), None);
        let error = fails::<SpeakingSaga>(&service, Unspeakable).await;
        assert_eq!(error.step().unwrap().name, "third", "{mute:?}");
        assert_eq!(error.attempts(), 1, "{mute:?}");
        assert_eq!(error.end(), End::Compensated, "{mute:?}");
        assert_eq!(
            service.calls.take(),
            [
                "first",
                "second",
                "third(2)",
                "undo_second, because of third",
                "undo_first, because of third",
            ],
            "{mute:?}",
        );
        // All other queries still work.
        for text in [
            error.to_string(),
            error.report().to_string(),
            error.error().to_string(),
            error.error().text().to_string(),
            format!("{error:?}"),
            format!("{:?}", error.error()),
        ] {
            assert!(!text.is_empty(), "{mute:?}");
        }
        let line = error.to_string();
        assert!(line.contains("third"), "{mute:?}: {line}");
        let report = error.report().to_string();
        assert!(report.contains("3. third("), "{mute:?}: {report}");
        assert!(report.contains("4. last("), "{mute:?}: {report}");
        assert!(matches!(
            error.into_error(),
            SpeakingSagaError::Third(Failure::Error(kept)) if kept == mute
        ));
    }
}

#[tokio::test(start_paused = true)]
async fn what_an_error_says_of_itself_is_kept_when_that_of_its_source_panics() {
    for mute in [Mute::Source, Mute::SourceItself] {
        let service = Speaking::new(Some(mute), None);
        let error = fails::<SpeakingSaga>(&service, Unspeakable).await;
        assert_eq!(error.step().unwrap().name, "third", "{mute:?}");
        assert_eq!(error.attempts(), 1, "{mute:?}");
        assert_eq!(error.end(), End::Compensated, "{mute:?}");
        let report = error.report().to_string();
        assert!(report.contains("the outer error"), "{mute:?}: {report}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_panic_in_the_display_of_a_compensations_error_does_not_stop_the_others() {
    for mute in [Mute::Itself, Mute::Source, Mute::SourceItself, Mute::Number] {
        let service = Speaking::new(None, Some(mute));
        let error = fails::<SpeakingSaga>(&service, Unspeakable).await;
        assert_eq!(error.step().unwrap().name, "last", "{mute:?}");
        assert_eq!(error.attempts(), 1, "{mute:?}");
        assert_eq!(error.end(), End::Stuck, "{mute:?}");
        assert_eq!(
            service.calls.take()[3..],
            [
                "last",
                "undo_second, because of last",
                "undo_first, because of last",
            ],
            "{mute:?}",
        );
        let [failure] = error.compensation_failures() else {
            panic!("{mute:?}: {error:?}");
        };
        assert_eq!(failure.step.name, "second", "{mute:?}");
        assert_eq!(failure.attempts, 1, "{mute:?}");
        let report = error.report().to_string();
        assert!(
            report.contains("the last step failed"),
            "{mute:?}: {report}"
        );
    }
}
