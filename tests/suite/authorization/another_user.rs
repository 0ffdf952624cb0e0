//! A second user must neither see nor change the first user's files and jobs.

use futures_util::future::join;
use opencloud_model::{event::Failure, service::Service, settings::Part};
use opencloud_suite::{
    cognito::SignInError,
    http::{self, Http, Method, Request, SUCCESS},
    job::{FilesDown, Job, NewJob},
    page,
    session::Session,
    suite::{Failed, Suite},
    transfer::{self, TransferSpec},
    user_api::{
        CallError, Endpoint, UserApi,
        access::User,
        files::{FileInfo, paths},
    },
};
use serde_json::json;
use wasm_bindgen_test::wasm_bindgen_test;
use web_sys::Blob;

use super::all;
use crate::{
    fixture::{Fixture, refused, same, with_fixture},
    jobs::{PARAMETERS, upload_inputs, waiting_job},
};

/// How a request reaches a file of another user.
const LEFT: &str = "the request left the user's own directory";
const CONFUSED: &str = "the request was made in another user's directory";

/// What to mend then.
const OWN_DIRECTORY: &str = "UserAPI: look for files in the caller's own directory alone, and refuse a path \
                             that leads out of it once it is decoded";

/// The statuses of the documented refusals.
const REFUSALS: [u16; 5] = [400, 403, 404, 405, 422];
/// The status where a name is taken.
const CONFLICT: u16 = 409;

#[wasm_bindgen_test]
pub(super) async fn another_user() -> Result<(), Failed> {
    with_fixture("authorization::another_user", async |fixture| {
        let (suite, api, steps) = (fixture.suite, fixture.api, fixture.steps);
        let what = "a second user cannot see or change files and jobs of the first";
        if !fixture.has_account(Part::Second, what) {
            return Ok(());
        }
        let new = waiting_job(fixture);
        let (content, job) = steps
            .run("create files and a job as the first user", async {
                let content = upload_inputs(fixture).await?;
                let directory = fixture.directory("artifact");
                fixture.upload(&directory, "model_0.pt", &content).await?;
                Ok::<_, Failure>((content, fixture.create_job(&new).await?.into_job()))
            })
            .await?;
        let session = steps
            .run("sign in as the second user", suite.sign_in(Part::Second))
            .await?;
        let second = second_api(suite, &session);
        let directory = fixture.directory("config");
        let file = format!("{directory}{PARAMETERS}");
        let theirs = Theirs {
            http: &suite.http,
            file: &file,
            content: &content,
        };

        steps
            .run(
                "get the user as each of them: their own",
                // Boxed because the future is large.
                Box::pin(check_user(api, &session, &second)),
            )
            .await?;
        steps
            .run(
                "get, delete or list a job of another user: refused or not shown",
                check_jobs(suite, &job, &session, &second),
            )
            .await?;
        steps
            .run(
                "list or download files of another user by their own paths: 404",
                // Boxed because the future is large.
                Box::pin(check_same_paths(api, &second, &directory, theirs)),
            )
            .await?;
        steps
            .run(
                "rename, upload or delete files of the same paths: each user has their own",
                // Boxed because the future is large.
                Box::pin(check_apart(fixture, &second, theirs)),
            )
            .await?;
        let owner = steps
            .run("find out the name of the first user's directory", async {
                let access = suite.session.access_token().await?;
                let user = suite.session.cognito().user(&access).await?;
                Ok::<_, SignInError>(user.username)
            })
            .await?;
        steps
            .run(
                "create a job on files of another user: refused",
                // Boxed because the future is large.
                Box::pin(check_inputs(&second, &new, &owner, &content)),
            )
            .await?;
        let ways = traversals(&owner, &directory);
        steps
            .run(
                "list or download files of another user by path traversal: refused",
                async {
                    let paths = ways
                        .iter()
                        .flat_map(|way| [format!("{way}/"), format!("{way}/{PARAMETERS}/url")]);
                    let checks = paths.map(|path| {
                        let name = format!("reach {path}");
                        let url = api.url(&format!("/files/{path}"));
                        let request = Request::get(Service::UserApi, name, url);
                        check_out_of_reach(&second, request, &REFUSALS, LEFT, theirs)
                    });
                    all(checks).await
                },
            )
            .await?;
        steps
            .run(
                "change files of another user by path traversal: no effect",
                Box::pin(check_unchanged(fixture, &ways, &second, theirs)),
            )
            .await
    })
    .await
}

/// The UserAPI, called as the user of that session.
fn second_api(suite: &Suite, session: &Session) -> UserApi {
    let base = suite.settings.user_api.clone();
    UserApi::new(suite.http.clone(), base, session.clone())
}

/// Each user is told of themselves, whatever the other has just been told, or is told at the same moment.
async fn check_user(api: &UserApi, session: &Session, second: &UserApi) -> Result<(), Failure> {
    let own = session.owner().await?.email;
    // A pool may take an address in any case, and tell it as it was registered.
    let is_own = |told: &str| own.eq_ignore_ascii_case(told);
    api.user().await?;
    let told = second.user().await?.email;
    if !is_own(&told) {
        return Err(Failure::stack(format!(
            "GET /user tells {own} of another user, {told} (UserAPI, GET /user; or a cache before it that keeps \
             answers without regard to Authorization)"
        )));
    }
    let ask = async |api: &UserApi| {
        // A browser asks once for all who want what it may store.
        let request = api.request(Endpoint::User, &[]).anew();
        let user: User = api.call(request, &[SUCCESS]).await?.json().await?;
        Ok::<_, CallError>(user.email)
    };
    for _ in 0..3 {
        let (first, second) = join(ask(api), ask(second)).await;
        let (first, second) = (first?, second?);
        if is_own(&first) || !is_own(&second) {
            return Err(Failure::stack(format!(
                "two users who ask GET /user at the same moment are told of {first} and {second}, and each alone of \
                 themselves (UserAPI, GET /user; or a cache before it that asks once for all who ask at once, without \
                 regard to Authorization)"
            )));
        }
    }
    Ok(())
}

/// The second user finds nothing at the paths of the first, whatever the first has just found there.
async fn check_same_paths(
    api: &UserApi,
    second: &UserApi,
    directory: &str,
    theirs: Theirs<'_>,
) -> Result<(), Failure> {
    for request in [
        api.request(Endpoint::ListTree, &[directory]),
        api.request(Endpoint::DownloadUrl, &[theirs.file]),
    ] {
        // A careless cache has the answer for everybody then.
        api.call(request.clone(), &[SUCCESS]).await?;
        check_out_of_reach(second, request, &[404], CONFUSED, theirs).await?;
    }
    Ok(())
}

/// The user of that session neither sees nor deletes the job.
async fn check_jobs(
    suite: &Suite,
    job: &Job,
    session: &Session,
    second: &UserApi,
) -> Result<(), Failure> {
    let api = &suite.api;
    let token = &session.token().await?;
    let shown = api.request(Endpoint::Job, &[&job.id.to_string()]);
    // Whatever the first user has just asked for, a careless cache has for everybody.
    api.call(shown.clone(), &[SUCCESS]).await?;
    api.jobs().await?;
    second.call(shown, &[404]).await?;
    for endpoint in [Endpoint::Job, Endpoint::DeleteJob] {
        let request = api.request(endpoint, &[&job.id.to_string()]);
        let refusal = refused(suite, request.bearer(token), 404, Some("Job not found")).await;
        if let Err(failure) = refusal {
            let left = match api.job(job.id).await? {
                Some(_) => "is still there",
                None => "is gone",
            };
            return Err(failure.and(format!(
                "\nthe second user asked for a job of the first, which must look as if it did not exist; it {left} for \
                 the first (UserAPI, GET and DELETE /jobs/…: whose job it is)"
            )));
        }
    }
    let jobs = second.jobs().await?;
    let owner = session.owner().await?;
    owner.check(&jobs).map_err(Failure::stack)?;
    let seen = jobs.iter().any(|other| other.job_name == job.job_name);
    let what = "whether the second user's list shows the job";
    same(what, &seen, &false)
}

/// No job of the second user runs on files that only the first user has; `new` is a job of that one. All
/// else that it needs is there, so that nothing but these files can be the reason of a refusal.
async fn check_inputs(
    second: &UserApi,
    new: &NewJob,
    owner: &str,
    content: &Blob,
) -> Result<(), Failure> {
    let theirs = &new.job_name;
    let mut own = new.clone();
    own.job_name.push_str("_second");
    let name = own.job_name.clone();
    own.attributes.files_down = FilesDown {
        config_id: Some(format!("{name}/")),
        data_ids: vec![format!("{name}/")],
        artifact_ids: Vec::new(),
    };
    let directories = ["config", "data"].map(|kind| format!("{kind}/{name}/"));
    let outcome = async {
        for directory in &directories {
            second.upload(directory, content, PARAMETERS).await?;
        }
        for kind in ["config", "data", "artifact"] {
            // With a slash: without it, S3 finds the second user's own by the beginning of their names.
            for id in [
                format!("{theirs}/"),
                format!("../../{owner}/{kind}/{theirs}/"),
            ] {
                let mut job = own.clone();
                let inputs = &mut job.attributes.files_down;
                match kind {
                    "config" => inputs.config_id = Some(id.clone()),
                    "data" => inputs.data_ids.push(id.clone()),
                    _ => inputs.artifact_ids.push(id.clone()),
                }
                check_refused(second, &job, &format!("the {kind} {id}")).await?;
            }
        }
        Ok(())
    };
    let outcome = outcome.await;
    let mut deleted = Ok(());
    for directory in &directories {
        deleted = deleted.and(second.delete(directory).await.map_err(Failure::from));
    }
    outcome.and(deleted)
}

/// The second user cannot create the job, some `inputs` of which only the first user has.
async fn check_refused(second: &UserApi, job: &NewJob, inputs: &str) -> Result<(), Failure> {
    let mut request = second.create_job_request(job);
    request.name = format!("create a job of the second user with {inputs}");
    // An answer that was lost may have made the job, and then the name is taken.
    let expected = [&REFUSALS[..], &[SUCCESS, CONFLICT]].concat();
    let name = request.name.clone();
    let failure = match second.call(request.idempotent(true), &expected).await {
        Ok(answer) if REFUSALS.contains(&answer.status()) => return Ok(()),
        Ok(answer) => Failure::stack(format!(
            "{name}: answered {}: a job may run on files of another user (UserAPI, POST /jobs: look for inputs in \
             the caller's own directory alone)",
            answer.status()
        )),
        Err(error) => error.into(),
    };
    let Err(left) = second.remove_job(&job.job_name, None).await else {
        return Err(failure);
    };
    let left = format!("job {} of the second user: {left}", job.job_name);
    Err(Failure {
        message: format!("{}\n{left}", failure.message),
        ..failure
    })
}

/// Files of the second user at the paths of the first one's: what becomes of these changes nothing of those.
async fn check_apart(
    fixture: &Fixture<'_>,
    second: &UserApi,
    theirs: Theirs<'_>,
) -> Result<(), Failure> {
    let directory = fixture.directory("config");
    let outcome = change_own(second, &directory, theirs).await;
    let deleted = second.delete(&directory).await.map_err(Failure::from);
    let unchanged = check_content(fixture, theirs).await;
    // What may be left in the second user's directory is told beside what has gone wrong before.
    if let (Err(failure), Err(left)) = (&outcome, &deleted) {
        let both = format!(
            "{}\n{directory} of the second user: {}",
            failure.message, left.message
        );
        return Err(Failure::stack(both));
    }
    outcome.and(deleted).and(unchanged)
}

/// Renames what the second user does not have, and uploads and downloads a file at that path.
async fn change_own(
    second: &UserApi,
    directory: &str,
    Theirs { file, content, .. }: Theirs<'_>,
) -> Result<(), Failure> {
    // Into the directory that is deleted afterwards.
    let rename = second
        .rename_request(file, &format!("{directory}moved"))
        .idempotent(true);
    let name = rename.name.clone();
    let answer = second.call(rename, &[SUCCESS, 404]).await?;
    if answer.is_success() {
        return Err(Failure::stack(format!(
            "{name}: answered {}: {CONFUSED} and moved {file} of another user ({OWN_DIRECTORY})",
            answer.status()
        )));
    }
    let own = page::sample_blob(2.0);
    second.upload(directory, &own, PARAMETERS).await?;
    let down = second.download_anew(file).await?.blob().await?;
    let is_own = page::same_bytes(&own, &down).await;
    if is_own.map_err(Failure::ourselves)? {
        return Ok(());
    }
    let is_theirs = page::same_bytes(content, &down).await;
    let what = if is_theirs.map_err(Failure::ourselves)? {
        "that of another user"
    } else {
        "something else"
    };
    Err(Failure::stack(format!(
        "the second user has uploaded {file}, and downloads {what} ({OWN_DIRECTORY})"
    )))
}

/// Fails unless the file of the first user has its content.
async fn check_content(
    fixture: &Fixture<'_>,
    Theirs { file, content, .. }: Theirs<'_>,
) -> Result<(), Failure> {
    let changed = |how: &str| {
        Failure::stack(format!(
            "requests of the second user have changed {file} of the first: {how}"
        ))
    };
    let down = match fixture.api.download_anew(file).await {
        Ok(answer) => answer.blob().await?,
        Err(CallError::Http(failure)) if failure.has_status(404) => {
            return Err(changed(&failure.to_string()));
        }
        Err(error) => return Err(error.into()),
    };
    let same = fixture.same_content(file, content, &down).await;
    same.map_err(|failure| Failure {
        message: changed(&failure.message).message,
        ..failure
    })
}

/// Changes by the second user, in all `ways` to the other user's directory, have no effect.
async fn check_unchanged(
    fixture: &Fixture<'_>,
    ways: &[String],
    second: &UserApi,
    theirs: Theirs<'_>,
) -> Result<(), Failure> {
    let api = fixture.api;
    let target = fixture.directory("data");
    let requests = ways.iter().flat_map(|way| changes(api, way, &target));
    let checks = requests.map(|request| check_harmless(second, request));
    let outcome = all(checks).await;
    // A file that was moved is now in the second user's own directory.
    let delete = api.request(Endpoint::Delete, &[&target]);
    second.call(delete, &[SUCCESS]).await?;
    outcome?;
    check_content(fixture, theirs).await
}

/// Paths that lead a careless server to another user's directory. Those that a browser resolves itself
/// are left out, because a page cannot send them.
fn traversals(owner: &str, directory: &str) -> [String; 8] {
    let directory = directory.trim_end_matches('/');
    let escaped = directory.replace('/', "%2F");
    [
        format!("..%2F{owner}%2F{escaped}"),
        format!("..%2f{owner}/{directory}"),
        format!("%2e%2e%2f{owner}%2f{escaped}"),
        format!("config%2F..%2F..%2F{owner}%2F{escaped}"),
        format!("%2F{owner}%2F{escaped}"),
        format!("/{owner}/{directory}"),
        format!("{owner}/{directory}"),
        format!("..%5C{owner}%5C{escaped}"),
    ]
}

/// A file of the first user, and its content.
#[derive(Clone, Copy)]
struct Theirs<'a> {
    http: &'a Http,
    file: &'a str,
    content: &'a Blob,
}

/// Fails unless `request` of the second user, which would lead to the directory of the file or to the file
/// itself, is refused with one of these statuses, or before the UserAPI, as a firewall refuses what looks like an
/// attack: no page makes such requests, so none has to read the answer. The failure says what of the other user it
/// has reached, and `how`.
async fn check_out_of_reach(
    second: &UserApi,
    request: Request,
    refusals: &[u16],
    how: &str,
    theirs: Theirs<'_>,
) -> Result<(), Failure> {
    let name = request.name.clone();
    let expected = [refusals, &[SUCCESS]].concat();
    let answer = match second.call(request.clone(), &expected).await {
        Err(CallError::Http(failure)) if failure.is_refused_unreadably() => return Ok(()),
        answer => answer?,
    };
    if !answer.is_success() {
        return Ok(());
    }
    let status = answer.status();
    let never_asked_for = second.call(request.unrepeated(), &expected).await?;
    if !never_asked_for.is_success() {
        return Err(Failure::stack(format!(
            "{name}: answered {status} after the owner had asked for it, and {} at an address that was never asked \
             for: a cache gives the owner's answer to others (UserAPI, what the proxy before it stores: it must heed \
             Authorization)",
            never_asked_for.status()
        )));
    }
    let text = answer.text().await?;
    let file = theirs.file;
    let reached = if let Ok(spec) = serde_json::from_str(&text) {
        match read(theirs, spec).await {
            Ok(()) => format!("read {file} of another user"),
            Err(problem) => format!("got a URL for {file} of another user, which fails: {problem}"),
        }
    } else {
        match serde_json::from_str::<Vec<FileInfo>>(&text) {
            Ok(listing) if listing.iter().any(|entry| entry.path == file) => {
                format!("listed {file} of another user")
            }
            Ok(listing) => format!("got a listing of {}", paths(&listing)),
            Err(_) => "was not refused".into(),
        }
    };
    Err(Failure::stack(format!(
        "{name}: answered {status}: {how} and {reached} ({OWN_DIRECTORY})"
    )))
}

/// Downloads the file of another user; fails unless it has that content.
async fn read(
    Theirs {
        http,
        file,
        content,
    }: Theirs<'_>,
    spec: TransferSpec,
) -> Result<(), String> {
    let request = transfer::download_request(spec, file);
    let text = |failure: http::Failure| failure.to_string();
    let answer = http.send(request).await.map_err(text)?;
    let down = answer
        .success()
        .await
        .map_err(text)?
        .blob()
        .await
        .map_err(text)?;
    if page::same_bytes(content, &down).await? {
        return Ok(());
    }
    Err(format!("{} other bytes came", down.size()))
}

/// Requests that would change the directory to which `way` leads, or move its file to `target`.
fn changes(api: &UserApi, way: &str, target: &str) -> [Request; 3] {
    let request = |method, what, path: &str| {
        let url = api.url(&format!("/files/{path}"));
        Request::new(Service::UserApi, method, format!("{what} {path}"), url).idempotent(true)
    };
    let file = format!("{way}/{PARAMETERS}");
    let new_path = json!({ "path": format!("{target}{PARAMETERS}") });
    [
        request(Method::POST, "upload to", &format!("{way}/url")),
        request(Method::PUT, "move", &file).json(&new_path),
        request(Method::DELETE, "delete", &file),
    ]
}

/// Fails unless `request` is refused, or its answer shows that it has no effect on another user's files.
async fn check_harmless(second: &UserApi, request: Request) -> Result<(), Failure> {
    let what = request.name.clone();
    let is_upload = request.method == Method::POST;
    let mut expected = REFUSALS.to_vec();
    match request.method {
        // The UserAPI answers so even if there was nothing to delete; the file is checked later.
        Method::DELETE | Method::POST => expected.push(SUCCESS),
        _ => {}
    }
    let answer = match second.call(request, &expected).await {
        Err(CallError::Http(failure)) if failure.is_refused_unreadably() => return Ok(()),
        answer => answer?,
    };
    if !(is_upload && answer.is_success()) {
        return Ok(());
    }
    let spec: TransferSpec = answer.json().await?;
    match spec.key() {
        // In the key of an S3 object, two dots have no special meaning.
        Some(key) if key.contains("..") => Ok(()),
        _ => Err(Failure::stack(format!(
            "{what}: the UserAPI returns an upload URL for another user's directory"
        ))),
    }
}
