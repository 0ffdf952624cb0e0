//! An account that an administrator has made: its user chooses a password at the first sign-in.

use opencloud_model::{event::Failure, settings::Account};
use opencloud_suite::{accounts::Challenge, suite::Failed};
use wasm_bindgen_test::wasm_bindgen_test;

use super::{ATTEMPTS, Pool, new_account, new_password, with_password};
use crate::{
    cognito_refusal::{by_cognito, not_authorized},
    fixture::{same, with_fixture},
};

#[wasm_bindgen_test]
async fn invitation() -> Result<(), Failed> {
    with_fixture("accounts::invitation", async |fixture| {
        let (suite, steps) = (fixture.suite, fixture.steps);
        let what = "the first sign-in with a temporary password";
        let Some(pool) = Pool::with_mailbox(suite, what) else {
            return Ok(());
        };
        let cognito = pool.cognito;
        let invited = steps
            .run("an administrator makes an account", invite(&pool))
            .await?;
        let challenge = steps
            .run(
                "sign in with the temporary password: NEW_PASSWORD_REQUIRED",
                async {
                    let challenge = challenge(&pool, &invited).await?;
                    let name = &challenge.challenge_name;
                    same("the challenge", name.as_str(), "NEW_PASSWORD_REQUIRED")?;
                    Ok::<_, Failure>(challenge)
                },
            )
            .await?;
        steps
            .run("choose a weak password: InvalidPasswordException", async {
                let weak = with_password(&invited, "password");
                let result = cognito.choose_password(&weak, &challenge.session).await;
                let what = "a password that the policy does not allow, at the first sign-in,";
                by_cognito(what, result, &["InvalidPasswordException"]).map(drop)
            })
            .await?;
        let chosen = with_password(&invited, new_password());
        steps
            .run("choose a password", async {
                match cognito.choose_password(&chosen, &challenge.session).await {
                    // The answer may be lost. Another account shows whether that is always so.
                    Err(error) if error.is_not_authorized() => choose_elsewhere(&pool).await,
                    result => Ok(result?),
                }
            })
            .await?;
        steps
            .run("sign in with the chosen password", async {
                cognito.sign_in(&chosen).await.map(drop)
            })
            .await?;
        steps
            .run("a sign-in with the temporary password is refused", async {
                let result = cognito.sign_in(&invited).await;
                not_authorized("the temporary password after another was chosen", result)
            })
            .await
    })
    .await
}

/// An account with the temporary password that was sent to it.
async fn invite(pool: &Pool<'_>) -> Result<Account, Failure> {
    let account = new_account();
    pool.mailbox.invite(&account.email).await?;
    let message = pool.latest(&account, "invitation").await?;
    let password = message.and_then(|message| message.temporary_password);
    let password = password.ok_or_else(|| Failure::ourselves("no invitation in the mailbox"))?;
    Ok(with_password(&account, password))
}

/// The challenge of a sign-in with a temporary password.
async fn challenge(pool: &Pool<'_>, invited: &Account) -> Result<Challenge, Failure> {
    pool.cognito.challenge(invited).await?.ok_or_else(|| {
        Failure::stack(
            "Cognito issues tokens for a temporary password, although its user should choose another one \
             first",
        )
    })
}

/// Chooses the password of another account.
async fn choose_elsewhere(pool: &Pool<'_>) -> Result<(), Failure> {
    let mut attempt = 1;
    loop {
        let invited = invite(pool).await?;
        let challenge = challenge(pool, &invited).await?;
        let chosen = with_password(&invited, new_password());
        let result = pool.cognito.choose_password(&chosen, &challenge.session);
        match result.await {
            Err(error) if attempt < ATTEMPTS && error.is_not_authorized() => attempt += 1,
            result => return Ok(result?),
        }
    }
}
