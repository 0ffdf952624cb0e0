//! The lock after wrong passwords.

use std::time::Duration;

use opencloud_model::{event::Failure, settings::Account};
use opencloud_suite::{
    cognito::SignInError,
    page::{self, Instant},
    suite::Failed,
};
use wasm_bindgen_test::wasm_bindgen_test;

use super::{Pool, with_password};
use crate::fixture::{cognito_refusal::by_cognito, with_fixture};

/// The fifth wrong password locks an account for a second, and each further one for twice as long (Amazon
/// Cognito developer guide, "Lockout behavior"). On a slow network the first locks may be over before the
/// next password arrives.
const FIRST_LOCK: u32 = 5;
const MOST_PASSWORDS: u32 = 9;

/// How much longer than it should a lock may last.
const TOLERANCE: Duration = Duration::from_secs(5);

/// How often a sign-in is tried during the lock.
const PERIOD: Duration = Duration::from_millis(50);

const LOCKED: &str = "Password attempts exceeded";

#[wasm_bindgen_test]
pub(super) async fn lockout() -> Result<(), Failed> {
    with_fixture("accounts::lockout", async |fixture| {
        let (suite, steps) = (fixture.suite, fixture.steps);
        let what = "the lock of an account after wrong passwords";
        let Some(pool) = Pool::with_mailbox(suite, what) else {
            return Ok(());
        };
        let account = steps.run("register and confirm", pool.registered()).await?;
        let wrong = with_password(&account, "not the Password-1");
        let lock = steps
            .run(
                "wrong passwords in a row lock the account",
                try_until_locked(&pool, &wrong),
            )
            .await?;
        let limit = lock + TOLERANCE;
        steps
            .run("the lock ends", async {
                steps.waiting_for("the end of the lock", limit);
                let started = Instant::now();
                loop {
                    match pool.cognito.sign_in(&account).await {
                        Err(error) if is_locked(&error) && started.elapsed() < limit => {
                            page::sleep(PERIOD).await;
                        }
                        Err(error) if is_locked(&error) => {
                            return Err(Failure::stack(format!(
                                "the account is still locked after {limit:?}, though it should be for \
                                 {lock:?} (Cognito): {error}"
                            )));
                        }
                        result => return Ok(result.map(drop)?),
                    }
                }
            })
            .await
    })
    .await
}

/// Tries wrong passwords until the account is locked, and returns for how long it should be.
async fn try_until_locked(pool: &Pool<'_>, wrong: &Account) -> Result<Duration, Failure> {
    for tried in 0..MOST_PASSWORDS {
        let result = pool.cognito.sign_in(wrong).await;
        let message = by_cognito("a wrong password", result, &["NotAuthorizedException"])?;
        if message == LOCKED {
            let doubled = tried.saturating_sub(FIRST_LOCK);
            return Ok(Duration::from_secs(1) * 2_u32.pow(doubled));
        }
    }
    Err(Failure::stack(format!(
        "{MOST_PASSWORDS} wrong passwords in a row do not lock the account, so passwords can be tried \
         without an end (Cognito)"
    )))
}

fn is_locked(error: &SignInError) -> bool {
    matches!(error, SignInError::Refused { message, .. } if message == LOCKED)
}
