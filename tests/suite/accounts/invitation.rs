//! An account that an administrator has made: its user chooses a password at the first sign-in.

use opencloud_model::event::Failure;
use opencloud_suite::suite::Failed;
use wasm_bindgen_test::wasm_bindgen_test;

use super::{Pool, new_password, with_password};
use crate::fixture::{
    cognito_refusal::{by_cognito, not_authorized},
    same, with_fixture,
};

#[wasm_bindgen_test]
pub(super) async fn invitation() -> Result<(), Failed> {
    with_fixture("accounts::invitation", async |fixture| {
        let (suite, steps) = (fixture.suite, fixture.steps);
        let what = "the first sign-in with a temporary password";
        let Some(pool) = Pool::with_mailbox(suite, what) else {
            return Ok(());
        };
        let cognito = pool.cognito;
        let invited = steps
            .run("an administrator makes an account", pool.invite())
            .await?;
        let challenge = steps
            .run(
                "sign in with the temporary password: NEW_PASSWORD_REQUIRED",
                async {
                    let challenge = pool.challenge(&invited).await?;
                    let name = &challenge.challenge_name;
                    same("the challenge", name.as_str(), "NEW_PASSWORD_REQUIRED")?;
                    Ok::<_, Failure>(challenge)
                },
            )
            .await?;
        steps
            .run("choose a weak password: InvalidPasswordException", async {
                let weak = with_password(&invited, "password");
                let result = cognito.choose_refused_password(&weak, &challenge.session);
                let what = "a password that the policy does not allow, at the first sign-in,";
                by_cognito(what, result.await, &["InvalidPasswordException"]).map(drop)
            })
            .await?;
        let chosen = with_password(&invited, new_password());
        steps
            .run("choose a password", async {
                match cognito.choose_password(&chosen, &challenge.session).await {
                    // Another account shows whether that is always so.
                    Err(error) if error.leaves_open() => pool.invited().await.map(drop),
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
