//! Every call of the frontend's, as a request that any page can send. No request changes anything
//! outside the caller's own directory, even if a faulty service accepts it.

use opencloud_model::{
    service::Service,
    settings::{Account, Environment},
};
use secrecy::SecretString;
use serde_json::json;
use web_sys::Blob;

use crate::{
    accounts,
    cognito::Cognito,
    http::Request,
    suite::Suite,
    transfer,
    user_api::{
        CallError, Endpoint, UserApi,
        endpoint::{Example, MISSING_JOB},
    },
};

/// A call of the frontend's.
#[derive(Clone, Debug)]
pub struct FrontendCall {
    /// What the frontend does with it.
    pub name: String,
    /// The request.
    pub request: Request,
    /// Whether the UserAPI demands a user's token.
    pub needs_token: bool,
}

/// All calls, without a token. `directory` is the caller's own, ends in a slash and holds `file` with
/// `content`.
pub async fn all(
    suite: &Suite,
    directory: &str,
    file: &str,
    content: &Blob,
) -> Result<Vec<FrontendCall>, CallError> {
    let api = &suite.api;
    let cognito = suite.session.cognito();
    let path = format!("{directory}{file}");
    // Cognito refuses this token, in an answer that every page may read.
    let token = SecretString::from("none");
    let upload = transfer::upload_request(api.upload_spec(directory).await?, content, file);
    let download = transfer::download_request(api.download_spec(&path).await?, file);
    let other = |name: &str, request: Request| FrontendCall {
        name: name.into(),
        needs_token: request.service == Service::UserApi,
        // The UserAPI has returned the user's token for the transfers.
        request: request.without_header("authorization"),
    };
    let mut calls = Vec::new();
    for endpoint in Endpoint::ALL {
        let examples = endpoint.examples().iter();
        calls.extend(examples.map(|example| call(api, *endpoint, *example, directory, &path)));
    }
    calls.extend([
        other("upload a file", upload),
        other("download a file", download),
        other("sign in", cognito.refresh_request(&token)),
        other("get the signed-in user", cognito.user_request(&token)),
        other("sign out", cognito.revoke_request(&token)),
    ]);
    // The emulator of the local services fails on it.
    let lacks_resend = suite.settings.environment == Environment::Local;
    let of_accounts = account_requests(cognito).into_iter();
    let of_accounts = of_accounts.filter(|(name, _)| !(lacks_resend && *name == RESEND));
    calls.extend(of_accounts.map(|(name, request)| other(name, request)));
    Ok(calls)
}

const RESEND: &str = "send the code again";

/// The calls for accounts, which Cognito refuses: for an address that has no account and that no mail
/// reaches, with a password that no pool allows.
fn account_requests(cognito: &Cognito) -> [(&'static str, Request); 6] {
    let nobody = Account {
        email: accounts::new_address(),
        password: "x".into(),
    };
    let (email, none) = (nobody.email.as_str(), SecretString::from("000000"));
    [
        ("register", cognito.sign_up_request(&nobody, "none")),
        ("confirm an address", cognito.confirm_request(email, &none)),
        (RESEND, cognito.resend_request(email)),
        ("forget a password", cognito.forgot_password_request(email)),
        (
            "set a password",
            cognito.reset_password_request(&nobody, &none),
        ),
        (
            "choose a first password",
            cognito.new_password_request(&nobody, &none),
        ),
    ]
}

fn call(
    api: &UserApi,
    endpoint: Endpoint,
    example: Example,
    directory: &str,
    file: &str,
) -> FrontendCall {
    let missing = format!("{file}.missing");
    let (parameters, subject): (&[&str], _) = match example {
        Example::Plain | Example::EmptyJson => (&[], ""),
        Example::Root => (&["/"], "the root"),
        Example::Directory => (&[directory], "a directory"),
        Example::File => (&[file], "a file"),
        Example::MissingFile | Example::NewPath => (&[&missing], "a file"),
        Example::MissingJob => (&[MISSING_JOB], MISSING_JOB),
        Example::FirstPage => (&["0", "20"], ""),
    };
    let request = api.request(endpoint, parameters);
    FrontendCall {
        name: endpoint.name(subject),
        request: match example {
            Example::EmptyJson => request.json(&json!({})),
            Example::NewPath => request.json(&json!({ "path": file })),
            _ => request,
        },
        needs_token: endpoint.needs_token(),
    }
}
