//! A client of the service, over a real socket: for the requests of the example, and for its tests.

use std::collections::BTreeMap;
use std::net::SocketAddr;

use anyhow::Context as _;
use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, HeaderValue, Request, StatusCode, header};
use hyper_util::client::legacy::Client as Http;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use serde_json::Value;

pub(crate) struct Client {
    server: SocketAddr,
    http: Http<HttpConnector, Body>,
}

/// A response, read to its end.
pub(crate) struct Answered {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    /// By name, so that it is always printed in the same order.
    pub(crate) body: BTreeMap<String, Value>,
}

impl Answered {
    /// A header, or nothing where it is not there or is no text.
    pub(crate) fn header(&self, name: header::HeaderName) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }
}

impl Client {
    pub(crate) fn of(server: SocketAddr) -> Self {
        Self {
            server,
            http: Http::builder(TokioExecutor::new()).build_http(),
        }
    }

    /// `POST /orders`, with or without an idempotency key.
    pub(crate) async fn order(
        &self,
        key: Option<&str>,
        body: impl Into<Body>,
    ) -> anyhow::Result<Answered> {
        let mut request = Request::post(format!("http://{}/orders", self.server))
            .header(header::CONTENT_TYPE, "application/json");
        if let Some(key) = key {
            request = request.header("idempotency-key", HeaderValue::from_bytes(key.as_bytes())?);
        }
        self.send(request.body(body.into())?).await
    }

    pub(crate) async fn send(&self, request: Request<Body>) -> anyhow::Result<Answered> {
        let (head, body) = self.http.request(request).await?.into_parts();
        let body = to_bytes(Body::new(body), 64 * 1024).await?;
        Ok(Answered {
            status: head.status,
            headers: head.headers,
            body: serde_json::from_slice(&body).context("the body is no JSON object")?,
        })
    }
}
