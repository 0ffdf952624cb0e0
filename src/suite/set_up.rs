//! The steps by which the first test of a run sets up what all tests share.

use opencloud_model::{
    event::Failure,
    redact,
    service::Service,
    settings::{Environment, Settings},
};
use secrecy::ExposeSecret;

use crate::{
    cognito::{Cognito, SignInError},
    http::{self, Http, Problem, Request},
    page,
    session::Session,
    user_api::{Endpoint, access},
};

/// Reads the settings from `.env`, and checks that the page has the origin of the frontend.
pub(super) async fn read_settings(http: &Http) -> Result<Settings, Failure> {
    let origin = page::origin();
    let request = Request::get(Service::Page, "read .env", format!("{origin}/.env"));
    let ourselves = |failure: http::Failure| Failure::ourselves(failure.to_string());
    let answer = http.expect(request, &[200, 404]).await.map_err(ourselves)?;
    let dotenv = match answer.status() {
        200 => Some(answer.text().await.map_err(ourselves)?),
        _ => None,
    };
    let settings =
        Settings::read(dotenv.as_deref(), []).map_err(|error| Failure::input(error.to_string()))?;
    for secret in settings.secrets() {
        redact::learn(secret.expose_secret());
    }
    if origin != settings.frontend {
        return Err(Failure::ourselves(format!(
            "the page's origin is {origin}, but the frontend's is {}",
            settings.frontend
        )));
    }
    Ok(settings)
}

/// Gets the access info, which is the first answer of the OpenCloud under test.
pub(super) async fn find(http: &Http, settings: &Settings) -> Result<access::AccessInfo, Failure> {
    let address = Endpoint::AccessInfo.request(&settings.user_api, &[]);
    http.set_public_address(Service::UserApi, address.bare_url().to_owned());
    access::access_info(http, &settings.user_api)
        .await
        .map_err(|failure| match &failure.problem {
            Problem::Unreachable(_) | Problem::TimedOut { .. } => {
                Failure::stack(unreachable(settings))
            }
            _ => failure.into(),
        })
}

/// The message that no OpenCloud answers, and how to start one.
fn unreachable(settings: &Settings) -> String {
    let Settings {
        environment,
        user_api,
        ..
    } = settings;
    let hint = match environment {
        Environment::Embedded => {
            "start one and run the suite against it:  cargo e2e\n\
             or serve one for wasm-pack test:         cargo e2e stack --write-env .env"
        }
        Environment::Local => {
            "start it and run the suite against it:  cargo e2e --local\n\
             or start it by `docker compose up`, or correct USERFACING_API_URL in .env"
        }
        Environment::Dev | Environment::Prod => {
            "check the network and USERFACING_API_URL in .env, or test the embedded stack: cargo e2e"
        }
    };
    format!("no OpenCloud answered at {user_api} (environment {environment})\n{hint}")
}

/// Signs the user of the run in.
pub(super) async fn sign_in(cognito: Cognito, settings: &Settings) -> Result<Session, Failure> {
    let (email_key, password_key) = settings.environment.account_keys();
    let Some(account) = settings.account.clone() else {
        return Err(Failure::input(format!(
            "{email_key} and {password_key} are missing in .env. For the embedded stack, \
             `cargo e2e stack --write-env .env` writes them"
        )));
    };
    let email = account.email.clone();
    let client = cognito.client_id().to_owned();
    let issuer = cognito.expected_claims().issuer.clone();
    Session::start(cognito, account)
        .await
        .map_err(|error| match (error.concerns_the_client(), error) {
            (_, SignInError::Http(failure)) => failure.into(),
            (Some(why), error) => Failure::stack(format!(
                "the UserAPI's access info names the client {client:?} of the pool {issuer}, with which \
                 no page can sign in: {why}\n{error}{}",
                other_client(&client, settings)
            )),
            (None, error) => {
                let message = format!(
                    "{email} ({email_key} in .env) cannot sign in with {password_key}, at the client {client:?} of \
                     the pool {issuer}, which the UserAPI names: {error}{}",
                    other_client(&client, settings)
                );
                // The accounts of the embedded OpenCloud are not the user's input.
                let is_embedded = settings.environment == Environment::Embedded;
                if !is_embedded && error.concerns_the_account() {
                    Failure::input(message)
                } else {
                    Failure::stack(message)
                }
            }
        })
}

/// The end of a message if the client is not that of the settings.
fn other_client(client: &str, settings: &Settings) -> String {
    match &settings.client_id {
        Some(known) if known != client => format!(
            "; the UserAPI's access info names the client {client:?}, but COGNITO_CLIENT_ID is \
             {known:?}"
        ),
        _ => String::new(),
    }
}
