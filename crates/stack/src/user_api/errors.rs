//! Errors of the UserAPI.

use axum::{
    Extension,
    body::Body,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde_json::{Value, json};

use crate::files::{RenameError, StoreError};

/// Any answer that reports an error.
#[derive(Debug)]
pub(crate) enum ApiError {
    /// A status and its `{"detail": …}`.
    Detail(StatusCode, String),
    /// The path exists, but not with this method.
    WrongMethod {
        /// The value of the `Allow` header.
        allow: &'static str,
    },
    /// 422: one entry for each flaw of the request.
    Invalid(Vec<Flaw>),
    /// 500, where the real service fails with an exception.
    Unhandled,
    /// 500 for a reason of our own, such as a full disk. The reason is written to standard error.
    Broken(String),
}

/// One entry of a 422, as pydantic writes it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Flaw {
    /// pydantic's name for the kind of flaw, such as `missing`.
    pub(crate) kind: &'static str,
    /// Where: `body`, `query`, `path` or `header`, then field names and list indices.
    pub(crate) loc: Vec<Value>,
    /// For people.
    pub(crate) msg: String,
    /// The rejected value.
    pub(crate) input: Value,
    /// Values that `msg` was made of.
    pub(crate) ctx: Option<Value>,
}

impl Flaw {
    pub(crate) fn new(kind: &'static str, loc: &[Value], msg: &str, input: Value) -> Self {
        Self {
            kind,
            loc: loc.to_vec(),
            msg: msg.to_owned(),
            input,
            ctx: None,
        }
    }

    /// A missing field; `parent` is the value that lacks it.
    pub(crate) fn missing(loc: &[Value], parent: Value) -> Self {
        Self::new("missing", loc, "Field required", parent)
    }

    /// The message of a validator of the service's own, not one of pydantic's.
    pub(crate) fn value(loc: &[Value], reason: &str, input: Value) -> Self {
        Self {
            ctx: Some(json!({"error": {}})),
            ..Self::new("value_error", loc, &format!("Value error, {reason}"), input)
        }
    }

    /// A text that is not among the allowed values.
    pub(crate) fn not_one_of(loc: &[Value], expected: &str, input: Value) -> Self {
        Self {
            ctx: Some(json!({ "expected": expected })),
            ..Self::new("enum", loc, &format!("Input should be {expected}"), input)
        }
    }

    fn into_json(self) -> Value {
        let mut entry = json!({
            "type": self.kind,
            "loc": self.loc,
            "msg": self.msg,
            "input": self.input,
        });
        if let Some(ctx) = self.ctx {
            entry["ctx"] = ctx;
        }
        entry
    }
}

impl ApiError {
    pub(crate) fn detail(status: StatusCode, detail: &str) -> Self {
        Self::Detail(status, detail.to_owned())
    }

    /// 404 in the words of the framework.
    pub(crate) fn not_found() -> Self {
        Self::detail(StatusCode::NOT_FOUND, "Not Found")
    }

    /// 401 or 403.
    pub(crate) fn unauthorized(detail: &str) -> Self {
        Self::detail(StatusCode::UNAUTHORIZED, detail)
    }
}

impl From<Flaw> for ApiError {
    fn from(flaw: Flaw) -> Self {
        Self::Invalid(vec![flaw])
    }
}

impl From<std::io::Error> for ApiError {
    fn from(error: std::io::Error) -> Self {
        Self::Broken(error.to_string())
    }
}

impl From<rusqlite::Error> for ApiError {
    fn from(error: rusqlite::Error) -> Self {
        Self::Broken(error.to_string())
    }
}

impl From<StoreError> for ApiError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::NotADirectory => {
                Self::detail(StatusCode::NOT_FOUND, "Path is not a directory")
            }
            StoreError::Io(error) => error.into(),
        }
    }
}

impl From<RenameError> for ApiError {
    fn from(error: RenameError) -> Self {
        match error {
            RenameError::Missing => Self::not_found(),
            RenameError::Refused(reason) => Self::Detail(StatusCode::METHOD_NOT_ALLOWED, reason),
            RenameError::Unhandled => Self::Unhandled,
            RenameError::Store(error) => error.into(),
        }
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        match self {
            Self::Detail(status, detail) => json_answer(status, &json!({ "detail": detail })),
            Self::WrongMethod { allow } => {
                let mut answer = json_answer(
                    StatusCode::METHOD_NOT_ALLOWED,
                    &json!({"detail": "Method Not Allowed"}),
                );
                answer
                    .headers_mut()
                    .insert(header::ALLOW, HeaderValue::from_static(allow));
                answer
            }
            Self::Invalid(flaws) => {
                let detail: Vec<Value> = flaws.into_iter().map(Flaw::into_json).collect();
                json_answer(
                    StatusCode::UNPROCESSABLE_ENTITY,
                    &json!({ "detail": detail }),
                )
            }
            Self::Unhandled => unhandled(),
            Self::Broken(reason) => {
                eprintln!("opencloud-stack: the UserAPI could not answer: {reason}");
                unhandled()
            }
        }
    }
}

/// Marks the answer to an unhandled error, which is made outside of the CORS layer: a page cannot even
/// see its status.
#[derive(Clone, Copy)]
pub(crate) struct OutsideCors;

fn unhandled() -> Response {
    (
        StatusCode::INTERNAL_SERVER_ERROR,
        Extension(OutsideCors),
        [(header::CONTENT_TYPE, "text/plain; charset=utf-8")],
        "Internal Server Error",
    )
        .into_response()
}

/// A JSON answer, compact, its content type without a charset.
pub(crate) fn json_answer(status: StatusCode, body: &Value) -> Response {
    (
        status,
        [(header::CONTENT_TYPE, "application/json")],
        Body::from(body.to_string()),
    )
        .into_response()
}

/// 204, which carries a content type all the same.
pub(crate) fn no_content() -> Response {
    (
        StatusCode::NO_CONTENT,
        [(header::CONTENT_TYPE, "application/json")],
    )
        .into_response()
}
