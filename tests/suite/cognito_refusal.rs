//! Refusals of Cognito's, which the page must be able to read and show.

use opencloud_model::event::Failure;
use opencloud_suite::cognito::SignInError;

/// Cognito must refuse with the exception that the frontend shows as a failed sign-in, in an answer that
/// the page can read.
pub(crate) fn not_authorized<T>(what: &str, result: Result<T, SignInError>) -> Result<(), Failure> {
    by_cognito(what, result, &["NotAuthorizedException"]).map(drop)
}

/// Cognito must refuse with one of these exceptions, in an answer that the page can read. Returns the
/// message.
pub(crate) fn by_cognito<T>(
    what: &str,
    result: Result<T, SignInError>,
    exceptions: &[&str],
) -> Result<String, Failure> {
    match result {
        Err(SignInError::Refused { message, .. }) if message.trim().is_empty() => {
            Err(Failure::stack(format!(
                "{what} is refused without a message, so the page cannot tell its user why (Cognito, \
                 the message of its exceptions)"
            )))
        }
        Err(SignInError::Refused { code, message }) if exceptions.contains(&code.as_str()) => {
            Ok(message)
        }
        Err(SignInError::Http(failure)) => Err(failure.into()),
        Err(other) => Err(Failure::stack(format!(
            "{what} should be refused with {}: {other}",
            exceptions.join(" or ")
        ))),
        Ok(_) => Err(Failure::stack(format!("Cognito accepts {what}"))),
    }
}
