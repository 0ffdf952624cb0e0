//! Forged tokens, and the token of a user outside the group.

use std::fmt::Display;

use opencloud_model::{
    event::Failure,
    settings::{Environment, Part},
};
use opencloud_suite::{
    frontend_calls,
    http::Request,
    page,
    suite::{Failed, Suite},
    token::Claims,
};
use secrecy::{ExposeSecret, SecretString};
use wasm_bindgen_test::wasm_bindgen_test;

use super::all;
use crate::fixture::{not_checked, refused, with_fixture};

/// A token that the UserAPI must refuse.
struct Forgery {
    what: &'static str,
    /// The header `authorization`, if it has one.
    authorization: Option<SecretString>,
    /// The reason that the answer must give, if only one is right.
    reason: Option<&'static str>,
}

const NOT_AUTHENTICATED: &str = "Not authenticated";
const NOT_VERIFIED: &str = "Not verified";

/// The header `authorization` with this token.
fn bearer(token: impl Display) -> SecretString {
    format!("Bearer {token}").into()
}

/// Forged tokens that anybody can derive from a valid one.
async fn forgeries(suite: &Suite) -> Result<Vec<Forgery>, Failure> {
    let (id, access) = (
        suite.session.token().await?,
        suite.session.access_token().await?,
    );
    let id = id.expose_secret();
    let [header, payload, signature] = id.split('.').collect::<Vec<_>>()[..] else {
        return Err(Failure::stack(
            "the ID token is not JSON Web Token of three parts",
        ));
    };
    let foreign = page::sign_with_foreign_key(&format!("{header}.{payload}")).await;
    // Any payload serves that the signature does not cover.
    let other_payload = access.expose_secret().split('.').nth(1).unwrap_or_default();
    // The Base64 of {"alg":"none"}.
    let unsigned = format!("eyJhbGciOiJub25lIn0.{payload}.");
    // That of {"alg":"HS256","typ":"JWT"}.
    let other_algorithm = format!("eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.{payload}.{foreign}");
    let forgery = |what, token: Option<String>, reason| Forgery {
        what,
        authorization: token.map(bearer),
        reason: Some(reason),
    };
    Ok(vec![
        forgery("a request without a token", None, NOT_AUTHENTICATED),
        forgery(
            "a malformed token",
            Some("nonsense".into()),
            NOT_AUTHENTICATED,
        ),
        forgery(
            "a token with another payload",
            Some(format!("{header}.{other_payload}.{signature}")),
            NOT_VERIFIED,
        ),
        forgery(
            "a token signed with another key",
            Some(format!("{header}.{payload}.{foreign}")),
            NOT_VERIFIED,
        ),
        forgery(
            "an access token",
            Some(access.expose_secret().into()),
            NOT_VERIFIED,
        ),
        Forgery {
            what: "a token after two spaces",
            authorization: Some(bearer(format!(" {id}"))),
            // The second space is a part of the token: how far it is read depends on its length.
            reason: None,
        },
        Forgery {
            what: "a token without a signature (alg: none)",
            authorization: Some(bearer(unsigned)),
            // This header names no key, so several reasons are right.
            reason: None,
        },
        Forgery {
            what: "a token that names another algorithm (HS256)",
            authorization: Some(bearer(other_algorithm)),
            reason: None,
        },
        Forgery {
            what: "the user's token under another scheme",
            authorization: Some(format!("Token {id}").into()),
            reason: Some(NOT_AUTHENTICATED),
        },
        Forgery {
            what: "the user's token without a scheme",
            authorization: Some(id.into()),
            reason: Some(NOT_AUTHENTICATED),
        },
    ])
}

/// Tokens signed with the pool's own key, as far as the settings hold them.
async fn signed_by_the_pool(suite: &Suite) -> Result<Vec<Forgery>, Failure> {
    let own = suite.session.token().await?;
    let own = Claims::of(own.expose_secret()).unwrap_or_default();
    let extras = &suite.settings.extras;
    let candidates = [
        (
            "an expired token",
            &extras.expired_token,
            "EXPIRED_TOKEN",
            true,
        ),
        (
            "a token for another client",
            &extras.other_client_token,
            "OTHER_CLIENT_TOKEN",
            false,
        ),
    ];
    let mut forgeries = Vec::new();
    for (what, token, key, is_for_client) in candidates {
        let unusable = match token {
            Some(token) => why_unusable(suite, &own, token, (key, is_for_client))?,
            None => Some(format!("{key} is not set")),
        };
        match (token, unusable) {
            (Some(token), None) => forgeries.push(Forgery {
                what,
                authorization: Some(bearer(token.expose_secret())),
                reason: Some(NOT_VERIFIED),
            }),
            (_, why) => not_checked(format!("{what} is refused"), why.unwrap_or_default()),
        }
    }
    Ok(forgeries)
}

/// Why the token shows nothing, because it has become too old. Fails if it is not what its key says, since then
/// its refusal would show nothing, or its acceptance would be right. The embedded stack makes its own.
fn why_unusable(
    suite: &Suite,
    own: &Claims,
    token: &SecretString,
    (key, is_for_client): (&str, bool),
) -> Result<Option<String>, Failure> {
    if suite.settings.environment == Environment::Embedded {
        return Ok(None);
    }
    let claims = Claims::of(token.expose_secret()).unwrap_or_default();
    let mut wrong = claims.kind_mismatches(own, is_for_client);
    let expired = claims.expired_for(page::timestamp());
    if is_for_client && expired.is_none() {
        wrong.push("it has not expired".into());
    }
    if !wrong.is_empty() {
        let wanted = if is_for_client {
            "that the UserAPI's client was given and that has expired"
        } else {
            "that another client of the same pool was given"
        };
        return Err(Failure::input(format!(
            "{key} is not an ID token {wanted}: {}",
            wrong.join(", and ")
        )));
    }
    let is_stale = !is_for_client && expired.is_some();
    Ok(is_stale.then(|| format!("{key} has expired, and would be refused for that")))
}

#[wasm_bindgen_test]
pub(super) async fn forged_tokens() -> Result<(), Failed> {
    with_fixture("authorization::forged_tokens", async |fixture| {
        let (suite, steps) = (fixture.suite, fixture.steps);
        let directory = fixture.directory("data");
        let content = page::sample_blob(1.0);
        let (calls, forged) = steps
            .run("prepare all calls and the forged tokens", async {
                fixture.upload(&directory, "file.txt", &content).await?;
                let calls = frontend_calls::all(suite, &directory, "file.txt", &content).await?;
                let mut forged = forgeries(suite).await?;
                forged.extend(signed_by_the_pool(suite).await?);
                Ok::<_, Failure>((calls, forged))
            })
            .await?;
        for forgery in forged {
            steps
                .run(&format!("{} is refused: 401", forgery.what), async {
                    let private = calls.iter().filter(|call| call.needs_token);
                    let checks = private.map(|call| check_forgery(suite, &call.request, &forgery));
                    all(checks).await
                })
                .await?;
        }
        Ok(())
    })
    .await
}

async fn check_forgery(suite: &Suite, request: &Request, forgery: &Forgery) -> Result<(), Failure> {
    let forged = match &forgery.authorization {
        Some(header) => request.clone().header("authorization", header.clone()),
        None => request.clone(),
    };
    let refusal = refused(suite, forged, 401, forgery.reason).await;
    refusal.map_err(|mut failure| {
        failure.message = format!("{} must be refused: {}", forgery.what, failure.message);
        failure
    })
}

#[wasm_bindgen_test]
pub(super) async fn outside_the_group() -> Result<(), Failed> {
    with_fixture("authorization::outside_the_group", async |fixture| {
        let suite = fixture.suite;
        let what = "a user outside the group `users` is refused: 403";
        if !fixture.has_account(Part::Worker, what) {
            return Ok(());
        }
        let directory = fixture.directory("data");
        let content = page::sample_blob(1.0);
        fixture
            .steps
            .run(what, async {
                fixture.upload(&directory, "file.txt", &content).await?;
                let calls = frontend_calls::all(suite, &directory, "file.txt", &content).await?;
                let token = suite.sign_in(Part::Worker).await?.token().await?;
                let private = calls.iter().filter(|call| call.needs_token);
                let checks = private.map(async |call| {
                    let request = call.request.clone().bearer(&token);
                    let reason = "Not a member of the 'users' group";
                    refused(suite, request, 403, Some(reason)).await
                });
                all(checks).await
            })
            .await
    })
    .await
}
