//! Signs the accounts of the settings in.

use opencloud_model::{
    event::Failure,
    settings::{Environment, Part, Settings},
};
use secrecy::ExposeSecret;

use crate::{
    cognito::{Cognito, SignInError},
    session::Session,
    token::Claims,
};

/// Signs in the account that has this part, and checks that it is one for this part.
pub(super) async fn sign_in(
    cognito: Cognito,
    settings: &Settings,
    part: Part,
) -> Result<Session, Failure> {
    let [email_key, password_key] = part.keys(settings.environment);
    let Some(account) = settings.account_of(part).cloned() else {
        return Err(Failure::input(format!(
            "{email_key} and {password_key} are not set. For the embedded stack, `cargo e2e stack --write-env \
             .env` writes them"
        )));
    };
    let email = account.email.clone();
    let client = cognito.client_id().to_owned();
    let issuer = cognito.expected_claims().issuer.clone();
    // The accounts of the embedded OpenCloud are not the user's input.
    let is_given = settings.environment != Environment::Embedded;
    let session = Session::start(cognito, account)
        .await
        .map_err(|error| match (error.concerns_the_client(), error) {
            (_, SignInError::Http(failure)) => {
                let mut failure = Failure::from(failure);
                if let (true, Some(endpoint)) = (is_given, &settings.cognito_endpoint) {
                    failure.message.extend([
                        "; AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER of this run is ",
                        endpoint,
                        ": is that Cognito's address?",
                    ]);
                }
                failure
            }
            (Some(why), error) => Failure::stack(format!(
                "the UserAPI's access info names the client {client:?} of the pool {issuer}, with which \
                 no page can sign in: {why}\n{error}{}",
                other_client(&client, settings)
            )),
            (None, error) if error.concerns_the_account() => {
                let message = format!(
                    "{email} ({email_key}) cannot sign in with {password_key}, at the client {client:?} of the pool \
                     {issuer}, which the UserAPI names: {error}{}",
                    other_client(&client, settings)
                );
                if is_given {
                    Failure::input(message)
                } else {
                    Failure::stack(message)
                }
            }
            (None, error) => Failure::stack(format!(
                "{email} ({email_key}) cannot sign in, at the client {client:?} of the pool {issuer}, which the \
                 UserAPI names: {error}{}",
                other_client(&client, settings)
            )),
        })?;
    if is_given {
        check_groups(&session, part).await.map_err(|objection| {
            Failure::input(format!(
                "{email} ({email_key}) {objection}: name another account, or let an administrator of the pool change \
                 its groups"
            ))
        })?;
    }
    Ok(session)
}

/// Fails if the account's groups, on which both of its tokens agree, keep it from its part.
async fn check_groups(session: &Session, part: Part) -> Result<(), String> {
    let (Ok(id), Ok(access)) = (session.token().await, session.access_token().await) else {
        return Ok(());
    };
    let [id, access] =
        [id, access].map(|token| Claims::of(token.expose_secret()).unwrap_or_default());
    let [id, access] = [&id, &access].map(|claims| {
        let mut groups = claims.groups().unwrap_or_default();
        groups.sort_unstable();
        groups
    });
    match part.objection(&id) {
        Some(objection) if id == access => Err(objection),
        _ => Ok(()),
    }
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
