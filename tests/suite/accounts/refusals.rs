//! Calls that must be refused on every OpenCloud: they create, send and lock nothing.

use opencloud_model::{event::Failure, settings::Environment};
use opencloud_suite::{
    accounts::CodeDelivery,
    cognito::SignInError,
    suite::{Failed, Suite},
};
use secrecy::SecretString;
use wasm_bindgen_test::wasm_bindgen_test;

use super::{DETAILS, check_delivery, new_account, with_password};
use crate::fixture::{cognito_refusal::by_cognito, not_checked, with_fixture};

const INVALID_PARAMETER: &str = "InvalidParameterException";
const INVALID_PASSWORD: &str = "InvalidPasswordException";
const NOT_AUTHORIZED: &str = "NotAuthorizedException";
const USER_NOT_FOUND: &str = "UserNotFoundException";
const CODE_MISMATCH: &str = "CodeMismatchException";
const EXPIRED_CODE: &str = "ExpiredCodeException";

#[wasm_bindgen_test]
pub(super) async fn refusals() -> Result<(), Failed> {
    with_fixture("accounts::refusals", async |fixture| {
        let (suite, steps) = (fixture.suite, fixture.steps);
        let (cognito, own) = (suite.session.cognito(), suite.session.account());
        let nobody = new_account();
        let code = SecretString::from("000000");
        steps
            .run("register with a password of one letter: refused", async {
                let weak = with_password(&nobody, "x");
                let result = cognito.sign_up(&weak, DETAILS).await;
                let what = "a registration with a password of one letter";
                weak_password(suite, what, result)
            })
            .await?;
        steps
            .run(
                "confirm an account that is confirmed: NotAuthorizedException",
                async {
                    let result = cognito.confirm(&own.email, &code).await;
                    let what = "the confirmation of an account that is confirmed";
                    refused(suite, what, result, &[NOT_AUTHORIZED])
                },
            )
            .await?;
        steps
            .run(
                "send a code to an account that is confirmed: refused",
                async {
                    if suite.settings.environment == Environment::Local {
                        let what = "whether a code for a confirmed account is refused";
                        not_checked(what, "the emulator fails on ResendConfirmationCode");
                        return Ok(());
                    }
                    let result = cognito.resend(&own.email).await;
                    // A pool that hides its accounts may answer as if it had sent one.
                    if let Ok(delivery) = &result {
                        return check_delivery(delivery, own);
                    }
                    let what = "a code for an account that is confirmed";
                    refused(suite, what, result, &[INVALID_PARAMETER])
                },
            )
            .await?;
        let hides = steps
            .run(
                "sign in with an address that has no account: refused",
                async {
                    let result = cognito.sign_in(&nobody).await;
                    let hides = matches!(&result, Err(error) if error.is_not_authorized());
                    let what = "a sign-in with an address that has no account";
                    refused(suite, what, result, &[USER_NOT_FOUND, NOT_AUTHORIZED])?;
                    Ok::<_, Failure>(hides)
                },
            )
            .await?;
        steps
            .run(
                "ask for a code to an address that has no account: refused, or as if it had one",
                async {
                    let result = cognito.forgot_password(&nobody.email).await;
                    forgotten(suite, hides, result)
                },
            )
            .await?;
        steps
            .run(
                "set the password of an address that has no account: refused",
                async {
                    let result = cognito.reset_password(&nobody, &code).await;
                    let what = "a code for an address that has no account";
                    let exceptions = [CODE_MISMATCH, EXPIRED_CODE, USER_NOT_FOUND];
                    refused(suite, what, result, &exceptions)
                },
            )
            .await
    })
    .await
}

/// Cognito must refuse. The emulator of the local services has rules of its own, so there it only matters
/// that the page can read the answer.
fn refused<T>(
    suite: &Suite,
    what: &str,
    result: Result<T, SignInError>,
    exceptions: &[&str],
) -> Result<(), Failure> {
    let readable = !matches!(result, Err(SignInError::Http(_)));
    if readable && suite.settings.environment == Environment::Local {
        not_checked(
            format!("how {what} is refused"),
            "the emulator has rules of its own",
        );
        return Ok(());
    }
    by_cognito(what, result, exceptions).map(drop)
}

/// A password that breaks the rules is refused, unless nobody may register at all.
fn weak_password<T>(
    suite: &Suite,
    what: &str,
    result: Result<T, SignInError>,
) -> Result<(), Failure> {
    if matches!(&result, Err(error) if error.closes_registration()) {
        not_checked(
            "that a weak password is refused at registration",
            "only an administrator makes accounts of this pool",
        );
        return Ok(());
    }
    if let Err(SignInError::Refused { code, message }) = &result
        && code == INVALID_PARAMETER
        && is_of_attributes(message)
        && suite.settings.environment != Environment::Local
    {
        return Err(Failure::stack(format!(
            "{what} is refused for its attributes and not for its password, so nobody can register: {message} \
             (Cognito, the pool's custom attributes, and which of them its client may write)"
        )));
    }
    refused(suite, what, result, &[INVALID_PASSWORD, INVALID_PARAMETER])
}

/// Whether Cognito refuses with this message what an account is to have besides its address and its password.
fn is_of_attributes(message: &str) -> bool {
    let message = message.to_ascii_lowercase();
    message.contains("attribute") && !message.contains("password")
}

/// A pool that hides its accounts at the sign-in must hide them here, too.
fn forgotten(
    suite: &Suite,
    hides: bool,
    result: Result<CodeDelivery, SignInError>,
) -> Result<(), Failure> {
    match result {
        Ok(delivery) if hides => {
            let shown = delivery.destination;
            (!shown.is_empty()).then_some(()).ok_or_else(|| {
                Failure::stack("Cognito answers as if a code had been sent, but does not say where")
            })
        }
        Err(error) if hides && error.is(USER_NOT_FOUND) => Err(Failure::stack(format!(
            "ForgotPassword tells that an address has no account, though the sign-in hides it, so anyone \
             can find out who has one (Cognito, the app client's PreventUserExistenceErrors): {error}"
        ))),
        result => {
            let what = "a forgotten password of an address that has no account";
            refused(suite, what, result, &[USER_NOT_FOUND, INVALID_PARAMETER])
        }
    }
}
