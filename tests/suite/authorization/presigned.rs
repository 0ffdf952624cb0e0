//! Pre-signed requests, which permit one operation until they expire.

use jiff::SignedDuration;
use opencloud_model::{event::Failure, settings::Environment};
use opencloud_suite::{
    http::{Answer, Method, Request, SUCCESS},
    page,
    suite::{Failed, Suite},
    transfer::{self, TransferSpec},
};
use secrecy::ExposeSecret;
use wasm_bindgen_test::wasm_bindgen_test;

use crate::fixture::{Fixture, not_checked, with_fixture};

/// S3's code for a request that was changed after it was signed.
const WRONG_SIGNATURE: &str = "SignatureDoesNotMatch";
/// S3's code for what its signer may not do, or may no more.
const ACCESS_DENIED: &str = "AccessDenied";

const ON_DISK: &str = "user files are not in S3 here, so nothing is pre-signed";

#[wasm_bindgen_test]
pub(super) async fn altered_requests() -> Result<(), Failed> {
    with_fixture("authorization::altered_requests", async |fixture| {
        if !fixture.files_in_s3().await? {
            not_checked("altered pre-signed requests are refused", ON_DISK);
            return Ok(());
        }
        let (suite, api, steps) = (fixture.suite, fixture.api, fixture.steps);
        let directory = fixture.directory("data");
        let content = page::sample_blob(10.0);
        steps
            .run("upload two files", async {
                fixture.upload(&directory, "mine.txt", &content).await?;
                fixture.upload(&directory, "other.txt", &content).await
            })
            .await?;
        let elsewhere = format!("{}_elsewhere", fixture.name);
        fixture.created.add_directory(&format!("data/{elsewhere}/"));
        steps
            .run("a form with a key in another directory: 403", async {
                let spec = api.upload_spec(&directory).await?;
                let altered = spec.with_key(|key| key.replace(fixture.name, &elsewhere));
                let request = transfer::upload_request(altered, &content, "elsewhere.txt");
                denied(suite, request, 403, ACCESS_DENIED).await
            })
            .await?;
        let path = format!("{directory}mine.txt");
        let mine = steps
            .run("get the download URL of a file", api.download_spec(&path))
            .await?;
        steps
            .run(
                "the form and the URL are valid long enough, and for an hour at most",
                async {
                    for (what, spec) in [
                        ("form", &api.upload_spec(&directory).await?),
                        ("URL", &mine),
                    ] {
                        check_lifetime(what, spec)?;
                    }
                    Ok::<_, Failure>(())
                },
            )
            .await?;
        steps
            .run("the form takes files of a gigabyte", async {
                check_size_limit(&api.upload_spec(&directory).await?)
            })
            .await?;
        steps
            .run("a download URL with the path of another file: 403", async {
                let altered = mine.with_url(|url| url.replace("mine.txt", "other.txt"));
                let request = transfer::download_request(altered, "other.txt");
                denied(suite, request, 403, WRONG_SIGNATURE).await
            })
            .await?;
        steps
            .run("the URL of a file that was downloaded, with another signature: 403", async {
                let request = transfer::download_request(mine.clone(), "mine.txt");
                suite.http.expect(request, &[SUCCESS]).await?.text().await?;
                let altered = mine.with_url(other_signature);
                let request = transfer::download_request(altered, "mine.txt");
                let what = request.name.clone();
                let answer = suite.http.expect(request, &[403, SUCCESS]).await?;
                if answer.is_success() {
                    return Err(Failure::stack(format!(
                        "{what}: answered {} instead of 403; what was not downloaded before is refused, so something \
                         before the bucket stores files and gives them to whoever asks, whatever the query is (S3, \
                         the cache before it)",
                        answer.status()
                    )));
                }
                has_code(&what, answer, WRONG_SIGNATURE).await
            })
            .await?;
        steps
            .run("a download URL with another method: 403", async {
                let mut request = transfer::download_request(mine.clone(), "mine.txt");
                request.method = Method::PUT;
                request.name = "replace mine.txt by its download URL".into();
                let request = request.idempotent(true);
                denied_if_sent(suite, request, 403, WRONG_SIGNATURE).await
            })
            .await?;
        steps
            .run("download another version than the file's: 412", async {
                // Some links can be used once.
                let unused = transfer::download_request(api.download_spec(&path).await?, "mine.txt");
                let request = unused.header("if-match", "\"another\"");
                denied_if_sent(suite, request, 412, "PreconditionFailed").await
            })
            .await?;
        steps
            .run("download a file that was deleted: 404", async {
                let request = transfer::download_request(api.download_spec(&path).await?, "mine.txt");
                api.delete(&path).await?;
                // For a tenth of its age the browser may take what it has stored.
                denied(suite, request.anew(), 404, "NoSuchKey").await
            })
            .await
    })
    .await
}

/// What anybody may do who has no link and no form.
#[wasm_bindgen_test]
pub(super) async fn unsigned_requests() -> Result<(), Failed> {
    with_fixture("authorization::unsigned_requests", async |fixture| {
        if !fixture.files_in_s3().await? {
            not_checked("requests without a signature are refused", ON_DISK);
            return Ok(());
        }
        let (suite, api, steps) = (fixture.suite, fixture.api, fixture.steps);
        let directory = fixture.directory("data");
        let content = page::sample_blob(10.0);
        let upload = fixture.upload(&directory, "mine.txt", &content);
        steps.run("upload a file", upload).await?;
        steps
            .run("a file, or a list of all files, without a signature: refused", async {
                let mine = api.download_spec(&format!("{directory}mine.txt")).await?;
                let file = mine.with_url(without_query);
                let request = transfer::download_request(file, "mine.txt without a signature");
                let meaning = "whoever knows its address reads it (S3, the bucket's policy and Block Public Access)";
                closed(suite, request, meaning).await?;
                let bucket = api.upload_spec(&directory).await?.with_url(without_query);
                let mut request = transfer::download_request(bucket.without_fields(), "");
                request.name = "list the bucket without a signature".into();
                let meaning = "anybody reads the names of all users' files (S3, the bucket's policy and Block Public \
                               Access)";
                closed(suite, request, meaning).await
            })
            .await?;
        steps
            .run("a form without a policy and a signature: refused", async {
                let unsigned = api.upload_spec(&directory).await?.without_fields();
                let request = transfer::upload_request(unsigned, &content, "unsigned.txt");
                let meaning = "anybody stores files among those of all users (S3, the bucket's policy and Block \
                               Public Access)";
                closed(suite, request, meaning).await
            })
            .await
    })
    .await
}

/// The same URL with another first character of its signature.
fn other_signature(url: &str) -> String {
    const NAME: &str = "Signature=";
    let Some(at) = url.find(NAME).map(|at| at + NAME.len()) else {
        return url.to_owned();
    };
    let mut other = url.to_owned();
    let first = if url[at..].starts_with('0') { "1" } else { "0" };
    other.replace_range(at..=at, first);
    other
}

/// Fails if `request`, which nobody has signed, succeeds. A bucket may refuse it without headers for the page.
async fn closed(suite: &Suite, request: Request, meaning: &str) -> Result<(), Failure> {
    let what = request.name.clone();
    match suite.http.send(request.anew().idempotent(true)).await {
        Ok(answer) if answer.is_success() => Err(Failure::stack(format!(
            "{what}: answered {}, and should be refused: {meaning}",
            answer.status()
        ))),
        // An error of the bucket's own shows nothing.
        Ok(answer) if answer.status() >= 500 => Err(answer.unexpected(&[403]).await.into()),
        Err(failure) if !failure.is_blocked() => Err(failure.into()),
        _ => Ok(()),
    }
}

fn without_query(url: &str) -> String {
    url.split('?').next().unwrap_or_default().to_owned()
}

/// The recorded forms have no limit; files from a microscope have gigabytes.
fn check_size_limit(form: &TransferSpec) -> Result<(), Failure> {
    const LEAST: u64 = 1_000_000_000;
    match form.size_limit() {
        Some(limit) if limit < LEAST => Err(Failure::stack(format!(
            "the form takes files of {limit} bytes at most, and users have larger ones (UserAPI, \
             content-length-range in what it signs)"
        ))),
        _ => Ok(()),
    }
}

/// The recorded ones are valid for ten minutes. Whoever gets hold of one can use it as long as it is valid.
fn check_lifetime(what: &str, spec: &TransferSpec) -> Result<(), Failure> {
    // A slow page needs some time between the two requests.
    const LEAST: SignedDuration = SignedDuration::from_secs(30);
    const MOST: SignedDuration = SignedDuration::from_hours(1);
    let Some(expires) = spec.expires() else {
        not_checked(
            format!("how long the {what} is valid"),
            "it does not say so as S3's do",
        );
        return Ok(());
    };
    let left = expires.duration_since(page::timestamp());
    if left < LEAST {
        return Err(Failure::stack(format!(
            "the {what} is valid for {} s, which is too short for a slow page (UserAPI, ExpiresIn of what it signs, \
             and its clock)",
            left.as_secs()
        )));
    }
    if left > MOST {
        return Err(Failure::stack(format!(
            "the {what} is valid for {} s, and whoever gets hold of it can use it as long (UserAPI, ExpiresIn of \
             what it signs)",
            left.as_secs()
        )));
    }
    Ok(())
}

#[wasm_bindgen_test]
pub(super) async fn expired_upload() -> Result<(), Failed> {
    with_fixture("authorization::expired_upload", async |fixture| {
        let suite = fixture.suite;
        let what = "a form that has expired: 403";
        if !fixture.files_in_s3().await? {
            not_checked(what, ON_DISK);
            return Ok(());
        }
        let Some(expired) = &suite.settings.extras.expired_upload else {
            not_checked(what, "EXPIRED_UPLOAD is not set");
            return Ok(());
        };
        fixture
            .steps
            .run(what, async {
                let expired = read_expired(expired.expose_secret())?;
                let content = page::sample_blob(10.0);
                let request = transfer::upload_request(expired.clone(), &content, "expired.txt");
                match denied(suite, request, 403, ACCESS_DENIED).await {
                    Err(failure) => Err(with_destination(fixture, &expired, failure).await),
                    Ok(()) => Ok(()),
                }
            })
            .await
    })
    .await
}

/// Reads `EXPIRED_UPLOAD`. What is wrong with it is told without its text, which is secret.
fn read_expired(text: &str) -> Result<TransferSpec, Failure> {
    let spec: TransferSpec = serde_json::from_str(text).map_err(|_| {
        Failure::input(
            "EXPIRED_UPLOAD is not what the UserAPI answers for an upload: JSON with `method`, `url`, `headers` and \
             `data`",
        )
    })?;
    match spec.expires() {
        Some(expires) if expires > page::timestamp() => Err(Failure::input(format!(
            "EXPIRED_UPLOAD can be used until {expires}: one that has expired is needed"
        ))),
        _ => Ok(spec),
    }
}

/// `failure` of an expired upload, which may be due to where it goes.
async fn with_destination(
    fixture: &Fixture<'_>,
    expired: &TransferSpec,
    failure: Failure,
) -> Failure {
    let Ok(current) = fixture.api.upload_spec(&fixture.directory("data")).await else {
        return failure;
    };
    let [expired, current] = [expired, &current].map(|spec| {
        let address = spec
            .url()
            .expose_secret()
            .split('?')
            .next()
            .unwrap_or_default();
        address.trim_end_matches('/').to_owned()
    });
    if expired == current || fixture.suite.settings.environment == Environment::Embedded {
        return failure;
    }
    Failure::input(format!(
        "{}; EXPIRED_UPLOAD is for {expired}, but the UserAPI's uploads go to {current}: one of this deployment is \
         needed",
        failure.message
    ))
}

/// Like [`denied`], for a request that the frontend does not send: the bucket's CORS rules may keep it
/// from every page, and then there is nothing to check.
async fn denied_if_sent(
    suite: &Suite,
    request: Request,
    status: u16,
    code: &str,
) -> Result<(), Failure> {
    let what = request.name.clone();
    match suite.http.expect(request, &[status]).await {
        Ok(answer) => has_code(&what, answer, code).await,
        Err(failure) if failure.is_blocked() => {
            let why = "the bucket's CORS rules do not let a page send this request";
            not_checked(format!("{what}: {status}"), why);
            Ok(())
        }
        Err(failure) => Err(failure.into()),
    }
}

/// Fails unless S3 refuses `request` with this status and code, in an answer that the page can read.
async fn denied(suite: &Suite, request: Request, status: u16, code: &str) -> Result<(), Failure> {
    let what = request.name.clone();
    let answer = suite.http.expect(request, &[status]).await?;
    has_code(&what, answer, code).await
}

async fn has_code(what: &str, answer: Answer, code: &str) -> Result<(), Failure> {
    let answer = answer.text().await?;
    let found = answer
        .split_once("<Code>")
        .and_then(|(_, rest)| rest.split_once("</Code>"));
    let found = match found {
        Some((found, _)) if found == code => return Ok(()),
        // Some stores, and CloudFront with links that it signs, do not say what it is that they deny.
        Some((ACCESS_DENIED, _)) if code == WRONG_SIGNATURE => return Ok(()),
        Some((found, _)) => found.to_owned(),
        None => format!("{:?}", answer.chars().take(200).collect::<String>()),
    };
    Err(Failure::stack(format!(
        "{what}: S3 should refuse it with {code}, but answers {found} (S3, or what stands before it)"
    )))
}
