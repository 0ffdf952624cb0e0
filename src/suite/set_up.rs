//! The steps by which the first test of a run sets up what all tests share.

use opencloud_model::{
    cause::Cause,
    event::Failure,
    redact,
    service::Service,
    settings::{DRIVEN, Environment, Settings},
};
use secrecy::ExposeSecret;

use crate::{
    http::{self, Http, Problem, Request},
    page,
    user_api::{Endpoint, access},
};

/// Reads the settings from `.env`, and checks that the page has the origin of the frontend.
pub(super) async fn read_settings(http: &Http) -> Result<Settings, Failure> {
    let origin = page::origin();
    let request = Request::get(Service::Page, "read .env", format!("{origin}/.env"));
    let ourselves = |failure: http::Failure| Failure::ourselves(failure.to_string());
    let answer = http.expect(request, &[200, 404]).await.map_err(ourselves)?;
    if answer.header(DRIVEN).is_some() {
        page::set_driven();
    }
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
    let welcome = format!("{}/", settings.user_api);
    let addresses = vec![address.bare_url().to_owned(), welcome];
    http.set_public_addresses(Service::UserApi, addresses);
    let failure = match access::access_info(http, &settings.user_api).await {
        Ok(info) => return Ok(info),
        Err(failure) => failure,
    };
    if matches!(
        failure.problem,
        Problem::Unreachable(_) | Problem::TimedOut { .. }
    ) {
        return Err(Failure::stack(unreachable(settings)));
    }
    let hint = match settings.environment {
        // Its addresses are not the user's.
        Environment::Embedded => None,
        _ => hint(http, settings, &failure.problem).await,
    };
    let mut failure = Failure::from(failure);
    if let Some(hint) = hint {
        failure.message.extend(["; ", &hint]);
    }
    Err(failure)
}

/// What the settings may have to do with the problem of the first request.
async fn hint(http: &Http, settings: &Settings, problem: &Problem) -> Option<String> {
    let (user_api, frontend) = (&settings.user_api, &settings.frontend);
    let looks_like = |service: Service| {
        Some(format!(
            "USERFACING_API_URL is {user_api}, and what answers there looks like {service}"
        ))
    };
    match problem {
        Problem::Blocked {
            cause: Cause::NoAllowOrigin,
            ..
        } => Some(format!(
            "or FRONTEND_URL of this run, {frontend}, is not the frontend of this deployment, or \
             USERFACING_API_URL, {user_api}, not its UserAPI"
        )),
        Problem::Blocked {
            cause: Cause::OtherOrigin { .. } | Cause::PreflightRefused { .. },
            ..
        } => Some(format!(
            "or FRONTEND_URL of this run, {frontend}, is not the frontend of this deployment"
        )),
        Problem::Blocked {
            cause: Cause::Between(answer),
            ..
        } if answer.server.as_deref() == Some(S3) => looks_like(Service::S3),
        Problem::Status { body, .. } if body.contains("\"__type\"") => looks_like(Service::Cognito),
        Problem::Status { body, .. } if body.contains("<Code>") => looks_like(Service::S3),
        Problem::Status {
            status: 404 | 405, ..
        } => {
            let (origin, path) = url::Url::parse(user_api)
                .map(|url| (url.origin().ascii_serialization(), url.path().to_owned()))
                .ok()?;
            let is_there = path != "/" && access::access_info(http, &origin).await.is_ok();
            Some(if is_there {
                format!("USERFACING_API_URL has the path {path}; without it a UserAPI answers")
            } else {
                format!("USERFACING_API_URL is {user_api}: is it the address of a UserAPI?")
            })
        }
        _ => None,
    }
}

/// What S3 calls itself.
const S3: &str = "AmazonS3";

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
             or start it by `docker compose up`, or correct USERFACING_API_URL"
        }
        Environment::Dev | Environment::Prod => {
            "check the network and USERFACING_API_URL, or test the embedded stack: cargo e2e"
        }
    };
    format!("no OpenCloud answered at {user_api} (environment {environment})\n{hint}")
}
