//! The answer for a client whose order failed: problem details, as RFC 9457 has them.

use std::borrow::Cow;
use std::fmt::Write as _;
use std::time::Duration;

use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use saga_core::SagaId;
use serde::Serialize;

/// A response with the content type `application/problem+json`.
#[derive(Debug, Clone)]
pub(crate) struct Problem {
    status: StatusCode,
    /// What kind of problem this is. Of one that has no name the status says it all.
    name: Option<&'static str>,
    title: &'static str,
    detail: Cow<'static, str>,
    run: Option<SagaId>,
    step: Option<&'static str>,
    retry_after: Option<Duration>,
}

/// The same as its body has it.
#[derive(Serialize)]
struct Body<'a> {
    // A program goes by this: the title and the detail are for people.
    #[serde(rename = "type")]
    uri: Cow<'a, str>,
    title: &'a str,
    status: u16,
    detail: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    instance: Option<String>,
    // Members of our own, which the RFC calls extensions.
    #[serde(skip_serializing_if = "Option::is_none")]
    saga_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    step: Option<&'a str>,
}

impl Problem {
    /// A problem of a kind that has a name here.
    pub(crate) fn new(
        status: StatusCode,
        name: &'static str,
        title: &'static str,
        detail: impl Into<Cow<'static, str>>,
    ) -> Self {
        Self {
            name: Some(name),
            title,
            ..Self::of_status(status, detail)
        }
    }

    /// A problem of which the status says it all.
    pub(crate) fn of_status(status: StatusCode, detail: impl Into<Cow<'static, str>>) -> Self {
        Self {
            status,
            name: None,
            title: status.canonical_reason().unwrap_or("Error"),
            detail: detail.into(),
            run: None,
            step: None,
            retry_after: None,
        }
    }

    /// The same, of this run of the saga.
    pub(crate) fn of_run(self, id: SagaId) -> Self {
        Self {
            run: Some(id),
            ..self
        }
    }

    /// The same, of this step.
    pub(crate) fn at_step(self, step: Option<&'static str>) -> Self {
        Self { step, ..self }
    }

    /// The same, with the advice to ask again after this long.
    pub(crate) fn retry_after(self, wait: Duration) -> Self {
        Self {
            retry_after: Some(wait),
            ..self
        }
    }

    pub(crate) fn status(&self) -> StatusCode {
        self.status
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let id = self.run.map(|id| id.to_string());
        let body = Body {
            uri: match self.name {
                Some(name) => format!("https://shop.example/problems/{name}").into(),
                None => "about:blank".into(),
            },
            title: self.title,
            status: self.status.as_u16(),
            detail: &self.detail,
            instance: id.as_deref().map(path_of_order),
            saga_id: id,
            step: self.step,
        };
        let mut response = (self.status, Json(body)).into_response();
        let headers = response.headers_mut();
        let content_type = HeaderValue::from_static("application/problem+json");
        headers.insert(header::CONTENT_TYPE, content_type);
        if let Some(wait) = self.retry_after {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(wait.as_secs()));
        }
        response
    }
}

/// Where an order is. Its id came from a client, so whatever means something in a path is escaped.
pub(crate) fn path_of_order(id: &str) -> String {
    let mut path = "/orders/".to_owned();
    for byte in id.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                path.push(char::from(byte));
            }
            // Into a string, which cannot fail.
            _ => _ = write!(path, "%{byte:02X}"),
        }
    }
    path
}
