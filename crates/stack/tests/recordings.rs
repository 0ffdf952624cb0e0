//! Replays the recorded exchanges of the real service against the stack, and compares the answers.
//!
//! Each group runs on a fresh stack, its requests in their order. What changes from run to run is
//! translated (ids, hosts, tokens, signatures) or compared by its shape (dates, random values).

mod replay;
mod support;

use opencloud_stack::config::FileMode;
use replay::{differences::DIFFERENCES, replay};

async fn check(mode: FileMode, group: &str) {
    let outcome = replay(mode, group).await;
    let complaints = outcome.against(DIFFERENCES);
    assert!(
        complaints.is_empty(),
        "{} of {} exchanges:\n{}",
        complaints.len(),
        outcome.exchanges(),
        complaints.join("\n")
    );
}

macro_rules! replays {
    ($($name:ident: $mode:ident $group:literal;)*) => {
        $(
            #[tokio::test(flavor = "multi_thread")]
            async fn $name() {
                check(FileMode::$mode, $group).await;
            }
        )*
    };
}

replays! {
    local_auth: Local "auth";
    local_cors: Local "cors";
    local_files: Local "files";
    local_jobs: Local "jobs";
    s3_auth: S3 "auth";
    s3_cors: S3 "cors";
    s3_files: S3 "files";
    s3_jobs: S3 "jobs";
}
