//! Sign-in and tokens.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use opencloud_stack::{Family, Fault};
use serde_json::{Value, json};

use crate::faults::{
    bench::{Bench, Checks},
    refusals,
};

/// The answer to a token: status and message.
async fn said(b: &Bench, token: &str) -> String {
    let header = format!("Bearer {token}");
    let answer = b
        .plain("GET", "/user")
        .header("Authorization", &header)
        .send()
        .await;
    format!(
        "{} {}",
        answer.status,
        answer.json()["detail"].as_str().unwrap_or_default()
    )
}

async fn sign_in(b: &Bench, password: Option<&str>) -> Value {
    sign_in_as(b, 0, password).await
}

async fn sign_in_as(b: &Bench, number: usize, password: Option<&str>) -> Value {
    let account = &b.stack.accounts()[number];
    let body = json!({
        "AuthFlow": "USER_PASSWORD_AUTH",
        "ClientId": b.stack.ids().client,
        "AuthParameters": {
            "USERNAME": account.email,
            "PASSWORD": password.unwrap_or(&account.password),
        },
    });
    b.cognito("InitiateAuth", &body).await.json()
}

async fn refresh(b: &Bench, token: &Value) -> Value {
    let body = json!({
        "AuthFlow": "REFRESH_TOKEN_AUTH",
        "ClientId": b.stack.ids().client,
        "AuthParameters": {"REFRESH_TOKEN": token},
    });
    b.cognito("InitiateAuth", &body).await.json()
}

fn claims(token: &str) -> Value {
    let claims = token.split('.').nth(1).unwrap();
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(claims).unwrap()).unwrap()
}

/// A setting of the stack's `.env`.
async fn setting(b: &Bench, name: &str) -> String {
    let settings = b.stack.env_file().await;
    let found = settings.into_iter().find(|(key, _)| key == name);
    found.unwrap().1
}

#[tokio::test(flavor = "multi_thread")]
async fn tokens_and_their_checks() {
    let mut checks = Checks::of(Family::SignIn);
    let own = async |b: &Bench| said(b, &b.user().await.token).await;
    for (fault, faulty) in [
        (Fault::TokenWrongAudience, "401 Not verified"),
        (Fault::TokenWrongIssuer, "401 Not verified"),
        (
            Fault::TokenUnknownKey,
            "401 JWK public Attribute for authorization token not found",
        ),
        (Fault::TokenFromTheFuture, "401 Not verified"),
        (Fault::UserApiClockSlow, "401 Not verified"),
        (Fault::AuthorizationIsDropped, "401 Not authenticated"),
        (Fault::TokenNoGroups, "401 Validation Error for Claims"),
        (
            Fault::TokenWrongGroup,
            "403 Not a member of the 'users' group",
        ),
    ] {
        checks.check(fault, own, "200 ", faulty).await;
    }
    let life = async |b: &Bench| {
        let answer = sign_in(b, None).await;
        let result = &answer["AuthenticationResult"];
        let claims = claims(result["IdToken"].as_str().unwrap());
        let life = claims["exp"].as_i64().unwrap() - claims["iat"].as_i64().unwrap();
        format!("{life} of {}", result["ExpiresIn"])
    };
    checks
        .check(Fault::TokenShortLife, life, "3600 of 3600", "2 of 3600")
        .await;

    let issued = async |b: &Bench| claims(&b.user().await.token)["iat"].is_i64().to_string();
    checks
        .check(Fault::TokenLacksIat, issued, "true", "false")
        .await;
    let groups = async |b: &Bench| b.user().await.get("/user").await.json()["groups"].to_string();
    checks
        .check(
            Fault::UserGainsAGroup,
            groups,
            r#"["users","workers"]"#,
            r#"["users","cloud"]"#,
        )
        .await;
    bent_tokens(&mut checks).await;
    forgeries(&mut checks).await;
    other_words(&mut checks).await;
    pool(&mut checks).await;
    refusals::of_sign_in(&mut checks).await;
    checks.complete();
}

/// Tokens that any client can make.
async fn bent_tokens(checks: &mut Checks) {
    let nonsense = async |b: &Bench| said(b, "nonsense").await;
    checks
        .check(
            Fault::AcceptsMalformedToken,
            nonsense,
            "401 Not authenticated",
            "200 ",
        )
        .await;
    let changed = async |b: &Bench| {
        let answer = sign_in(b, None).await;
        let part = |token: &str, number: usize| {
            let token = answer["AuthenticationResult"][token].as_str().unwrap();
            token.split('.').nth(number).unwrap().to_owned()
        };
        let (header, signature) = (part("IdToken", 0), part("IdToken", 2));
        let payload = part("AccessToken", 1);
        said(b, &format!("{header}.{payload}.{signature}")).await
    };
    checks
        .check(
            Fault::AcceptsChangedToken,
            changed,
            "401 Not verified",
            "200 ",
        )
        .await;
}

/// Tokens that must not be taken.
async fn forgeries(checks: &mut Checks) {
    let nobody = async |b: &Bench| b.get("/user").await.status.to_string();
    checks
        .check(Fault::AcceptsNoToken, nobody, "401", "200")
        .await;
    checks
        .check(Fault::Refuses403Instead, nobody, "401", "403")
        .await;
    let expired = async |b: &Bench| said(b, &setting(b, "EXPIRED_TOKEN").await).await;
    checks
        .check(
            Fault::AcceptsExpiredToken,
            expired,
            "401 Not verified",
            "200 ",
        )
        .await;
    let other = async |b: &Bench| said(b, &setting(b, "OTHER_CLIENT_TOKEN").await).await;
    checks
        .check(
            Fault::AcceptsOtherAudience,
            other,
            "401 Not verified",
            "200 ",
        )
        .await;
    let spaced = async |b: &Bench| said(b, &format!(" {}", b.user().await.token)).await;
    let sound = "401 Not authenticated";
    checks
        .check(Fault::AcceptsSpacesBeforeToken, spaced, sound, "200 ")
        .await;
    let unsigned = async |b: &Bench| {
        let token = b.user().await.token;
        let payload = token.split('.').nth(1).unwrap();
        said(b, &format!("eyJhbGciOiJub25lIn0.{payload}.")).await
    };
    checks
        .check(
            Fault::AcceptsUnsignedToken,
            unsigned,
            "401 Not authenticated",
            "200 ",
        )
        .await;
    let foreign = async |b: &Bench| {
        let token = b.user().await.token;
        let (signed, _) = token.rsplit_once('.').unwrap();
        said(b, &format!("{signed}.{}", URL_SAFE_NO_PAD.encode([7; 256]))).await
    };
    checks
        .check(
            Fault::AcceptsForeignSignature,
            foreign,
            "401 Not verified",
            "200 ",
        )
        .await;
    let access = async |b: &Bench| {
        let answer = sign_in(b, None).await;
        said(
            b,
            answer["AuthenticationResult"]["AccessToken"]
                .as_str()
                .unwrap(),
        )
        .await
    };
    checks
        .check(
            Fault::AcceptsAccessToken,
            access,
            "401 Not verified",
            "200 ",
        )
        .await;
    let outsider = async |b: &Bench| said(b, &refusals::outsider(b).await.token).await;
    let sound = "403 Not a member of the 'users' group";
    checks
        .check(Fault::AcceptsNonMembers, outsider, sound, "200 ")
        .await;
}

/// Tokens that name something else than they should, or come with it.
async fn other_words(checks: &mut Checks) {
    let other_algorithm = async |b: &Bench| {
        let token = b.user().await.token;
        let payload = token.split('.').nth(1).unwrap();
        said(
            b,
            &format!("eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.{payload}.AAAA"),
        )
        .await
    };
    checks
        .check(
            Fault::AcceptsAnotherAlgorithm,
            other_algorithm,
            "401 Not authenticated",
            "200 ",
        )
        .await;
    let other_scheme = async |b: &Bench| {
        let token = b.user().await.token;
        let request = b.plain("GET", "/user");
        let request = request.header("Authorization", &format!("Token {token}"));
        request.send().await.status.to_string()
    };
    checks
        .check(Fault::AcceptsAnyScheme, other_scheme, "401", "200")
        .await;
}

/// The client and the pool that the page is told of.
async fn client(checks: &mut Checks) {
    for (fault, password, member, sound, faulty) in [
        (
            Fault::ClientHasSecret,
            None,
            "__type",
            "null",
            "\"NotAuthorizedException\"",
        ),
        (
            Fault::ClientTakesNoPasswords,
            None,
            "__type",
            "null",
            "\"InvalidParameterException\"",
        ),
        (
            Fault::CognitoRefusesWithoutMessage,
            Some("nonsense"),
            "message",
            "\"Incorrect username or password.\"",
            "\"\"",
        ),
    ] {
        let look = async |b: &Bench| sign_in(b, password).await[member].to_string();
        checks.check(fault, look, sound, faulty).await;
    }
    let pool = async |b: &Bench| {
        let info = b.get("/access_info").await.json();
        let pool = info["cognito"]["user_pool_id"].as_str().unwrap().to_owned();
        pool.ends_with("_AnotherPool").to_string()
    };
    checks
        .check(Fault::AccessInfoOtherPool, pool, "false", "true")
        .await;
}

/// The answers of the pool and the access info.
async fn pool(checks: &mut Checks) {
    let info = async |b: &Bench| {
        let info = b.get("/access_info").await.json();
        let ids = b.stack.ids();
        let (client, region) = (&info["cognito"]["client_id"], &info["cognito"]["region"]);
        format!("{} {}", client == &ids.client, region == &ids.region)
    };
    checks
        .check(
            Fault::AccessInfoOtherClient,
            info,
            "true true",
            "false true",
        )
        .await;
    checks
        .check(
            Fault::AccessInfoOtherRegion,
            info,
            "true true",
            "true false",
        )
        .await;
    let wrong = async |b: &Bench| sign_in(b, Some("nonsense")).await["__type"].to_string();
    let sound = "\"NotAuthorizedException\"";
    checks
        .check(Fault::AcceptsWrongPassword, wrong, sound, "null")
        .await;
    client(checks).await;
    let another = "\"InternalErrorException\"";
    checks
        .check(Fault::CognitoRefusalOfAnotherKind, wrong, sound, another)
        .await;
    let renewed = async |b: &Bench| {
        let answer = sign_in(b, None).await;
        let token = &answer["AuthenticationResult"]["RefreshToken"];
        refresh(b, token).await["message"].to_string()
    };
    let refused = "\"Refresh Token has been revoked\"";
    let not_enabled = "\"Auth flow not enabled for this client\"";
    for (fault, said) in [
        (Fault::RefreshRefused, refused),
        (Fault::RefreshNotEnabled, not_enabled),
    ] {
        checks.check(fault, renewed, "null", said).await;
    }
    let good = async |b: &Bench| {
        let answer = sign_in(b, None).await;
        let token = &answer["AuthenticationResult"]["RefreshToken"];
        let answer = refresh(b, token).await;
        said(
            b,
            answer["AuthenticationResult"]["IdToken"].as_str().unwrap(),
        )
        .await
    };
    checks
        .check(
            Fault::RefreshedTokenCutShort,
            good,
            "200 ",
            "401 Not verified",
        )
        .await;
    let made_up = async |b: &Bench| refresh(b, &json!("nonsense")).await["message"].to_string();
    let unknown = "\"Invalid Refresh Token\"";
    checks
        .check(Fault::AcceptsAnyRefreshToken, made_up, unknown, "null")
        .await;
    let revoked = async |b: &Bench| {
        let answer = sign_in(b, None).await;
        let token = &answer["AuthenticationResult"]["RefreshToken"];
        let body = json!({"ClientId": b.stack.ids().client, "Token": token});
        b.cognito("RevokeToken", &body).await;
        refresh(b, token).await["message"].to_string()
    };
    checks
        .check(Fault::RevokeIgnored, revoked, refused, "null")
        .await;
    let challenge = async |b: &Bench| sign_in(b, None).await["ChallengeName"].to_string();
    checks
        .check(
            Fault::SignInChallenge,
            challenge,
            "null",
            "\"NEW_PASSWORD_REQUIRED\"",
        )
        .await;
    let second_factor = Fault::PoolDemandsSecondFactor;
    checks
        .check(second_factor, challenge, "null", "\"MFA_SETUP\"")
        .await;
    sessions(checks).await;
    whose(checks).await;
}

/// Two sessions of one user.
async fn sessions(checks: &mut Checks) {
    let sessions = async |b: &Bench| {
        let token = async || {
            let answer = sign_in(b, None).await;
            answer["AuthenticationResult"]["RefreshToken"].clone()
        };
        let (first, second) = (token().await, token().await);
        let is_open = async |token: &Value| refresh(b, token).await["message"].is_null();
        let of_first = is_open(&first).await;
        let body = json!({"ClientId": b.stack.ids().client, "Token": first});
        b.cognito("RevokeToken", &body).await;
        format!("{of_first} {}", is_open(&second).await)
    };
    for (fault, faulty) in [
        (Fault::SignInEndsOtherSessions, "false true"),
        (Fault::SignOutEndsOtherSessions, "true false"),
    ] {
        checks.check(fault, sessions, "true true", faulty).await;
    }
}

/// The user that the services report, and the lifetime of tokens.
async fn whose(checks: &mut Checks) {
    let is_own = async |b: &Bench| {
        let mut own = Vec::new();
        for number in [0, 1] {
            let answer = sign_in_as(b, number, None).await;
            let token = answer["AuthenticationResult"]["IdToken"].as_str().unwrap();
            own.push(claims(token)["email"] == *b.stack.accounts()[number].email);
        }
        format!("{own:?}")
    };
    let sound = "[true, true]";
    checks
        .check(Fault::SignInsFromACache, is_own, sound, "[true, false]")
        .await;
    let is_same_user = async |b: &Bench| {
        let answer = sign_in(b, None).await;
        let result = &answer["AuthenticationResult"];
        let renewed = refresh(b, &result["RefreshToken"]).await;
        let renewed = renewed["AuthenticationResult"]["IdToken"]
            .as_str()
            .unwrap()
            .to_owned();
        let before = result["IdToken"].as_str().unwrap();
        let emails = [before, &renewed].map(|token| claims(token)["email"].clone());
        (emails[0] == emails[1]).to_string()
    };
    checks
        .check(Fault::RefreshOfAnotherUser, is_same_user, "true", "false")
        .await;
    let groups = async |b: &Bench| {
        let answer = sign_in(b, None).await;
        let token = &answer["AuthenticationResult"]["RefreshToken"];
        let renewed = refresh(b, token).await["AuthenticationResult"]["IdToken"].clone();
        claims(renewed.as_str().unwrap())["cognito:groups"].to_string()
    };
    let members = r#"["users","workers"]"#;
    checks
        .check(Fault::RefreshedTokenLacksGroups, groups, members, "null")
        .await;
    let who = async |b: &Bench| {
        let user = b.user().await.get("/user").await.json();
        let email = user["email"] == b.stack.accounts()[0].email;
        format!("{email} {}", user["groups"])
    };
    let sound = r#"true ["users","workers"]"#;
    for (fault, faulty) in [
        (Fault::UserTellsAnotherEmail, r#"false ["users","workers"]"#),
        (Fault::UserLacksTheGroup, r#"true ["workers"]"#),
    ] {
        checks.check(fault, who, sound, faulty).await;
    }
    let pool = async |b: &Bench| {
        let tokens = sign_in(b, None).await["AuthenticationResult"].clone();
        let body = json!({"AccessToken": tokens["AccessToken"]});
        let user = b.cognito("GetUser", &body).await.json();
        let facts = user["UserAttributes"].as_array().unwrap();
        let email = facts.iter().find(|fact| fact["Name"] == "email").unwrap();
        let body = json!({"ClientId": b.stack.ids().client, "Token": tokens["RefreshToken"]});
        let revoked = b.cognito("RevokeToken", &body).await.status;
        format!(
            "{} {revoked}",
            email["Value"] == b.stack.accounts()[0].email
        )
    };
    for (fault, faulty) in [
        (Fault::GetUserTellsAnotherEmail, "false 200"),
        (Fault::RevokeAnswers503, "true 503"),
    ] {
        checks.check(fault, pool, "true 200", faulty).await;
    }
}
