//! Signing in by password, and what the tokens say.

use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use jsonwebtoken::{Algorithm, DecodingKey, Header, Validation, jwk::JwkSet};
use serde_json::{Value, json};

use super::service::{Service, refused};

/// Checks a token against the published keys, and reads it.
async fn verified(s: &Service, token: &Value) -> (Header, Value) {
    let token = token.as_str().unwrap();
    let pool = &s.cognito.ids().user_pool;
    let url = format!("{}{pool}/.well-known/jwks.json", s.url);
    let keys: JwkSet = s
        .client
        .get(url)
        .send()
        .await
        .unwrap()
        .json()
        .await
        .unwrap();
    let header = jsonwebtoken::decode_header(token).unwrap();
    let jwk = keys.find(header.kid.as_ref().unwrap()).unwrap();
    let mut validation = Validation::new(Algorithm::RS256);
    validation.validate_aud = false;
    let key = DecodingKey::from_jwk(jwk).unwrap();
    let token = jsonwebtoken::decode(token, &key, &validation).unwrap();
    (header, token.claims)
}

fn names(claims: &Value) -> Vec<&str> {
    let mut names: Vec<&str> = claims
        .as_object()
        .unwrap()
        .keys()
        .map(String::as_str)
        .collect();
    names.sort_unstable();
    names
}

#[tokio::test]
async fn an_id_token_identifies_the_user() {
    let s = Service::start().await;
    let result = s.sign_in("user").await;
    let (header, claims) = verified(&s, &result["IdToken"]).await;
    assert_eq!((header.alg, header.typ), (Algorithm::RS256, None));
    assert_eq!(header.kid, Some(s.cognito.kid().await));
    let expected = [
        "aud",
        "auth_time",
        "cognito:groups",
        "cognito:username",
        "email",
        "email_verified",
        "event_id",
        "exp",
        "iat",
        "iss",
        "jti",
        "origin_jti",
        "sub",
        "token_use",
    ];
    assert_eq!(names(&claims), expected);
    let (ids, account) = (s.cognito.ids(), s.account("user"));
    let issuer = format!(
        "https://cognito-idp.eu-central-1.amazonaws.com/{}",
        ids.user_pool
    );
    for (name, value) in [
        ("aud", json!(ids.client)),
        ("iss", json!(issuer)),
        ("sub", json!(account.sub)),
        ("cognito:username", json!(account.sub)),
        ("cognito:groups", json!(["users", "workers"])),
        ("email", json!("user@opencloud.test")),
        ("email_verified", json!(true)),
        ("token_use", json!("id")),
    ] {
        assert_eq!(claims[name], value, "{name}");
    }
    let time = |name: &str| claims[name].as_i64().unwrap();
    assert_eq!(time("exp") - time("iat"), 3600);
    assert_eq!(result["ExpiresIn"], 3600);
}

#[tokio::test]
async fn an_access_token_is_signed_by_the_other_key() {
    let s = Service::start().await;
    let result = s.sign_in("user").await;
    let (header, claims) = verified(&s, &result["AccessToken"]).await;
    assert_ne!(header.kid, Some(s.cognito.kid().await));
    let expected = [
        "auth_time",
        "client_id",
        "cognito:groups",
        "event_id",
        "exp",
        "iat",
        "iss",
        "jti",
        "origin_jti",
        "scope",
        "sub",
        "token_use",
        "username",
    ];
    assert_eq!(names(&claims), expected);
    assert_eq!(claims["token_use"], "access");
    assert_eq!(claims["client_id"], json!(s.cognito.ids().client));
    let (_, id) = verified(&s, &result["IdToken"]).await;
    assert_eq!(claims["origin_jti"], id["origin_jti"]);
    assert_ne!(claims["jti"], id["jti"]);
}

#[tokio::test]
async fn there_is_an_account_for_each_case_of_groups() {
    let s = Service::start().await;
    for (name, groups) in [
        ("user", json!(["users", "workers"])),
        ("second", json!(["users"])),
        ("worker", json!(["workers"])),
        ("nogroup", Value::Null),
        ("scratch", json!(["users"])),
    ] {
        let result = s.sign_in(name).await;
        let (_, claims) = verified(&s, &result["IdToken"]).await;
        assert_eq!(claims["cognito:groups"], groups, "{name}");
        assert_eq!(claims.get("cognito:groups").is_some(), !groups.is_null());
        assert!(s.account(name).password.len() >= 20);
    }
    assert_eq!(s.cognito.accounts().len(), 5);
}

#[tokio::test]
async fn sign_in_takes_address_or_id_and_the_right_password() {
    let s = Service::start().await;
    let account = s.account("user").clone();
    let sign_in = |name: &str, password: &str| {
        let parameters = json!({"USERNAME": name, "PASSWORD": password});
        let s = &s;
        async move { s.initiate("USER_PASSWORD_AUTH", parameters).await }
    };
    let wrong = refused("NotAuthorizedException", "Incorrect username or password.");
    let unknown = refused("UserNotFoundException", "User does not exist.");
    let other = &s.account("second").password;
    let right = &account.password;
    assert_eq!(sign_in(&account.email, right).await.0, 200);
    assert_eq!(sign_in(&account.sub, right).await.0, 200);
    assert_eq!(sign_in("User@OpenCloud.test", right).await.0, 200);
    assert_eq!(sign_in(&account.email, other).await, wrong);
    assert_eq!(sign_in(&account.email, &right.to_lowercase()).await, wrong);
    assert_eq!(sign_in(&account.email, "").await, wrong);
    assert_eq!(sign_in("user", right).await, unknown);
}

#[tokio::test]
async fn missing_members_are_named_in_amazons_words() {
    let s = Service::start().await;
    let client = s.cognito.ids().client.clone();
    let invalid = |message: &str| refused("InvalidParameterException", message);
    let null = |member: &str| {
        invalid(&format!(
            "1 validation error detected: Value null at '{member}' failed to satisfy constraint: \
             Member must not be null"
        ))
    };
    for (body, expected) in [
        (json!({}), null("authFlow")),
        (json!({"AuthFlow": "USER_PASSWORD_AUTH"}), null("clientId")),
        (
            json!({"AuthFlow": "USER_PASSWORD_AUTH", "ClientId": client}),
            invalid("Missing required parameter USERNAME"),
        ),
        (
            json!({"AuthFlow": "USER_PASSWORD_AUTH", "ClientId": client,
                   "AuthParameters": {"USERNAME": "x"}}),
            invalid("Missing required parameter PASSWORD"),
        ),
        (
            json!({"AuthFlow": "REFRESH_TOKEN_AUTH", "ClientId": client, "AuthParameters": {}}),
            invalid("Missing required parameter REFRESH_TOKEN"),
        ),
        (
            json!({"AuthFlow": "NOPE", "ClientId": client}),
            invalid(
                "1 validation error detected: Value 'NOPE' at 'authFlow' failed to satisfy \
                 constraint: Member must satisfy enum value set: [ADMIN_NO_SRP_AUTH, \
                 ADMIN_USER_PASSWORD_AUTH, USER_SRP_AUTH, REFRESH_TOKEN_AUTH, REFRESH_TOKEN, \
                 CUSTOM_AUTH, USER_PASSWORD_AUTH, USER_AUTH]",
            ),
        ),
        (
            json!({"AuthFlow": "USER_AUTH", "ClientId": client, "AuthParameters": {}}),
            invalid("USER_AUTH is not enabled for the client."),
        ),
        (
            json!({"AuthFlow": "USER_SRP_AUTH", "ClientId": client, "AuthParameters": {}}),
            invalid("USER_SRP_AUTH is not enabled for the client."),
        ),
        (
            json!({"AuthFlow": "ADMIN_NO_SRP_AUTH", "ClientId": client, "AuthParameters": {}}),
            invalid("Initiate Auth method not supported."),
        ),
        (
            json!({"AuthFlow": "USER_PASSWORD_AUTH", "ClientId": "other", "AuthParameters": {}}),
            refused(
                "ResourceNotFoundException",
                "User pool client other does not exist.",
            ),
        ),
    ] {
        let sent = body.to_string();
        assert_eq!(s.call("InitiateAuth", body).await, expected, "{sent}");
    }
}

#[tokio::test]
async fn an_unknown_operation_is_refused() {
    let s = Service::start().await;
    let kind = async |response: reqwest::Response| {
        assert_eq!(response.status(), 400);
        let body: Value = response.json().await.unwrap();
        body["__type"].as_str().unwrap().to_owned()
    };
    let unknown = "UnknownOperationException";
    assert_eq!(kind(s.send("DeletePool", "{}").await).await, unknown);
    let no_target = s.client.post(&s.url).body("{}");
    assert_eq!(kind(no_target.send().await.unwrap()).await, unknown);
    let get = s.client.get(&s.url).send().await.unwrap();
    assert_eq!(kind(get).await, unknown);
    let plain_json = s
        .client
        .post(&s.url)
        .header("content-type", "application/json")
        .header("x-amz-target", "AWSCognitoIdentityProviderService.GetUser")
        .body("{}");
    assert_eq!(kind(plain_json.send().await.unwrap()).await, unknown);
    for body in ["", "{", "[]", r#"{"AuthFlow": 1}"#] {
        let response = s.send("InitiateAuth", body).await;
        assert_eq!(kind(response).await, "SerializationException", "{body}");
    }
}

#[tokio::test]
async fn the_pool_publishes_both_keys_and_only_its_own() {
    let s = Service::start().await;
    let get = async |path: String| {
        let response = s.client.get(format!("{}{path}", s.url)).send().await;
        let response = response.unwrap();
        (
            response.status().as_u16(),
            response.json::<Value>().await.unwrap(),
        )
    };
    let pool = s.cognito.ids().user_pool.clone();
    let (status, jwks) = get(format!("{pool}/.well-known/jwks.json")).await;
    assert_eq!(status, 200);
    assert_eq!(jwks, s.cognito.jwks().await);
    let keys = jwks["keys"].as_array().unwrap();
    assert_eq!(keys.len(), 2);
    assert_ne!(keys[0]["n"], keys[1]["n"]);
    for key in keys {
        assert_eq!(names(key), ["alg", "e", "kid", "kty", "n", "use"]);
        let n = key["n"].as_str().unwrap();
        assert_eq!(BASE64_URL_SAFE_NO_PAD.decode(n).unwrap().len(), 256);
    }
    let (_, discovery) = get(format!("{pool}/.well-known/openid-configuration")).await;
    assert_eq!(discovery["issuer"], json!(s.cognito.ids().issuer()));
    let (status, body) = get("eu-central-1_other/.well-known/jwks.json".into()).await;
    assert_eq!(
        (status, &body["__type"]),
        (400, &json!("ResourceNotFoundException"))
    );
}

#[tokio::test]
async fn a_test_can_sign_any_token_with_the_pools_key() {
    let s = Service::start().await;
    let kid = s.cognito.kid().await;
    let mut header = Header::new(Algorithm::RS256);
    header.kid = Some(kid.clone());
    let claims = json!({"exp": 9_999_999_999_i64, "aud": "someone else"});
    let token = s.cognito.sign(&header, &claims).await;
    assert_eq!(verified(&s, &json!(token)).await.1, claims);
    assert!(s.cognito.decoding_key(&kid).await.is_some());
    assert!(s.cognito.decoding_key("dummy").await.is_none());
}

#[tokio::test]
async fn secrets_stay_out_of_debug_output() {
    let s = Service::start().await;
    s.sign_in("user").await;
    let debug = format!("{:?} {:?}", s.cognito, s.cognito.accounts());
    for account in s.cognito.accounts() {
        assert!(!debug.contains(&account.password));
    }
    assert!(!debug.contains("EncodingKey"), "{debug}");
}
