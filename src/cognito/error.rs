//! Why requests to Cognito fail.

use opencloud_model::event::Failure;

use super::refusal;
use crate::http;

/// Why a request to Cognito has failed.
#[derive(Debug, thiserror::Error)]
pub enum SignInError {
    /// The request failed.
    #[error(transparent)]
    Http(#[from] http::Failure),
    /// Cognito refuses the request.
    #[error("Cognito refuses: {} ({code}){}", shown(.message), refusal::meaning(.code, .message))]
    Refused {
        /// The exception's name, such as `NotAuthorizedException`.
        code: String,
        /// The exception's message.
        message: String,
    },
    /// Cognito demands something of the user first, such as a new password.
    #[error("Cognito answers with the challenge {0} instead of tokens{hint}", hint = of_challenge(.0))]
    Challenge(String),
    /// The tokens are those of somebody else. Whatever is done with them is done to that user.
    #[error(
        "Cognito answers for {asked} with the tokens of {found} (Cognito, or what stands before it and mixes up \
         answers, such as a cache)"
    )]
    OtherUser {
        /// Who has asked for tokens.
        asked: String,
        /// Whose tokens came.
        found: String,
    },
    /// Cognito's answer lacks something.
    #[error("Cognito's answer to {request} holds no {missing}")]
    Incomplete {
        /// The request.
        request: &'static str,
        /// What is missing.
        missing: &'static str,
    },
}

/// The exception for a wrong password, or for a refresh token that is not valid.
const NOT_AUTHORIZED: &str = "NotAuthorizedException";

/// The exceptions that concern the account or its password.
const OF_THE_ACCOUNT: [&str; 4] = [
    NOT_AUTHORIZED,
    "UserNotFoundException",
    "UserNotConfirmedException",
    "PasswordResetRequiredException",
];

impl SignInError {
    /// Whether Cognito refuses with this exception.
    #[must_use]
    pub fn is(&self, exception: &str) -> bool {
        matches!(self, Self::Refused { code, .. } if code == exception)
    }

    /// Whether only an administrator makes accounts of the pool.
    #[must_use]
    pub fn closes_registration(&self) -> bool {
        matches!(self, Self::Refused { message, .. } if message.starts_with("SignUp is not permitted"))
    }

    /// Whether Cognito refuses a password or a token.
    #[must_use]
    pub fn is_not_authorized(&self) -> bool {
        self.is(NOT_AUTHORIZED)
    }

    /// Whether the request may have been done: its answer is lost, or it is the answer to a repetition by the
    /// browser, whose connection broke.
    #[must_use]
    pub fn leaves_open(&self) -> bool {
        match self {
            Self::Http(failure) => failure.problem.transient().is_some(),
            error => error.is_not_authorized(),
        }
    }

    /// What is wrong with the client or the pool that the UserAPI names, with the setting to check. No
    /// user can fix that.
    #[must_use]
    pub fn concerns_the_client(&self) -> Option<&'static str> {
        let Self::Refused { code, message } = self else {
            return None;
        };
        let says = |text| message.to_ascii_lowercase().contains(text);
        if says("secret_hash") || says("secret hash") {
            return Some(
                "this client has a secret, which no page can keep: a public client is needed \
                 (UserAPI, COGNITO_CLIENT_ID, a client without a secret)",
            );
        }
        match code.as_str() {
            "ResourceNotFoundException" => Some(
                "Cognito knows no such client or pool there (UserAPI, COGNITO_CLIENT_ID, \
                 COGNITO_USER_POOL_ID and COGNITO_REGION)",
            ),
            "InvalidParameterException" if says("clientid") => Some(
                "that is not an id of a client (UserAPI, COGNITO_CLIENT_ID: white space or quotation marks around it?)",
            ),
            "InvalidParameterException" if says("flow") => Some(
                "this client does not let users sign in with a password (UserAPI, COGNITO_CLIENT_ID, a \
                 client with ALLOW_USER_PASSWORD_AUTH and ALLOW_REFRESH_TOKEN_AUTH)",
            ),
            "UnauthorizedException" | "UnrecognizedClientException" => {
                Some("this client is not allowed to do so (UserAPI, COGNITO_CLIENT_ID)")
            }
            _ => None,
        }
    }

    /// Whether the account or its password is at fault, so that only its user can fix it.
    #[must_use]
    pub fn concerns_the_account(&self) -> bool {
        match self {
            Self::Refused { .. } if self.concerns_the_client().is_some() => false,
            Self::Refused { code, message } => {
                OF_THE_ACCOUNT.contains(&code.as_str()) && !refusal::is_of_the_pool(message)
            }
            Self::Challenge(name) => name != MFA_SETUP,
            Self::Http(_) | Self::OtherUser { .. } | Self::Incomplete { .. } => false,
        }
    }
}

/// The challenge of a pool that demands a second factor of a user who has none.
const MFA_SETUP: &str = "MFA_SETUP";

/// What to look at, for a challenge that the frontend does not know.
fn of_challenge(name: &str) -> &'static str {
    if name == MFA_SETUP {
        return ": the pool demands a second factor, which the frontend does not offer (Cognito, MFA of the pool)";
    }
    if name.ends_with("_MFA") || name.ends_with("_OTP") {
        return ": a second factor, which the frontend does not ask for (Cognito, MFA of the account or the pool)";
    }
    ""
}

fn shown(message: &str) -> &str {
    match message.trim() {
        "" => "without a message",
        message => message,
    }
}

impl From<SignInError> for Failure {
    fn from(error: SignInError) -> Self {
        match error {
            SignInError::Http(failure) => failure.into(),
            error => Self::stack(error.to_string()),
        }
    }
}
