//! Signing in and out, tokens, and the signed-in user.

use opencloud_model::{
    event::Failure,
    service::Service,
    settings::{Account, Environment},
};
use opencloud_suite::{
    cognito::{SignInError, Tokens},
    http::{Request, SUCCESS},
    suite::{Failed, Suite},
    token::Claims,
    user_api::{Endpoint, access},
};
use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;
use wasm_bindgen_test::wasm_bindgen_test;

use crate::fixture::{
    check_reason, cognito_refusal::not_authorized, is_hidden, not_checked, refused, same,
    same_address, with_fixture,
};

tests! { "access":
    access_info, user, sign_in_and_out, signed_in_user, refresh
}

#[wasm_bindgen_test]
async fn access_info() -> Result<(), Failed> {
    with_fixture("access::access_info", async |fixture| {
        let (suite, steps) = (fixture.suite, fixture.steps);
        steps
            .run(
                "the access info names the user pool and its client",
                async {
                    let info = access::access_info(&suite.http, &suite.settings.user_api).await?;
                    let client = info.cognito;
                    let prefix = format!("{}_", client.region);
                    if let Some(known) = &suite.settings.client_id {
                        same("the client (COGNITO_CLIENT_ID)", &client.client_id, known)?;
                    }
                    for (name, value) in [
                        ("region", &client.region),
                        ("user_pool_id", &client.user_pool_id),
                        ("client_id", &client.client_id),
                    ] {
                        check_plain(name, value)?;
                    }
                    if !client.user_pool_id.starts_with(&prefix) {
                        return Err(Failure::stack(format!(
                            "the access info names the region {:?} and the pool {:?}, which is in another \
                             region (UserAPI, COGNITO_REGION and COGNITO_USER_POOL_ID)",
                            client.region, client.user_pool_id
                        )));
                    }
                    let token = suite.session.token().await?;
                    let claims = Claims::of(token.expose_secret()).unwrap_or_default();
                    let differences = claims.pool_mismatches(&client.expected_claims());
                    if differences.is_empty() {
                        return Ok(());
                    }
                    Err(Failure::stack(format!(
                        "the access info does not name the pool and the client of the user's token: {} \
                         (UserAPI, COGNITO_CLIENT_ID, COGNITO_USER_POOL_ID and COGNITO_REGION)",
                        differences.join(", and ")
                    )))
                },
            )
            .await?;
        steps
            .run("an unknown path: 404", async {
                let request = Request::get(
                    Service::UserApi,
                    "an unknown path",
                    fixture.api.url("/nope"),
                );
                match suite.http.expect(request, &[404]).await {
                    Ok(answer) => check_reason("an unknown path", answer, Some("Not Found")).await,
                    Err(failure) if failure.is_blocked() && is_hidden(&failure) => {
                        let why = "something before the UserAPI passes on what it knows alone";
                        not_checked("what the UserAPI answers at an unknown path", why);
                        Ok(())
                    }
                    Err(failure) => Err(failure.into()),
                }
            })
            .await
    })
    .await
}

#[wasm_bindgen_test]
async fn user() -> Result<(), Failed> {
    with_fixture("access::user", async |fixture| {
        let (suite, steps) = (fixture.suite, fixture.steps);
        steps
            .run("the UserAPI returns the user and their groups", async {
                let token = suite.session.token().await?;
                let claims = Claims::of(token.expose_secret()).unwrap_or_default();
                let user = fixture.api.user().await.map_err(|error| {
                    let mut failure = Failure::from(error);
                    if claims.email().is_none() {
                        failure.message += "; the user's ID token has no claim email (Cognito, the attributes that \
                                            the client may read)";
                    }
                    failure
                })?;
                same_address(Some(&user.email), &suite.session.account().email)?;
                let member = user.groups.iter().any(|group| group == "users");
                same("a member of `users`", &member, &true)?;
                let mut claimed = claims.groups().unwrap_or_default();
                let mut groups: Vec<_> = user.groups.iter().map(String::as_str).collect();
                claimed.sort_unstable();
                groups.sort_unstable();
                same("the groups, against those of the token", &groups, &claimed)
            })
            .await?;
        steps
            .run("a request without a token: 401", async {
                let request = fixture.api.request(Endpoint::User, &[]);
                refused(suite, request, 401, Some("Not authenticated")).await
            })
            .await
    })
    .await
}

#[wasm_bindgen_test]
async fn sign_in_and_out() -> Result<(), Failed> {
    with_fixture("access::sign_in_and_out", async |fixture| {
        let (suite, steps) = (fixture.suite, fixture.steps);
        let (cognito, account) = (suite.session.cognito(), suite.session.account());
        let tokens = steps
            .run("sign in a second time", cognito.sign_in(account))
            .await?;
        let other = steps
            .run("sign in a third time, which ends no other session", async {
                let other = cognito.sign_in(account).await?;
                let still = cognito.refresh(tokens.refresh.clone()).await;
                lasts(still, "signs in elsewhere")?;
                Ok::<_, Failure>(other)
            })
            .await?;
        steps
            .run(
                "the access token is valid as long as ExpiresIn says",
                async { check_lifetime(suite, &tokens) },
            )
            .await?;
        steps
            .run("a refresh after signing out is refused", async {
                cognito.revoke(&tokens.refresh).await?;
                let result = cognito.refresh(tokens.refresh.clone()).await;
                not_authorized("a refresh after signing out", result.map(drop))
            })
            .await?;
        steps
            .run("signing out ends no other session", async {
                lasts(cognito.refresh(other.refresh).await, "signs out elsewhere")
            })
            .await?;
        steps
            .run("a sign-in with a wrong password is refused", async {
                let wrong = Account {
                    email: account.email.clone(),
                    password: SecretString::from("not the Password-1"),
                };
                not_authorized("a wrong password", cognito.sign_in(&wrong).await.map(drop))
            })
            .await?;
        steps
            .run("the page can read the headers that it goes by", async {
                let refused = cognito.refresh_request(&SecretString::from("nonsense"));
                check_headers(suite, refused).await
            })
            .await
    })
    .await
}

#[wasm_bindgen_test]
async fn signed_in_user() -> Result<(), Failed> {
    with_fixture("access::signed_in_user", async |fixture| {
        let (suite, steps) = (fixture.suite, fixture.steps);
        let (cognito, account) = (suite.session.cognito(), suite.session.account());
        steps
            .run("Cognito returns the signed-in user", async {
                let access = suite.session.access_token().await?;
                let user = cognito.user(&access).await?;
                let token = suite.session.token().await?;
                let claims = Claims::of(token.expose_secret()).unwrap_or_default();
                let claimed = claims.username().unwrap_or_default();
                same(
                    "the user, against that of the token",
                    &&*user.username,
                    &claimed,
                )?;
                let email = user
                    .user_attributes
                    .iter()
                    .find(|attribute| attribute.name == "email");
                same_address(email.map(|attribute| &*attribute.value), &account.email)
            })
            .await?;
        steps
            .run("an access token that does not exist is refused", async {
                let result = cognito.user(&SecretString::from("nonsense")).await;
                not_authorized("an access token that does not exist", result.map(drop))
            })
            .await
    })
    .await
}

#[wasm_bindgen_test]
async fn refresh() -> Result<(), Failed> {
    with_fixture("access::refresh", async |fixture| {
        let (suite, steps) = (fixture.suite, fixture.steps);
        let (cognito, account) = (suite.session.cognito(), suite.session.account());
        // Not the run's own refresh token: a failure here must not affect other tests.
        let tokens = steps
            .run("sign in a second time", cognito.sign_in(account))
            .await?;
        let renewed = steps
            .run(
                "refresh the tokens",
                cognito.refresh(tokens.refresh.clone()),
            )
            .await?;
        steps
            .run("the new tokens are others, of the same user", async {
                check_renewed(suite, &tokens, &renewed)
            })
            .await?;
        steps
            .run("the UserAPI accepts the new ID token", async {
                let request = fixture.api.request(Endpoint::User, &[]);
                let request = request.bearer(&renewed.id);
                let answer = suite.http.expect(request, &[SUCCESS]).await;
                answer.map(drop).map_err(|failure| {
                    let mut failure = Failure::from(failure);
                    failure.message = format!("with the refreshed token: {}", failure.message);
                    failure
                })
            })
            .await?;
        steps
            .run("a refresh token that does not exist is refused", async {
                let result = cognito.refresh(SecretString::from("nonsense")).await;
                not_authorized("a refresh token that does not exist", result.map(drop))
            })
            .await
    })
    .await
}

/// No name of a region, a pool or a client holds anything else; some readers of a `.env` keep the quotation marks.
fn check_plain(name: &str, value: &str) -> Result<(), Failure> {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    if !value.is_empty() && value.chars().all(is_plain) {
        return Ok(());
    }
    Err(Failure::stack(format!(
        "{name} in the access info is {value:?}, and is letters, digits, - and _ alone (UserAPI, its settings \
         COGNITO_…: quotation marks or white space around a value?)"
    )))
}

/// A session must last when its user does something `elsewhere`, such as in another browser.
fn lasts(refreshed: Result<Tokens, SignInError>, elsewhere: &str) -> Result<(), Failure> {
    match refreshed {
        Err(error) if error.is_not_authorized() => Err(Failure::stack(format!(
            "a session ends when its user {elsewhere}: {error} (Cognito, the triggers of the pool, or what ends \
             all sessions of a user)"
        ))),
        Err(error) => {
            let mut failure = Failure::from(error);
            failure.message = format!("the refresh of the earlier session: {}", failure.message);
            Err(failure)
        }
        Ok(_) => Ok(()),
    }
}

/// A refresh that renews nothing signs the user out after an hour; one of another user mixes up accounts.
fn check_renewed(suite: &Suite, before: &Tokens, renewed: &Tokens) -> Result<(), Failure> {
    let [old, new] = [&before.id, &renewed.id].map(ExposeSecret::expose_secret);
    let user_of = |token| Claims::of(token)?.username().map(str::to_owned);
    let [user, now] = [old, new].map(|token| user_of(token).unwrap_or_default());
    if user != now {
        return Err(Failure::stack(format!(
            "the ID token of the refresh is that of another user: {now:?} instead of {user:?} (Cognito, or what \
             stands before it and mixes up answers)"
        )));
    }
    let [before_claims, claims] = [old, new].map(|token| Claims::of(token).unwrap_or_default());
    let mut wrong = claims.changes_since(&before_claims);
    let [groups_before, groups] = [&before_claims, &claims].map(|claims| {
        let mut groups = claims.groups().unwrap_or_default();
        groups.sort_unstable();
        groups
    });
    if groups_before != groups {
        wrong.push(format!(
            "cognito:groups is {groups:?}, and that of the sign-in {groups_before:?}"
        ));
    }
    if !wrong.is_empty() {
        return Err(Failure::stack(format!(
            "the ID token of the refresh differs from that of the sign-in: {} (Cognito, the pool's trigger before \
             the generation of tokens, or what stands before it)",
            wrong.join(", and ")
        )));
    }
    let is_same = old == new || before.access.expose_secret() == renewed.access.expose_secret();
    if is_same && suite.settings.environment == Environment::Local {
        let why = "the emulator's tokens of the same second are the same";
        not_checked("the refresh makes new tokens", why);
        return Ok(());
    }
    if is_same {
        return Err(Failure::stack(
            "the refresh returned the same token again, so the user is signed out when it expires (Cognito, or \
             what stands before it and stores answers)",
        ));
    }
    Ok(())
}

/// The access token is valid as long as the answer to the sign-in says.
fn check_lifetime(suite: &Suite, tokens: &Tokens) -> Result<(), Failure> {
    let what = "the lifetime of the access token (ExpiresIn against exp - iat)";
    match tokens.access_lifetime() {
        Some(lifetime) => same(what, &lifetime, &tokens.expires_in.into()),
        None if suite.settings.environment == Environment::Local => {
            not_checked(what, "the emulator's tokens have no iat");
            Ok(())
        }
        None => Err(Failure::stack(
            "the access token lacks exp or iat, which Cognito's tokens have: nobody knows how long it is \
             valid (Cognito)",
        )),
    }
}

/// The headers that the frontend's libraries read, of those that a page reads only if the service exposes
/// them (Fetch standard, "CORS-safelisted response-header name"). aws-amplify takes the code of an error
/// from this one where the body has none.
const READ: [(Service, &str); 1] = [(Service::Cognito, "x-amzn-errortype")];

/// The answer to `refused` must show the page the headers that it goes by, with the code of its body.
async fn check_headers(suite: &Suite, refused: Request) -> Result<(), Failure> {
    let (service, name) = (refused.service, refused.name.clone());
    let answer = suite.http.expect(refused, &[400]).await?;
    let mut values = Vec::new();
    for (_, header) in READ.iter().filter(|(reads, _)| *reads == service) {
        if let Some(value) = answer.header(header) {
            values.push((header, value));
            continue;
        }
        if suite.settings.environment == Environment::Local {
            not_checked(
                format!("the page can read {header}"),
                "the emulator does not expose it",
            );
            continue;
        }
        return Err(Failure::stack(format!(
            "{name} ({service}): the page cannot read the header {header}: the answer has none, or \
             access-control-expose-headers does not name it"
        )));
    }
    let body: Value = answer.json().await?;
    let in_body = code(body["__type"].as_str().unwrap_or_default());
    for (header, value) in values {
        let what = format!("{name}: the code in {header}, against __type of the body");
        same(&what, code(&value), in_body)?;
    }
    Ok(())
}

/// The exception's name as aws-amplify reads it: without the namespace before it and the address behind.
fn code(text: &str) -> &str {
    let text = text.split(':').next().unwrap_or_default();
    text.rsplit('#').next().unwrap_or_default()
}
