//! The HTTP side: which operation a request names, and the headers of every answer.

use std::sync::Arc;

use axum::{
    Router,
    body::{Body, to_bytes},
    extract::{Path, Request, State},
    http::{
        HeaderMap, HeaderName, Method, StatusCode,
        header::{
            ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS,
            ACCESS_CONTROL_ALLOW_ORIGIN, ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_MAX_AGE,
            CONTENT_TYPE, ORIGIN,
        },
    },
    middleware::{Next, from_fn_with_state},
    response::{IntoResponse as _, Response},
    routing::get,
};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use uuid::Uuid;

use super::{
    access::{ChangePassword, RevokeToken, WithAccessToken},
    error::{AMZ_JSON, CognitoError, json_response},
    initiate_auth::InitiateAuth,
    pool::Pool,
    recovery::{ConfirmForgotPassword, ForgotPassword},
    refresh::GetTokensFromRefreshToken,
    registration::{ConfirmSignUp, ResendConfirmationCode, SignUp},
    respond_to_challenge::RespondToAuthChallenge,
};
use crate::{endpoint::Endpoint, http};

/// How long a body may be, in bytes; no operation comes near.
const LONGEST_BODY: usize = 128 * 1024;

pub(super) fn router(pool: Arc<Pool>) -> Router {
    Router::new()
        .route("/{pool}/.well-known/jwks.json", get(jwks))
        .route("/{pool}/.well-known/openid-configuration", get(discovery))
        .fallback(operate)
        .method_not_allowed_fallback(operate)
        .layer(from_fn_with_state(pool.clone(), with_headers))
        .with_state(pool)
}

/// Answers preflights, and completes every other answer.
async fn with_headers(State(pool): State<Arc<Pool>>, request: Request, next: Next) -> Response {
    let origin = request.headers().contains_key(ORIGIN);
    let mut response = if request.method() == Method::OPTIONS {
        preflight()
    } else {
        next.run(request).await
    };
    let mut set = |name, value: &str| http::set(response.headers_mut(), name, value);
    if origin {
        set(ACCESS_CONTROL_ALLOW_ORIGIN, &pool.config.allowed_origin);
        set(
            ACCESS_CONTROL_EXPOSE_HEADERS,
            "x-amzn-RequestId,x-amzn-ErrorType,x-amzn-ErrorMessage,Date",
        );
    }
    let request_id = HeaderName::from_static("x-amzn-requestid");
    set(request_id, &Uuid::new_v4().to_string());
    response
}

fn preflight() -> Response {
    let headers = [
        (ACCESS_CONTROL_ALLOW_METHODS, "POST"),
        (
            ACCESS_CONTROL_ALLOW_HEADERS,
            "authorization,cache-control,content-type,date,x-amz-date,x-amz-security-token,\
             x-amz-target,x-amz-content-sha256,x-amz-user-agent,x-amzn-platform-id,\
             x-amzn-trace-id,amz-sdk-invocation-id,amz-sdk-request",
        ),
        (ACCESS_CONTROL_MAX_AGE, "172800"),
    ];
    (headers, Body::empty()).into_response()
}

async fn operate(State(pool): State<Arc<Pool>>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let Some(operation) = operation(&parts.method, parts.uri.path(), &parts.headers) else {
        return CognitoError::unknown_operation().into_response();
    };
    let answer = match to_bytes(body, LONGEST_BODY).await {
        Ok(body) => dispatch(&pool, operation, &body).await,
        Err(_) => Err(CognitoError::serialization()),
    };
    let mut answer = match answer {
        Ok(answer) => json_response(StatusCode::OK, &answer),
        Err(error) => error.into_response(),
    };
    let endpoint = match operation {
        "InitiateAuth" => Endpoint::InitiateAuth,
        "GetUser" => Endpoint::GetUser,
        "RevokeToken" => Endpoint::RevokeToken,
        "SignUp" => Endpoint::SignUp,
        "ConfirmSignUp" => Endpoint::ConfirmSignUp,
        "ResendConfirmationCode" => Endpoint::ResendConfirmationCode,
        "ForgotPassword" => Endpoint::ForgotPassword,
        "ConfirmForgotPassword" => Endpoint::ConfirmForgotPassword,
        "RespondToAuthChallenge" => Endpoint::RespondToAuthChallenge,
        _ => return answer,
    };
    answer.extensions_mut().insert(endpoint);
    answer
}

/// The operation that a request names. AWS takes no other content type than its own.
fn operation<'a>(method: &Method, path: &str, headers: &'a HeaderMap) -> Option<&'a str> {
    let media_type = http::text(headers, CONTENT_TYPE)?.split(';').next()?.trim();
    let right = method == Method::POST && path == "/" && media_type == AMZ_JSON;
    http::text(headers, HeaderName::from_static("x-amz-target"))?
        .strip_prefix("AWSCognitoIdentityProviderService.")
        .filter(|_| right)
}

async fn dispatch(pool: &Pool, operation: &str, body: &[u8]) -> Result<Value, CognitoError> {
    match operation {
        "InitiateAuth" => read::<InitiateAuth>(body)?.answer(pool).await,
        "GetUser" => read::<WithAccessToken>(body)?.get_user(pool).await,
        "GlobalSignOut" => read::<WithAccessToken>(body)?.global_sign_out(pool).await,
        "ChangePassword" => read::<ChangePassword>(body)?.answer(pool).await,
        "RevokeToken" => read::<RevokeToken>(body)?.answer(pool).await,
        "GetTokensFromRefreshToken" => read::<GetTokensFromRefreshToken>(body)?.answer(pool).await,
        "RespondToAuthChallenge" => read::<RespondToAuthChallenge>(body)?.answer(pool).await,
        "SignUp" => read::<SignUp>(body)?.answer(pool),
        "ConfirmSignUp" => read::<ConfirmSignUp>(body)?.answer(pool),
        "ResendConfirmationCode" => read::<ResendConfirmationCode>(body)?.answer(pool),
        "ForgotPassword" => read::<ForgotPassword>(body)?.answer(pool),
        "ConfirmForgotPassword" => read::<ConfirmForgotPassword>(body)?.answer(pool),
        _ => Err(CognitoError::unknown_operation()),
    }
}

fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T, CognitoError> {
    serde_json::from_slice(body).map_err(|_| CognitoError::serialization())
}

async fn jwks(State(pool): State<Arc<Pool>>, Path(id): Path<String>) -> Response {
    if id != pool.ids.user_pool {
        return no_such_pool(&id);
    }
    axum::Json(pool.keys.ready().await.jwks()).into_response()
}

async fn discovery(State(pool): State<Arc<Pool>>, Path(id): Path<String>) -> Response {
    if id != pool.ids.user_pool {
        return no_such_pool(&id);
    }
    let issuer = pool.ids.issuer();
    axum::Json(json!({
        "id_token_signing_alg_values_supported": ["RS256"],
        "issuer": issuer,
        "jwks_uri": format!("{issuer}/.well-known/jwks.json"),
        "response_types_supported": ["code", "token"],
        "scopes_supported": ["openid", "email", "phone", "profile"],
        "subject_types_supported": ["public"],
    }))
    .into_response()
}

fn no_such_pool(id: &str) -> Response {
    CognitoError::resource_not_found(format!("User pool {id} does not exist.")).into_response()
}
