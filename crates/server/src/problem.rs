//! Errors as clients see them: RFC 9457 problem documents with the wire's stable codes.

use std::borrow::Cow;
use std::time::Duration;

use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use subrosa_wire::api::{AccountBlob, Code, LogPage};
use subrosa_wire::encoding::Malformed;

use crate::body::Cbor;
use crate::store::StoreError;
use crate::store::writes::WriteError;

/// Why a request fails.
#[derive(Debug)]
pub enum Problem {
    /// A code, and a sentence on this very case that tells a client no more than the code does.
    Document(Code, Option<Cow<'static, str>>),
    /// [`Code::RateLimited`]: when to come back.
    Wait(Duration),
    /// [`Code::Conflict`], whose body is what was missed.
    Missed(LogPage),
    /// [`Code::Generation`], whose body is the newer blob.
    Newer(AccountBlob),
}

impl Problem {
    /// A code with a sentence on this case.
    pub fn new(code: Code, detail: impl Into<Cow<'static, str>>) -> Self {
        Problem::Document(code, Some(detail.into()))
    }

    /// A fault of the server's: the cause goes to its log, not to the client.
    pub fn internal(cause: impl core::fmt::Display) -> Self {
        tracing::error!(%cause, "a request failed");
        Code::Internal.into()
    }
}

impl From<Code> for Problem {
    fn from(code: Code) -> Self {
        Problem::Document(code, None)
    }
}

impl From<Malformed> for Problem {
    fn from(malformed: Malformed) -> Self {
        match malformed {
            Malformed::TooLong { .. } => Problem::new(Code::TooLarge, malformed.to_string()),
            _ => Problem::new(Code::Malformed, malformed.to_string()),
        }
    }
}

impl From<getrandom::Error> for Problem {
    fn from(error: getrandom::Error) -> Self {
        Problem::internal(error)
    }
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        Problem::internal(error)
    }
}

impl From<WriteError> for Problem {
    fn from(error: WriteError) -> Self {
        let code = match error {
            WriteError::Missed(page) => return Problem::Missed(page),
            WriteError::Generation(blob) => return Problem::Newer(blob),
            WriteError::Store(StoreError::Broken(cause)) => return Problem::internal(cause),
            WriteError::Store(StoreError::Unwritable(_)) | WriteError::NotCommitted(_) => {
                tracing::error!(%error, "a write failed");
                return Code::Storage.into();
            }
            WriteError::Rejected(_)
            | WriteError::NoObject
            | WriteError::WeakKey
            | WriteError::Unfit
            | WriteError::TooManyJoins
            | WriteError::AccountExists => Code::Rejected,
            WriteError::Forbidden => Code::Forbidden,
            WriteError::SetupToken => return Code::SetupToken.into(),
            WriteError::TooLarge => Code::TooLarge,
            WriteError::Quota => return Code::Quota.into(),
            WriteError::SignedOut => return Code::Unauthorized.into(),
            WriteError::NotFound => return Code::NotFound.into(),
            WriteError::Busy => return Code::Unavailable.into(),
        };
        Problem::new(code, error.to_string())
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        match self {
            Problem::Document(code, detail) => document(code, detail.as_deref()),
            Problem::Missed(page) => (status(Code::Conflict), Cbor(page)).into_response(),
            Problem::Newer(blob) => (status(Code::Generation), Cbor(blob)).into_response(),
            Problem::Wait(time) => {
                let seconds = time.as_secs() + u64::from(time.subsec_nanos() > 0);
                let after = [(header::RETRY_AFTER, seconds.max(1).to_string())];
                (after, document(Code::RateLimited, None)).into_response()
            }
        }
    }
}

fn status(code: Code) -> StatusCode {
    StatusCode::from_u16(code.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
}

fn document(code: Code, detail: Option<&str>) -> Response {
    let mut body = serde_json::json!({
        "type": format!("urn:subrosa:problem:{}", code.text()),
        "title": code.title(),
        "status": code.status(),
        "code": code.text(),
    });
    if let Some(detail) = detail {
        body["detail"] = detail.into();
    }
    let json = [(header::CONTENT_TYPE, "application/problem+json")];
    (status(code), json, body.to_string()).into_response()
}
