//! From a forgotten password to the next sign-in.

use opencloud_model::{event::Failure, settings::Account};
use opencloud_suite::suite::Failed;
use secrecy::SecretString;
use wasm_bindgen_test::wasm_bindgen_test;

use super::{ATTEMPTS, Pool, another, check_delivery, check_secret, new_password, with_password};
use crate::fixture::{
    cognito_refusal::{by_cognito, not_authorized},
    with_fixture,
};

#[wasm_bindgen_test]
pub(super) async fn forgotten_password() -> Result<(), Failed> {
    with_fixture("accounts::forgotten_password", async |fixture| {
        let (suite, steps) = (fixture.suite, fixture.steps);
        let what = "the way from a forgotten password to the next sign-in";
        let Some(pool) = Pool::with_mailbox(suite, what) else {
            return Ok(());
        };
        let cognito = pool.cognito;
        let account = steps.run("register and confirm", pool.registered()).await?;
        let before = steps.run("sign in", cognito.sign_in(&account)).await?;
        let code = steps
            .run(
                "ask for a code, which no answer holds",
                send_code(&pool, &account),
            )
            .await?;
        let chosen = with_password(&account, new_password());
        steps
            .run("a wrong code: CodeMismatchException", async {
                let result = cognito.reset_password(&chosen, &another(&code)).await;
                by_cognito("a wrong code", result, &["CodeMismatchException"]).map(drop)
            })
            .await?;
        steps
            .run("a weak password: InvalidPasswordException", async {
                let weak = with_password(&account, "password");
                let result = cognito.reset_password(&weak, &code).await;
                let what = "a password that the policy does not allow, set by a code,";
                by_cognito(what, result, &["InvalidPasswordException"]).map(drop)
            })
            .await?;
        let code = steps
            .run(
                "set another password with the code",
                set_password(&pool, &chosen, code),
            )
            .await?;
        steps
            .run("the same code again: ExpiredCodeException", async {
                let third = with_password(&account, new_password());
                let result = cognito.reset_password(&third, &code).await;
                by_cognito("a code that was used", result, &["ExpiredCodeException"]).map(drop)
            })
            .await?;
        steps
            .run("a sign-in with the old password is refused", async {
                not_authorized(
                    "the old password after a reset",
                    cognito.sign_in(&account).await,
                )
            })
            .await?;
        steps
            .run("a refresh token from before the reset is refused", async {
                let result = cognito.refresh(before.refresh.clone()).await;
                not_authorized("a refresh token from before the reset", result)
            })
            .await?;
        steps
            .run("sign in with the new password", async {
                cognito.sign_in(&chosen).await.map(drop)
            })
            .await
    })
    .await
}

async fn send_code(pool: &Pool<'_>, account: &Account) -> Result<SecretString, Failure> {
    let delivery = pool.cognito.forgot_password(&account.email).await?;
    check_delivery(&delivery, account)?;
    let code = pool.code(account, "password-reset").await?;
    check_secret(delivery.holds(&code), "ForgotPassword")?;
    Ok(code)
}

/// Sets the password of `chosen`, and returns the code that did so. If a fresh code counts as used, an
/// answer was lost.
async fn set_password(
    pool: &Pool<'_>,
    chosen: &Account,
    mut code: SecretString,
) -> Result<SecretString, Failure> {
    let mut attempt = 1;
    loop {
        match pool.cognito.reset_password(chosen, &code).await {
            Err(error) if attempt < ATTEMPTS && error.is("ExpiredCodeException") => {
                attempt += 1;
                code = send_code(pool, chosen).await?;
            }
            result => {
                result?;
                return Ok(code);
            }
        }
    }
}
