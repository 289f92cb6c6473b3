use super::*;
use saga_tests::Calls;

/// Each step takes the number of steps before it, and returns one more.
struct Fifty {
    calls: Calls,
    fails: Option<u64>,
}

impl Fifty {
    fn act(&self, step: &str, before: u64) -> Result<u64, String> {
        self.calls.add(format!("{step} after {before}"));
        match self.fails {
            Some(fails) if fails == before + 1 => Err(format!("{step} failed")),
            _ => Ok(before + 1),
        }
    }

    fn undo(&self, step: &str, number: u64) -> Result<(), String> {
        self.calls.add(format!("{step} of {number}"));
        match number {
            0 => Err("nothing to undo".to_owned()),
            _ => Ok(()),
        }
    }
}

macro_rules! fifty {
    ($($step:ident $undo:ident),+; $last:ident) => {
        #[saga]
        impl Fifty {
            $(
                #[step(compensate = $undo)]
                async fn $step(&self, before: &u64) -> Result<u64, String> {
                    self.act(stringify!($step), *before)
                }

                async fn $undo(&self, number: &u64) -> Result<(), String> {
                    self.undo(stringify!($undo), *number)
                }
            )+

            #[step]
            async fn $last(&self, before: &u64) -> Result<u64, String> {
                self.act(stringify!($last), *before)
            }
        }
    };
}

fifty! {
    s01 u01, s02 u02, s03 u03, s04 u04, s05 u05, s06 u06, s07 u07, s08 u08, s09 u09, s10 u10,
    s11 u11, s12 u12, s13 u13, s14 u14, s15 u15, s16 u16, s17 u17, s18 u18, s19 u19, s20 u20,
    s21 u21, s22 u22, s23 u23, s24 u24, s25 u25, s26 u26, s27 u27, s28 u28, s29 u29, s30 u30,
    s31 u31, s32 u32_, s33 u33, s34 u34, s35 u35, s36 u36, s37 u37, s38 u38, s39 u39, s40 u40,
    s41 u41, s42 u42, s43 u43, s44 u44, s45 u45, s46 u46, s47 u47, s48 u48, s49 u49;
    s50
}

fn forward(steps: u64) -> Vec<String> {
    (1..=steps)
        .map(|number| format!("s{number:02} after {}", number - 1))
        .collect()
}

fn back(from: u64) -> Vec<String> {
    (1..=from)
        .rev()
        .map(|number| match number {
            32 => "u32_ of 32".to_owned(),
            _ => format!("u{number:02} of {number}"),
        })
        .collect()
}

#[tokio::test(start_paused = true)]
async fn a_saga_of_fifty_steps_runs_in_order() {
    assert_eq!(FiftySaga::DEFINITION.steps.len(), 50);
    let service = Fifty {
        calls: Calls::new(),
        fails: None,
    };
    assert_eq!(FiftySaga::run(&service, 0).await.unwrap(), 50);
    assert_eq!(service.calls.take(), forward(50));
}

#[tokio::test(start_paused = true)]
async fn a_saga_whose_fiftieth_step_fails_undoes_the_other_forty_nine_in_reverse() {
    let service = Fifty {
        calls: Calls::new(),
        fails: Some(50),
    };
    let error = FiftySaga::run(&service, 0).await.unwrap_err();
    assert_eq!(error.step().unwrap().name, "s50");
    assert_eq!(error.attempts(), 1);
    assert_eq!(error.end(), End::Compensated);
    let calls = service.calls.take();
    assert_eq!(calls[..50], forward(50));
    assert_eq!(calls[50..], back(49));
    assert_eq!(error.error().text().message, "s50 failed");
}

#[tokio::test(start_paused = true)]
async fn a_saga_of_fifty_steps_can_fail_at_each() {
    for fails in 1..=50 {
        let service = Fifty {
            calls: Calls::new(),
            fails: Some(fails),
        };
        let error = is_send(FiftySaga::run(&service, 0)).await.unwrap_err();
        assert_eq!(error.step().unwrap().name, format!("s{fails:02}"));
        assert_eq!(error.attempts(), 1);
        assert_eq!(error.end(), End::Compensated);
        let calls = service.calls.take();
        let all = [forward(fails), back(fails - 1)].concat();
        assert_eq!(calls, all, "step {fails}");
    }
}
