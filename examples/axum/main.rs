//! A small HTTP service: `POST /orders` runs a saga, and each of its ends is a response.
//!
//! Without an argument it listens on a free port, makes some requests of itself, prints what they are
//! answered with, and is shut down while the last of them is in flight. With `serve` it serves until
//! ctrl-c:
//!
//! ```sh
//! cargo run --example axum serve
//! curl -i 127.0.0.1:3000/orders --json '{"item":"kettle","quantity":1,"card":"visa","city":"Oslo"}'
//! ```
//!
//! What goes wrong is chosen by the card and the city: see `stores.rs`. Start reading at `server.rs`,
//! where a run is begun, and at `answer.rs`, where its end becomes a response.

mod answer;
mod client;
mod problem;
mod server;
mod service;
mod stores;

use std::env;
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::{Context as _, bail};
use axum::http::header;
use saga_core::{CancellationToken, RunOptions, Saga as _};
use tokio::net::TcpListener;

use crate::client::{Answered, Client};
use crate::server::Server;
use crate::service::{Orders, OrdersSaga};
use crate::stores::{Books, Call, Stores};

const USAGE: &str = "usage: axum [serve [ADDRESS]]   (ADDRESS: 127.0.0.1:3000)";

/// A request: its idempotency key, what to expect of it, and its body.
type Request = (&'static str, &'static str, &'static str);

const REQUESTS: [Request; 9] = [
    (
        "order-1",
        "all goes well",
        r#"{"item":"kettle","quantity":1,"card":"visa","city":"Oslo"}"#,
    ),
    (
        "order-1",
        "the same again, as if the answer had been lost: nothing is ordered twice",
        r#"{"item":"kettle","quantity":1,"card":"visa","city":"Oslo"}"#,
    ),
    (
        "order-2",
        "more than there are",
        r#"{"item":"kettle","quantity":9,"card":"visa","city":"Oslo"}"#,
    ),
    (
        "order-3",
        "a card that is declined: the stock is released",
        r#"{"item":"kettle","quantity":1,"card":"declined","city":"Oslo"}"#,
    ),
    (
        "order-4",
        "a bank that charges and does not answer: the charge is found by its key, and refunded",
        r#"{"item":"kettle","quantity":1,"card":"silent","city":"Oslo"}"#,
    ),
    (
        "order-5",
        "no courier gets free until the deadline",
        r#"{"item":"kettle","quantity":1,"card":"visa","city":"Venice"}"#,
    ),
    (
        "order-6",
        "no courier goes there, and the refund fails: the log has the report, the client a reference",
        r#"{"item":"kettle","quantity":1,"card":"closed","city":"Atlantis"}"#,
    ),
    (
        "order-7",
        "no order at all",
        r#"{"item":"kettle","quantity":0,"card":"visa","city":"Oslo"}"#,
    ),
    ("order-8", "no JSON at all", "a kettle, please"),
];

const LAST_REQUEST: Request = (
    "order-9",
    "a shutdown while the card is charged: the charge is waited for, and refunded",
    r#"{"item":"kettle","quantity":1,"card":"visa","city":"Oslo"}"#,
);

#[tokio::main]
async fn main() -> ExitCode {
    match run().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

async fn run() -> anyhow::Result<()> {
    let arguments: Vec<_> = env::args().skip(1).collect();
    let arguments: Vec<_> = arguments.iter().map(String::as_str).collect();
    match arguments[..] {
        [] => make_requests().await,
        ["serve"] => serve_until_ctrl_c("127.0.0.1:3000").await,
        ["serve", address] => serve_until_ctrl_c(address).await,
        _ => bail!(USAGE),
    }
}

fn server(shutdown: CancellationToken) -> (Arc<Orders>, Arc<Server>) {
    let stores = Stores::new(&[("kettle", 5)]);
    let orders = Arc::new(Orders { stores });
    let server = Server::new(Arc::clone(&orders), RunOptions::new(), shutdown);
    (orders, server)
}

async fn serve_until_ctrl_c(address: &str) -> anyhow::Result<()> {
    let shutdown = CancellationToken::new();
    let (_, server) = server(shutdown.clone());
    let listener = listen(address).await?;
    println!(
        "{}\n\nserving http://{}/orders",
        OrdersSaga::DEFINITION,
        listener.local_addr()?
    );
    tokio::spawn(async move {
        match tokio::signal::ctrl_c().await {
            Ok(()) => println!("shutting down"),
            Err(error) => eprintln!("cannot wait for ctrl-c: {error}"),
        }
        shutdown.cancel();
    });
    let router = server.router();
    Ok(server.serve(listener, router).await?)
}

async fn make_requests() -> anyhow::Result<()> {
    let shutdown = CancellationToken::new();
    let (orders, server) = server(shutdown.clone());
    let listener = listen("127.0.0.1:0").await?;
    let client = Client::of(listener.local_addr()?);
    let serving = tokio::spawn(async move {
        let router = server.router();
        server.serve(listener, router).await
    });

    println!("{}\n", OrdersSaga::DEFINITION);
    for request @ (key, _, body) in REQUESTS {
        print(request, &client.order(Some(key), body).await?)?;
    }

    let charged = orders.stores.hold(Call::Charge);
    let (key, _, body) = LAST_REQUEST;
    let (answered, ()) = tokio::join!(client.order(Some(key), body), async {
        charged.reached().await;
        shutdown.cancel();
        charged.open();
    });
    print(LAST_REQUEST, &answered?)?;
    serving.await??;
    println!("the server has ended");
    print_books(&orders.stores.books());
    Ok(())
}

async fn listen(address: &str) -> anyhow::Result<TcpListener> {
    let listener = TcpListener::bind(address).await;
    listener.with_context(|| format!("cannot listen on {address}"))
}

/// Prints a request, and what it was answered with.
fn print((key, story, body): Request, answered: &Answered) -> anyhow::Result<()> {
    println!(
        "{key}: {story}\n\n  POST /orders {body}\n  {}",
        answered.status
    );
    for name in [header::CONTENT_TYPE, header::LOCATION, header::RETRY_AFTER] {
        if let Some(value) = answered.header(name.clone()) {
            println!("  {name}: {value}");
        }
    }
    let body = serde_json::to_string_pretty(&answered.body)?;
    println!("  {}\n", body.replace('\n', "\n  "));
    Ok(())
}

/// Prints what is left of it all.
fn print_books(books: &Books) {
    println!("\nstock");
    for (item, left) in &books.stock {
        println!("  {left} {item}");
    }
    println!("reserved");
    for (key, reservation) in &books.reservations {
        println!("  {} {} {key}", reservation.quantity, reservation.item);
    }
    println!("charged");
    for (key, charge) in &books.charges {
        println!("  {} cents, card {}, {key}", charge.cents, charge.card);
    }
    println!("couriers");
    for (key, parcel) in &books.parcels {
        println!("  to {} {key}", parcel.city);
    }
}
