//! From registration to the first upload.

use opencloud_model::{event::Failure, settings::Account};
use opencloud_suite::{
    accounts::{REQUEST_DETAILS, SignedUp},
    page,
    report::StepFailure,
    session::Session,
    suite::{Failed, Suite},
    user_api::{Endpoint, UserApi},
};
use secrecy::{ExposeSecret, SecretString};
use wasm_bindgen_test::wasm_bindgen_test;

use super::{
    ATTEMPTS, DETAILS, Pool, another, check_delivery, check_secret, new_account, with_password,
};
use crate::fixture::{
    Fixture,
    cognito_refusal::{by_cognito, not_authorized},
    not_checked, refused, same, same_address, with_fixture,
};

#[wasm_bindgen_test]
pub(super) async fn registration() -> Result<(), Failed> {
    with_fixture("accounts::registration", async |fixture| {
        let (suite, steps) = (fixture.suite, fixture.steps);
        let what = "the way from registration to the first upload";
        let Some(pool) = Pool::with_mailbox(suite, what) else {
            return Ok(());
        };
        let Some((account, answer)) = steps.run("register", register(&pool)).await? else {
            not_checked(what, "only an administrator makes accounts of this pool");
            return Ok(());
        };
        steps
            .run(
                "register with the same address: UsernameExistsException",
                async {
                    let again = with_password(&account, "Another-Passw0rd");
                    let result = pool.cognito.sign_up(&again, DETAILS).await;
                    let what = "a registration with an address that has an account";
                    by_cognito(what, result, &["UsernameExistsException"]).map(drop)
                },
            )
            .await?;
        steps
            .run(
                "sign in before the address is confirmed: UserNotConfirmedException",
                async {
                    let result = pool.cognito.sign_in(&account).await;
                    let what = "a sign-in with an address that is not confirmed";
                    by_cognito(what, result, &["UserNotConfirmedException"]).map(drop)
                },
            )
            .await?;
        let code = steps
            .run(
                "a code of six digits arrives, and no answer holds it",
                async {
                    let code = pool.code(&account, "confirmation").await?;
                    check_secret(answer.holds(&code), "SignUp")?;
                    check_digits(&code)?;
                    Ok::<_, Failure>(code)
                },
            )
            .await?;
        confirm(fixture, &pool, &account, &code).await?;
        become_member(fixture, &pool, &account).await
    })
    .await
}

/// Registers a new account. If its random address is taken, an answer was lost. `None` if registration is
/// closed.
async fn register(pool: &Pool<'_>) -> Result<Option<(Account, SignedUp)>, Failure> {
    let mut attempt = 1;
    let (account, answer) = loop {
        let account = new_account();
        match pool.cognito.sign_up(&account, DETAILS).await {
            Err(error) if attempt < ATTEMPTS && error.is("UsernameExistsException") => {
                attempt += 1;
            }
            Err(error) if error.closes_registration() => return Ok(None),
            result => break (account, result?),
        }
    };
    if answer.user_sub.is_empty() {
        return Err(Failure::stack("the answer to SignUp names no user"));
    }
    if answer.user_confirmed {
        return Err(Failure::stack(
            "the account is confirmed although no code was given: nobody checks that the address belongs \
             to its user (Cognito, the pool's verified attributes, or a trigger before the registration)",
        ));
    }
    check_delivery(&answer.code_delivery_details, &account)?;
    Ok(Some((account, answer)))
}

fn check_digits(code: &SecretString) -> Result<(), Failure> {
    let code = code.expose_secret();
    let sound = code.len() == 6 && code.bytes().all(|byte| byte.is_ascii_digit());
    same("a code of six digits", &sound, &true)
}

/// Wrong, expired and used codes are refused, and the right one confirms.
async fn confirm(
    fixture: &Fixture<'_>,
    pool: &Pool<'_>,
    account: &Account,
    code: &SecretString,
) -> Result<(), StepFailure> {
    let (steps, cognito, email) = (fixture.steps, pool.cognito, &account.email);
    steps
        .run("confirm with a wrong code: CodeMismatchException", async {
            let result = cognito.confirm(email, &another(code)).await;
            by_cognito("a wrong code", result, &["CodeMismatchException"]).map(drop)
        })
        .await?;
    steps
        .run(
            "confirm with an expired code: ExpiredCodeException",
            async {
                pool.mailbox.expire_codes(email).await?;
                let result = cognito.confirm(email, code).await;
                by_cognito("an expired code", result, &["ExpiredCodeException"]).map(drop)
            },
        )
        .await?;
    let code = steps
        .run("send another code", async {
            let delivery = cognito.resend(email).await?;
            check_delivery(&delivery, account)?;
            let code = pool.code(account, "confirmation").await?;
            check_secret(delivery.holds(&code), "ResendConfirmationCode")?;
            Ok::<_, Failure>(code)
        })
        .await?;
    steps
        .run("confirm the address", async {
            match cognito.confirm(email, &code).await {
                // Another account shows whether that is always so.
                Err(error) if error.is_not_authorized() => pool.registered().await.map(drop),
                result => Ok(result?),
            }
        })
        .await?;
    steps
        .run("confirm a second time: NotAuthorizedException", async {
            let result = cognito.confirm(email, &code).await;
            not_authorized("a second confirmation", result)
        })
        .await?;
    steps
        .run(
            "send a code for a confirmed address: InvalidParameterException",
            async {
                let result = cognito.resend(email).await;
                let what = "a code for an address that is confirmed";
                by_cognito(what, result, &["InvalidParameterException"]).map(drop)
            },
        )
        .await
}

/// Only an administrator makes a user a member, who can then use OpenCloud.
async fn become_member(
    fixture: &mut Fixture<'_>,
    pool: &Pool<'_>,
    account: &Account,
) -> Result<(), StepFailure> {
    let (suite, steps) = (fixture.suite, fixture.steps);
    steps
        .run("the account keeps why its user wants it", async {
            let tokens = pool.cognito.sign_in(account).await?;
            let user = pool.cognito.user(&tokens.access).await?;
            let details = user
                .user_attributes
                .iter()
                .find(|attribute| attribute.name == REQUEST_DETAILS)
                .map(|attribute| attribute.value.as_str());
            let what = format!("{REQUEST_DETAILS} (Cognito, the app client's writable attributes)");
            same(&what, &details, &Some(DETAILS))
        })
        .await?;
    steps
        .run("a user in no group: 401", async {
            asked_as(suite, pool, account, 401, "Validation Error for Claims").await
        })
        .await?;
    steps
        .run("a user who is not yet a member of users: 403", async {
            pool.mailbox.add_to_group(&account.email, "workers").await?;
            let reason = "Not a member of the 'users' group";
            asked_as(suite, pool, account, 403, reason).await
        })
        .await?;
    let api = steps
        .run("a member of users is accepted", async {
            pool.mailbox.add_to_group(&account.email, "users").await?;
            let session = Session::start(pool.cognito.clone(), account.clone()).await?;
            let api = UserApi::new(suite.http.clone(), suite.settings.user_api.clone(), session);
            let user = api.user().await?;
            same_address(Some(&user.email), &account.email)?;
            Ok::<_, Failure>(api)
        })
        .await?;
    steps
        .run("the first upload of a new user", async {
            let directory = fixture.directory("data");
            let content = page::sample_blob(100.0);
            api.upload(&directory, &content, "first.txt").await?;
            api.check_uploaded(&directory, &content, "first.txt")
                .await?;
            Ok::<_, Failure>(api.delete(&directory).await?)
        })
        .await
}

/// Signs in, and asks the UserAPI for the user: it must refuse.
async fn asked_as(
    suite: &Suite,
    pool: &Pool<'_>,
    account: &Account,
    status: u16,
    reason: &str,
) -> Result<(), Failure> {
    let tokens = pool.cognito.sign_in(account).await?;
    let request = suite.api.request(Endpoint::User, &[]).bearer(&tokens.id);
    refused(suite, request, status, Some(reason)).await
}
