//! Tokens and forms that have expired or are meant for another client. A test needs them to see
//! them refused, and only the stack can sign them.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use jsonwebtoken::{Algorithm, Header};
use serde_json::{Value, json};

use crate::{
    cognito::{Account, Cognito},
    files::{FileSystem, Storage, UserFiles},
};

/// Longer than any token or form is valid.
const HOUR: SignedDuration = SignedDuration::from_hours(1);

/// Settings for an `.env` file, all about the first account.
pub(crate) async fn settings(cognito: &Cognito, files: &FileSystem) -> Vec<(String, String)> {
    let Some(account) = cognito.accounts().first() else {
        return Vec::new();
    };
    let client = cognito.ids().client.as_str();
    let now = Timestamp::now();
    let mut settings = vec![
        (
            "EXPIRED_TOKEN",
            token(cognito, account, client, now - 2 * HOUR).await,
        ),
        (
            "OTHER_CLIENT_TOKEN",
            token(cognito, account, "another-client", now).await,
        ),
    ];
    if let (Storage::S3(bucket), UserFiles::S3(user)) = (&files.storage, files.of(&account.sub)) {
        let form = bucket.signer.presign_post(
            now - HOUR,
            &bucket.endpoint,
            &bucket.name,
            &user.prefix("data"),
            Duration::from_secs(600),
        );
        settings.push(("EXPIRED_UPLOAD", form.to_json().to_string()));
    }
    settings
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value))
        .collect()
}

/// An ID token that is valid except for its age or its client.
async fn token(cognito: &Cognito, account: &Account, client: &str, issued: Timestamp) -> String {
    let mut header = Header::new(Algorithm::RS256);
    header.kid = Some(cognito.kid().await);
    let claims: Value = json!({
        "sub": account.sub,
        "cognito:groups": account.groups,
        "iss": cognito.ids().issuer(),
        "aud": client,
        "token_use": "id",
        "auth_time": issued.as_second(),
        "iat": issued.as_second(),
        "exp": (issued + HOUR).as_second(),
        "cognito:username": account.sub,
        "email": account.email,
    });
    cognito.sign(&header, &claims).await
}
