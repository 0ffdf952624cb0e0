//! Forgotten passwords, and passwords that are changed.

use serde_json::json;

use super::{start, start_hiding};
use crate::support::accounts::{NEW, OTHER_PASSWORD, PASSWORD, Pool, another, refused};

#[tokio::test]
async fn from_a_forgotten_password_to_the_next_sign_in() {
    let stack = start().await;
    let pool = Pool(&stack);
    pool.register(NEW).await;
    let (_, before) = pool.sign_in(NEW, PASSWORD).await;
    let (status, answer) = pool.forgot(NEW).await;
    assert_eq!(status, 200);
    assert_eq!(
        answer,
        json!({"CodeDeliveryDetails":
            {"AttributeName": "email", "DeliveryMedium": "EMAIL", "Destination": "n***@o***"}})
    );
    // The old password is good until another one is set.
    assert_eq!(pool.sign_in(NEW, PASSWORD).await.0, 200);
    let code = pool.code(NEW).await;
    assert_eq!(
        pool.reset(NEW, &another(&code), OTHER_PASSWORD).await,
        refused(
            "CodeMismatchException",
            "Invalid verification code provided, please try again."
        )
    );
    // A password that is refused does not use the code up.
    assert_eq!(
        pool.reset(NEW, &code, "weak-password").await,
        refused(
            "InvalidPasswordException",
            "Password did not conform with policy: Password must have uppercase characters"
        )
    );
    assert_eq!(
        pool.reset(NEW, &code, OTHER_PASSWORD).await,
        (200, json!({}))
    );
    let expired = refused(
        "ExpiredCodeException",
        "Invalid code provided, please request a code again.",
    );
    assert_eq!(pool.reset(NEW, &code, PASSWORD).await, expired, "used");
    assert_eq!(
        pool.sign_in(NEW, PASSWORD).await,
        refused("NotAuthorizedException", "Incorrect username or password.")
    );
    assert_eq!(
        pool.refresh(&before).await,
        refused("NotAuthorizedException", "Refresh Token has been revoked")
    );
    let (status, after) = pool.sign_in(NEW, OTHER_PASSWORD).await;
    assert_eq!(status, 200);
    assert_eq!(pool.refresh(&after).await.0, 200);

    pool.forgot(NEW).await;
    let code = pool.code(NEW).await;
    let of = json!({"email": NEW});
    assert_eq!(pool.administer("/expirations", of).await, 204);
    assert_eq!(pool.reset(NEW, &code, PASSWORD).await, expired);
}

#[tokio::test]
async fn a_code_is_for_one_purpose_and_one_account() {
    let stack = start().await;
    let pool = Pool(&stack);
    let other = "other@opencloud.test";
    pool.sign_up(NEW, PASSWORD).await;
    let confirmation = pool.code(NEW).await;
    pool.register(other).await;
    assert_eq!(pool.reset(NEW, &confirmation, OTHER_PASSWORD).await.0, 400);
    assert_eq!(pool.confirm(NEW, &confirmation).await.0, 200);
    pool.forgot(NEW).await;
    let reset = pool.code(NEW).await;
    assert_eq!(pool.reset(other, &reset, OTHER_PASSWORD).await.0, 400);
    assert_eq!(pool.sign_in(other, PASSWORD).await.0, 200);
}

#[tokio::test]
async fn a_password_without_a_confirmed_address_cannot_be_reset() {
    let (stack, hiding) = (start().await, start_hiding().await);
    let unknown = "nobody@opencloud.test";
    for (stack, hides) in [(&stack, false), (&hiding, true)] {
        let pool = Pool(stack);
        pool.sign_up(NEW, PASSWORD).await;
        let messages = pool.messages(NEW).await.len();
        let (unconfirmed, nobody) = (pool.forgot(NEW).await, pool.forgot(unknown).await);
        let reset = pool.reset(unknown, "123456", OTHER_PASSWORD).await;
        if hides {
            let details = |initial: &str| {
                json!({"CodeDeliveryDetails": {"AttributeName": "email", "DeliveryMedium": "EMAIL",
                    "Destination": format!("{initial}***@o***")}})
            };
            // No difference to an account that has one.
            assert_eq!(unconfirmed, (200, details("n")));
            assert_eq!(nobody, (200, details("n")));
            let mismatch = "Invalid verification code provided, please try again.";
            assert_eq!(reset, refused("CodeMismatchException", mismatch));
        } else {
            let no_address = "Cannot reset password for the user as there is no \
                              registered/verified email or phone_number";
            assert_eq!(
                unconfirmed,
                refused("InvalidParameterException", no_address)
            );
            let not_found = "Username/client id combination not found.";
            assert_eq!(nobody, refused("UserNotFoundException", not_found));
            assert_eq!(reset, refused("UserNotFoundException", not_found));
        }
        assert_eq!(pool.messages(NEW).await.len(), messages, "nothing is sent");
        assert!(pool.messages(unknown).await.is_empty());
    }
}

#[tokio::test]
async fn a_signed_in_user_changes_the_password() {
    let stack = start().await;
    let pool = Pool(&stack);
    pool.register(NEW).await;
    let (_, tokens) = pool.sign_in(NEW, PASSWORD).await;
    let change = async |from: &str, to: &str| {
        let access = &tokens["AuthenticationResult"]["AccessToken"];
        let members =
            json!({"AccessToken": access, "PreviousPassword": from, "ProposedPassword": to});
        pool.call("ChangePassword", members).await
    };
    assert_eq!(
        change(OTHER_PASSWORD, OTHER_PASSWORD).await,
        refused("NotAuthorizedException", "Incorrect username or password.")
    );
    assert_eq!(
        change(PASSWORD, "weak-password").await.1["__type"],
        "InvalidPasswordException"
    );
    assert_eq!(change(PASSWORD, OTHER_PASSWORD).await, (200, json!({})));
    assert_eq!(pool.sign_in(NEW, PASSWORD).await.0, 400);
    assert_eq!(pool.sign_in(NEW, OTHER_PASSWORD).await.0, 200);
    let bogus = json!({"AccessToken": "bogus", "PreviousPassword": OTHER_PASSWORD,
        "ProposedPassword": PASSWORD});
    assert_eq!(
        pool.call("ChangePassword", bogus).await,
        refused("NotAuthorizedException", "Invalid Access Token")
    );
}
