//! Sessions: refreshed, expired, revoked, and kept over a restart.

use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use jsonwebtoken::{Algorithm, Header};
use serde_json::{Value, json};

use super::service::{Service, lifetimes, refused};

/// The claims of a token, unverified.
fn claims(token: &Value) -> Value {
    let payload = token.as_str().unwrap().split('.').nth(1).unwrap();
    let json = BASE64_URL_SAFE_NO_PAD.decode(payload).unwrap();
    serde_json::from_slice(&json).unwrap()
}

fn not_authorized(message: &str) -> (u16, Value) {
    refused("NotAuthorizedException", message)
}

#[tokio::test]
async fn a_refresh_yields_new_tokens_of_the_same_session() {
    let s = Service::start().await;
    let first = s.sign_in("user").await;
    let (status, answer) = s.refresh(&first["RefreshToken"]).await;
    assert_eq!(status, 200);
    assert_eq!(answer["ChallengeParameters"], json!({}));
    let second = &answer["AuthenticationResult"];
    assert!(second.get("RefreshToken").is_none());
    for token in ["IdToken", "AccessToken"] {
        let (before, after) = (claims(&first[token]), claims(&second[token]));
        for same in ["origin_jti", "auth_time", "sub", "token_use"] {
            assert_eq!(before[same], after[same], "{token} {same}");
        }
        assert_ne!(before["jti"], after["jti"], "{token}");
    }
    let alias = json!({"REFRESH_TOKEN": first["RefreshToken"]});
    assert_eq!(s.initiate("REFRESH_TOKEN", alias).await.0, 200);
}

#[tokio::test]
async fn tokens_come_from_a_refresh_token_without_a_flow() {
    let s = Service::start().await;
    let first = s.sign_in("user").await;
    let client = &s.cognito.ids().client;
    let get = async |client: &str, token: &Value| {
        let body = json!({"ClientId": client, "RefreshToken": token});
        s.call("GetTokensFromRefreshToken", body).await
    };
    let (status, answer) = get(client, &first["RefreshToken"]).await;
    assert_eq!(status, 200);
    let second = &answer["AuthenticationResult"];
    assert_eq!(
        claims(&second["IdToken"])["origin_jti"],
        claims(&first["IdToken"])["origin_jti"]
    );
    assert_eq!(second.get("RefreshToken"), None);
    assert_eq!(
        get(client, &json!("bogus")).await,
        not_authorized("Invalid Refresh Token")
    );
    let unknown = "User pool client other does not exist.";
    assert_eq!(
        get("other", &first["RefreshToken"]).await,
        refused("ResourceNotFoundException", unknown)
    );
    let revoke = json!({"ClientId": client, "Token": first["RefreshToken"]});
    assert_eq!(s.call("RevokeToken", revoke).await.0, 200);
    assert_eq!(
        get(client, &first["RefreshToken"]).await,
        not_authorized("Refresh Token has been revoked")
    );
}

#[tokio::test]
async fn a_refresh_token_is_refused_with_its_reason() {
    let s = Service::start().await;
    assert_eq!(
        s.refresh(&json!("bogus")).await,
        not_authorized("Invalid Refresh Token")
    );
    let result = s.sign_in("user").await;
    assert_eq!(
        s.refresh(&result["AccessToken"]).await,
        not_authorized("Invalid Refresh Token")
    );
    let short = Service::with_config(lifetimes(3600, 0)).await;
    let result = short.sign_in("user").await;
    assert_eq!(
        short.refresh(&result["RefreshToken"]).await,
        not_authorized("Refresh Token has expired")
    );
}

#[tokio::test]
async fn a_revoked_session_ends_and_no_other() {
    let s = Service::start().await;
    let (first, second) = (s.sign_in("user").await, s.sign_in("user").await);
    let client = &s.cognito.ids().client;
    let revoke = json!({"ClientId": client, "Token": first["RefreshToken"]});
    assert_eq!(s.call("RevokeToken", revoke.clone()).await.0, 200);
    assert_eq!(
        s.refresh(&first["RefreshToken"]).await,
        not_authorized("Refresh Token has been revoked")
    );
    assert_eq!(
        s.get_user(&first["AccessToken"]).await,
        not_authorized("Access Token has been revoked")
    );
    assert_eq!(s.refresh(&second["RefreshToken"]).await.0, 200);
    assert_eq!(s.get_user(&second["AccessToken"]).await.0, 200);
    // Again, and what is not a token: RFC 7009 knows no error for either.
    assert_eq!(s.call("RevokeToken", revoke).await.0, 200);
    let bogus = json!({"ClientId": client, "Token": "bogus"});
    assert_eq!(s.call("RevokeToken", bogus).await.0, 200);
    let foreign = json!({"ClientId": "other", "Token": second["RefreshToken"]});
    assert_eq!(
        s.call("RevokeToken", foreign).await,
        refused("UnauthorizedException", "Invalid client id")
    );
    for token in [&second["AccessToken"], &second["IdToken"]] {
        let other_kind = json!({"ClientId": client, "Token": token});
        assert_eq!(
            s.call("RevokeToken", other_kind).await,
            refused("UnsupportedTokenTypeException", "Unsupported token type")
        );
    }
    assert_eq!(s.refresh(&second["RefreshToken"]).await.0, 200);
}

#[tokio::test]
async fn a_global_sign_out_ends_all_sessions_of_the_user() {
    let s = Service::start().await;
    let (first, second) = (s.sign_in("user").await, s.sign_in("user").await);
    let other = s.sign_in("second").await;
    let body = json!({"AccessToken": first["AccessToken"]});
    assert_eq!(s.call("GlobalSignOut", body).await, (200, json!({})));
    for result in [first, second] {
        assert_eq!(s.refresh(&result["RefreshToken"]).await.0, 400);
        assert_eq!(s.get_user(&result["AccessToken"]).await.0, 400);
    }
    assert_eq!(s.refresh(&other["RefreshToken"]).await.0, 200);
}

#[tokio::test]
async fn get_user_takes_a_valid_access_token_of_this_pool_only() {
    let s = Service::start().await;
    let result = s.sign_in("user").await;
    let (status, user) = s.get_user(&result["AccessToken"]).await;
    assert_eq!(status, 200);
    assert_eq!(user["Username"], json!(s.account("user").sub));
    let email = json!({"Name": "email", "Value": "user@opencloud.test"});
    assert!(user["UserAttributes"].as_array().unwrap().contains(&email));

    let invalid = not_authorized("Invalid Access Token");
    let foreign = Service::fresh().await.sign_in("user").await;
    let token = result["AccessToken"].as_str().unwrap();
    let (signed, signature) = token.rsplit_once('.').unwrap();
    let first = if signature.starts_with('A') { "B" } else { "A" };
    let tampered = format!("{signed}.{first}{}", &signature[1..]);
    for token in [
        json!("bogus"),
        json!(""),
        json!(tampered),
        result["IdToken"].clone(),
        result["RefreshToken"].clone(),
        foreign["AccessToken"].clone(),
    ] {
        assert_eq!(s.get_user(&token).await, invalid, "{token}");
    }
    let short = Service::with_config(lifetimes(0, 3600)).await;
    let result = short.sign_in("user").await;
    assert_eq!(
        short.get_user(&result["AccessToken"]).await,
        not_authorized("Access Token has expired")
    );
    let missing = s.call("GetUser", json!({})).await.1;
    assert_eq!(missing["__type"], "InvalidParameterException");
}

#[tokio::test]
async fn each_claim_of_an_access_token_counts() {
    let s = Service::start().await;
    let right = claims(&s.sign_in("user").await["AccessToken"]);
    let mut header = Header::new(Algorithm::RS256);
    header.kid = Some(s.cognito.kid().await);
    let signed = async |claims: &Value| {
        let token = s.cognito.sign(&header, claims).await;
        s.get_user(&json!(token)).await
    };
    assert_eq!(signed(&right).await.0, 200);
    for name in ["token_use", "client_id", "iss", "origin_jti"] {
        let mut wrong = right.clone();
        wrong[name] = json!("other");
        let invalid = not_authorized("Invalid Access Token");
        assert_eq!(signed(&wrong).await, invalid, "{name}");
    }
}

#[tokio::test]
async fn a_pool_outlives_a_restart() {
    let s = Service::fresh().await;
    let result = s.sign_in("user").await;
    let (ids, accounts) = (s.cognito.ids().clone(), s.cognito.accounts().to_vec());
    let jwks = s.cognito.jwks().await;
    let again = s.restart().await;
    assert_eq!(*again.cognito.ids(), ids);
    assert_eq!(again.cognito.accounts(), accounts);
    assert_eq!(again.cognito.jwks().await, jwks);
    assert_eq!(again.get_user(&result["AccessToken"]).await.0, 200);
    assert_eq!(again.refresh(&result["RefreshToken"]).await.0, 200);
}

#[tokio::test]
async fn each_database_has_ids_and_passwords_of_its_own() {
    let (a, b) = (Service::fresh().await, Service::fresh().await);
    assert_ne!(a.cognito.ids(), b.cognito.ids());
    assert_ne!(a.account("user").password, b.account("user").password);
    assert_ne!(a.cognito.jwks().await, b.cognito.jwks().await);
    let ids = a.cognito.ids();
    let (region, pool) = ids.user_pool.split_once('_').unwrap();
    assert_eq!((region, pool.len()), ("eu-central-1", 9));
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
    assert!(ids.client.len() == 26 && ids.client.chars().all(plain));
}
