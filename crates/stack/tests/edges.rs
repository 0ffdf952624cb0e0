//! Requests at the edges of what the services do: what the real ones answer, and what the stack does.
//! Each row that differs says why. The real answers were measured with the UserAPI of the recordings.

mod ask;
mod bodies;
mod downloads;
mod forms;
mod jobs;
mod renames;
mod s3;
mod table;

use opencloud_stack::{Stack, config::FileMode};

use crate::{
    edges::table::Edge,
    support::{self, http::Answer},
};

/// Runs every row in each of its modes.
async fn check(rows: &[Edge]) {
    for mode in support::MODES {
        let rows: Vec<_> = rows.iter().filter(|row| row.is_in(mode)).collect();
        if !rows.is_empty() {
            check_in(mode, &rows).await;
        }
    }
}

async fn check_in(mode: FileMode, rows: &[&Edge]) {
    let stack = support::start(support::config(mode, support::NEVER)).await;
    let user = support::session::Session::first(&stack).await;
    let mut complaints = Vec::new();
    for row in rows {
        row.ask.prepare(&user).await;
        let mut answer = row.ask.send(&user, &stack).await;
        answer.body = nameless(&answer, &stack).into_bytes();
        let left = match row.left {
            Some(_) => Some(ask::left(&user).await),
            None => None,
        };
        let differs = row.compare(&answer, left.as_deref());
        complaints.extend(differs.map(|differs| format!("{mode:?}, {}: {differs}", row.ask)));
    }
    stack.stop().await;
    assert!(complaints.is_empty(), "\n{}", complaints.join("\n"));
}

/// The body, in which `<s3>` and `<user>` stand for what is another in each stack.
fn nameless(answer: &Answer, stack: &Stack) -> String {
    let mut text = answer.text().replace(&stack.urls().s3, "<s3>");
    for account in stack.accounts() {
        text = text.replace(&account.sub, "<user>");
    }
    text
}

#[tokio::test(flavor = "multi_thread")]
async fn renames() {
    check(renames::ROWS).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn downloads() {
    check(downloads::MEDIA_TYPES).await;
    check(downloads::RANGES).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn forms() {
    check(forms::NAMES).await;
    check(forms::FORMS).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn bodies() {
    check(bodies::BODIES).await;
    check(bodies::NUMBERS).await;
    check(bodies::TOKENS).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn s3() {
    check(s3::ROWS).await;
}
