//! Tokens that must not be taken, and the token of a user who is not let in.

use opencloud_model::event::Failure;
use opencloud_suite::{
    calls,
    http::Request,
    page,
    suite::{Failed, Suite},
};
use secrecy::{ExposeSecret, SecretString};
use wasm_bindgen_test::wasm_bindgen_test;

use super::{account_for, all};
use crate::bench::{not_checked, on_bench, refused, says};

/// A token that must not be taken.
struct Forgery {
    what: &'static str,
    /// What goes behind `Bearer`; `None`: no header at all.
    token: Option<SecretString>,
    reason: &'static str,
}

const NOT_AUTHENTICATED: &str = "Not authenticated";
const NOT_VERIFIED: &str = "Not verified";

/// Forgeries that anybody can make of a valid token.
async fn forgeries(suite: &Suite) -> Result<Vec<Forgery>, Failure> {
    let (id, access) = (
        suite.session.token().await?,
        suite.session.access_token().await?,
    );
    let id = id.expose_secret();
    let [header, payload, signature] = id.split('.').collect::<Vec<_>>()[..] else {
        return Err(Failure::stack(
            "the ID token is no JSON Web Token of three parts",
        ));
    };
    let foreign = page::sign_with_foreign_key(&format!("{header}.{payload}")).await;
    // The payload of the access token is as good as any that the signature was not made for.
    let other_payload = access.expose_secret().split('.').nth(1).unwrap_or_default();
    // The Base64 of {"alg":"none"}.
    let unsigned = format!("eyJhbGciOiJub25lIn0.{payload}.");
    let forgery = |what, token: Option<String>, reason| Forgery {
        what,
        token: token.map(SecretString::from),
        reason,
    };
    Ok(vec![
        forgery("no token", None, NOT_AUTHENTICATED),
        forgery(
            "a malformed token",
            Some("nonsense".into()),
            NOT_AUTHENTICATED,
        ),
        forgery(
            "another payload under the signature",
            Some(format!("{header}.{other_payload}.{signature}")),
            NOT_VERIFIED,
        ),
        forgery(
            "a foreign signature",
            Some(format!("{header}.{payload}.{foreign}")),
            NOT_VERIFIED,
        ),
        forgery(
            "an access token",
            Some(access.expose_secret().into()),
            NOT_VERIFIED,
        ),
        Forgery {
            what: "no signature (alg: none)",
            token: Some(unsigned.into()),
            // With this header no key is named, so there are several ways to say no.
            reason: "",
        },
    ])
}

/// Forgeries that only the pool's own key can make, where the settings hold them.
fn made_by_the_pool(suite: &Suite) -> Vec<Forgery> {
    let extras = &suite.settings.extras;
    let candidates = [
        ("an expired token", &extras.expired_token, "EXPIRED_TOKEN"),
        (
            "a token for another client",
            &extras.other_client_token,
            "OTHER_CLIENT_TOKEN",
        ),
    ];
    let mut made = Vec::new();
    for (what, token, key) in candidates {
        match token {
            Some(token) => made.push(Forgery {
                what,
                token: Some(token.clone()),
                reason: NOT_VERIFIED,
            }),
            None => not_checked(format!("{what} is refused"), format!("{key} is not set")),
        }
    }
    made
}

#[wasm_bindgen_test]
async fn forged_tokens() -> Result<(), Failed> {
    on_bench("intruders::forged_tokens", async |bench| {
        let (suite, steps) = (bench.suite, bench.steps);
        let directory = bench.directory("data");
        let content = page::sample_blob(1.0);
        let (calls, mut forged) = steps
            .run("prepare every call and forge tokens", async {
                bench.upload(&directory, "file.txt", &content).await?;
                let calls = calls::all(suite, &directory, "file.txt", &content).await?;
                Ok::<_, Failure>((calls, forgeries(suite).await?))
            })
            .await?;
        forged.extend(made_by_the_pool(suite));
        for forgery in forged {
            steps
                .run(&format!("{} opens no door", forgery.what), async {
                    let private = calls.iter().filter(|call| call.needs_user);
                    let tries = private.map(|call| try_forgery(suite, &call.request, &forgery));
                    all(tries).await
                })
                .await?;
        }
        Ok(())
    })
    .await
}

async fn try_forgery(suite: &Suite, request: &Request, forgery: &Forgery) -> Result<(), Failure> {
    let forged = match &forgery.token {
        Some(token) => request.clone().bearer(token),
        None => request.clone(),
    };
    let detail = refused(suite, forged, 401).await.map_err(|mut failure| {
        failure.message = format!("{} must be refused: {}", forgery.what, failure.message);
        failure
    })?;
    if forgery.reason.is_empty() {
        return Ok(());
    }
    says(
        &format!("{} with {}", request.name, forgery.what),
        &detail,
        forgery.reason,
    )
}

#[wasm_bindgen_test]
async fn outside_the_group() -> Result<(), Failed> {
    on_bench("intruders::outside_the_group", async |bench| {
        let suite = bench.suite;
        let what = "a user outside the group `users` is refused";
        let Some(account) = account_for(suite.settings.extras.worker.as_ref(), what, "WORKER")
        else {
            return Ok(());
        };
        let directory = bench.directory("data");
        let content = page::sample_blob(1.0);
        bench
            .steps
            .run(what, async {
                bench.upload(&directory, "file.txt", &content).await?;
                let calls = calls::all(suite, &directory, "file.txt", &content).await?;
                let tokens = suite.session.cognito().sign_in(account).await?;
                let private = calls.iter().filter(|call| call.needs_user);
                let tries = private.map(async |call| {
                    let request = call.request.clone().bearer(&tokens.id);
                    let detail = refused(suite, request, 403).await?;
                    let reason = "Not a member of the 'users' group";
                    says(&call.request.name, &detail, reason)
                });
                all(tries).await
            })
            .await
    })
    .await
}
