//! Registration and confirmation.

use opencloud_stack::Config;
use serde_json::{Value, json};

use super::{start, start_hiding, start_with};
use crate::support::{
    accounts::{NEW, OTHER_PASSWORD, PASSWORD, Pool, another, refused},
    start as start_stack,
};

#[tokio::test]
async fn from_registration_to_membership() {
    let stack = start().await;
    let pool = Pool(&stack);
    let (status, answer) = pool.sign_up(NEW, PASSWORD).await;
    assert_eq!(status, 200, "{answer}");
    assert_eq!(answer["UserConfirmed"], false);
    assert_eq!(
        answer["CodeDeliveryDetails"],
        json!({"AttributeName": "email", "DeliveryMedium": "EMAIL", "Destination": "n***@o***"})
    );
    assert!(answer["UserSub"].as_str().unwrap().len() == 36);
    let not_confirmed = refused("UserNotConfirmedException", "User is not confirmed.");
    assert_eq!(pool.sign_in(NEW, PASSWORD).await, not_confirmed);
    let wrong = refused("NotAuthorizedException", "Incorrect username or password.");
    assert_eq!(pool.sign_in(NEW, OTHER_PASSWORD).await, wrong);

    let code = pool.code(NEW).await;
    assert!(code.len() == 6 && code.bytes().all(|byte| byte.is_ascii_digit()));
    let mismatch = refused(
        "CodeMismatchException",
        "Invalid verification code provided, please try again.",
    );
    assert_eq!(pool.confirm(NEW, &another(&code)).await, mismatch);
    assert_eq!(pool.confirm(NEW, &code).await, (200, json!({})));
    let confirmed = "User cannot be confirmed. Current status is CONFIRMED";
    assert_eq!(
        pool.confirm(NEW, &code).await,
        refused("NotAuthorizedException", confirmed)
    );

    // A member of no group has no claim, which the UserAPI takes for a broken token.
    let (_, tokens) = pool.sign_in(NEW, PASSWORD).await;
    assert_eq!(pool.user(&tokens).await.0, 401);
    let join = async |group: &str| {
        let member = json!({"email": NEW, "group": group});
        assert_eq!(pool.administer("/groups", member).await, 204);
        pool.sign_in(NEW, PASSWORD).await.1
    };
    let (status, text) = pool.user(&join("workers").await).await;
    assert_eq!(status, 403);
    assert!(text.contains("Not a member of the 'users' group"), "{text}");
    let tokens = join("users").await;
    assert_eq!(pool.user(&tokens).await.0, 200);
    // Once more changes nothing.
    join("users").await;
    let user: Value = serde_json::from_str(&pool.user(&tokens).await.1).unwrap();
    assert_eq!(user, json!({"email": NEW, "groups": ["workers", "users"]}));
}

#[tokio::test]
async fn attributes_are_kept_and_shown() {
    let stack = start().await;
    let pool = Pool(&stack);
    pool.register(NEW).await;
    let (_, tokens) = pool.sign_in(NEW, PASSWORD).await;
    let access = &tokens["AuthenticationResult"]["AccessToken"];
    let (_, user) = pool.call("GetUser", json!({"AccessToken": access})).await;
    let attributes = user["UserAttributes"].as_array().unwrap();
    for (name, value) in [
        ("email", NEW),
        ("email_verified", "true"),
        ("custom:request_details", "Ünïcode \"details\""),
    ] {
        let expected = json!({"Name": name, "Value": value});
        assert!(attributes.contains(&expected), "{attributes:?}");
    }
    let url = format!("{}/accounts", stack.urls().mailbox);
    let accounts = crate::support::http::Request::new("GET", &url).send().await;
    let accounts = accounts.json();
    let last = accounts["accounts"].as_array().unwrap().last().unwrap();
    assert_eq!(last["status"], "CONFIRMED");
    assert_eq!(last["attributes"][0]["Value"], "Ünïcode \"details\"");
    assert!(!accounts.to_string().contains(PASSWORD));
}

#[tokio::test]
async fn a_registration_that_is_not_sound_is_refused_with_its_reason() {
    let stack = start().await;
    let pool = Pool(&stack);
    let invalid = |message: &str| refused("InvalidParameterException", message);
    let exists = refused(
        "UsernameExistsException",
        "An account with the given email already exists.",
    );
    for email in ["user@opencloud.test", "USER@opencloud.test"] {
        assert_eq!(pool.sign_up(email, PASSWORD).await, exists, "{email}");
    }
    assert_eq!(
        pool.sign_up("new", PASSWORD).await,
        invalid("Username should be an email.")
    );
    assert_eq!(
        pool.sign_up(NEW, "weak-password").await,
        refused(
            "InvalidPasswordException",
            "Password did not conform with policy: Password must have uppercase characters"
        )
    );
    assert_eq!(
        pool.sign_up(NEW, "x").await,
        invalid(
            "1 validation error detected: Value at 'password' failed to satisfy constraint: Member \
             must have length greater than or equal to 6"
        )
    );
    let with = async |name: &str, value: &str| {
        let attribute = json!({"Name": name, "Value": value});
        let members = json!({"Username": NEW, "Password": PASSWORD, "UserAttributes": [attribute]});
        pool.call("SignUp", members).await
    };
    assert_eq!(
        with("custom:color", "red").await,
        invalid(
            "Attributes did not conform to the schema: custom:color: Attribute does not exist in \
             the schema.\n"
        )
    );
    assert_eq!(
        with("custom:request_details", &"x".repeat(2049)).await,
        invalid(
            "Attributes did not conform to the schema: custom:request_details: String must be no \
             longer than 2048 characters\n"
        )
    );
    assert_eq!(
        with("email_verified", "true").await,
        refused(
            "NotAuthorizedException",
            "A client attempted to write unauthorized attribute"
        )
    );
    // Nothing of that made an account.
    assert!(pool.messages(NEW).await.is_empty());
    assert_eq!(pool.sign_up(NEW, PASSWORD).await.0, 200);
    assert_eq!(pool.sign_up(NEW, OTHER_PASSWORD).await, exists);
}

#[tokio::test]
async fn missing_members_are_named() {
    let stack = start().await;
    let pool = Pool(&stack);
    for (operation, members, member) in [
        ("SignUp", json!({"Password": PASSWORD}), "username"),
        ("SignUp", json!({"Username": NEW}), "password"),
        (
            "ConfirmSignUp",
            json!({"Username": NEW}),
            "confirmationCode",
        ),
        (
            "ConfirmSignUp",
            json!({"ConfirmationCode": "1"}),
            "username",
        ),
        ("ResendConfirmationCode", json!({}), "username"),
        ("ForgotPassword", json!({}), "username"),
        (
            "ConfirmForgotPassword",
            json!({"Username": NEW}),
            "confirmationCode",
        ),
        (
            "ConfirmForgotPassword",
            json!({"Username": NEW, "ConfirmationCode": "1"}),
            "password",
        ),
        ("RespondToAuthChallenge", json!({}), "challengeName"),
        ("GetTokensFromRefreshToken", json!({}), "refreshToken"),
        ("ChangePassword", json!({}), "proposedPassword"),
    ] {
        let message = format!(
            "1 validation error detected: Value null at '{member}' failed to satisfy constraint: \
             Member must not be null"
        );
        assert_eq!(
            pool.call(operation, members).await,
            refused("InvalidParameterException", &message),
            "{operation}"
        );
    }
}

#[tokio::test]
async fn a_code_can_be_sent_again() {
    let stack = start().await;
    let pool = Pool(&stack);
    let resend = async |email: &str| {
        let members = json!({"Username": email});
        pool.call("ResendConfirmationCode", members).await
    };
    assert_eq!(
        resend(NEW).await,
        refused(
            "UserNotFoundException",
            "Username/client id combination not found."
        )
    );
    pool.sign_up(NEW, PASSWORD).await;
    let first = pool.code(NEW).await;
    let (status, answer) = resend(NEW).await;
    assert_eq!(status, 200);
    assert_eq!(answer["CodeDeliveryDetails"]["Destination"], "n***@o***");
    assert_eq!(pool.messages(NEW).await.len(), 2);
    let second = pool.code(NEW).await;
    if first != second {
        assert_eq!(pool.confirm(NEW, &first).await.0, 400);
    }
    assert_eq!(pool.confirm(NEW, &second).await.0, 200);
    assert_eq!(
        resend(NEW).await,
        refused("InvalidParameterException", "User is already confirmed.")
    );
}

#[tokio::test]
async fn a_code_expires() {
    let stack = start().await;
    let pool = Pool(&stack);
    pool.sign_up(NEW, PASSWORD).await;
    let code = pool.code(NEW).await;
    let of = json!({"email": NEW});
    assert_eq!(pool.administer("/expirations", of).await, 204);
    let expired = refused(
        "ExpiredCodeException",
        "Invalid code provided, please request a code again.",
    );
    assert_eq!(pool.confirm(NEW, &code).await, expired);
}

#[tokio::test]
async fn a_pool_may_hide_its_users() {
    let (stack, hiding) = (start().await, start_hiding().await);
    for (stack, hides) in [(&stack, false), (&hiding, true)] {
        let pool = Pool(stack);
        let not_found = "Username/client id combination not found.";
        let not_found = || refused("UserNotFoundException", not_found);
        let (sign_in, confirm) = if hides {
            let wrong = "Incorrect username or password.";
            let expired = "Invalid code provided, please request a code again.";
            (
                refused("NotAuthorizedException", wrong),
                refused("ExpiredCodeException", expired),
            )
        } else {
            let unknown = refused("UserNotFoundException", "User does not exist.");
            (unknown, not_found())
        };
        assert_eq!(pool.sign_in(NEW, PASSWORD).await, sign_in);
        assert_eq!(pool.confirm(NEW, "123456").await, confirm);
        let members = json!({"Username": NEW});
        let resent = pool.call("ResendConfirmationCode", members).await;
        if hides {
            let details = &resent.1["CodeDeliveryDetails"];
            assert_eq!(
                (resent.0, &details["Destination"]),
                (200, &json!("n***@o***"))
            );
        } else {
            assert_eq!(resent, not_found());
        }
        assert!(pool.messages(NEW).await.is_empty());
    }
}

#[tokio::test]
async fn registration_can_be_closed() {
    let stack = start_with(|config| Config {
        self_registration: false,
        ..config
    })
    .await;
    let pool = Pool(&stack);
    assert_eq!(
        pool.sign_up(NEW, PASSWORD).await,
        refused(
            "NotAuthorizedException",
            "SignUp is not permitted for this user pool"
        )
    );
    assert!(pool.messages(NEW).await.is_empty());
}

#[tokio::test]
async fn registered_accounts_and_codes_outlive_a_restart() {
    let directory = tempfile::tempdir().unwrap();
    let start = async || {
        start_stack(Config {
            data_dir: Some(directory.path().to_owned()),
            ..Config::default()
        })
        .await
    };
    let stack = start().await;
    Pool(&stack).register("first@opencloud.test").await;
    Pool(&stack).sign_up(NEW, PASSWORD).await;
    let made_up = stack.accounts().to_vec();
    stack.stop().await;
    let stack = start().await;
    let pool = Pool(&stack);
    assert_eq!(stack.accounts(), made_up, "no registered one is among them");
    assert_eq!(pool.sign_in("first@opencloud.test", PASSWORD).await.0, 200);
    let code = pool.code(NEW).await;
    assert_eq!(pool.confirm(NEW, &code).await.0, 200);
}
