//! Replays the recorded exchanges of the real services against the stack, and compares the answers.
//!
//! Each group runs on a fresh stack, its requests in their order. What the stack does otherwise on
//! purpose is in the contract's table of differences, and each row of that table is needed.

use std::path::Path;

use crate::support::{self, NEVER, config};
use opencloud_contract::{
    Address, Client, Deployment, Differences, Differing, Group, Login, Mode, Replay, replay,
};
use opencloud_stack::{Stack, config::FileMode};
use tokio::runtime::Handle;

fn files(mode: Mode) -> FileMode {
    match mode {
        Mode::Local => FileMode::Local,
        Mode::S3 => FileMode::S3,
    }
}

fn address(stack: &Stack) -> Address {
    let login = |name: &str| {
        let mut accounts = stack.accounts().iter();
        let account = accounts.find(|a| a.email.starts_with(name)).unwrap();
        Login {
            email: account.email.clone(),
            password: account.password.clone(),
        }
    };
    Address {
        user_api: stack.urls().user_api.clone(),
        cognito: Some(stack.urls().cognito.clone()),
        worker_api: None,
        origin: "http://localhost:8080".into(),
        mailbox: Some(stack.urls().mailbox.clone()),
        user: login("user@"),
        other: Some(login("second@")),
        worker: Some(login("worker@")),
        no_group: Some(login("nogroup@")),
        is_fresh: true,
        jobs_wait: true,
    }
}

/// Replays a group on a fresh stack. No worker touches a job: the recordings had none.
async fn replayed(mode: Mode, group: Group) -> Replay {
    let recordings = Path::new(env!("CARGO_MANIFEST_DIR")).join("../contract/recordings");
    let stack = support::start(config(files(mode), NEVER)).await;
    let address = address(&stack);
    let runtime = Handle::current();
    tokio::task::block_in_place(|| {
        let deployment = Deployment::connect(address, Client::default()).unwrap();
        assert_eq!(deployment.mode, mode);
        let forge = |header: &serde_json::Value, claims: &serde_json::Value| {
            runtime.block_on(sign(&stack, header, claims))
        };
        replay(&recordings, &deployment, group, Some(&forge), &|| true).unwrap()
    })
}

/// Signs a token of these claims with the pool's own key.
async fn sign(stack: &Stack, header: &serde_json::Value, claims: &serde_json::Value) -> String {
    let mut signed = jsonwebtoken::Header::new(jsonwebtoken::Algorithm::RS256);
    signed.kid = match header["kid"].as_str().unwrap() {
        // The emulator's one key.
        "dummy" => Some(stack.cognito().kid().await),
        other => Some(other.to_owned()),
    };
    stack.cognito().sign(&signed, claims).await
}

async fn check(mode: Mode, group: Group) {
    let replay = replayed(mode, group).await;
    let mut complaints = Vec::new();
    let mut met: Vec<(String, Vec<Differing>)> = Vec::new();
    for outcome in &replay.outcomes {
        for differing in &outcome.drifted {
            complaints.push(format!(
                "{}: {} was\n  {}\nand is\n  {}",
                outcome.exchange, differing.part, differing.recorded, differing.now
            ));
        }
        met.push((
            outcome.exchange.clone(),
            outcome.differing().cloned().collect(),
        ));
    }
    let table = Differences::read().unwrap();
    for (exchange, part) in table.unneeded(mode, group, &met) {
        complaints.push(format!(
            "{exchange}: {part} is in the table and does not differ so"
        ));
    }
    assert!(
        complaints.is_empty(),
        "{} of {} exchanges:\n{}",
        complaints.len(),
        replay.outcomes.len(),
        complaints.join("\n")
    );
}

macro_rules! replays {
    ($($name:ident: $mode:ident $group:ident;)*) => {
        $(
            #[tokio::test(flavor = "multi_thread")]
            async fn $name() {
                check(Mode::$mode, Group::$group).await;
            }
        )*
    };
}

replays! {
    local_auth: Local Auth;
    local_cors: Local Cors;
    local_cognito: Local Cognito;
    local_files: Local Files;
    local_jobs: Local Jobs;
    local_frontend: Local Frontend;
    s3_auth: S3 Auth;
    s3_cors: S3 Cors;
    s3_cognito: S3 Cognito;
    s3_files: S3 Files;
    s3_jobs: S3 Jobs;
    s3_frontend: S3 Frontend;
}
