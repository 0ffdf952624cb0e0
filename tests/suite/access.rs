//! Signing in, and who the UserAPI takes the page's user for.

use opencloud_model::{cause::Service, event::Failure, settings::Account};
use opencloud_suite::{cognito::SignInError, http::Request, suite::Failed, user_api::access};
use secrecy::SecretString;
use wasm_bindgen_test::wasm_bindgen_test;

use crate::bench::{on_bench, refused, same, says};

#[wasm_bindgen_test]
async fn access_info() -> Result<(), Failed> {
    on_bench("access::access_info", async |bench| {
        let (suite, steps) = (bench.suite, bench.steps);
        steps
            .run("it names the user pool", async {
                let info = access::access_info(&suite.http, &suite.settings.user_api).await?;
                let client = info.cognito;
                let prefix = format!("{}_", client.region);
                if let Some(known) = &suite.settings.client_id {
                    same("the client (COGNITO_CLIENT_ID)", &client.client_id, known)?;
                }
                let in_region = client.user_pool_id.starts_with(&prefix);
                same("the pool is of the region that is named", &in_region, &true)?;
                same(
                    "the client's name is empty",
                    &client.client_id.is_empty(),
                    &false,
                )
            })
            .await?;
        steps
            .run("an address that leads nowhere answers 404", async {
                let request = Request::get(
                    Service::UserApi,
                    "an unknown address",
                    bench.api.url("/nope"),
                );
                let detail = refused(suite, request, 404).await?;
                says("an unknown address", &detail, "Not Found")
            })
            .await
    })
    .await
}

#[wasm_bindgen_test]
async fn who_am_i() -> Result<(), Failed> {
    on_bench("access::who_am_i", async |bench| {
        let (suite, steps) = (bench.suite, bench.steps);
        steps
            .run("the user and their groups", async {
                let user = bench.api.user().await?;
                same(
                    "the e-mail address",
                    &user.email,
                    &suite.session.account().email,
                )?;
                let member = user.groups.iter().any(|group| group == "users");
                same("a member of `users`", &member, &true)
            })
            .await?;
        steps
            .run("nobody without a token", async {
                let detail = refused(suite, bench.api.user_request(), 401).await?;
                says("who am I", &detail, "Not authenticated")
            })
            .await
    })
    .await
}

#[wasm_bindgen_test]
async fn sign_in_and_out() -> Result<(), Failed> {
    on_bench("access::sign_in_and_out", async |bench| {
        let (suite, steps) = (bench.suite, bench.steps);
        let (cognito, account) = (suite.session.cognito(), suite.session.account());
        let tokens = steps.run("sign in", cognito.sign_in(account)).await?;
        steps
            .run("the token lives as long as was promised", async {
                // Cognito's ExpiresIn is about the access token; without `iat` there is no telling.
                match tokens.access_lifetime() {
                    Some(lifetime) => same(
                        "the life of the access token (exp - iat), which ExpiresIn promises",
                        &lifetime,
                        &tokens.expires_in.into(),
                    ),
                    None => Ok(()),
                }
            })
            .await?;
        steps
            .run("sign out, and the refresh is over", async {
                cognito.revoke(&tokens.refresh).await?;
                let result = cognito.refresh(tokens.refresh.clone()).await;
                not_authorized("a refresh after signing out", result.map(drop))
            })
            .await?;
        steps
            .run("a wrong password is told so", async {
                let wrong = Account {
                    email: account.email.clone(),
                    password: SecretString::from("not the Password-1"),
                };
                not_authorized("a wrong password", cognito.sign_in(&wrong).await.map(drop))
            })
            .await
    })
    .await
}

#[wasm_bindgen_test]
async fn signed_in_user() -> Result<(), Failed> {
    on_bench("access::signed_in_user", async |bench| {
        let (suite, steps) = (bench.suite, bench.steps);
        let (cognito, account) = (suite.session.cognito(), suite.session.account());
        steps
            .run("the signed-in user", async {
                let access = suite.session.access_token().await?;
                let user = cognito.user(&access).await?;
                let email = user
                    .user_attributes
                    .iter()
                    .find(|fact| fact.name == "email");
                let email = email.map(|fact| &fact.value);
                same("the e-mail address", &email, &Some(&account.email))
            })
            .await?;
        steps
            .run("a token that never was is told so", async {
                let result = cognito.user(&SecretString::from("nonsense")).await;
                not_authorized("a made-up access token", result.map(drop))
            })
            .await
    })
    .await
}

#[wasm_bindgen_test]
async fn refresh() -> Result<(), Failed> {
    on_bench("access::refresh", async |bench| {
        let (suite, steps) = (bench.suite, bench.steps);
        let (cognito, account) = (suite.session.cognito(), suite.session.account());
        // The run's own refresh token is left alone: what goes wrong here must not end the run.
        let tokens = steps.run("sign in", cognito.sign_in(account)).await?;
        let renewed = steps
            .run("refresh the token", cognito.refresh(tokens.refresh.clone()))
            .await?;
        steps
            .run("the new token is good", async {
                let request = bench.api.user_request().bearer(&renewed.id);
                let answer = suite.http.expect(request, &[200]).await;
                answer.map(drop).map_err(|failure| {
                    let mut failure = Failure::from(failure);
                    failure.message = format!("with the refreshed token: {}", failure.message);
                    failure
                })
            })
            .await?;
        steps
            .run("a refresh token that never was is told so", async {
                let result = cognito.refresh(SecretString::from("nonsense")).await;
                not_authorized("a made-up refresh token", result.map(drop))
            })
            .await
    })
    .await
}

/// Cognito must refuse, in an answer that the page can read, with the exception that the frontend
/// shows as a failed sign-in.
fn not_authorized(what: &str, result: Result<(), SignInError>) -> Result<(), Failure> {
    match result {
        Err(SignInError::Refused { code, .. }) if code == "NotAuthorizedException" => Ok(()),
        Err(SignInError::Http(failure)) => Err(failure.into()),
        Err(other) => Err(Failure::stack(format!(
            "{what} should be a NotAuthorizedException: {other}"
        ))),
        Ok(()) => Err(Failure::stack(format!("Cognito accepts {what}"))),
    }
}
