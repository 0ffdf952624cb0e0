//! Accounts that an administrator makes, whose users must choose a password.

use serde_json::{Value, json};

use super::start;
use crate::support::accounts::{NEW, OTHER_PASSWORD, PASSWORD, Pool, refused};

#[tokio::test]
async fn from_an_invitation_to_the_first_sign_in() {
    let stack = start().await;
    let pool = Pool(&stack);
    let of = json!({"email": NEW});
    assert_eq!(pool.administer("/invitations", of.clone()).await, 204);
    assert_eq!(pool.administer("/invitations", of).await, 409);
    let temporary = pool.latest(NEW, "temporary_password").await;
    let (status, challenge) = pool.sign_in(NEW, &temporary).await;
    assert_eq!(status, 200);
    assert_eq!(challenge.get("AuthenticationResult"), None);
    assert_eq!(challenge["ChallengeName"], "NEW_PASSWORD_REQUIRED");
    let parameters = &challenge["ChallengeParameters"];
    assert_eq!(parameters["requiredAttributes"], "[]");
    let attributes = parameters["userAttributes"].as_str().unwrap();
    let attributes: Value = serde_json::from_str(attributes).unwrap();
    assert_eq!(attributes["email"], NEW);

    // A password that is refused leaves the session as it is.
    assert_eq!(
        pool.choose(NEW, &challenge, "weak-password").await.1["__type"],
        "InvalidPasswordException"
    );
    let (status, tokens) = pool.choose(NEW, &challenge, PASSWORD).await;
    assert_eq!(status, 200, "{tokens}");
    assert_eq!(tokens["ChallengeParameters"], json!({}));
    assert_eq!(pool.refresh(&tokens).await.0, 200);
    let invalid = refused("NotAuthorizedException", "Invalid session for the user.");
    assert_eq!(pool.choose(NEW, &challenge, OTHER_PASSWORD).await, invalid);
    assert_eq!(pool.sign_in(NEW, &temporary).await.0, 400);
    assert_eq!(pool.sign_in(NEW, PASSWORD).await.0, 200);
}

#[tokio::test]
async fn a_response_must_belong_to_its_challenge() {
    let stack = start().await;
    let pool = Pool(&stack);
    pool.administer("/invitations", json!({"email": NEW})).await;
    let temporary = pool.latest(NEW, "temporary_password").await;
    let (_, challenge) = pool.sign_in(NEW, &temporary).await;
    let respond = async |change: &dyn Fn(&mut Value)| {
        let mut members = json!({
            "ChallengeName": "NEW_PASSWORD_REQUIRED",
            "ChallengeResponses": {"USERNAME": NEW, "NEW_PASSWORD": PASSWORD},
            "Session": challenge["Session"],
        });
        change(&mut members);
        pool.call("RespondToAuthChallenge", members).await
    };
    let invalid = refused("NotAuthorizedException", "Invalid session for the user.");
    let other = "user@opencloud.test";
    for change in [
        &(|members: &mut Value| members["Session"] = json!("bogus")) as &dyn Fn(&mut Value),
        &|members| members["ChallengeResponses"]["USERNAME"] = json!(other),
        &|members| members["ChallengeName"] = json!("SMS_MFA"),
    ] {
        assert_eq!(respond(change).await, invalid);
    }
    let missing = |name: &str| {
        let message = format!("Missing required parameter {name}");
        refused("InvalidParameterException", &message)
    };
    let without_session = |members: &mut Value| members["Session"] = Value::Null;
    assert_eq!(respond(&without_session).await, missing("Session"));
    let without_password = |members: &mut Value| {
        members["ChallengeResponses"] = json!({"USERNAME": NEW});
    };
    assert_eq!(respond(&without_password).await, missing("NEW_PASSWORD"));
    assert_eq!(respond(&|_| {}).await.0, 200);
}

#[tokio::test]
async fn the_password_of_an_invitation_cannot_be_reset() {
    let stack = start().await;
    let pool = Pool(&stack);
    pool.administer("/invitations", json!({"email": NEW})).await;
    assert_eq!(
        pool.forgot(NEW).await,
        refused(
            "NotAuthorizedException",
            "User password cannot be reset in the current state."
        )
    );
    let status = "User cannot be confirmed. Current status is FORCE_CHANGE_PASSWORD";
    assert_eq!(
        pool.confirm(NEW, "123456").await,
        refused("NotAuthorizedException", status)
    );
}
