//! Access to the mailbox, and the work of an administrator there.

use serde_json::json;

use super::start;
use crate::support::{
    accounts::{NEW, PASSWORD, Pool},
    http::Answer,
};

const FRONTEND: &str = "http://localhost:8080";
const FOREIGN: &str = "http://evil.localhost:8080";

fn allowed(answer: &Answer) -> Option<&str> {
    answer.header("access-control-allow-origin")
}

#[tokio::test]
async fn only_pages_of_the_frontend_may_read_it() {
    let stack = start().await;
    let pool = Pool(&stack);
    pool.sign_up(NEW, PASSWORD).await;
    let code = pool.code(NEW).await;
    let own = stack.urls().cognito.clone();
    for (origin, status, header) in [
        (FRONTEND, 200, Some(FRONTEND)),
        (own.as_str(), 200, None),
        (FOREIGN, 403, None),
        ("null", 403, None),
    ] {
        let answer = pool.mailbox("GET", "/messages", origin).send().await;
        assert_eq!(
            (answer.status, allowed(&answer)),
            (status, header),
            "{origin}"
        );
        assert_eq!(answer.text().contains(&code), status == 200, "{origin}");
        assert_eq!(answer.header("vary"), Some("Origin"));
        assert_eq!(answer.header("cache-control"), Some("no-store"));
        let preflight = pool.mailbox("OPTIONS", "/groups", origin).send().await;
        assert_eq!(allowed(&preflight), header, "{origin}");
    }
}

#[tokio::test]
async fn other_pages_change_nothing() {
    let stack = start().await;
    let pool = Pool(&stack);
    pool.register(NEW).await;
    let member = json!({"email": NEW, "group": "users"}).to_string();
    let post = |origin: &str, content_type: &str| {
        let request = pool.mailbox("POST", "/groups", origin);
        request
            .header("Content-Type", content_type)
            .body(member.clone())
    };
    assert_eq!(post(FOREIGN, "application/json").send().await.status, 403);
    // A form of a page could send this without a preflight.
    assert_eq!(post(FRONTEND, "text/plain").send().await.status, 415);
    let (_, tokens) = pool.sign_in(NEW, PASSWORD).await;
    assert_eq!(pool.user(&tokens).await.0, 401);
    assert_eq!(post(FRONTEND, "application/json").send().await.status, 204);
    let (_, tokens) = pool.sign_in(NEW, PASSWORD).await;
    assert_eq!(pool.user(&tokens).await.0, 200);
}

#[tokio::test]
async fn what_cannot_be_done_is_refused_with_its_reason() {
    let stack = start().await;
    let pool = Pool(&stack);
    for (path, body, status, reason) in [
        (
            "/groups",
            json!({"email": NEW, "group": "users"}),
            404,
            "no account",
        ),
        (
            "/groups",
            json!({"email": "user@opencloud.test", "group": "admins"}),
            422,
            "there are: users, workers, cloud",
        ),
        (
            "/invitations",
            json!({"email": "nobody"}),
            422,
            "not an e-mail address",
        ),
        (
            "/invitations",
            json!({"email": "user@opencloud.test"}),
            409,
            "already",
        ),
        ("/expirations", json!({"email": NEW}), 404, "no account"),
    ] {
        let request = pool.mailbox("POST", path, FRONTEND);
        let request = request.header("Content-Type", "application/json");
        let answer = request.body(body.to_string()).send().await;
        assert_eq!(answer.status, status, "{path} {body}");
        assert!(answer.text().contains(reason), "{}", answer.text());
    }
    let page = pool.mailbox("GET", "", FRONTEND).send().await;
    assert_eq!(page.status, 200);
    assert_eq!(
        page.header("content-type"),
        Some("text/html; charset=utf-8")
    );
    let unknown = pool.mailbox("GET", "/nothing", FRONTEND).send().await;
    assert!(unknown.status >= 400);
    // Cognito itself answers beside it as before.
    assert_eq!(
        pool.outcome("DeletePool", json!({})).await,
        "UnknownOperationException"
    );
}

#[tokio::test]
async fn an_address_finds_its_own_messages_only() {
    let stack = start().await;
    let pool = Pool(&stack);
    pool.sign_up(NEW, PASSWORD).await;
    pool.sign_up("other@opencloud.test", PASSWORD).await;
    pool.administer("/invitations", json!({"email": "third@opencloud.test"}))
        .await;
    let messages = pool.messages("NEW@opencloud.test").await;
    assert_eq!(messages.len(), 1);
    assert_eq!(messages[0]["purpose"], "confirmation");
    assert_eq!(messages[0].get("temporary_password"), None);
    let invitation = pool.messages("third@opencloud.test").await;
    assert_eq!(invitation[0]["purpose"], "invitation");
    assert_eq!(invitation[0].get("confirmation_code"), None);
}
