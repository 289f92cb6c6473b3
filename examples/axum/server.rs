//! The endpoint, `POST /orders`: one request, one run of the saga, one answer. And its orderly end.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::future::IntoFuture as _;
use std::io;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::extract::State;
use axum::extract::rejection::JsonRejection;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use axum::{Json, Router};
use saga_core::{CancellationToken, RunOptions, Saga as _, SagaId};
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::time::timeout;
use tokio_util::task::TaskTracker;

use crate::answer::{self, Answer};
use crate::problem::Problem;
use crate::service::{Order, Orders, OrdersSaga};

/// How long clients are waited for once all runs have ended: a client that does not read its answer, or
/// never comes to the end of its request, does not keep the process.
const FOR_CLIENTS: Duration = Duration::from_secs(5);

pub(crate) struct Server {
    orders: Arc<Orders>,
    /// What each run is begun with, besides its id and the shutdown.
    options: RunOptions<OrdersSaga>,
    shutdown: CancellationToken,
    /// Those that wait for runs: of each run one.
    runs: TaskTracker,
    /// All runs there have been: a real service keeps them in its database, for each customer, for a day.
    placed: Mutex<HashMap<SagaId, Placed>>,
}

/// An order, and what becomes of it.
struct Placed {
    order: Order,
    /// None while its saga runs.
    answer: watch::Receiver<Option<Answer>>,
}

impl Server {
    /// One that ends when `shutdown` is cancelled.
    pub(crate) fn new(
        orders: Arc<Orders>,
        options: RunOptions<OrdersSaga>,
        shutdown: CancellationToken,
    ) -> Arc<Self> {
        Arc::new(Self {
            orders,
            options,
            shutdown,
            runs: TaskTracker::new(),
            placed: Mutex::default(),
        })
    }

    pub(crate) fn router(self: &Arc<Self>) -> Router {
        Router::new()
            .route("/orders", post(place_order))
            .method_not_allowed_fallback(async || {
                Problem::of_status(
                    StatusCode::METHOD_NOT_ALLOWED,
                    "Only POST is answered here.",
                )
            })
            .fallback(async || Problem::of_status(StatusCode::NOT_FOUND, "There is only /orders."))
            .with_state(Arc::clone(self))
    }

    /// Answers requests until the shutdown. Then no connection is accepted any more, the runs in flight
    /// are cancelled, and each of them is completed or undone before this ends.
    pub(crate) async fn serve(&self, listener: TcpListener, router: Router) -> io::Result<()> {
        let stop = self.shutdown.clone().cancelled_owned();
        let server = axum::serve(listener, router).with_graceful_shutdown(stop);
        let server = tokio::spawn(server.into_future());
        self.shutdown.cancelled().await;
        // One that a late request still begins ends before its first step.
        self.runs.close();
        self.runs.wait().await;
        match timeout(FOR_CLIENTS, server).await {
            Ok(ended) => ended.map_err(io::Error::other)?,
            Err(_) => Ok(()),
        }
    }

    /// The run of this id, which is begun if it is the first with it. A client that never saw its answer
    /// asks again under the same key, and gets the answer of the same run.
    fn place(&self, id: SagaId, order: Order) -> Result<watch::Receiver<Option<Answer>>, Problem> {
        let mut placed = self.placed.lock().unwrap_or_else(PoisonError::into_inner);
        match placed.entry(id) {
            Entry::Occupied(run) if run.get().order != order => Err(Problem::new(
                StatusCode::UNPROCESSABLE_ENTITY,
                "idempotency-key-reused",
                "Another order has this Idempotency-Key",
                "Repeat the order as it was, or give this one a key of its own.",
            )),
            Entry::Occupied(run) => Ok(run.get().answer.clone()),
            Entry::Vacant(run) => {
                let answer = self.begin(run.key().clone(), order.clone());
                Ok(run.insert(Placed { order, answer }).answer.clone())
            }
        }
    }

    fn begin(&self, id: SagaId, order: Order) -> watch::Receiver<Option<Answer>> {
        let options = self.options.clone().id(id.clone());
        let options = options.cancellation(self.shutdown.clone());
        // `spawn` and not `run`: when the client goes away, axum drops the future of the handler, and a
        // run in it would stop where it is, with nothing undone. A spawned one goes on to its end, and
        // a task that is not the handler's either waits for that: it logs a run that is stuck
        // although its client has gone, and the answer is there for a client that comes back.
        let run = OrdersSaga::spawn(Arc::clone(&self.orders), order, options);
        let (sender, answer) = watch::channel(None);
        self.runs.spawn(async move {
            sender.send_replace(Some(answer::of(&id, run.await)));
        });
        answer
    }
}

async fn place_order(
    State(server): State<Arc<Server>>,
    headers: HeaderMap,
    body: Result<Json<Order>, JsonRejection>,
) -> Answer {
    let id = id_of(&headers)?;
    let Json(order) = body.map_err(|rejected| {
        // 400 if it is no JSON, 422 if it is no order, 413 or 415 if it was not even read.
        Problem::of_status(rejected.status(), rejected.body_text())
    })?;
    let mut answer = server.place(id.clone(), order)?;
    let answer = answer.wait_for(Option::is_some).await;
    // None only if the task that should send it panicked, so the outcome is unknown.
    let answer = answer.ok().and_then(|answer| answer.clone());
    answer.unwrap_or_else(|| Err(answer::looked_into(id)))
}

const LONGEST_KEY: usize = 64;

/// The `Idempotency-Key` that the client sent, or else a random one. It appears in logs, and in the keys
/// that the bank receives, so not every text is accepted.
fn id_of(headers: &HeaderMap) -> Result<SagaId, Problem> {
    let mut keys = headers.get_all("idempotency-key").iter();
    let (key, another) = (keys.next(), keys.next());
    let Some(key) = key else {
        return Ok(SagaId::random());
    };
    let text = key.to_str().unwrap_or_default();
    let is_fit =
        (1..=LONGEST_KEY).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic());
    if !is_fit || another.is_some() {
        return Err(Problem::new(
            StatusCode::BAD_REQUEST,
            "malformed-idempotency-key",
            "Malformed Idempotency-Key",
            format!("It is one header of 1 to {LONGEST_KEY} visible ASCII characters, no spaces."),
        ));
    }
    Ok(SagaId::new(text))
}
