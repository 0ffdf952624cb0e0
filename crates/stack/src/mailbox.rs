//! The mailbox: the messages that Cognito would send, for people as a page and for tests as JSON. The
//! administrator of the pool works here, too. No password protects it, because a stack is for tests.

use axum::{
    Json, Router,
    extract::{Query, Request, State},
    http::{
        HeaderMap, HeaderName, HeaderValue, Method, StatusCode,
        header::{
            ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS,
            ACCESS_CONTROL_ALLOW_ORIGIN, CACHE_CONTROL, HOST, ORIGIN, VARY,
        },
    },
    middleware::{Next, from_fn_with_state},
    response::{Html, IntoResponse, Response},
    routing::{get, post},
};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::{
    cognito::{Cognito, GROUPS, Refused},
    http,
};

/// Where the page is.
pub(crate) const PATH: &str = "/mailbox";

const PAGE: &str = include_str!("../data/mailbox.html");

/// The mailbox of a pool. Only pages of `frontend_origin` and its own page may use it.
pub(crate) fn router(cognito: Cognito, frontend_origin: &str) -> Router {
    let inner = Router::new()
        .route("/", get(async || Html(PAGE)))
        .route("/messages", get(messages))
        .route("/accounts", get(accounts))
        .route("/groups", post(add_to_group))
        .route("/invitations", post(invite))
        .route("/expirations", post(expire_codes))
        .layer(from_fn_with_state(frontend_origin.to_owned(), for_frontend))
        .with_state(cognito);
    Router::new().nest(PATH, inner)
}

/// Answers preflights, and lets pages of the frontend read every answer. A page of another origin may
/// change nothing.
async fn for_frontend(State(frontend): State<String>, request: Request, next: Next) -> Response {
    let origin = http::text(request.headers(), ORIGIN).map(str::to_owned);
    let is_frontend = origin.as_deref() == Some(&frontend);
    let is_own = origin
        .as_deref()
        .is_none_or(|origin| is_of_host(origin, request.headers()));
    let mut response = if request.method() == Method::OPTIONS {
        StatusCode::NO_CONTENT.into_response()
    } else if is_frontend || is_own {
        next.run(request).await
    } else {
        StatusCode::FORBIDDEN.into_response()
    };
    let headers = response.headers_mut();
    let mut set = |name: HeaderName, value: &str| http::set(headers, name, value);
    set(VARY, "Origin");
    set(CACHE_CONTROL, "no-store");
    if is_frontend {
        set(ACCESS_CONTROL_ALLOW_ORIGIN, &frontend);
        set(ACCESS_CONTROL_ALLOW_METHODS, "GET, POST");
        set(ACCESS_CONTROL_ALLOW_HEADERS, "content-type");
    }
    response
}

/// Whether the origin is that of the host which was asked.
fn is_of_host(origin: &str, headers: &HeaderMap) -> bool {
    let host = headers.get(HOST).map(HeaderValue::as_bytes);
    origin
        .split_once("://")
        .is_some_and(|(_, authority)| host == Some(authority.as_bytes()))
}

#[derive(Deserialize)]
struct Recipient {
    to: Option<String>,
}

#[derive(Deserialize)]
struct Membership {
    email: String,
    group: String,
}

#[derive(Deserialize)]
struct Of {
    email: String,
}

async fn messages(
    State(cognito): State<Cognito>,
    Query(recipient): Query<Recipient>,
) -> Result<Response, Refused> {
    let messages = cognito.administration().messages(recipient.to.as_deref())?;
    Ok(Json(messages).into_response())
}

/// The accounts as an administrator sees them: without passwords.
async fn accounts(State(cognito): State<Cognito>) -> Result<Json<Value>, Refused> {
    let accounts = cognito.administration().accounts()?;
    let accounts: Vec<_> = accounts
        .iter()
        .map(|account| {
            json!({
                "email": account.email,
                "status": account.status.name(),
                "groups": account.groups,
                "attributes": account.attributes,
            })
        })
        .collect();
    Ok(Json(json!({"accounts": accounts, "groups": GROUPS})))
}

async fn add_to_group(
    State(cognito): State<Cognito>,
    Json(membership): Json<Membership>,
) -> Result<StatusCode, Refused> {
    let Membership { email, group } = membership;
    cognito.administration().add_to_group(&email, &group)?;
    Ok(StatusCode::NO_CONTENT)
}

async fn invite(State(cognito): State<Cognito>, Json(of): Json<Of>) -> Result<StatusCode, Refused> {
    cognito.administration().invite(&of.email)?;
    Ok(StatusCode::NO_CONTENT)
}

async fn expire_codes(
    State(cognito): State<Cognito>,
    Json(of): Json<Of>,
) -> Result<StatusCode, Refused> {
    cognito.administration().expire_codes(&of.email)?;
    Ok(StatusCode::NO_CONTENT)
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        let status = match &self {
            Self::NoSuchAccount => StatusCode::NOT_FOUND,
            Self::NoSuchGroup | Self::NoAddress => StatusCode::UNPROCESSABLE_ENTITY,
            Self::Taken => StatusCode::CONFLICT,
            Self::Database(_) => StatusCode::INTERNAL_SERVER_ERROR,
        };
        (status, Json(json!({"detail": self.to_string()}))).into_response()
    }
}
