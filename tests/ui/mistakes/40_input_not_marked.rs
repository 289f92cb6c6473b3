use std::sync::Arc;

use saga_core::{Attempt, RunOptions, Saga, StepContext, saga};

#[derive(Debug, Clone)]
struct Enrolment {
    pupil: String,
    instrument: String,
}

#[derive(Debug)]
struct Lesson {
    teacher: String,
    room: u16,
}

#[derive(Debug)]
struct Contract {
    number: String,
}

#[derive(Debug, thiserror::Error)]
enum SchoolError {
    #[error("no teacher for the {0}")]
    NoTeacher(String),
}

struct MusicSchool;

#[saga(name = "enrolment")]
impl MusicSchool {
    #[step(compensate = free_lesson)]
    async fn plan_lesson(&self, enrolment: &Enrolment) -> Result<Lesson, SchoolError> {
        match enrolment.instrument.as_str() {
            "cello" => Ok(Lesson {
                teacher: "Jacqueline".to_owned(),
                room: 4,
            }),
            other => Err(SchoolError::NoTeacher(other.to_owned())),
        }
    }

    #[step(compensate = cancel_contract, timeout = "4s")]
    async fn sign_contract(
        &self,
        lesson: &Lesson,
        enrolment: &Enrolment,
        ctx: &StepContext,
    ) -> Result<Contract, SchoolError> {
        Ok(Contract {
            number: format!("{}-{}-{}", enrolment.pupil, lesson.room, ctx.saga_id()),
        })
    }

    #[step]
    async fn welcome(
        &self,
        contract: &Contract,
        #[from(plan_lesson)] lesson: &Lesson,
    ) -> Result<String, SchoolError> {
        Ok(format!("{} with {}", contract.number, lesson.teacher))
    }

    async fn free_lesson(&self, _lesson: Attempt<&Lesson>) -> Result<(), SchoolError> {
        Ok(())
    }

    async fn cancel_contract(&self, _contract: Attempt<&Contract>) -> Result<(), SchoolError> {
        Ok(())
    }
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let enrolment = Enrolment {
        pupil: "Yo".into(),
        instrument: "cello".into(),
    };
    let handle = MusicSchoolSaga::spawn(
        Arc::new(MusicSchool),
        enrolment,
        RunOptions::new().id("e-1"),
    );
    println!("{}", handle.await??);
    Ok(())
}
