//! Replaying a group of recorded exchanges on a deployment.

use std::path::Path;

use serde::Serialize;

use crate::{
    compare::{COMPARED, Differing, FOR_PAGES, Rules, compare},
    deployment::Deployment,
    differences::Differences,
    group::Group,
    mailbox,
    recording::{Exchange, Recording, Service},
    reduction::Reduction,
    renewal,
    tokens::Forge,
    translation::Translation,
    unrecorded,
};

/// How an exchange went.
#[derive(Clone, Debug, Serialize)]
pub struct Outcome {
    /// The exchange.
    pub exchange: String,
    /// The method.
    pub method: String,
    /// The recorded URL, without its query.
    pub url: String,
    /// What differs on purpose, with the reasons.
    pub on_purpose: Vec<(Differing, String)>,
    /// What differs otherwise.
    pub drifted: Vec<Differing>,
    /// Why the request could not be made, if so.
    pub not_applicable: Option<String>,
}

impl Outcome {
    /// All that differs.
    pub fn differing(&self) -> impl Iterator<Item = &Differing> {
        let on_purpose = self.on_purpose.iter().map(|(differing, _)| differing);
        on_purpose.chain(&self.drifted)
    }
}

/// How a group went.
#[derive(Debug, Serialize)]
pub struct Replay {
    /// The mode.
    pub mode: String,
    /// The group.
    pub group: String,
    /// Its exchanges, in their order.
    pub outcomes: Vec<Outcome>,
    /// The recording with what has drifted.
    #[serde(skip)]
    pub renewed: Recording,
}

/// Replays `group` on `deployment`, whose account is empty, as long as `goes_on` says so.
///
/// # Errors
/// If a recording cannot be read, no answer comes, or what was not recorded cannot be caught up on.
pub fn replay(
    recordings: &Path,
    deployment: &Deployment,
    group: Group,
    forge: Option<Forge<'_>>,
    goes_on: &dyn Fn() -> bool,
) -> anyhow::Result<Replay> {
    let mode = deployment.mode;
    let differences = Differences::read()?;
    let recording = Recording::read(recordings, mode, group)?;
    let mut renewed = recording.clone();
    let mut translation = Translation::new(recordings, deployment, group, forge)?;
    let mut outcomes = Vec::new();
    unrecorded::catch_up(deployment, group, "")?;
    for (index, exchange) in recording.exchanges.iter().enumerate() {
        if !goes_on() {
            break;
        }
        let mut outcome = Outcome {
            exchange: exchange.name.clone(),
            method: exchange.request.method.clone(),
            url: exchange
                .request
                .url
                .split('?')
                .next()
                .unwrap_or_default()
                .to_owned(),
            on_purpose: Vec::new(),
            drifted: Vec::new(),
            not_applicable: not_applicable(exchange, deployment, &translation),
        };
        if outcome.not_applicable.is_none() {
            let mut request = translation.request(exchange);
            mailbox::fill_in(deployment, &mut request)?;
            let answer = deployment.http.send(&request)?;
            translation.learn_job(exchange, &answer);
            let expected = translation.expected(exchange);
            let reduction = reduction(exchange, answer.status, deployment, group);
            let rules = Rules {
                reduction,
                headers: compared(group),
                is_compact: exchange.service == Service::UserApi,
            };
            let differing = compare(&expected, &answer, rules);
            translation.learn_signatures(exchange, &answer);
            for differing in differing {
                // In the words of the recording, which has no secrets.
                let differing = Differing {
                    recorded: translation.text_back(&differing.recorded),
                    now: translation.text_back(&differing.now),
                    ..differing
                };
                match differences.explain(mode, group, &exchange.name, &differing) {
                    Some(row) => outcome.on_purpose.push((differing, row.reason.clone())),
                    None => outcome.drifted.push(differing),
                }
            }
            for differing in &outcome.drifted {
                let part = &differing.part;
                renewed.change(
                    index,
                    renewal::change(part, exchange, &answer, &translation, reduction),
                );
            }
        }
        unrecorded::catch_up(deployment, group, &exchange.name)?;
        outcomes.push(outcome);
    }
    Ok(Replay {
        mode: mode.to_string(),
        group: group.to_string(),
        outcomes,
        renewed,
    })
}

/// How much of a group's answers is compared.
fn reduction(exchange: &Exchange, now: u16, deployment: &Deployment, group: Group) -> Reduction {
    match group {
        Group::Frontend => Reduction::Placeholders,
        // Refusals are compared to the letter; ids and tokens differ.
        Group::Cognito if exchange.answer.status.min(now) < 400 => Reduction::Shape,
        Group::Jobs if !deployment.address.jobs_wait => Reduction::LettersButStates,
        _ => Reduction::Letters,
    }
}

/// Why the request of an exchange cannot be made, if it cannot.
fn not_applicable(
    exchange: &Exchange,
    deployment: &Deployment,
    translation: &Translation<'_>,
) -> Option<String> {
    if exchange.service == Service::WorkerApi && deployment.address.worker_api.is_none() {
        return Some("the WorkerAPI cannot be reached".into());
    }
    translation
        .lacks(exchange)
        .map(str::to_owned)
        .or_else(|| mailbox::lacks(exchange, deployment).map(str::to_owned))
}

/// The headers of which a group's recordings tell.
fn compared(group: Group) -> &'static [&'static str] {
    match group {
        Group::Frontend => &COMPARED[..FOR_PAGES],
        _ => &COMPARED,
    }
}
