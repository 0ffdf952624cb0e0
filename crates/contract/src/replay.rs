//! Replaying a group of recorded exchanges on a deployment.

use std::path::Path;

use serde::Serialize;

use crate::{
    compare::{COMPARED, Differing, FOR_PAGES, Part, Rules, compare, recorded_part},
    deployment::Deployment,
    differences::Differences,
    group::{Group, Mode},
    http, mailbox,
    recording::{Answer, Exchange, Recording, Service},
    reduction::Reduction,
    renewal,
    tokens::Forge,
    translation::Translation,
    unrecorded,
};

/// After so many requests in a row without an answer, nothing is asked any longer.
const LONGEST_SILENCE: usize = 3;

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
    fn of(exchange: &Exchange) -> Self {
        let url = exchange.request.url.split('?').next();
        Self {
            exchange: exchange.name.clone(),
            method: exchange.request.method.clone(),
            url: url.unwrap_or_default().to_owned(),
            on_purpose: Vec::new(),
            drifted: Vec::new(),
            not_applicable: None,
        }
    }

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
    let mut outcomes: Vec<Outcome> = Vec::new();
    let mut prepared = unrecorded::catch_up(deployment, group, "");
    let mut unanswered = 0;
    for (index, exchange) in recording.exchanges.iter().enumerate() {
        if !goes_on() {
            break;
        }
        let mut outcome = Outcome::of(exchange);
        outcome.not_applicable = not_applicable(exchange, deployment, &translation);
        if let Err(error) = prepared {
            outcome
                .drifted
                .push(Differing::failed(Part::Preparation, &error));
        }
        if outcome.not_applicable.is_none() {
            let mut request = translation.request(exchange);
            mailbox::fill_in(deployment, &mut request)?;
            match deployment.http.send(&request) {
                Err(error) if unanswered == LONGEST_SILENCE => return Err(error),
                Err(error) => {
                    unanswered += 1;
                    outcome
                        .drifted
                        .push(Differing::failed(Part::Answer, &error));
                }
                Ok(answer) => {
                    unanswered = 0;
                    translation.learn_job(exchange, &answer);
                    let rules = rules(exchange, &answer, deployment, group);
                    let expected = translation.expected(exchange);
                    let differing = differing(&expected, &answer, rules, &translation);
                    translation.learn_signatures(exchange, &answer);
                    let expected = translation.expected(exchange);
                    judge(
                        &differences,
                        (mode, group),
                        differing,
                        &mut outcome,
                        |part| {
                            translation.text_back(&recorded_part(&expected, part, rules.reduction))
                        },
                    );
                    for differing in &outcome.drifted {
                        let (part, reduction) = (&differing.part, rules.reduction);
                        if let Some(change) =
                            renewal::change(part, exchange, &answer, &translation, reduction)
                        {
                            renewed.change(index, change);
                        }
                    }
                }
            }
        }
        prepared = unrecorded::catch_up(deployment, group, &exchange.name);
        outcomes.push(outcome);
    }
    Ok(Replay {
        mode: mode.to_string(),
        group: group.to_string(),
        outcomes,
        renewed,
    })
}

/// All that differs, in the words of the recording, which has no secrets.
fn differing(
    expected: &Answer,
    now: &http::Answer,
    rules: Rules,
    translation: &Translation<'_>,
) -> Vec<Differing> {
    let differing = compare(expected, now, rules).into_iter();
    differing
        .map(|differing| Differing {
            recorded: translation.text_back(&differing.recorded),
            now: translation.text_back(&differing.now),
            ..differing
        })
        .collect()
}

/// Tells what differs on purpose from what has drifted. `recorded` is what was recorded of a part.
fn judge(
    table: &Differences,
    (mode, group): (Mode, Group),
    differing: Vec<Differing>,
    outcome: &mut Outcome,
    recorded: impl Fn(&Part) -> String,
) {
    for (part, said, reason) in table.half_met(mode, group, &outcome.exchange, &differing) {
        let now = recorded(&part);
        if now != said {
            outcome.drifted.push(Differing {
                part,
                recorded: format!("{said} (with the other parts: {reason})"),
                now,
            });
        }
    }
    for differing in differing {
        match table.explain(mode, group, &outcome.exchange, &differing) {
            Some(row) => outcome.on_purpose.push((differing, row.reason.clone())),
            None => outcome.drifted.push(differing),
        }
    }
}

/// What is compared of an exchange.
fn rules(exchange: &Exchange, now: &http::Answer, deployment: &Deployment, group: Group) -> Rules {
    let reduction = match group {
        Group::Frontend => Reduction::Placeholders,
        // Refusals are compared to the letter; ids and tokens differ.
        Group::Cognito if exchange.answer.status.min(now.status) < 400 => Reduction::Shape,
        Group::Jobs if !deployment.address.jobs_wait => Reduction::LettersButStates,
        _ => Reduction::Letters,
    };
    Rules {
        reduction,
        headers: match group {
            Group::Frontend => &COMPARED[..FOR_PAGES],
            _ => &COMPARED,
        },
        is_compact: exchange.service == Service::UserApi,
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
        .or_else(|| mailbox::lacks(exchange, deployment).map(str::to_owned))
}
