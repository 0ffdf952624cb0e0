//! Who must not get in: forged tokens, other users, pre-signed requests bent to another use.

use futures_util::future::try_join_all;
use opencloud_suite::{
    calls,
    cors::Service,
    http::Request,
    job::Job,
    page,
    report::{self, Event, Failure},
    settings::Account,
    suite::{Failed, Suite},
    transfer::{self, TransferSpec},
    user_api::files::Listing,
};
use secrecy::{ExposeSecret, SecretString};
use wasm_bindgen_test::wasm_bindgen_test;

use crate::{
    bench::{on_bench, refused, same, says},
    jobs::{upload_inputs, waiting_job},
};

/// The account that a check needs; where there is none, the report says so.
fn account_for<'a>(account: Option<&'a Account>, what: &str, key: &str) -> Option<&'a Account> {
    if account.is_none() {
        report::write(&Event::NotChecked {
            what: what.into(),
            why: format!("{key}_EMAIL and {key}_PASSWORD are not set"),
        });
    }
    account
}

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
            None => report::write(&Event::NotChecked {
                what: format!("{what} is refused"),
                why: format!("{key} is not set"),
            }),
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
                    try_join_all(tries).await.map(drop)
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
                try_join_all(tries).await.map(drop)
            })
            .await
    })
    .await
}

#[wasm_bindgen_test]
async fn another_user() -> Result<(), Failed> {
    on_bench("intruders::another_user", async |bench| {
        let (suite, api, steps) = (bench.suite, bench.api, bench.steps);
        let what = "a second user sees nothing of the first one's";
        let Some(account) = account_for(suite.settings.extras.second.as_ref(), what, "SECOND")
        else {
            return Ok(());
        };
        let new = waiting_job(bench);
        bench.made.job_named(bench.name);
        let job = steps
            .run("the first user has files and a job", async {
                upload_inputs(bench).await?;
                Ok::<_, Failure>(api.create_job(&new).await?)
            })
            .await?;
        let tokens = steps
            .run(
                "the second user signs in",
                suite.session.cognito().sign_in(account),
            )
            .await?;
        let as_second = |request: Request| request.bearer(&tokens.id);

        steps
            .run("the second user does not see the job", async {
                for request in [api.job_request(job.id), api.delete_job_request(job.id)] {
                    let what = request.name.clone();
                    let detail = refused(suite, as_second(request), 404).await?;
                    says(&what, &detail, "Job not found")?;
                }
                let list = as_second(api.list_jobs_request(0, 1_000_000));
                let jobs: Vec<Job> = suite.http.expect(list, &[200]).await?.json().await?;
                let seen = jobs.iter().any(|other| other.job_name == job.job_name);
                same("the job is in the second user's list", &seen, &false)
            })
            .await?;
        steps
            .run("the second user does not see the files", async {
                let directory = bench.directory("config");
                let file = format!("{directory}param_run_in.yaml");
                for request in [
                    api.list_request(&directory, Listing::Tree),
                    api.download_spec_request(&file),
                ] {
                    refused(suite, as_second(request), 404).await?;
                }
                Ok::<_, Failure>(())
            })
            .await?;
        steps
            .run("nor by any way around", async {
                let access = suite.session.access_token().await?;
                let owner = suite.session.cognito().user(&access).await?.username;
                let paths = ways_around(&owner, &bench.directory("config"));
                let tries = paths.iter().map(|path| {
                    let url = api.url(&format!("/files/{path}"));
                    let name = format!("reach {path}");
                    closed(suite, as_second(Request::get(Service::UserApi, name, url)))
                });
                try_join_all(tries).await.map(drop)
            })
            .await
    })
    .await
}

/// Paths that would lead a careless server to another user's directory, as listings and as
/// download URLs. Escapes that a browser resolves by itself are of no use to a page.
fn ways_around(owner: &str, directory: &str) -> Vec<String> {
    let directory = directory.trim_end_matches('/');
    let escaped = directory.replace('/', "%2F");
    let mut paths = Vec::new();
    for way in [
        format!("..%2F{owner}%2F{escaped}"),
        format!("..%2f{owner}/{directory}"),
        format!("%2e%2e%2f{owner}%2f{escaped}"),
        format!("config%2F..%2F..%2F{owner}%2F{escaped}"),
        format!("%2F{owner}%2F{escaped}"),
        format!("/{owner}/{directory}"),
        format!("{owner}/{directory}"),
        format!("..%5C{owner}%5C{escaped}"),
    ] {
        paths.push(format!("{way}/"));
        paths.push(format!("{way}/param_run_in.yaml/url"));
    }
    paths
}

/// `request` must not succeed: any refusal of the documented kinds will do.
async fn closed(suite: &Suite, request: Request) -> Result<(), Failure> {
    suite
        .http
        .expect(request, &[400, 403, 404, 405, 422])
        .await?;
    Ok(())
}

#[wasm_bindgen_test]
async fn bent_requests() -> Result<(), Failed> {
    on_bench("intruders::bent_requests", async |bench| {
        let (suite, api, steps) = (bench.suite, bench.api, bench.steps);
        let directory = bench.directory("data");
        let content = page::sample_blob(10.0);
        let spec = steps
            .run("upload two files", async {
                bench.upload(&directory, "mine.txt", &content).await?;
                bench.upload(&directory, "other.txt", &content).await?;
                Ok::<_, Failure>(api.upload_spec(&directory).await?)
            })
            .await?;
        if !spec.is_form() {
            report::write(&Event::NotChecked {
                what: "pre-signed requests cannot be bent".into(),
                why: "user files are not in S3 here, so nothing is pre-signed".into(),
            });
            return Ok(());
        }
        steps
            .run("an upload cannot leave its directory", async {
                let bent = spec.with_key(|key| key.replace(bench.name, "elsewhere"));
                let request = transfer::upload_request(bent, &content, "stolen.txt");
                denied(suite, request, "AccessDenied").await
            })
            .await?;
        steps
            .run("a download cannot be turned to another file", async {
                let spec = api.download_spec(&format!("{directory}mine.txt")).await?;
                let bent = spec.with_url(|url| url.replace("mine.txt", "other.txt"));
                let request = transfer::download_request(bent, "other.txt");
                denied(suite, request, "SignatureDoesNotMatch").await
            })
            .await?;
        let Some(expired) = &suite.settings.extras.expired_upload else {
            report::write(&Event::NotChecked {
                what: "an expired upload is refused".into(),
                why: "EXPIRED_UPLOAD is not set".into(),
            });
            return Ok(());
        };
        steps
            .run("an upload cannot come after its time", async {
                let expired: TransferSpec = serde_json::from_str(expired.expose_secret())
                    .map_err(|error| Failure::input(format!("EXPIRED_UPLOAD: {error}")))?;
                let request = transfer::upload_request(expired, &content, "late.txt");
                denied(suite, request, "AccessDenied").await
            })
            .await
    })
    .await
}

/// S3 must refuse `request` in an answer that the page can read, with this code.
async fn denied(suite: &Suite, request: Request, code: &str) -> Result<(), Failure> {
    let what = request.name.clone();
    let answer = suite.http.expect(request, &[403]).await?.text().await?;
    if answer.contains(&format!("<Code>{code}</Code>")) {
        return Ok(());
    }
    Err(Failure::stack(format!(
        "{what}: S3 should refuse it with {code}, but says {answer}"
    )))
}
