//! Accounts of a stack, as the frontend and an administrator use them.

use opencloud_stack::Stack;
use serde_json::{Value, json};

use super::http::{Answer, Request};

/// A password that the policy allows.
pub const PASSWORD: &str = "Correct-Horse-7";
/// Another one.
pub const OTHER_PASSWORD: &str = "Battery-Staple-8";
/// An address that no new stack knows.
pub const NEW: &str = "new@opencloud.test";

/// The pool of a stack.
#[derive(Clone, Copy)]
pub struct Pool<'a>(pub &'a Stack);

impl Pool<'_> {
    /// The answer to an operation. The client's id is added to the members.
    pub async fn send(self, operation: &str, mut members: Value) -> Answer {
        members["ClientId"] = json!(self.0.ids().client);
        let target = format!("AWSCognitoIdentityProviderService.{operation}");
        Request::new("POST", &self.0.urls().cognito)
            .header("Origin", "http://localhost:8080")
            .header("Content-Type", "application/x-amz-json-1.1")
            .header("X-Amz-Target", &target)
            .body(members.to_string())
            .send()
            .await
    }

    /// The status and the body.
    pub async fn call(self, operation: &str, members: Value) -> (u16, Value) {
        let answer = self.send(operation, members).await;
        (answer.status, answer.json())
    }

    /// `200`, or the exception's name.
    pub async fn outcome(self, operation: &str, members: Value) -> String {
        match self.call(operation, members).await {
            (200, _) => "200".into(),
            (_, body) => body["__type"].as_str().unwrap_or("no type").into(),
        }
    }

    pub async fn sign_up(self, email: &str, password: &str) -> (u16, Value) {
        let details = json!({"Name": "custom:request_details", "Value": "Ünïcode \"details\""});
        let members = json!({
            "Username": email,
            "Password": password,
            "UserAttributes": [{"Name": "email", "Value": email}, details],
            "ValidationData": null,
        });
        self.call("SignUp", members).await
    }

    pub async fn confirm(self, email: &str, code: &str) -> (u16, Value) {
        let members = json!({
            "Username": email,
            "ConfirmationCode": code,
            "ForceAliasCreation": true,
        });
        self.call("ConfirmSignUp", members).await
    }

    /// Registers and confirms an account.
    pub async fn register(self, email: &str) {
        assert_eq!(self.sign_up(email, PASSWORD).await.0, 200);
        let code = self.code(email).await;
        assert_eq!(self.confirm(email, &code).await.0, 200);
    }

    pub async fn forgot(self, email: &str) -> (u16, Value) {
        self.call("ForgotPassword", json!({"Username": email}))
            .await
    }

    pub async fn reset(self, email: &str, code: &str, password: &str) -> (u16, Value) {
        let members = json!({"Username": email, "ConfirmationCode": code, "Password": password});
        self.call("ConfirmForgotPassword", members).await
    }

    pub async fn sign_in(self, email: &str, password: &str) -> (u16, Value) {
        let members = json!({
            "AuthFlow": "USER_PASSWORD_AUTH",
            "AuthParameters": {"USERNAME": email, "PASSWORD": password},
            "ClientMetadata": {},
        });
        self.call("InitiateAuth", members).await
    }

    pub async fn refresh(self, tokens: &Value) -> (u16, Value) {
        let token = &tokens["AuthenticationResult"]["RefreshToken"];
        let members = json!({
            "AuthFlow": "REFRESH_TOKEN_AUTH",
            "AuthParameters": {"REFRESH_TOKEN": token, "DEVICE_KEY": null},
        });
        self.call("InitiateAuth", members).await
    }

    /// The response to the challenge of a sign-in with a temporary password.
    pub async fn choose(self, email: &str, challenge: &Value, password: &str) -> (u16, Value) {
        let members = json!({
            "ChallengeName": "NEW_PASSWORD_REQUIRED",
            "ChallengeResponses": {"USERNAME": email, "NEW_PASSWORD": password},
            "Session": challenge["Session"],
        });
        self.call("RespondToAuthChallenge", members).await
    }

    /// Status and text of `GET /user` with the ID token of a sign-in.
    pub async fn user(self, tokens: &Value) -> (u16, String) {
        let token = tokens["AuthenticationResult"]["IdToken"].as_str().unwrap();
        let answer = Request::new("GET", &format!("{}/user", self.0.urls().user_api))
            .header("Authorization", &format!("Bearer {token}"))
            .send()
            .await;
        (answer.status, answer.text())
    }

    /// A request to the mailbox from a page of this origin.
    pub fn mailbox(self, method: &str, path: &str, origin: &str) -> Request {
        let url = format!("{}{path}", self.0.urls().mailbox);
        Request::new(method, &url).header("Origin", origin)
    }

    /// The messages to an address.
    pub async fn messages(self, email: &str) -> Vec<Value> {
        let path = format!("/messages?to={email}");
        let url = format!("{}{path}", self.0.urls().mailbox);
        let answer = Request::new("GET", &url).send().await;
        assert_eq!(answer.status, 200);
        answer.json().as_array().unwrap().clone()
    }

    /// A member of the latest message to an address.
    pub async fn latest(self, email: &str, member: &str) -> String {
        let messages = self.messages(email).await;
        let text = messages.last().and_then(|message| message[member].as_str());
        text.unwrap_or("none").to_owned()
    }

    /// The latest code that was sent to an address.
    pub async fn code(self, email: &str) -> String {
        self.latest(email, "confirmation_code").await
    }

    /// What an administrator does.
    pub async fn administer(self, path: &str, body: Value) -> u16 {
        let request = self.mailbox("POST", path, "http://localhost:8080");
        let request = request.header("Content-Type", "application/json");
        request.body(body.to_string()).send().await.status
    }
}

/// A refusal of Cognito's.
pub fn refused(kind: &str, message: &str) -> (u16, Value) {
    (400, json!({"__type": kind, "message": message}))
}

/// A code of six digits that is not this one.
pub fn another(code: &str) -> String {
    let number: u32 = code.parse().expect("a code of digits");
    format!("{:06}", (number + 1) % 1_000_000)
}
