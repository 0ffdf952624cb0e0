//! Faults of the services that the frontend tolerates. Every report shows them as advice; they are
//! failures only if the settings say so.

use futures_util::future::{join, try_join_all};
use opencloud_model::{
    event::{Event, Failure, READ_APPLICATIONS},
    service::Service,
    settings::Part,
};
use opencloud_suite::{
    http::{Request, SUCCESS},
    page, report,
    suite::Failed,
    user_api::{CallError, Endpoint},
};
use secrecy::ExposeSecret;
use serde_json::Value;
use wasm_bindgen_test::wasm_bindgen_test;

use crate::{
    fixture::{Fixture, not_checked, with_fixture},
    jobs::{upload_inputs, waiting_job},
};

tests! { "advice":
    unhandled_errors, members_of_no_group, listing_beside_changes, names_in_urls, unescaped_names, tested_applications
}

// The names of the application files.
include!(concat!(env!("OUT_DIR"), "/applications.rs"));

/// Reports advice, and fails if advice counts as failure.
fn advise(fixture: &Fixture<'_>, what: &str, fix: &str) -> Result<(), Failure> {
    report::write(&Event::Advice {
        what: what.into(),
        fix: fix.into(),
    });
    if fixture.suite.settings.extras.strict {
        return Err(Failure::stack(format!("{what}\n{fix}")));
    }
    Ok(())
}

#[wasm_bindgen_test]
async fn unhandled_errors() -> Result<(), Failed> {
    with_fixture("advice::unhandled_errors", async |fixture| {
        let valid = serde_json::to_value(waiting_job(fixture)).expect("a job is plain data");
        let steps = fixture.steps;
        // The UserAPI would report missing inputs before anything else.
        steps.run("upload the inputs of the job", upload_inputs(fixture)).await?;
        let mut unhandled = Vec::new();
        for member in ["/hardware", "/attributes/files_down/data_ids"] {
            let name = member.rsplit('/').next().unwrap_or_default();
            let mut job = valid.clone();
            *job.pointer_mut(member).expect("a job has this member") = Value::Null;
            let step = format!("create a job with {name}: null");
            if !steps.run(&step, is_handled(fixture, &job)).await? {
                unhandled.push(format!("{name}: null"));
            }
        }
        if unhandled.is_empty() {
            return Ok(());
        }
        let what = format!(
            "an unhandled error (500) carries no CORS headers, so the page cannot distinguish it from \
             a network failure (a job with {})",
            unhandled.join(", or with ")
        );
        let fix = "UserAPI: handle exceptions inside CORSMiddleware, for instance by a handler for \
                    Exception on an inner application, or wrap the whole application in \
                    CORSMiddleware";
        steps
            .run("an unhandled error of the UserAPI is readable", async {
                advise(fixture, &what, fix)
            })
            .await
    })
    .await
}

/// Whether the page can read the answer to `job`, whatever its status. If that created a job, removes
/// it.
async fn is_handled(fixture: &mut Fixture<'_>, job: &Value) -> Result<bool, Failure> {
    let api = fixture.api;
    fixture.created.add_job(fixture.name);
    let created = async || Ok(api.job_named(fixture.name).await?.map(drop));
    let request = api.create_job_request(job);
    let kind = "create a job with a null";
    let read = async |_| Ok(());
    let _turn = api.turn(fixture.steps).await;
    match api
        .call_once(kind, &request, &[SUCCESS, 422, 500], 409, read, created)
        .await
    {
        Ok(()) => {}
        Err(CallError::Http(failure)) if failure.is_blocked() => return Ok(false),
        Err(other) => return Err(other.into()),
    }
    api.delete_job(fixture.name).await?;
    fixture.created.forget_job(fixture.name);
    Ok(true)
}

#[wasm_bindgen_test]
async fn members_of_no_group() -> Result<(), Failed> {
    with_fixture("advice::members_of_no_group", async |fixture| {
        if !fixture.has_account(Part::NoGroup, "the answer to a user in no group") {
            return Ok(());
        }
        let suite = fixture.suite;
        fixture
            .steps
            .run("a user in no group: 403", async {
                let token = suite.sign_in(Part::NoGroup).await?.token().await?;
                let request = fixture.api.request(Endpoint::User, &[]);
                let request = request.bearer(&token);
                let answer = suite.http.expect(request, &[401, 403]).await?;
                for (endpoint, parameters) in [
                    (Endpoint::Jobs, &["0", "1"][..]),
                    (Endpoint::List, &["data/"]),
                    (Endpoint::UploadUrl, &["data/none/"]),
                ] {
                    let request = fixture.api.request(endpoint, parameters);
                    suite
                        .http
                        .expect(request.bearer(&token), &[401, 403])
                        .await?;
                }
                match answer.status() {
                    403 => Ok(()),
                    _ => advise(
                        fixture,
                        "a user in no group is answered 401 instead of 403, so the frontend does \
                         not show that the account is still to be confirmed",
                        "UserAPI: treat a token without cognito:groups like one with an empty list",
                    ),
                }
            })
            .await
    })
    .await
}

#[wasm_bindgen_test]
async fn listing_beside_changes() -> Result<(), Failed> {
    with_fixture("advice::listing_beside_changes", async |fixture| {
        let (api, steps) = (fixture.api, fixture.steps);
        let directory = fixture.directory("data");
        let names: Vec<_> = (0..CHANGES).map(|number| format!("{number}.txt")).collect();
        steps
            .run("upload some files", async {
                fixture.created.add_directory(&directory);
                let content = page::sample_blob(1.0);
                let uploads = names.iter().map(|name| api.upload(&directory, &content, name));
                try_join_all(uploads).await
            })
            .await?;
        let blocked = steps
            .run("list a directory while its files are deleted or renamed", async {
                let mut blocked = 0;
                for names in names.chunks(AT_ONCE) {
                    let listings = names.iter().map(|_| is_listed(fixture, &directory));
                    let changes = names.iter().enumerate().map(async |(number, name)| {
                        let path = format!("{directory}{name}");
                        if number % 2 == 0 {
                            return api.delete(&path).await;
                        }
                        let new_path = format!("{directory}renamed {name}");
                        api.rename(&path, &new_path).await.map(drop)
                    });
                    let (listings, changes) =
                        join(try_join_all(listings), try_join_all(changes)).await;
                    changes?;
                    blocked += listings?.into_iter().filter(|listed| !listed).count();
                }
                Ok::<_, CallError>(blocked)
            })
            .await?;
        steps
            .run("a listing beside changes is readable", async {
                if blocked == 0 {
                    return Ok(());
                }
                let what = format!(
                    "{blocked} of {CHANGES} listings of a directory were kept from the page while files \
                     of it were deleted or renamed, as an unhandled error (500) is"
                );
                let fix = "UserAPI, GET /files with files on its disk: it lists the names and then looks \
                           at each; leave out one that is gone by then";
                advise(fixture, &what, fix)
            })
            .await
    })
    .await
}

/// How many changes of a directory are made, each beside a listing.
const CHANGES: usize = 9;
/// How many of them at once. A browser sends six requests to a host at a time.
const AT_ONCE: usize = 3;

/// Whether the page can read a listing of `directory`.
async fn is_listed(fixture: &Fixture<'_>, directory: &str) -> Result<bool, CallError> {
    match fixture.api.list(directory, Endpoint::List).await {
        Ok(_) => Ok(true),
        Err(CallError::Http(failure)) if failure.is_blocked() => Ok(false),
        Err(other) => Err(other),
    }
}

#[wasm_bindgen_test]
async fn names_in_urls() -> Result<(), Failed> {
    with_fixture("advice::names_in_urls", async |fixture| {
        if fixture.files_in_s3().await? {
            not_checked(
                "upload URLs are percent-encoded",
                "user files are in S3 here, so an upload URL holds no names",
            );
            return Ok(());
        }
        fixture
            .steps
            .run("a # in the path of an upload URL is percent-encoded", async {
                let spec = fixture
                    .api
                    .upload_spec(&format!("data/{}/a#b/", fixture.name))
                    .await?;
                if !spec.url().expose_secret().contains('#') {
                    return Ok(());
                }
                advise(
                    fixture,
                    "the URL for an upload contains an unescaped #, so the browser cuts the path there and \
                     the file is stored elsewhere",
                    "UserAPI, local files: percent-encode the path in the URLs that it returns",
                )
            })
            .await
    })
    .await
}

/// Names that a browser takes for something else where a path is not escaped.
const UNESCAPED: [&str; 4] = ["a#b.txt", "a?b&c.txt", "%41.txt", "100%.txt"];

#[wasm_bindgen_test]
async fn unescaped_names() -> Result<(), Failed> {
    with_fixture("advice::unescaped_names", async |fixture| {
        let (api, steps) = (fixture.api, fixture.steps);
        let directory = fixture.directory("data");
        fixture.created.add_directory(&directory);
        let content = page::sample_blob(1.0);
        steps
            .run(&format!("upload {}", UNESCAPED.join(", ")), async {
                for name in UNESCAPED {
                    api.upload(&directory, &content, name).await?;
                }
                Ok::<_, CallError>(())
            })
            .await?;
        let lost = steps
            .run("get the download URLs by escaped and by unescaped paths", async {
                let mut lost = Vec::new();
                for name in UNESCAPED {
                    let path = format!("{directory}{name}");
                    // The service must find it by the escaped path.
                    api.download_spec(&path).await?;
                    let unescaped = Request::get(
                        Service::UserApi,
                        format!("get the download URL for {path} by its unescaped path"),
                        api.url(&format!("/files/{path}/url")),
                    );
                    if api.call(unescaped, &[SUCCESS, 404]).await?.status() == 404 {
                        lost.push(name);
                    }
                }
                Ok::<_, CallError>(lost)
            })
            .await?;
        if lost.is_empty() {
            return Ok(());
        }
        // The frontend is at fault, which is not under test: this never counts as failure.
        report::write(&Event::Advice {
            what: format!(
                "users cannot download, rename or delete files with these names, which are found by \
                 escaped paths only: {}",
                lost.join(", ")
            ),
            fix: "the frontend, src/services/fileService.js: encode each segment of a path \
                   (encodeURIComponent)"
                .into(),
        });
        Ok(())
    })
    .await
}

#[wasm_bindgen_test]
async fn tested_applications() -> Result<(), Failed> {
    with_fixture("advice::tested_applications", async |fixture| {
        let (suite, steps) = (fixture.suite, fixture.steps);
        let reading = async {
            let mut tested = Vec::new();
            for file in APPLICATIONS {
                tested.push((*file, suite.application(file).await?.title()));
            }
            Ok::<_, Failure>(tested)
        };
        let tested = steps.run(READ_APPLICATIONS, reading).await?;
        let offered = steps
            .run("list the applications", fixture.api.applications())
            .await?;
        let is_tested = |title: &str| tested.iter().any(|(_, known)| known == title);
        steps
            .run("an offered application is tested", async {
                let mut new = offered.clone();
                new.retain(|title| !is_tested(title));
                if new.is_empty() {
                    return Ok(());
                }
                advise(
                    fixture,
                    &format!(
                        "the UserAPI offers what no file in tests/applications tests: {}",
                        new.join(", ")
                    ),
                    "the suite: add a file, as \"To add an application\" in its README says",
                )
            })
            .await?;
        steps
            .run("a tested application is offered", async {
                let mut gone = tested.clone();
                gone.retain(|(_, title)| !offered.contains(title));
                if gone.is_empty() {
                    return Ok(());
                }
                let gone = gone
                    .iter()
                    .map(|(file, title)| format!("{title} ({file}.yaml)"));
                advise(
                    fixture,
                    &format!(
                        "files in tests/applications test what the UserAPI does not offer: {}",
                        gone.collect::<Vec<_>>().join(", ")
                    ),
                    "UserAPI: add them to application_config.yaml; or the suite: remove the files",
                )
            })
            .await
    })
    .await
}
