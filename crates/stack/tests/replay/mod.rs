//! Replaying a group of recorded exchanges.
#![allow(unreachable_pub, reason = "a module of a test is nobody else's")]

mod compare;
pub mod differences;
mod recording;
mod translate;

use opencloud_stack::config::FileMode;

use self::{
    compare::Part,
    differences::Difference,
    recording::{Exchange, read_group},
    translate::Translation,
};
use crate::support::{self, NEVER, config, http::Request};

/// Files that were removed again while recording, by requests that were not recorded: the later
/// listings do not have them. The exchange that made each, and its path.
const UNRECORDED_DELETES: [(&str, &str); 2] = [
    ("upload_filename_with_path", "config/exp/a/"),
    ("presigned_post_other_origin", "config/exp/o.txt"),
];

/// How a whole group went.
pub struct Outcome {
    mode: &'static str,
    group: String,
    /// For each exchange its name, and what differed with the details.
    exchanges: Vec<(String, Vec<(Part, String)>)>,
}

/// Replays a group on a fresh stack.
pub async fn replay(mode: FileMode, group: &str) -> Outcome {
    let name = match mode {
        FileMode::Local => "local",
        FileMode::S3 => "s3",
    };
    // No worker touches a job: the recordings of these groups had none.
    let stack = support::start(config(mode, NEVER)).await;
    let mut translation = Translation::new(&stack, name).await;
    if group == "jobs" {
        // The jobs were recorded when these files were already there.
        let uploads = read_group(name, "files").into_iter().filter(|exchange| {
            exchange.name.starts_with("config_exp_") || exchange.name.starts_with("data_exp_")
        });
        for exchange in uploads {
            let answer = translation.request(&exchange).send().await;
            assert!(answer.status < 300, "{}: {answer:?}", exchange.name);
            translation.learn(&exchange, &answer);
        }
    }
    let mut exchanges = Vec::new();
    for exchange in read_group(name, group) {
        let differs = replay_one(&exchange, &mut translation).await;
        for (_, path) in UNRECORDED_DELETES
            .iter()
            .filter(|(made, _)| *made == exchange.name)
        {
            let url = format!("{}/files/{path}", stack.urls().user_api);
            let deleted = Request::new("DELETE", &url)
                .header(
                    "Authorization",
                    &format!("Bearer {}", translation.first_token()),
                )
                .send()
                .await;
            assert_eq!(deleted.status, 204, "{path}");
        }
        exchanges.push((exchange.name, differs));
    }
    stack.stop().await;
    Outcome {
        mode: name,
        group: group.to_owned(),
        exchanges,
    }
}

async fn replay_one(exchange: &Exchange, translation: &mut Translation) -> Vec<(Part, String)> {
    if exchange.url.starts_with("http://localhost:8001") {
        return vec![(Part::NotSent, "it asks the WorkerAPI".into())];
    }
    let answer = translation.request(exchange).send().await;
    translation.learn(exchange, &answer);
    compare::compare(&translation.expected(exchange), &answer)
}

impl Outcome {
    pub fn exchanges(&self) -> usize {
        self.exchanges.len()
    }

    /// Unexpected differences, and expected ones that are missing.
    pub fn against(&self, table: &[Difference]) -> Vec<String> {
        let mut complaints = Vec::new();
        let rows: Vec<_> = table
            .iter()
            .filter(|row| row.is_for(self.mode, &self.group))
            .collect();
        for (name, differs) in &self.exchanges {
            let expected: Vec<Part> = rows
                .iter()
                .filter(|row| row.exchanges.contains(&name.as_str()))
                .flat_map(|row| row.parts.iter().copied())
                .collect();
            for (part, details) in differs {
                if !expected.contains(part) {
                    complaints.push(format!("{name}: {part:?} differs: {details}"));
                }
            }
            for part in &expected {
                if !differs.iter().any(|(differing, _)| differing == part) {
                    complaints.push(format!(
                        "{name}: {part:?} is in the table but no longer differs"
                    ));
                }
            }
        }
        for listed in rows.iter().flat_map(|row| row.exchanges) {
            if !self.exchanges.iter().any(|(name, _)| name == listed) {
                complaints.push(format!("{listed}: is in the table but not recorded"));
            }
        }
        complaints
    }
}
