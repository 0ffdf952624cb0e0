//! Cognito's answers, and its refusals.

use axum::{
    http::{HeaderName, StatusCode, header::CONTENT_TYPE},
    response::{IntoResponse, Response},
};
use serde_json::{Value, json};

use crate::http;

/// The content type of AWS's JSON protocol, for requests and answers.
pub(super) const AMZ_JSON: &str = "application/x-amz-json-1.1";

/// A refusal, in the JSON and the headers of AWS's JSON protocol 1.1.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct CognitoError {
    status: StatusCode,
    kind: &'static str,
    message: Option<String>,
}

impl CognitoError {
    fn new(kind: &'static str, message: impl Into<String>) -> Self {
        Self {
            status: StatusCode::BAD_REQUEST,
            kind,
            message: Some(message.into()),
        }
    }

    pub(super) fn not_authorized(message: impl Into<String>) -> Self {
        Self::new("NotAuthorizedException", message)
    }

    pub(super) fn user_not_found() -> Self {
        Self::new("UserNotFoundException", "User does not exist.")
    }

    /// As all operations but the sign-in say it.
    pub(super) fn no_such_user_of_client() -> Self {
        Self::new(
            "UserNotFoundException",
            "Username/client id combination not found.",
        )
    }

    pub(super) fn user_not_confirmed() -> Self {
        Self::new("UserNotConfirmedException", "User is not confirmed.")
    }

    pub(super) fn username_exists() -> Self {
        Self::new(
            "UsernameExistsException",
            "An account with the given email already exists.",
        )
    }

    /// The password breaks a rule of the policy.
    pub(super) fn invalid_password(flaw: &str) -> Self {
        Self::new(
            "InvalidPasswordException",
            format!("Password did not conform with policy: {flaw}"),
        )
    }

    pub(super) fn code_mismatch() -> Self {
        Self::new(
            "CodeMismatchException",
            "Invalid verification code provided, please try again.",
        )
    }

    /// The code has expired, or was used, or was never sent.
    pub(super) fn expired_code() -> Self {
        Self::new(
            "ExpiredCodeException",
            "Invalid code provided, please request a code again.",
        )
    }

    pub(super) fn unauthorized(message: &str) -> Self {
        Self::new("UnauthorizedException", message)
    }

    pub(super) fn unsupported_token_type() -> Self {
        Self::new("UnsupportedTokenTypeException", "Unsupported token type")
    }

    pub(super) fn resource_not_found(message: impl Into<String>) -> Self {
        Self::new("ResourceNotFoundException", message)
    }

    pub(super) fn invalid_parameter(message: impl Into<String>) -> Self {
        Self::new("InvalidParameterException", message)
    }

    /// The value of a member; `name` is its JSON path.
    pub(super) fn require<T>(member: Option<T>, name: &str) -> Result<T, Self> {
        member.ok_or_else(|| {
            Self::invalid_parameter(format!(
                "1 validation error detected: Value null at '{name}' failed to satisfy constraint: \
                 Member must not be null"
            ))
        })
    }

    /// A required member of a map is missing.
    pub(super) fn missing_parameter(name: &str) -> Self {
        Self::invalid_parameter(format!("Missing required parameter {name}"))
    }

    /// The body has another form than the operation needs.
    pub(super) fn serialization() -> Self {
        Self {
            status: StatusCode::BAD_REQUEST,
            kind: "SerializationException",
            message: None,
        }
    }

    /// The target names no operation of this service.
    pub(super) fn unknown_operation() -> Self {
        Self {
            status: StatusCode::BAD_REQUEST,
            kind: "UnknownOperationException",
            message: None,
        }
    }

    pub(super) fn internal(error: impl std::fmt::Display) -> Self {
        eprintln!("cognito: {error}");
        Self {
            status: StatusCode::INTERNAL_SERVER_ERROR,
            ..Self::new("InternalErrorException", "Something went wrong")
        }
    }
}

impl From<rusqlite::Error> for CognitoError {
    fn from(error: rusqlite::Error) -> Self {
        Self::internal(error)
    }
}

impl From<jsonwebtoken::errors::Error> for CognitoError {
    fn from(error: jsonwebtoken::errors::Error) -> Self {
        Self::internal(error)
    }
}

impl IntoResponse for CognitoError {
    fn into_response(self) -> Response {
        let mut body = json!({"__type": self.kind});
        if let Some(message) = &self.message {
            body["message"] = json!(message);
        }
        let mut response = json_response(self.status, &body);
        let mut set = |name, value: &str| {
            http::set(response.headers_mut(), HeaderName::from_static(name), value);
        };
        // The colon belongs to AWS's answers, too.
        set("x-amzn-errortype", &format!("{}:", self.kind));
        if let Some(message) = &self.message {
            set("x-amzn-errormessage", message);
        }
        response
    }
}

/// An answer of that protocol.
pub(super) fn json_response(status: StatusCode, body: &Value) -> Response {
    let headers = [(CONTENT_TYPE, AMZ_JSON)];
    (status, headers, body.to_string()).into_response()
}
