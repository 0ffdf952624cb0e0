//! Registration, confirmation, forgotten passwords and locks.

use opencloud_stack::{Family, Fault};
use serde_json::{Value, json};

use crate::{
    faults::bench::{Bench, Checks, cors},
    support::{
        accounts::{NEW, OTHER_PASSWORD, PASSWORD, Pool, another},
        http::Answer,
    },
};

/// An address of an account that the stack has made.
const EXISTING: &str = "second@opencloud.test";

fn pool(b: &Bench) -> Pool<'_> {
    Pool(&b.stack)
}

/// `200`, or the exception's name.
fn outcome((status, body): (u16, Value)) -> String {
    if status == 200 {
        return "200".into();
    }
    let kind = body["__type"].as_str().unwrap_or("no type");
    kind.trim_end_matches("Exception").to_owned()
}

async fn sign_up(b: &Bench, password: &str) -> Answer {
    let members = json!({"Username": NEW, "Password": password});
    pool(b).send("SignUp", members).await
}

#[tokio::test(flavor = "multi_thread")]
async fn accounts() {
    let mut checks = Checks::of(Family::Accounts);
    cors_of_accounts(&mut checks).await;
    changed_answers(&mut checks).await;
    registration(&mut checks).await;
    codes(&mut checks).await;
    recovery(&mut checks).await;
    sign_in(&mut checks).await;
    checks.complete();
}

async fn cors_of_accounts(checks: &mut Checks) {
    let good = async |b: &Bench| cors(&sign_up(b, PASSWORD).await);
    checks
        .check(Fault::SignUpWithoutCors, good, "200 * -", "200 - -")
        .await;
    let weak = async |b: &Bench| cors(&sign_up(b, "weak").await);
    checks
        .check(Fault::SignUpRefusalsWithoutCors, weak, "400 * -", "400 - -")
        .await;
    let wrong = async |b: &Bench| {
        let members = json!({"Username": NEW, "ConfirmationCode": "123456"});
        cors(&pool(b).send("ConfirmSignUp", members).await)
    };
    checks
        .check(Fault::WrongCodeWithoutCors, wrong, "400 * -", "400 - -")
        .await;
    let forgot = async |b: &Bench| {
        let members = json!({"Username": EXISTING});
        cors(&pool(b).send("ForgotPassword", members).await)
    };
    checks
        .check(
            Fault::ForgotPasswordWithoutCors,
            forgot,
            "200 * -",
            "200 - -",
        )
        .await;
}

async fn changed_answers(checks: &mut Checks) {
    let weak = async |b: &Bench| outcome(pool(b).sign_up(NEW, "weak").await);
    checks
        .check(
            Fault::SignUpRefusalOfAnotherKind,
            weak,
            "InvalidParameter",
            "InternalError",
        )
        .await;
    let without_reason = async |b: &Bench| {
        let attribute = json!([{"Name": "custom:request_details", "Value": "I test"}]);
        let members = json!({"Username": NEW, "Password": PASSWORD, "UserAttributes": attribute});
        let answer = pool(b).send("SignUp", members).await;
        outcome((answer.status, answer.json()))
    };
    checks
        .check(
            Fault::PoolLacksAnAttribute,
            without_reason,
            "200",
            "InvalidParameter",
        )
        .await;
    let message = async |b: &Bench| {
        let (_, body) = pool(b).reset(EXISTING, "123456", PASSWORD).await;
        body["message"].as_str().unwrap().to_owned()
    };
    checks
        .check(
            Fault::WrongCodeWithoutMessage,
            message,
            "Invalid code provided, please request a code again.",
            "",
        )
        .await;
    let details = async |b: &Bench| {
        let (_, answer) = pool(b).sign_up(NEW, PASSWORD).await;
        answer["CodeDeliveryDetails"]["Destination"].to_string()
    };
    checks
        .check(
            Fault::SignUpLacksDestination,
            details,
            "\"n***@o***\"",
            "null",
        )
        .await;
    let details = async |b: &Bench| {
        let (_, answer) = pool(b).forgot(EXISTING).await;
        answer["CodeDeliveryDetails"]["Destination"].to_string()
    };
    checks
        .check(
            Fault::ForgotPasswordLacksDestination,
            details,
            "\"s***@o***\"",
            "null",
        )
        .await;
    let resent = async |b: &Bench| {
        sign_up(b, PASSWORD).await;
        let members = json!({"Username": NEW});
        cors(&pool(b).send("ResendConfirmationCode", members).await)
    };
    checks
        .check(Fault::ResendFails, resent, "200 * -", "500 - -")
        .await;
}

async fn registration(checks: &mut Checks) {
    let weak = async |b: &Bench| outcome(pool(b).sign_up(NEW, "weak").await);
    checks
        .check(Fault::WeakPasswordAccepted, weak, "InvalidParameter", "200")
        .await;
    let overwritten = async |b: &Bench| {
        let pool = pool(b);
        let second = outcome(pool.sign_up(EXISTING, PASSWORD).await);
        format!(
            "{second}, then {}",
            outcome(pool.sign_in(EXISTING, PASSWORD).await)
        )
    };
    checks
        .check(
            Fault::SignUpOverwrites,
            overwritten,
            "UsernameExists, then NotAuthorized",
            "200, then 200",
        )
        .await;
    let confirmed = async |b: &Bench| {
        let (_, answer) = pool(b).sign_up(NEW, PASSWORD).await;
        let signed_in = outcome(pool(b).sign_in(NEW, PASSWORD).await);
        format!("{}, then {signed_in}", answer["UserConfirmed"])
    };
    checks
        .check(
            Fault::SignUpConfirmsAtOnce,
            confirmed,
            "false, then UserNotConfirmed",
            "true, then 200",
        )
        .await;
    let attributes = async |b: &Bench| {
        let pool = pool(b);
        pool.register(NEW).await;
        let (_, tokens) = pool.sign_in(NEW, PASSWORD).await;
        let access = &tokens["AuthenticationResult"]["AccessToken"];
        let (_, user) = pool.call("GetUser", json!({"AccessToken": access})).await;
        let attributes = user["UserAttributes"].as_array().unwrap();
        let names = attributes.iter().map(|one| one["Name"].as_str().unwrap());
        names.collect::<Vec<_>>().join(" ")
    };
    checks
        .check(
            Fault::AttributesAreLost,
            attributes,
            "email email_verified sub custom:request_details",
            "email email_verified sub",
        )
        .await;
}

async fn codes(checks: &mut Checks) {
    let messages = async |b: &Bench| {
        sign_up(b, PASSWORD).await;
        pool(b).messages(NEW).await.len().to_string()
    };
    checks.check(Fault::MailIsLost, messages, "1", "0").await;
    let wrong = async |b: &Bench| {
        sign_up(b, PASSWORD).await;
        let code = another(&pool(b).code(NEW).await);
        outcome(pool(b).confirm(NEW, &code).await)
    };
    checks
        .check(Fault::CodesNotChecked, wrong, "CodeMismatch", "200")
        .await;
    let expired = async |b: &Bench| {
        let pool = pool(b);
        sign_up(b, PASSWORD).await;
        pool.administer("/expirations", json!({"email": NEW})).await;
        outcome(pool.confirm(NEW, &pool.code(NEW).await).await)
    };
    checks
        .check(Fault::AcceptsExpiredCode, expired, "ExpiredCode", "200")
        .await;
    let told = async |b: &Bench| {
        let answer = sign_up(b, PASSWORD).await.text();
        answer.contains(&pool(b).code(NEW).await).to_string()
    };
    checks
        .check(Fault::CodeInTheAnswer, told, "false", "true")
        .await;
    let member = async |b: &Bench| {
        let pool = pool(b);
        pool.register(NEW).await;
        let (_, tokens) = pool.sign_in(NEW, PASSWORD).await;
        pool.user(&tokens).await.0.to_string()
    };
    checks
        .check(Fault::ConfirmMakesMember, member, "401", "200")
        .await;
    let again = async |b: &Bench| {
        let pool = pool(b);
        pool.register(NEW).await;
        outcome(pool.confirm(NEW, &pool.code(NEW).await).await)
    };
    checks
        .check(Fault::ConfirmsTwice, again, "NotAuthorized", "200")
        .await;
}

/// The outcomes of a reset, and then of what is tried after it.
async fn after_reset(
    b: &Bench,
    then: impl AsyncFnOnce(Pool<'_>, &str, &Value) -> (u16, Value),
) -> String {
    let pool = pool(b);
    pool.register(NEW).await;
    let (_, tokens) = pool.sign_in(NEW, PASSWORD).await;
    pool.forgot(NEW).await;
    let code = pool.code(NEW).await;
    let reset = outcome(pool.reset(NEW, &code, OTHER_PASSWORD).await);
    let then = outcome(then(pool, &code, &tokens).await);
    format!("{reset}, then {then}")
}

async fn recovery(checks: &mut Checks) {
    let twice = async |b: &Bench| {
        let again =
            async |pool: Pool<'_>, code: &str, _: &Value| pool.reset(NEW, code, PASSWORD).await;
        after_reset(b, again).await
    };
    let (used, accepted) = ("200, then ExpiredCode", "200, then 200");
    checks
        .check(Fault::CodeWorksTwice, twice, used, accepted)
        .await;
    let sessions = async |b: &Bench| {
        let refresh = async |pool: Pool<'_>, _: &str, tokens: &Value| pool.refresh(tokens).await;
        after_reset(b, refresh).await
    };
    let refused = "200, then NotAuthorized";
    checks
        .check(Fault::ResetKeepsSessions, sessions, refused, accepted)
        .await;
    let old = async |b: &Bench| {
        let sign_in = async |pool: Pool<'_>, _: &str, _: &Value| pool.sign_in(NEW, PASSWORD).await;
        after_reset(b, sign_in).await
    };
    checks
        .check(Fault::ResetKeepsOldPassword, old, refused, accepted)
        .await;
    let weak = async |b: &Bench| {
        let pool = pool(b);
        pool.forgot(EXISTING).await;
        outcome(
            pool.reset(EXISTING, &pool.code(EXISTING).await, "weak-password")
                .await,
        )
    };
    checks
        .check(
            Fault::WeakNewPasswordAccepted,
            weak,
            "InvalidPassword",
            "200",
        )
        .await;
    let unknown = async |b: &Bench| {
        let pool = pool(b);
        let sign_in = outcome(pool.sign_in("nobody@opencloud.test", PASSWORD).await);
        format!(
            "{sign_in}, {}",
            outcome(pool.forgot("nobody@opencloud.test").await)
        )
    };
    checks
        .check(
            Fault::ForgotPasswordRevealsUsers,
            unknown,
            "UserNotFound, UserNotFound",
            "NotAuthorized, UserNotFound",
        )
        .await;
}

async fn sign_in(checks: &mut Checks) {
    let unconfirmed = async |b: &Bench| {
        sign_up(b, PASSWORD).await;
        outcome(pool(b).sign_in(NEW, PASSWORD).await)
    };
    checks
        .check(
            Fault::UnconfirmedMaySignIn,
            unconfirmed,
            "UserNotConfirmed",
            "200",
        )
        .await;
    let locked = async |b: &Bench| {
        for _ in 0..5 {
            pool(b).sign_in(EXISTING, PASSWORD).await;
        }
        let (_, body) = pool(b).sign_in(EXISTING, PASSWORD).await;
        body["message"].as_str().unwrap().to_owned()
    };
    checks
        .check(
            Fault::LockNeverComes,
            locked,
            "Password attempts exceeded",
            "Incorrect username or password.",
        )
        .await;
    let after_a_second = async |b: &Bench| {
        locked(b).await;
        tokio::time::sleep(std::time::Duration::from_millis(1100)).await;
        let accounts = b.stack.accounts();
        let account = accounts.iter().find(|account| account.email == EXISTING);
        outcome(pool(b).sign_in(EXISTING, &account.unwrap().password).await)
    };
    checks
        .check(Fault::LockNeverEnds, after_a_second, "200", "NotAuthorized")
        .await;
    invitation(checks).await;
}

/// The temporary password of an invitation, and the answer to a sign-in with it.
async fn invited(b: &Bench) -> (String, Value) {
    let pool = pool(b);
    pool.administer("/invitations", json!({"email": NEW})).await;
    let temporary = pool.latest(NEW, "temporary_password").await;
    let (_, answer) = pool.sign_in(NEW, &temporary).await;
    (temporary, answer)
}

async fn invitation(checks: &mut Checks) {
    let challenge = async |b: &Bench| invited(b).await.1["ChallengeName"].to_string();
    checks
        .check(
            Fault::TemporaryPasswordIsEnough,
            challenge,
            "\"NEW_PASSWORD_REQUIRED\"",
            "null",
        )
        .await;
    let chosen = async |b: &Bench| {
        let challenge = invited(b).await.1;
        let members = json!({
            "ChallengeName": "NEW_PASSWORD_REQUIRED",
            "ChallengeResponses": {"USERNAME": NEW, "NEW_PASSWORD": PASSWORD},
            "Session": challenge["Session"],
        });
        cors(&pool(b).send("RespondToAuthChallenge", members).await)
    };
    checks
        .check(Fault::ChallengeResponseFails, chosen, "200 * -", "500 - -")
        .await;
    let stays = async |b: &Bench| {
        let (temporary, challenge) = invited(b).await;
        pool(b).choose(NEW, &challenge, PASSWORD).await;
        outcome(pool(b).sign_in(NEW, &temporary).await)
    };
    checks
        .check(Fault::TemporaryPasswordStays, stays, "NotAuthorized", "200")
        .await;
}
