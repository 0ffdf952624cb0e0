//! On a full disk, the stack reports an error and continues to answer.
//!
//! No file of the stack's may become larger than a limit, which stands for a disk that is full.

use std::process::Command;

use crate::support::{
    MODES,
    program::{self, Program},
    session::{Session, job},
};
use opencloud_stack::config::FileMode;

/// How large a file may become, in blocks of 512 bytes: a megabyte.
const BLOCKS: usize = 2048;

/// The program, none of whose files may become larger. The signal that tells of the limit would
/// end it.
fn limited() -> Command {
    let mut shell = Command::new("sh");
    let script = format!("trap '' XFSZ; ulimit -f {BLOCKS}; exec \"$0\" \"$@\"");
    shell.args(["-c", &script, program::PATH]);
    shell
}

async fn still_answers(user: &Session) {
    for path in ["/jobs", "/files/config/"] {
        assert_eq!(user.get(path).await.status, 200, "{path}");
    }
}

#[tokio::test]
async fn a_file_that_cannot_be_kept_is_refused() {
    for mode in MODES {
        let program = Program::start_by(limited(), mode);
        let user = program.user("").await;
        let answer = user.upload("data/d", "large", &vec![7; 2_000_000]).await;
        let said = match mode {
            FileMode::S3 => "<Code>InternalError</Code>",
            FileMode::Local => "Internal Server Error",
        };
        assert_eq!(answer.status, 500, "{mode:?}: {}", answer.text());
        assert!(answer.text().contains(said), "{}", answer.text());
        still_answers(&user).await;
        let small = user.upload("data/d", "small", b"contents").await;
        assert!(matches!(small.status, 201 | 204), "{}", small.text());
        assert_eq!(user.paths("data").await, ["data/d/small"]);
        let complaints = program.stop();
        assert!(complaints.contains("File too large"), "{complaints}");
        assert!(!complaints.contains("panicked"), "{complaints}");
    }
}

#[tokio::test]
async fn a_database_that_cannot_grow_takes_no_more_jobs() {
    for mode in MODES {
        let program = Program::start_by(limited(), mode);
        let user = program.user("").await;
        user.upload_inputs().await;
        // Long names fill it soon.
        let mut jobs = (0..).map(|number| job(&format!("{number:0>10000}")));
        let refused = loop {
            let answer = user.json("POST", "/jobs", &jobs.next().unwrap()).await;
            if answer.status != 201 {
                break answer;
            }
        };
        assert_eq!(refused.status, 500, "{mode:?}: {}", refused.text());
        still_answers(&user).await;
        let complaints = program.stop();
        assert!(
            complaints.contains("the UserAPI could not answer: disk I/O error"),
            "{complaints}"
        );
        assert!(!complaints.contains("panicked"), "{complaints}");
    }
}
