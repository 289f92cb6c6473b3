use saga_core::durable::{Engine, InMemoryJournal};
use saga_core::{Attempt, StepContext, saga};
use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Signup {
    email: String,
    plan: Plan,
}

#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
enum Plan {
    Free,
    Team { seats: u16 },
}

#[derive(Debug, Clone, Serialize, Deserialize)]
struct WorkspaceId(String);

#[derive(Debug, thiserror::Error)]
enum SignupError {
    #[error("{0} is no address")]
    Email(String),
    #[error("{0} seats are too many")]
    Seats(u16),
}

struct Workspaces;

#[saga(durable)]
impl Workspaces {
    #[step(compensate = delete_workspace, max_interruptions = 3)]
    async fn create_workspace(
        &self,
        signup: &Signup,
        ctx: &StepContext,
    ) -> Result<WorkspaceId, SignupError> {
        if !signup.email.contains('@') {
            return Err(SignupError::Email(signup.email.clone()));
        }
        Ok(WorkspaceId(ctx.idempotency_key()))
    }

    #[step]
    async fn activate_plan(
        &self,
        workspace: &WorkspaceId,
        #[input] signup: &Signup,
    ) -> Result<String, SignupError> {
        match signup.plan {
            Plan::Team { seats } if seats > 500 => Err(SignupError::Seats(seats)),
            plan => Ok(format!("{}: {plan:?}", workspace.0)),
        }
    }

    async fn delete_workspace(&self, _workspace: Attempt<&WorkspaceId>) -> Result<(), SignupError> {
        Ok(())
    }
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let engine = Engine::builder().register::<WorkspacesSaga>(Workspaces);
    let engine = engine.open(InMemoryJournal::new()).await?;
    let signup = Signup {
        email: "ada@example.org".to_owned(),
        plan: Plan::Team { seats: 5 },
    };
    let id = format!("signup-{}", signup.email);
    let mut handle = engine.submit::<WorkspacesSaga>(signup, id).await?;
    match handle.outcome().await? {
        Ok(text) => println!("{text}"),
        Err(error) => println!("{error}"),
    }
    Ok(())
}
