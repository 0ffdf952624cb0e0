//! The codes that Cognito sends by mail. Only the embedded `OpenCloud` has a mailbox that can be read;
//! elsewhere nothing is sent.

use anyhow::Context as _;
use serde_json::Value;

use crate::{
    deployment::Deployment,
    http::{self, Request},
    recording::Exchange,
};

/// Actions of Cognito that send a code, need one, or make an account.
const ACTIONS: [&str; 5] = [
    "SignUp",
    "ConfirmSignUp",
    "ResendConfirmationCode",
    "ForgotPassword",
    "ConfirmForgotPassword",
];

/// The code in the recordings.
const CODE: &str = "123456";

/// Why the request of `exchange` is not made at `deployment`, if it is not.
pub(crate) fn lacks(exchange: &Exchange, deployment: &Deployment) -> Option<&'static str> {
    let mut headers = exchange.request.headers.iter();
    let (_, target) = headers.find(|(name, _)| name == "x-amz-target")?;
    let action = target.rsplit('.').next()?;
    let would_send = ACTIONS.contains(&action) && deployment.address.mailbox.is_none();
    would_send.then_some("it would make an account, or send a code by mail")
}

/// Puts the code that was sent last in the place of the recorded one.
pub(crate) fn fill_in(deployment: &Deployment, request: &mut Request) -> anyhow::Result<()> {
    let Some(mailbox) = &deployment.address.mailbox else {
        return Ok(());
    };
    let Some(mut body) = request
        .body
        .as_deref()
        .and_then(|body| serde_json::from_slice::<Value>(body).ok())
    else {
        return Ok(());
    };
    if body["ConfirmationCode"] != CODE {
        return Ok(());
    }
    let mail = deployment.http.send(&Request {
        method: "GET".into(),
        url: format!("{mailbox}/messages"),
        ..Request::default()
    })?;
    let to = body["Username"].clone();
    let code = code(&mail, &to).context("no code has come")?;
    body["ConfirmationCode"] = code.into();
    request.body = Some(body.to_string().into_bytes());
    Ok(())
}

/// The code that was sent last to an address.
fn code(mail: &http::Answer, to: &Value) -> Option<String> {
    let mail = mail.json();
    let mut letters = mail.as_array()?.iter().rev();
    let letter = letters.find(|letter| letter["to"] == *to)?;
    Some(letter["confirmation_code"].as_str()?.to_owned())
}
