use super::*;

struct Odd;

#[saga(name = "odd-names")]
impl Odd {
    #[step(compensate = r#yield)]
    async fn r#type(&self, r#in: &u8) -> Result<u8, String> {
        Ok(*r#in)
    }

    #[step(name = "dispatch", compensate = r#yield)]
    async fn r#async(&self, r#type: &u8) -> Result<u8, String> {
        Ok(*r#type)
    }

    #[step(readonly, name = "seal.v-2")]
    async fn r#fn(
        &self,
        #[from(r#type)] r#dyn: &u8,
        #[from(r#async)] _b: &u8,
    ) -> Result<(), String> {
        Err(r#dyn.to_string())
    }

    async fn r#yield(&self, r#box: &u8) -> Result<(), String> {
        let _ = r#box;
        Ok(())
    }
}

#[tokio::test(start_paused = true)]
async fn a_step_may_have_a_raw_identifier_or_a_name_of_its_own() {
    let names: Vec<_> = OddSaga::DEFINITION
        .steps
        .iter()
        .map(|step| (step.name, step.method))
        .collect();
    assert_eq!(
        names,
        [("type", "type"), ("dispatch", "async"), ("seal.v-2", "fn"),],
    );
    assert_eq!(OddSaga::DEFINITION.name, "odd-names");
    let error = OddSaga::run(&Odd, 4).await.unwrap_err();
    assert_eq!(error.step().unwrap().name, "seal.v-2");
    assert_eq!(error.attempts(), 1);
    assert_eq!(error.end(), End::Compensated);
    assert!(matches!(error.error(), OddSagaError::Fn(Failure::Error(_))));
    let OddSagaState::BeforeFn { r#type: 4, .. } = error.state() else {
        panic!("{:?}", error.state());
    };
    let report = error.report().to_string();
    for part in [
        "1. type(in: 4)",
        "2. dispatch(type: 4)",
        "undone by yield(box: 4)",
    ] {
        assert!(report.contains(part), "{part:?} is not in\n{report}");
    }
}
