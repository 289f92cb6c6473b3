//! The `axum` example: each end of its saga over a real socket, what a client receives and what is left
//! in the stores; then the program.

#[path = "../axum/answer.rs"]
mod answer;
#[path = "../axum/client.rs"]
mod client;
mod common;
#[path = "../axum/problem.rs"]
mod problem;
#[path = "../axum/server.rs"]
mod server;
#[path = "../axum/service.rs"]
mod service;
#[path = "../axum/stores.rs"]
mod stores;

use std::io;
use std::net::SocketAddr;
use std::num::NonZeroU32;
use std::process::Stdio;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract;
use axum::http::{Request, StatusCode, header};
use axum::middleware::{self, Next};
use axum::response::IntoResponse as _;
use saga_core::durable::{Engine, InMemoryJournal};
use saga_core::testing::fault_matrix;
use saga_core::{CancellationToken, Ended, Policy, RunOptions};
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::process::Command;
use tokio::sync::Notify;
use tokio::task::JoinHandle;
use tokio::time::timeout;

use client::{Answered, Client};
use common::{Ran, example, run};
use server::Server;
use service::{Order, Orders, OrdersSaga};
use stores::{
    BankError, Books, Call, Charge, CourierError, Parcel, Reservation, Stores, WarehouseError,
};

/// A service of its own for each test, on a free port.
struct Shop {
    orders: Arc<Orders>,
    address: SocketAddr,
    client: Client,
    shutdown: CancellationToken,
    serving: JoinHandle<io::Result<()>>,
    /// Notified when the future of a handler is dropped before its end.
    abandoned: Arc<Notify>,
}

/// No limit of time has a say in a test that is not about one.
fn unhurried() -> RunOptions<OrdersSaga> {
    let mut options = RunOptions::new().deadline(Duration::MAX);
    for step in ["reserve_stock", "charge_card", "book_courier"] {
        options = policy(options, step, Policy::ONCE);
    }
    for step in ["reserve_stock", "charge_card"] {
        let undone_once = options.compensation_policy(step, Policy::ONCE);
        options = undone_once.expect("the step has a compensation");
    }
    options
}

fn policy(options: RunOptions<OrdersSaga>, step: &str, policy: Policy) -> RunOptions<OrdersSaga> {
    let options = options.policy(step, policy);
    options.expect("the saga has such a step")
}

async fn open(options: RunOptions<OrdersSaga>) -> Shop {
    let stores = Stores::new(&[("kettle", 5)]);
    let orders = Arc::new(Orders { stores });
    let shutdown = CancellationToken::new();
    let server = Server::new(Arc::clone(&orders), options, shutdown.clone());
    let abandoned = Arc::new(Notify::new());
    let router = watched(server.router(), &abandoned);
    let listener = TcpListener::bind("127.0.0.1:0").await;
    let listener = listener.expect("there is a free port");
    let address = listener.local_addr().expect("it has an address");
    Shop {
        orders,
        address,
        client: Client::of(address),
        shutdown,
        serving: tokio::spawn(async move { server.serve(listener, router).await }),
        abandoned,
    }
}

/// Notifies that it was dropped, if it was not defused before.
struct Watch(Option<Arc<Notify>>);

impl Watch {
    fn defuse(&mut self) {
        self.0 = None;
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        if let Some(abandoned) = self.0.take() {
            abandoned.notify_one();
        }
    }
}

fn watched(router: Router, abandoned: &Arc<Notify>) -> Router {
    let abandoned = Arc::clone(abandoned);
    router.layer(middleware::from_fn(
        move |request: extract::Request, next: Next| {
            let mut watch = Watch(Some(Arc::clone(&abandoned)));
            async move {
                let response = next.run(request).await;
                watch.defuse();
                response
            }
        },
    ))
}

fn order(card: &str, city: &str) -> String {
    json!({"item": "kettle", "quantity": 2, "card": card, "city": city}).to_string()
}

impl Shop {
    async fn order(&self, key: &str, body: String) -> Answered {
        let answered = self.client.order(Some(key), body).await;
        answered.expect("the service answers")
    }

    fn books(&self) -> Books {
        self.orders.stores.books()
    }

    /// Waits until the service has ended in order. What there is then.
    async fn ended(self) -> Books {
        let ended = self.serving.await.expect("the server does not panic");
        ended.expect("nothing goes wrong with its socket");
        self.orders.stores.books()
    }

    /// Sends an order and hangs up once it has taken effect at `call`. Returns when the service has
    /// dropped the handler; the call is held up until the gate is opened.
    async fn abandon(&self, key: &str, body: &str, call: Call) -> Arc<stores::Gate> {
        let gate = self.orders.stores.hold(call);
        let mut connection = TcpStream::connect(self.address).await.expect("it listens");
        let request = format!(
            "POST /orders HTTP/1.1\r\nhost: shop\r\nidempotency-key: {key}\r\n\
             content-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
            body.len()
        );
        let written = connection.write_all(request.as_bytes()).await;
        written.expect("the service reads");
        gate.reached().await;
        drop(connection);
        self.abandoned.notified().await;
        gate
    }
}

/// What there is before the first order, and after each that came to nothing.
fn opening() -> Books {
    Books {
        stock: [("kettle".to_owned(), 5)].into(),
        ..Books::default()
    }
}

/// What there is when this order alone, of two kettles, has gone well.
fn sold(key: &str) -> Books {
    let of_step = |step| format!("orders/{key}/{step}/do");
    let reservation = Reservation {
        item: "kettle".to_owned(),
        quantity: 2,
    };
    let charge = Charge {
        card: "visa".to_owned(),
        cents: 9_800,
    };
    let parcel = Parcel {
        city: "Oslo".to_owned(),
    };
    Books {
        stock: [("kettle".to_owned(), 3)].into(),
        reservations: [(of_step("reserve_stock"), reservation)].into(),
        charges: [(of_step("charge_card"), charge)].into(),
        parcels: [(of_step("book_courier"), parcel)].into(),
    }
}

#[track_caller]
fn assert_confirmed(answered: &Answered, key: &str) {
    assert_eq!(answered.status, StatusCode::CREATED);
    assert_eq!(
        answered.header(header::CONTENT_TYPE),
        Some("application/json")
    );
    let location = format!("/orders/{key}");
    assert_eq!(answered.header(header::LOCATION), Some(&*location));
    assert_eq!(
        json!(answered.body),
        json!({"order": key, "cents": 9_800, "city": "Oslo"})
    );
}

/// The whole body, so it contains nothing else.
#[track_caller]
fn assert_problem(answered: &Answered, status: u16, members: &Value) {
    assert_eq!(answered.status.as_u16(), status, "{:?}", answered.body);
    assert_eq!(
        answered.header(header::CONTENT_TYPE),
        Some("application/problem+json")
    );
    assert_eq!(answered.header(header::LOCATION), None);
    assert_eq!(json!(answered.body), *members);
}

/// The members of a problem that a run of this id ended in.
fn problem(status: u16, name: &str, title: &str, detail: &str, id: &str) -> Value {
    json!({
        "type": format!("https://shop.example/problems/{name}"),
        "title": title,
        "status": status,
        "detail": detail,
        "instance": format!("/orders/{id}"),
        "saga_id": id,
    })
}

fn at_step(mut problem: Value, step: &str) -> Value {
    problem["step"] = json!(step);
    problem
}

fn unavailable(id: &str) -> Value {
    let title = "Cannot be ordered at the moment";
    problem(503, "service-unavailable", title, NOTHING_WAS_ORDERED, id)
}

fn shutting_down(id: &str) -> Value {
    let title = "The shop is being restarted";
    problem(503, "shutting-down", title, NOTHING_WAS_ORDERED, id)
}

fn looked_into(id: &str) -> Value {
    let title = "The order is being looked into";
    let detail = format!("Something went wrong, and we are looking into it. Please mention {id}.");
    problem(500, "being-looked-into", title, &detail, id)
}

const NOTHING_WAS_ORDERED: &str =
    "Nothing was ordered or charged. Try again, under another Idempotency-Key.";

/// A test that hangs has failed. Nothing else depends on how long this is.
async fn within<T>(test: impl Future<Output = T>) -> T {
    let ended = timeout(Duration::from_mins(1), test).await;
    ended.expect("the test ends")
}

#[tokio::test]
async fn an_order_that_goes_well_is_created() {
    within(async {
        let shop = open(unhurried()).await;
        let answered = shop.order("1", order("visa", "Oslo")).await;
        assert_confirmed(&answered, "1");
        assert_eq!(shop.books(), sold("1"));
    })
    .await;
}

#[tokio::test]
async fn an_error_of_a_step_has_a_response_of_its_own_and_leaves_nothing_behind() {
    within(async {
        let shop = open(unhurried()).await;
        let six = r#"{"item":"kettle","quantity":6,"card":"visa","city":"Oslo"}"#;
        let answered = shop.order("1", six.to_owned()).await;
        let (title, detail) = ("Out of stock", "5 left of item `kettle`.");
        let expected = problem(409, "out-of-stock", title, detail, "1");
        assert_problem(&answered, 409, &at_step(expected, "reserve_stock"));
        assert_eq!(shop.books(), opening());

        let teapot = r#"{"item":"teapot","quantity":1,"card":"visa","city":"Oslo"}"#;
        let answered = shop.order("2", teapot.to_owned()).await;
        let (title, detail) = ("No such item", "there is no item `teapot`.");
        let expected = problem(422, "no-such-item", title, detail, "2");
        assert_problem(&answered, 422, &at_step(expected, "reserve_stock"));
        assert_eq!(shop.books(), opening());

        let answered = shop.order("3", order("declined", "Oslo")).await;
        let (title, detail) = ("The card was declined", "Pay with another card.");
        let expected = problem(402, "card-declined", title, detail, "3");
        assert_problem(&answered, 402, &at_step(expected, "charge_card"));
        assert_eq!(shop.books(), opening());

        let answered = shop.order("4", order("visa", "Atlantis")).await;
        let (title, detail) = ("City not served", "no courier goes to Atlantis.");
        let expected = problem(422, "city-not-served", title, detail, "4");
        assert_problem(&answered, 422, &at_step(expected, "book_courier"));
        assert_eq!(shop.books(), opening());
    })
    .await;
}

#[tokio::test]
async fn a_charge_that_times_out_is_refunded_and_the_client_may_try_again() {
    within(async {
        let limit = Policy::ONCE.timeout(Duration::from_millis(10));
        let shop = open(policy(unhurried(), "charge_card", limit)).await;
        let answered = shop.order("1", order("silent", "Oslo")).await;
        assert_problem(&answered, 503, &at_step(unavailable("1"), "charge_card"));
        assert_eq!(answered.header(header::RETRY_AFTER), Some("2"));
        assert_eq!(shop.books(), opening());
    })
    .await;
}

#[tokio::test]
async fn a_panic_of_a_step_is_undone_and_the_client_does_not_see_its_message() {
    within(async {
        let shop = open(unhurried()).await;
        let answered = shop.order("1", order("broken", "Oslo")).await;
        assert_problem(&answered, 503, &at_step(unavailable("1"), "charge_card"));
        assert_eq!(answered.header(header::RETRY_AFTER), Some("2"));
        assert_eq!(shop.books(), opening());
    })
    .await;
}

#[tokio::test]
async fn a_transient_error_that_stays_is_answered_as_a_technical_one() {
    within(async {
        let shop = open(unhurried()).await;
        let answered = shop.order("1", order("visa", "Venice")).await;
        assert_problem(&answered, 503, &at_step(unavailable("1"), "book_courier"));
        assert_eq!(shop.books(), opening());
    })
    .await;
}

#[tokio::test]
async fn an_order_whose_deadline_passes_is_undone() {
    within(async {
        // Asked for a courier until then: no number of attempts ends it.
        let attempts = Policy::attempts(u32::MAX);
        let attempts = attempts.backoff(Duration::from_millis(1), Duration::from_millis(5));
        let options = policy(unhurried(), "book_courier", attempts);
        let shop = open(options.deadline(Duration::from_millis(50))).await;
        let answered = shop.order("1", order("visa", "Venice")).await;
        let title = "The order took too long";
        let expected = problem(504, "took-too-long", title, NOTHING_WAS_ORDERED, "1");
        assert_problem(&answered, 504, &expected);
        assert_eq!(shop.books(), opening());
    })
    .await;
}

#[tokio::test]
async fn of_an_order_that_is_stuck_the_client_gets_the_reference_and_nothing_else() {
    within(async {
        let shop = open(unhurried()).await;
        let answered = shop.order("1", order("closed", "Atlantis")).await;
        assert_problem(&answered, 500, &looked_into("1"));
        assert_eq!(answered.header(header::RETRY_AFTER), None);

        // The refund failed, and the stock was released all the same.
        let mut books = shop.books();
        let (key, charge) = books.charges.pop_first().expect("the charge is left");
        assert_eq!(key, "orders/1/charge_card/do");
        assert_eq!((&*charge.card, charge.cents), ("closed", 9_800));
        assert_eq!(books, opening());
    })
    .await;
}

#[tokio::test]
async fn an_order_whose_courier_is_in_doubt_is_stuck_and_nothing_is_undone() {
    within(async {
        let limit = Policy::ONCE.timeout(Duration::from_millis(10));
        let shop = open(policy(unhurried(), "book_courier", limit)).await;
        let answered = shop.order("1", order("visa", "Thule")).await;
        assert_problem(&answered, 500, &looked_into("1"));

        let mut books = shop.books();
        for parcel in books.parcels.values_mut() {
            assert_eq!(parcel.city, "Thule");
            parcel.city = "Oslo".to_owned();
        }
        assert_eq!(books, sold("1"));
    })
    .await;
}

#[tokio::test]
async fn a_body_that_is_no_order_is_a_problem_too_and_begins_nothing() {
    within(async {
        let shop = open(unhurried()).await;
        for (status, body) in [
            (400, "a kettle, please"),
            (400, ""),
            (400, r#"{"item":"kettle""#),
            (422, "[]"),
            (422, r#"{"item":"kettle","quantity":1,"card":"visa"}"#),
            (
                422,
                r#"{"item":"kettle","quantity":0,"card":"visa","city":"Oslo"}"#,
            ),
            (
                422,
                r#"{"item":"kettle","quantity":-1,"card":"visa","city":"Oslo"}"#,
            ),
            (
                422,
                r#"{"item":"kettle","quantity":1,"card":"visa","city":"Oslo","step":1}"#,
            ),
        ] {
            let answered = shop.order("1", body.to_owned()).await;
            let title = answered.status.canonical_reason();
            let detail = answered.body.get("detail");
            assert!(detail.is_some_and(Value::is_string), "{body}");
            let members = json!({
                "type": "about:blank", "title": title, "status": status, "detail": detail,
            });
            assert_problem(&answered, status, &members);
        }
        assert_eq!(shop.books(), opening());
        // The key is not used up.
        assert_confirmed(&shop.order("1", order("visa", "Oslo")).await, "1");
    })
    .await;
}

#[tokio::test]
async fn another_path_method_or_content_type_is_a_problem_too() {
    within(async {
        let shop = open(unhurried()).await;
        let orders = format!("http://{}/orders", shop.address);
        for (status, request) in [
            (404, Request::get(format!("{orders}/1"))),
            (405, Request::get(&orders)),
            (415, Request::post(&orders)),
        ] {
            let request = request.body(Body::from(order("visa", "Oslo")));
            let answered = shop.client.send(request.expect("it is a request")).await;
            let answered = answered.expect("the service answers");
            assert_eq!(answered.body["status"], json!(status));
            assert_problem(&answered, status, &json!(answered.body));
            let allow = (status == 405).then_some("POST");
            assert_eq!(answered.header(header::ALLOW), allow);
        }
        assert_eq!(shop.books(), opening());
    })
    .await;
}

#[tokio::test]
async fn a_key_is_some_visible_ascii_characters_or_the_order_is_not_begun() {
    within(async {
        let shop = open(unhurried()).await;
        let (longest, too_long) = ("k".repeat(64), "k".repeat(65));
        let malformed = json!({
            "type": "https://shop.example/problems/malformed-idempotency-key",
            "title": "Malformed Idempotency-Key",
            "status": 400,
            "detail": "It is one header of 1 to 64 visible ASCII characters, no spaces.",
        });
        for key in ["", &too_long, "a key", "a\tkey", "schlüssel"] {
            let answered = shop.order(key, order("visa", "Oslo")).await;
            assert_problem(&answered, 400, &malformed);
        }
        let twice = Request::post(format!("http://{}/orders", shop.address))
            .header(header::CONTENT_TYPE, "application/json")
            .header("idempotency-key", "1")
            .header("idempotency-key", "2")
            .body(Body::from(order("visa", "Oslo")));
        let answered = shop.client.send(twice.expect("it is a request")).await;
        assert_problem(&answered.expect("the service answers"), 400, &malformed);
        assert_eq!(shop.books(), opening());

        assert_confirmed(&shop.order(&longest, order("visa", "Oslo")).await, &longest);
        assert_eq!(shop.books(), sold(&longest));
    })
    .await;
}

#[tokio::test]
async fn what_means_something_in_a_path_is_escaped_where_a_key_stands_in_one() {
    within(async {
        let shop = open(unhurried()).await;
        let answered = shop.order("../a?b%", order("visa", "Oslo")).await;
        let location = answered.header(header::LOCATION);
        assert_eq!(location, Some("/orders/..%2Fa%3Fb%25"));
        assert_eq!(answered.body["order"], json!("../a?b%"));
        let answered = shop.order("c/d", order("declined", "Oslo")).await;
        assert_eq!(answered.body["instance"], json!("/orders/c%2Fd"));
        assert_eq!(answered.body["saga_id"], json!("c/d"));
    })
    .await;
}

#[tokio::test]
async fn an_order_without_a_key_gets_a_random_one() {
    within(async {
        let shop = open(unhurried()).await;
        let mut ids = Vec::new();
        for _ in 0..2 {
            let answered = shop.client.order(None, order("declined", "Oslo")).await;
            let answered = answered.expect("the service answers");
            assert_eq!(answered.status, StatusCode::PAYMENT_REQUIRED);
            let id = answered.body["saga_id"].as_str().map(str::to_owned);
            let id = id.expect("it has an id");
            assert_eq!(id.len(), 32, "{id}");
            ids.push(id);
        }
        assert_ne!(ids[0], ids[1]);
    })
    .await;
}

#[tokio::test]
async fn an_order_that_is_repeated_is_executed_once_and_answered_each_time() {
    within(async {
        let shop = open(unhurried()).await;
        for _ in 0..2 {
            assert_confirmed(&shop.order("1", order("visa", "Oslo")).await, "1");
            assert_eq!(shop.books(), sold("1"));
        }
        // One that came to nothing is not begun again either.
        for _ in 0..2 {
            let answered = shop.order("2", order("declined", "Oslo")).await;
            assert_eq!(answered.status, StatusCode::PAYMENT_REQUIRED);
        }
        let answered = shop.order("2", order("visa", "Oslo")).await;
        let reused = json!({
            "type": "https://shop.example/problems/idempotency-key-reused",
            "title": "Another order has this Idempotency-Key",
            "status": 422,
            "detail": "Repeat the order as it was, or give this one a key of its own.",
        });
        assert_problem(&answered, 422, &reused);
        assert_eq!(shop.books(), sold("1"));
    })
    .await;
}

#[tokio::test]
async fn an_order_that_is_sent_twice_at_once_is_executed_once() {
    within(async {
        let shop = open(unhurried()).await;
        let (one, other) = tokio::join!(
            shop.order("1", order("visa", "Oslo")),
            shop.order("1", order("visa", "Oslo"))
        );
        assert_confirmed(&one, "1");
        assert_confirmed(&other, "1");
        assert_eq!(shop.books(), sold("1"));
    })
    .await;
}

#[tokio::test]
async fn an_order_whose_client_has_gone_is_completed() {
    within(async {
        let shop = open(unhurried()).await;
        let body = order("visa", "Oslo");
        let charged = shop.abandon("1", &body, Call::Charge).await;
        assert!(shop.books().parcels.is_empty(), "it is half way");
        // It goes on although no client asks.
        let booked = shop.orders.stores.hold(Call::Book);
        charged.open();
        booked.reached().await;
        assert_eq!(shop.books(), sold("1"));
        booked.open();
        // And a client that asks later gets the answer.
        assert_confirmed(&shop.order("1", body).await, "1");
        assert_eq!(shop.books(), sold("1"));
    })
    .await;
}

#[tokio::test]
async fn an_order_whose_client_has_gone_is_undone_if_it_fails_after() {
    within(async {
        let shop = open(unhurried()).await;
        let body = order("visa", "Atlantis");
        let charged = shop.abandon("1", &body, Call::Charge).await;
        assert_eq!(shop.books().charges.len(), 1, "it is half way");
        let released = shop.orders.stores.hold(Call::Release);
        charged.open();
        released.reached().await;
        assert_eq!(shop.books(), opening());
        released.open();
        let answered = shop.order("1", body).await;
        assert_eq!(answered.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert_eq!(answered.body["step"], json!("book_courier"));
        assert_eq!(shop.books(), opening());
    })
    .await;
}

#[tokio::test]
async fn at_a_shutdown_an_order_in_flight_is_undone_and_answered() {
    within(async {
        let shop = open(unhurried()).await;
        let charged = shop.orders.stores.hold(Call::Charge);
        let (answered, ()) = tokio::join!(shop.order("1", order("visa", "Oslo")), async {
            charged.reached().await;
            shop.shutdown.cancel();
            charged.open();
        });
        assert_problem(&answered, 503, &shutting_down("1"));
        assert_eq!(answered.header(header::RETRY_AFTER), Some("10"));
        assert_eq!(shop.books(), opening());

        let address = shop.address;
        assert_eq!(shop.ended().await, opening());
        let late = TcpStream::connect(address).await;
        assert!(late.is_err(), "the socket is closed");
    })
    .await;
}

#[tokio::test]
async fn at_a_shutdown_an_order_whose_courier_is_being_booked_is_completed() {
    within(async {
        let shop = open(unhurried()).await;
        let booked = shop.orders.stores.hold(Call::Book);
        let (answered, ()) = tokio::join!(shop.order("1", order("visa", "Oslo")), async {
            booked.reached().await;
            shop.shutdown.cancel();
            booked.open();
        });
        assert_confirmed(&answered, "1");
        assert_eq!(shop.ended().await, sold("1"));
    })
    .await;
}

#[tokio::test]
async fn at_a_shutdown_an_order_whose_client_has_gone_is_waited_for() {
    within(async {
        let shop = open(unhurried()).await;
        let reserved = shop
            .abandon("1", &order("visa", "Oslo"), Call::Reserve)
            .await;
        shop.shutdown.cancel();
        // Once the socket is closed, there is nothing to wait for but the order.
        while TcpStream::connect(shop.address).await.is_ok() {}
        assert!(!shop.serving.is_finished(), "the order is in flight");
        assert_ne!(shop.books(), opening());
        reserved.open();
        assert_eq!(shop.ended().await, opening());
    })
    .await;
}

/// How an order is answered that ended like this: the status, and the body.
async fn answered(ended: Ended<OrdersSaga>) -> (u16, Value) {
    let response = answer::of(&"1".into(), Ok(ended)).into_response();
    let status = response.status().as_u16();
    let body = to_bytes(response.into_body(), 64 * 1024).await;
    let body = body.expect("it is all there");
    (
        status,
        serde_json::from_slice(&body).expect("the body is JSON"),
    )
}

/// The answers to an order that an engine is asked for twice, and then another engine on its journal twice.
async fn durable_answers(card: &str, city: &str) -> Vec<(u16, Value)> {
    let journal = InMemoryJournal::new();
    let mut answers = Vec::new();
    for _ in 0..2 {
        let stores = Stores::new(&[("kettle", 5)]);
        let builder = Engine::builder();
        let builder = builder.register_with::<OrdersSaga>(Orders { stores }, unhurried());
        let engine = builder.open(journal.clone()).await;
        let engine = engine.expect("the journal is in memory");
        for _ in 0..2 {
            let order = serde_json::from_str(&order(card, city)).expect("it is an order");
            let submitted = engine.submit::<OrdersSaga>("1", order).await;
            let mut handle = submitted.expect("it is the same order");
            let ended = handle.outcome().await.expect("it ends");
            answers.push(answered(ended).await);
        }
        engine.shutdown(Duration::from_secs(10)).await;
    }
    answers
}

#[tokio::test]
async fn over_a_journal_each_that_asks_has_the_same_answer_to_an_error_with_serde() {
    within(async {
        let (title, detail) = ("The card was declined", "Pay with another card.");
        let declined = problem(402, "card-declined", title, detail, "1");
        let declined = (402, at_step(declined, "charge_card"));
        assert_eq!(
            durable_answers("declined", "Oslo").await,
            [(); 4].map(|()| declined.clone())
        );
    })
    .await;
}

#[tokio::test]
async fn over_a_journal_only_the_first_that_asks_has_the_answer_to_an_error_without_serde() {
    within(async {
        let detail = "no courier goes to Atlantis.";
        let of_error = problem(422, "city-not-served", "City not served", detail, "1");
        let of_error = (422, at_step(of_error, "book_courier"));
        let of_text = problem(422, "no-courier", "No courier", detail, "1");
        let of_text = (422, at_step(of_text, "book_courier"));
        let answers = durable_answers("visa", "Atlantis").await;
        assert_eq!(answers[0], of_error);
        assert_eq!(answers[1..], [(); 3].map(|()| of_text.clone()));
    })
    .await;
}

fn program() -> Command {
    let mut program = Command::from(example("axum"));
    program.kill_on_drop(true);
    program
}

#[tokio::test]
async fn the_example_prints_each_response_and_the_report_goes_to_its_log() {
    within(async {
        let output = program().output().await.expect("the example starts");
        let ran = Ran::from(output);
        ran.ends_with(0);
        let statuses: Vec<_> = ran.stdout.lines().filter_map(status_line).collect();
        assert_eq!(
            statuses,
            [
                "201 Created",
                "201 Created",
                "409 Conflict",
                "402 Payment Required",
                "503 Service Unavailable",
                "504 Gateway Timeout",
                "500 Internal Server Error",
                "422 Unprocessable Entity",
                "400 Bad Request",
                "503 Service Unavailable",
            ],
            "{}",
            ran.all()
        );
        let stuck = r#"order-6: no courier goes there, and the refund fails: the log has the report, the client a reference

  POST /orders {"item":"kettle","quantity":1,"card":"closed","city":"Atlantis"}
  500 Internal Server Error
  content-type: application/problem+json
  {
    "detail": "Something went wrong, and we are looking into it. Please mention order-6.",
    "instance": "/orders/order-6",
    "saga_id": "order-6",
    "status": 500,
    "title": "The order is being looked into",
    "type": "https://shop.example/problems/being-looked-into"
  }
"#;
        assert!(ran.stdout.contains(stuck), "{}", ran.all());
        let books = "
the server has ended

stock
  4 kettle
reserved
  1 kettle orders/order-1/reserve_stock/do
charged
  4900 cents, card visa, orders/order-1/charge_card/do
  4900 cents, card closed, orders/order-6/charge_card/do
couriers
  to Oslo orders/order-1/book_courier/do
";
        assert!(ran.stdout.ends_with(books), "{}", ran.all());

        // The log has everything that the client does not receive.
        for logged in [
            "saga `orders` (order-4) was compensated: step `charge_card` is in doubt: timed out after",
            "saga `orders` (order-5) was compensated: the deadline passed",
            "saga `orders` (order-6) is stuck: step `book_courier` failed: no courier goes to Atlantis; \
             undoing step `charge_card` failed",
            "the account 4711 of the card is closed",
            "  - undo step 2 `charge_card` (idempotency key orders/order-6/charge_card/do) by hand: \
             refund gave up",
            "saga `orders` (order-9) was compensated: cancelled",
        ] {
            assert!(ran.stderr.contains(logged), "{logged}\n{}", ran.all());
        }
        assert!(!ran.stdout.contains("4711"), "{}", ran.all());
    })
    .await;
}

/// `409 Conflict`, of a line that is one.
fn status_line(line: &str) -> Option<&str> {
    let line = line.strip_prefix("  ")?;
    let (number, _) = line.split_once(' ')?;
    (number.len() == 3 && number.parse::<u16>().is_ok()).then_some(line)
}

#[test]
fn arguments_that_mean_nothing_are_answered_with_the_usage() {
    let ran = run(example("axum").arg("sevre"));
    ran.ends_with(1);
    assert_eq!(
        ran.stderr,
        "error: usage: axum [serve [ADDRESS]]   (ADDRESS: 127.0.0.1:3000)\n"
    );
}

#[cfg(unix)]
#[tokio::test]
async fn the_example_serves_until_ctrl_c() {
    within(async {
        let mut served = program()
            .args(["serve", "127.0.0.1:0"])
            .stdout(Stdio::piped())
            .spawn()
            .expect("the example starts");
        let stdout = served.stdout.take().expect("it is piped");
        let mut lines = BufReader::new(stdout).lines();
        let address = loop {
            let line = lines.next_line().await.expect("the example prints text");
            let line = line.expect("it says where it serves");
            let address = line.strip_prefix("serving http://");
            if let Some(address) = address.and_then(|rest| rest.strip_suffix("/orders")) {
                break address.parse().expect("it is an address");
            }
        };
        let client = Client::of(address);
        let answered = client.order(Some("1"), order("visa", "Oslo")).await;
        assert_confirmed(&answered.expect("the service answers"), "1");

        let id = served.id().expect("it runs").to_string();
        let interrupted = Command::new("kill").args(["-INT", &id]).status().await;
        assert!(interrupted.expect("there is `kill`").success());
        let last = lines.next_line().await.expect("the example prints text");
        assert_eq!(last.as_deref(), Some("shutting down"));
        let status = served.wait().await.expect("it ends");
        assert_eq!(status.code(), Some(0));
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn an_order_is_executed_or_leaves_nothing_in_the_books_wherever_its_saga_breaks() {
    let orders = || Orders {
        stores: Stores::new(&[("kettle", 5)]),
    };
    let order = Order {
        item: "kettle".to_owned(),
        quantity: NonZeroU32::MIN,
        card: "visa".to_owned(),
        city: "Oslo".to_owned(),
    };
    let coverage = fault_matrix::<OrdersSaga>(orders, order)
        .errors(|| WarehouseError::NoSuchItem("kettle".to_owned()))
        .errors(|| BankError::Declined)
        .errors(|| CourierError::Busy)
        .snapshot(|orders| orders.stores.books())
        .run()
        .await;
    assert_eq!((coverage.cells.len(), coverage.left_out.len()), (67, 2));
}
