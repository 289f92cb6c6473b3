//! [`steno`](https://docs.rs/steno) with its store that keeps nothing.
//!
//! The actions, the graph and the coordinator are made once, and an instance of the saga for each run. A
//! coordinator never forgets a saga that has ended, so there is a new one for every hundred runs.

use core::fmt;
use core::marker::PhantomData;
use std::sync::Arc;

use ::steno::{
    Action, ActionContext, ActionError, ActionFunc, ActionRegistry, DagBuilder, InMemorySecStore,
    Node, SagaDag, SagaId, SagaName, SagaResultErr, SagaType, SecClient,
};
use slog::{Discard, Logger, o};

use crate::contestants::Contestant;
use crate::lengths::each_length;
use crate::steps::{Notes, Service, Value, fifty, ten, three};

/// Every step and every undo is a task of its own, spawned by steno. A panic of one is not caught.
#[derive(Debug)]
pub struct Steno;

/// A saga over this service, to steno.
pub struct Type<S>(PhantomData<fn() -> S>);

impl<S> fmt::Debug for Type<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Type")
    }
}

impl<S: Service> SagaType for Type<S> {
    type ExecContextType = S;
}

/// An action, under the name of its step.
type Named<S> = (&'static str, Arc<dyn Action<Type<S>>>);

/// What is made once.
#[derive(Debug)]
pub struct Prepared<S: Service> {
    coordinator: SecClient,
    registry: Arc<ActionRegistry<Type<S>>>,
    graph: Arc<SagaDag>,
}

impl<S: Service> Prepared<S> {
    /// With these actions one after the other, each storing its output under this name.
    fn new(actions: Vec<Named<S>>, input: &S::Value) -> Self {
        let mut registry = ActionRegistry::new();
        let mut graph = DagBuilder::new(SagaName::new("steps"));
        for (name, action) in actions {
            graph.append(Node::action(name, name, &*action));
            registry.register(action);
        }
        let graph = graph.build().expect("the steps follow one another");
        let input = serde_json::to_value(input).expect("the input is plain data");
        let store = Arc::new(InMemorySecStore::new());
        Self {
            coordinator: ::steno::sec(Logger::root(Discard, o!()), store),
            registry: Arc::new(registry),
            graph: Arc::new(SagaDag::new(graph, input)),
        }
    }
}

async fn run<S: Service>(
    service: &Arc<S>,
    prepared: &Prepared<S>,
) -> Result<S::Value, SagaResultErr> {
    let id = SagaId::new_v4();
    let (graph, registry) = (prepared.graph.clone(), prepared.registry.clone());
    let coordinator = &prepared.coordinator;
    let created = coordinator.saga_create(id, service.clone(), graph, registry);
    let ended = created.await.expect("the id is new");
    coordinator.saga_start(id).await.expect("it was created");
    let success = ended.await.kind?;
    Ok(success
        .saga_output()
        .expect("it is what the last step gave"))
}

// An output has the name of its step.
macro_rules! previous {
    ($context:ident input) => {
        $context.saga_params()
    };
    ($context:ident $previous:ident) => {
        $context.lookup(stringify!($previous))
    };
}

macro_rules! steno {
    ($length:ident $count:literal $(($index:tt $step:ident $undo:ident $previous:ident))*) => {
        impl<V: Value, N: Notes> Contestant<$length::Steps<V, N>> for Steno {
            type Prepared = Prepared<$length::Steps<V, N>>;
            type Ended = Result<V, SagaResultErr>;

            const RUNS: u64 = 100;

            fn prepare(_: &Arc<$length::Steps<V, N>>, input: &V) -> Self::Prepared {
                let actions = vec![$(
                    (stringify!($step), ActionFunc::new_action(
                        stringify!($step),
                        |context: ActionContext<Type<$length::Steps<V, N>>>| async move {
                            let previous: V = previous!(context $previous)?;
                            let given = context.user_data().$step(&previous).await;
                            given.map_err(ActionError::action_failed)
                        },
                        |context: ActionContext<Type<$length::Steps<V, N>>>| async move {
                            let output: V = context.lookup(stringify!($step))?;
                            Ok(context.user_data().$undo(&output).await?)
                        },
                    )),
                )*];
                Prepared::new(actions, input)
            }

            fn run(
                service: &Arc<$length::Steps<V, N>>,
                prepared: &Self::Prepared,
                _: V,
            ) -> impl Future<Output = Self::Ended> {
                run(service, prepared)
            }

            fn number_or_step(ended: Self::Ended) -> Result<u64, usize> {
                ended.map(|output| output.number()).map_err(|failed| {
                    assert!(failed.undo_failure.is_none(), "a compensation failed");
                    let step = failed.error_node_name.as_ref().strip_prefix('s');
                    step.and_then(|index| index.parse().ok()).expect("the name of a step")
                })
            }
        }
    };
}

each_length!(steno);
