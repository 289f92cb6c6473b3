use std::fmt;

use saga_core::{Failure, Saga, saga};

#[derive(Debug, Clone)]
struct Registration {
    student: String,
    course: u32,
}

#[derive(Debug)]
enum EnrolError {
    CourseFull { course: u32 },
}

impl fmt::Display for EnrolError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self::CourseFull { course } = self;
        write!(f, "course {course} is full")
    }
}

#[derive(Debug)]
enum TuitionError {
    NoAccount(String),
    Overdue { cents: u64 },
}

struct University;

#[saga]
impl University {
    #[step(compensate = withdraw)]
    async fn enrol(&self, registration: &Registration) -> Result<u32, EnrolError> {
        match registration.course {
            course @ 900.. => Err(EnrolError::CourseFull { course }),
            course => Ok(course * 10),
        }
    }

    #[step]
    async fn bill_tuition(
        &self,
        seat: &u32,
        #[input] registration: &Registration,
    ) -> Result<u64, TuitionError> {
        match registration.student.as_str() {
            "" => Err(TuitionError::NoAccount(registration.student.clone())),
            "Bob" => Err(TuitionError::Overdue { cents: 90_000 }),
            _ => Ok(u64::from(*seat)),
        }
    }

    async fn withdraw(&self, _seat: &u32) -> Result<(), EnrolError> {
        Ok(())
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let registration = Registration {
        student: "Bob".to_owned(),
        course: 101,
    };
    let Err(error) = UniversitySaga::run(&University, registration).await else {
        return;
    };
    if let UniversitySagaError::BillTuition(Failure::Error(TuitionError::Overdue { cents })) =
        error.error()
    {
        println!("pay {cents} first");
    }
}
