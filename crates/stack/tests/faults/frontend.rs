//! What the frontend's pages write, and a tidy client would not.

use opencloud_stack::{Family, Fault};
use serde_json::{Value, json};

use crate::{
    faults::{
        bench::{Bench, Checks, header},
        files::{ALL, listed},
        jobs::waiting,
    },
    support::{
        http::Answer,
        session::{Session, filled, part},
    },
};

#[tokio::test(flavor = "multi_thread")]
async fn frontend() {
    let mut checks = Checks::of(Family::Frontend);
    addresses(&mut checks).await;
    new_paths(&mut checks).await;
    uploads(&mut checks).await;
    refusals(&mut checks).await;
    forms(&mut checks).await;
    inputs(&mut checks).await;
    lists(&mut checks).await;
    sign_in(&mut checks).await;
    checks.complete();
}

async fn statuses(user: &Session, requests: &[(&str, &str)]) -> String {
    let mut statuses = Vec::new();
    for (method, path) in requests {
        let answer = user.request(method, path).send().await;
        statuses.push(answer.status.to_string());
    }
    statuses.join(" ")
}

async fn addresses(checks: &mut Checks) {
    let upload_urls = async |b: &Bench| {
        let paths = ["config//url", "config/exp//url", "config/exp/url"];
        let paths = paths.map(|path| format!("/files/{path}"));
        let requests = paths.each_ref().map(|path| ("POST", path.as_str()));
        statuses(&b.user().await, &requests).await
    };
    for (fault, faulty) in [
        (Fault::UploadUrlEmptySegmentMissing, "404 404 201"),
        (Fault::UploadUrlOfDirectoryMissing, "201 201 404"),
        (Fault::SlashesMerged, "405 201 201"),
    ] {
        checks
            .check(fault, upload_urls, "201 201 201", faulty)
            .await;
    }
    let uploads = async |b: &Bench| {
        let user = b.user().await;
        let tidy = user.upload("config/exp", "f", b"contents").await.status;
        let empty = user.upload("config/exp/", "f", b"contents").await.status;
        format!("{tidy} {empty}")
    };
    checks
        .check(
            Fault::UploadEmptySegmentMissing,
            uploads,
            "201 201",
            "201 404",
        )
        .await;
    let plus = async |b: &Bench| {
        let user = b.user().await;
        user.upload("data/d", "1+1", b"contents").await;
        let paths = ["/files/data/d/1+1/url", "/files/data/d/1%2B1/url"];
        statuses(&user, &paths.map(|path| ("GET", path))).await
    };
    checks
        .check(Fault::PathPlusBecomesSpace, plus, "200 200", "404 200")
        .await;
    let booleans = async |b: &Bench| {
        let paths = [
            "/files//?show_dirs=True&recursive=False",
            "/files/config/?show_dirs=false&recursive=true",
        ];
        statuses(&b.user().await, &paths.map(|path| ("GET", path))).await
    };
    for (fault, faulty) in [
        (Fault::ListRefusesCapitalBooleans, "422 200"),
        (Fault::ListRefusesLowerCaseBooleans, "200 422"),
    ] {
        checks.check(fault, booleans, "200 200", faulty).await;
    }
    let folders = async |b: &Bench| {
        let paths = ["/files/new/", "/files/config/new/", "/files/config/a/new/"];
        statuses(&b.user().await, &paths.map(|path| ("POST", path))).await
    };
    for (fault, faulty) in [
        (Fault::NewFolderInRootAccepted, "201 201 201"),
        (Fault::NewFolderWithoutParentRefused, "405 201 404"),
    ] {
        checks.check(fault, folders, "405 201 201", faulty).await;
    }
}

async fn new_paths(checks: &mut Checks) {
    let predefined = async |b: &Bench| {
        let user = b.user().await;
        let mut statuses = Vec::new();
        for new in ["/logs/", "logs/"] {
            let new = json!({ "path": new });
            let answer = user.json("PUT", "/files/log/", &new).await;
            statuses.push(answer.status.to_string());
        }
        statuses.join(" ")
    };
    checks
        .check(
            Fault::RenamePredefinedInRootAccepted,
            predefined,
            "405 405",
            "200 405",
        )
        .await;
    let renames = async |b: &Bench| {
        let user = b.user().await;
        let mut statuses = Vec::new();
        for new in ["config//newer", "config/newer/", "config/newer"] {
            user.request("POST", "/files/config/new/").send().await;
            let new = json!({ "path": new });
            let answer = user.json("PUT", "/files/config/new/", &new).await;
            statuses.push(answer.status.to_string());
            for left in ["new/", "newer/", "newer"] {
                user.delete(&format!("/files/config/{left}")).await;
            }
        }
        statuses.join(" ")
    };
    for (fault, faulty) in [
        (Fault::RenameEmptySegmentMissing, "404 200 200"),
        (Fault::RenameFolderSlashRefused, "200 405 200"),
    ] {
        checks.check(fault, renames, "200 200 200", faulty).await;
    }
}

/// Uploads a file of this media type, the fields as they come.
async fn upload(user: &Session, directory: &str, name: &str, media_type: &str) -> Answer {
    let url = format!("/files/{directory}/url");
    let form = user.request("POST", &url).send().await.json();
    let file = format!("name=\"file\"; filename=\"{name}\"\r\nContent-Type: {media_type}");
    filled(&form, part(&file, b"contents")).send().await
}

async fn uploads(checks: &mut Checks) {
    let directory = async |b: &Bench| {
        let user = b.user().await;
        upload(&user, "config/exp/sub", "exp/sub/f", "text/plain").await;
        listed(&user, &format!("config/exp/{ALL}")).await
    };
    let (single, double) = ("config/exp/sub/f", "config/exp/sub/exp/sub/f");
    checks
        .check(Fault::UploadDropsDirectories, directory, double, single)
        .await;
    checks
        .check(Fault::UploadKeepsDirectories, directory, single, double)
        .await;
    let typed = async |b: &Bench| {
        let user = b.user().await;
        let mut statuses = Vec::new();
        for media_type in ["text/plain", "application/octet-stream"] {
            let answer = upload(&user, "data/d", "f", media_type).await;
            statuses.push((answer.status / 100).to_string());
        }
        statuses.join(" ")
    };
    checks
        .check(Fault::UploadWantsOctetStream, typed, "2 2", "4 2")
        .await;
    let sorted = async |b: &Bench| {
        let user = b.user().await;
        upload(&user, "data/d", "f", "text/plain")
            .await
            .status
            .to_string()
    };
    checks
        .check(Fault::FormWantsSortedFields, sorted, "204", "400")
        .await;
}

async fn refusals(checks: &mut Checks) {
    let kinds = async |b: &Bench| {
        let user = b.user().await;
        let not_allowed = user.request("POST", "/files//url").send().await;
        let invalid = user.json("POST", "/jobs", &json!({})).await.json();
        let content_type = header(&not_allowed, "content-type");
        let reason = invalid["detail"][0]["msg"].as_str().unwrap_or("-");
        format!("{} {content_type}, {reason}", not_allowed.status)
    };
    for (fault, faulty) in [
        (Fault::NotAllowedAsText, "405 text/plain, Field required"),
        (Fault::InvalidFieldsAsText, "405 application/json, -"),
        (Fault::InvalidFieldsLackReason, "405 application/json, "),
    ] {
        let sound = "405 application/json, Field required";
        checks.check(fault, kinds, sound, faulty).await;
    }
}

async fn forms(checks: &mut Checks) {
    let submitted = async |b: &Bench| {
        let user = b.user().await;
        user.upload_inputs().await;
        let mut seen = Vec::new();
        for (member, value) in [
            ("/environment", json!("null")),
            ("/priority", json!("")),
            ("/environment", Value::Null),
            ("/hardware/gpu_model", json!("")),
            ("/environment", json!("cloud")),
        ] {
            let mut form = waiting("run");
            form["hardware"]["gpu_model"] = Value::Null;
            *form.pointer_mut(member).unwrap() = value;
            let answer = user.json("POST", "/jobs", &form).await;
            let mut told = answer.status.to_string();
            if answer.status == 201 {
                let job = answer.json();
                told = format!("{told} {}", job["environment"]);
                user.delete(&format!("/jobs/{}", job["id"])).await;
            }
            seen.push(told);
        }
        seen.join(", ")
    };
    let (text, number) = ("422", "422");
    let (null, empty) = ("201 null", r#"201 "local""#);
    let cloud = r#"201 "cloud""#;
    let sound = [text, number, null, empty, cloud].join(", ");
    for (fault, at, faulty) in [
        (Fault::JobTextNullAccepted, 0, "201 null"),
        (Fault::JobEmptyNumbersAccepted, 1, r#"201 "local""#),
        (Fault::JobNullEnvironmentRefused, 2, "422"),
        (Fault::JobAnyEnvironmentBecomesLocal, 2, r#"201 "local""#),
        (Fault::JobEmptyTextsRefused, 3, "422"),
        (Fault::JobCloudRefused, 4, "422"),
    ] {
        let mut expected = [text, number, null, empty, cloud];
        expected[at] = faulty;
        checks
            .check(fault, submitted, &sound, &expected.join(", "))
            .await;
    }
}

async fn inputs(checks: &mut Checks) {
    let named = async |b: &Bench| {
        let user = b.user().await;
        user.upload_inputs().await;
        let mut statuses = Vec::new();
        for config in ["exp", "exp/", "exp/param_run_in.yaml"] {
            let mut form = waiting(&config.replace('/', "_"));
            form["attributes"]["files_down"]["config_id"] = json!(config);
            let answer = user.json("POST", "/jobs", &form).await;
            statuses.push(answer.status.to_string());
        }
        statuses.join(" ")
    };
    checks
        .check(Fault::JobFileRefused, named, "201 201 201", "201 201 400")
        .await;
    let variables = async |b: &Bench| {
        let offered = b.user().await.get("/jobs/applications").await.json();
        offered["comet"]["latest"]["run"]["app"]["env"].to_string()
    };
    checks
        .check(Fault::ApplicationsNullEnvOfComet, variables, "[]", "null")
        .await;
}

async fn lists(checks: &mut Checks) {
    let pages = async |b: &Bench| {
        let user = b.user().await;
        user.upload_inputs().await;
        for name in ["a", "b", "c"] {
            user.submit(&waiting(name)).await;
        }
        let mut pages = Vec::new();
        for offset in [0, 2] {
            let page = user.get(&format!("/jobs?offset={offset}&limit=2")).await;
            let page = page.json();
            let jobs = page.as_array().unwrap().iter();
            let mut names: Vec<_> = jobs.map(|job| job["job_name"].as_str().unwrap()).collect();
            names.sort_unstable();
            pages.push(names.concat());
        }
        pages.join(" ")
    };
    for (fault, faulty) in [
        (Fault::JobListRepeatsFirstPage, "ab ab"),
        (Fault::JobListPageLacksOne, "a c"),
    ] {
        checks.check(fault, pages, "ab c", faulty).await;
    }
}

async fn sign_in(checks: &mut Checks) {
    let members = async |b: &Bench| {
        let account = &b.stack.accounts()[0];
        let client = &b.stack.ids().client;
        let password = json!({ "USERNAME": account.email, "PASSWORD": account.password });
        let mut body = json!({
            "AuthFlow": "USER_PASSWORD_AUTH", "ClientId": client, "AuthParameters": password,
        });
        let tokens = b.cognito("InitiateAuth", &body).await.json();
        body["ClientMetadata"] = json!({});
        let metadata = b.cognito("InitiateAuth", &body).await.status;
        let token = &tokens["AuthenticationResult"]["RefreshToken"];
        let body = json!({
            "AuthFlow": "REFRESH_TOKEN_AUTH",
            "ClientId": client,
            "AuthParameters": { "REFRESH_TOKEN": token, "DEVICE_KEY": null },
        });
        let device = b.cognito("InitiateAuth", &body).await.status;
        format!("{metadata} {device}")
    };
    for (fault, faulty) in [
        (Fault::CognitoRefusesClientMetadata, "400 200"),
        (Fault::CognitoRefusesNullDevice, "200 400"),
    ] {
        checks.check(fault, members, "200 200", faulty).await;
    }
    let types = async |b: &Bench| {
        let body = json!({ "AccessToken": "nonsense" });
        let answer = b.cognito("GetUser", &body).await;
        let in_body = answer.json()["__type"].as_str().unwrap().to_owned();
        format!("{} {in_body}", header(&answer, "x-amzn-errortype"))
    };
    checks
        .check(
            Fault::CognitoErrorTypesDiffer,
            types,
            "NotAuthorizedException: NotAuthorizedException",
            "InternalErrorException: NotAuthorizedException",
        )
        .await;
}
