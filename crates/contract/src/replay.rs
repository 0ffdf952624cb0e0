//! Replaying a group of recorded exchanges on a deployment.

use std::path::Path;

use serde::Serialize;

use crate::{
    compare::{COMPARED, Differing, FOR_PAGES, Part, Rules, compare, recorded_part},
    deployment::Deployment,
    differences::Differences,
    group::Group,
    http, mailbox, preparation,
    recording::{Change, Exchange, Recording},
    reduction::Reduction,
    renewal,
    service::Service,
    tokens::Forge,
    translation::Translation,
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
    let recording = Recording::read(recordings, mode, group)?;
    let mut renewed = recording.clone();
    let mut session = Session {
        deployment,
        group,
        table: Differences::read()?,
        translation: Translation::new(recordings, deployment, group, forge)?,
        unanswered: 0,
    };
    let mut outcomes = Vec::new();
    let mut prepared = preparation::catch_up(deployment, group, "");
    for (index, exchange) in recording.exchanges.iter().enumerate() {
        if !goes_on() {
            break;
        }
        let mut outcome = Outcome::of(exchange);
        if let Err(error) = prepared {
            let refused = Differing::failed(Part::Preparation, &error);
            outcome.drifted.push(refused);
        }
        for change in session.replay(exchange, &mut outcome)? {
            renewed.change(index, change);
        }
        prepared = preparation::catch_up(deployment, group, &exchange.name);
        outcomes.push(outcome);
    }
    Ok(Replay {
        mode: mode.to_string(),
        group: group.to_string(),
        outcomes,
        renewed,
    })
}

/// A group under way.
struct Session<'d> {
    deployment: &'d Deployment,
    group: Group,
    table: Differences,
    translation: Translation<'d>,
    /// How many requests in a row got no answer.
    unanswered: usize,
}

impl Session<'_> {
    /// Sends a recorded request, and notes how it went. Returns what has to change in the recording.
    fn replay(
        &mut self,
        exchange: &Exchange,
        outcome: &mut Outcome,
    ) -> anyhow::Result<Vec<Change>> {
        outcome.not_applicable = not_applicable(exchange, self.deployment, &self.translation);
        if outcome.not_applicable.is_some() {
            return Ok(Vec::new());
        }
        let mut request = self.translation.request(exchange);
        if let Err(error) = mailbox::fill_in(self.deployment, &mut request) {
            let missing = Differing::failed(Part::Preparation, &error);
            outcome.drifted.push(missing);
        }
        match self.deployment.http.send(&request) {
            Ok(answer) => {
                self.unanswered = 0;
                Ok(self.compare(exchange, &answer, outcome))
            }
            Err(error) if self.unanswered == LONGEST_SILENCE => Err(error),
            Err(error) => {
                self.unanswered += 1;
                outcome
                    .drifted
                    .push(Differing::failed(Part::Answer, &error));
                Ok(Vec::new())
            }
        }
    }

    fn compare(
        &mut self,
        exchange: &Exchange,
        answer: &http::Answer,
        outcome: &mut Outcome,
    ) -> Vec<Change> {
        self.translation.learn_job(exchange, answer);
        let rules = rules(exchange, answer, self.deployment, self.group);
        let expected = self.translation.expected(exchange);
        let back = |text: &str| self.translation.text_back(text);
        // In the words of the recording, which has no secrets.
        let differing = compare(&expected, answer, rules).into_iter();
        let differing = differing.map(|differing| Differing {
            recorded: back(&differing.recorded),
            now: back(&differing.now),
            ..differing
        });
        let recorded = |part: &Part| back(&recorded_part(&expected, part, rules.reduction));
        self.judge(differing.collect(), outcome, recorded);
        let changes = outcome.drifted.iter().filter_map(|differing| {
            let (part, reduction) = (&differing.part, rules.reduction);
            renewal::change(part, exchange, answer, &self.translation, reduction)
        });
        let changes = changes.collect();
        self.translation.learn_signatures(exchange, answer);
        changes
    }

    /// Tells what differs on purpose from what has drifted. `recorded` is what was recorded of a part.
    fn judge(
        &self,
        differing: Vec<Differing>,
        outcome: &mut Outcome,
        recorded: impl Fn(&Part) -> String,
    ) {
        let (mode, group, name) = (self.deployment.mode, self.group, &outcome.exchange);
        for (part, said, reason) in self.table.half_met(mode, group, name, &differing) {
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
            match self.table.explain(mode, group, name, &differing) {
                Some(row) => {
                    let reason = row.reason.clone();
                    outcome.on_purpose.push((differing, reason));
                }
                None => outcome.drifted.push(differing),
            }
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
