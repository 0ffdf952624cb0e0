//! Why the UserAPI failed, as far as other requests show it. A 500 tells nothing itself, but which of its
//! endpoints fail tells what behind the UserAPI is at fault.

use std::time::Duration;

use opencloud_model::service::Service;
use secrecy::SecretString;

use super::{client::UserApi, endpoint::Endpoint, stale::explain_repeated};
use crate::{
    http::{Answer, Failure, Problem, Request, SUCCESS},
    page,
};

/// The start of the detail with which the UserAPI passes a refusal of the WorkerAPI on.
const ENQUEUEING: &str = "Error while enqueueing";

impl UserApi {
    /// `failure` of `request`, with what stands behind the UserAPI's error, if it is one.
    pub(super) async fn explained(
        &self,
        failure: Failure,
        request: &Request,
        token: &SecretString,
    ) -> Failure {
        if let Some(why) = enqueueing(&failure) {
            return failure.because(&why);
        }
        let asked = request.clone().bearer(token);
        if let Some(why) = Box::pin(explain_repeated(&self.http, &asked, &failure)).await {
            return failure.because(&why);
        }
        let Some(status) = failure.service_error() else {
            return failure;
        };
        let (reason, setting) = self.what_fails(request, token).await;
        let unreadable = match failure.problem {
            Problem::Blocked { .. } => {
                "; its answer carries no access-control-allow-origin, so no page can read it"
            }
            _ => "",
        };
        let why = format!(
            "the UserAPI failed ({status}): {reason}{unreadable} ({status} from UserAPI, {setting})"
        );
        failure.because(&why)
    }

    /// Which of the endpoints fail, and the setting that decides for these.
    async fn what_fails(
        &self,
        request: &Request,
        token: &SecretString,
    ) -> (&'static str, &'static str) {
        const ITS_LOG: &str = "its log";
        const OTHERS_SUCCEED: (&str, &str) = ("other requests succeed", ITS_LOG);
        let has_succeeded_before = (
            if request.is_idempotent() {
                "such a request has succeeded before in this run, so it fails over what this one asks for, or over what \
                 was done in between"
            } else {
                "such a request has succeeded before in this run, so it fails over what this one asks for, over what was \
                 done in between, or at one of several instances alone"
            },
            ITS_LOG,
        );
        let has_succeeded = self.http.has_succeeded(&request.kind());
        let succeeds = async |endpoint: Endpoint, parameters: &[&str]| {
            let probe = self.request(endpoint, parameters).bearer(token);
            self.http
                .send(probe)
                .await
                .is_ok_and(|answer| answer.status() < 500)
        };
        let Some(endpoint) = Endpoint::of(request) else {
            return OTHERS_SUCCEED;
        };
        if endpoint == Endpoint::User {
            return if succeeds(Endpoint::Jobs, &["0", "1"]).await {
                OTHERS_SUCCEED
            } else {
                ("it fails for other requests, too", ITS_LOG)
            };
        }
        if !succeeds(Endpoint::User, &[]).await {
            return ("it fails for other requests, too", ITS_LOG);
        }
        if endpoint.is_about_files() {
            let another_succeeds = if endpoint == Endpoint::List {
                succeeds(Endpoint::DownloadUrl, &["data/none"]).await
            } else {
                succeeds(Endpoint::List, &[""]).await
            };
            return match (another_succeeds, has_succeeded) {
                (true, false) => ("other requests for files succeed", ITS_LOG),
                (true, true) => has_succeeded_before,
                (false, false) => (
                    "requests for files fail, and others succeed, so it does not reach its storage",
                    "the bucket S3_BUCKET or USER_DATA_ROOT_PATH, and the AWS keys that it has",
                ),
                (false, true) => (
                    "this user's requests for files fail, and such requests have succeeded before in this run: it \
                     fails over this user or what the user has stored, or has lost its storage since",
                    "its log; the bucket S3_BUCKET or USER_DATA_ROOT_PATH",
                ),
            };
        }
        let another_succeeds = if endpoint == Endpoint::Jobs {
            succeeds(Endpoint::Job, &["0"]).await
        } else {
            succeeds(Endpoint::Jobs, &["0", "1"]).await
        };
        match (endpoint, another_succeeds, has_succeeded) {
            (_, true, true) => has_succeeded_before,
            (Endpoint::CreateJob, true, false) => (
                "the creation of jobs fails, and jobs can be listed: for it, it asks the WorkerAPI, and \
                 writes into its database",
                "its log; WORKERFACING_API_URL, and whether the WorkerAPI runs; DATABASE_URL, and whether it takes \
                 writes",
            ),
            (_, true, false) => ("other requests for jobs succeed", ITS_LOG),
            (_, false, true) => (
                "requests for jobs fail, which have succeeded before in this run: it cannot write a job as it is by \
                 now, what was done has left its session with the database broken, or it has lost that",
                "its log; DATABASE_URL",
            ),
            (_, false, false) => (
                "requests for jobs fail, and others succeed, so it does not reach its database",
                "DATABASE_URL",
            ),
        }
    }

    /// That no query arrives at the UserAPI, if neither of two endpoints refuses one that is invalid.
    pub async fn explain_query(&self) -> Option<&'static str> {
        for path in ["/files/?recursive=maybe", "/jobs?limit=many"] {
            let name = "a query that must be refused";
            let probe = Request::get(Service::UserApi, name, self.url(path));
            let answer = self.call(probe, &[SUCCESS, 422]).await.ok()?;
            if !answer.is_success() {
                return None;
            }
        }
        Some(
            "; no endpoint refuses an invalid query, so none arrives (UserAPI, the queries that the proxy or \
             the CDN before it passes on)",
        )
    }

    /// What the UserAPI accepts instead of an ID token that it refuses in these words: the access token, or the same
    /// a few seconds later.
    async fn what_is_accepted(&self, token: &SecretString, said: &str) -> Option<String> {
        /// Clocks that are further apart show in the claims.
        const CLOCKS: Duration = Duration::from_secs(5);
        if !said.contains("Not verified") {
            return None;
        }
        let accepts = async |token: &SecretString| {
            let probe = self.request(Endpoint::User, &[]).bearer(token);
            let answer = self.http.send(probe).await;
            answer.is_ok_and(|answer| answer.is_success())
        };
        let access = self.session.access_token().await.ok()?;
        if accepts(&access).await {
            return Some(
                "but GET /user accepts the access token, which the frontend does not send (UserAPI, the token_use that \
                 it demands)"
                    .into(),
            );
        }
        let age = self.session.age();
        if age >= CLOCKS {
            return None;
        }
        page::sleep(CLOCKS.saturating_sub(age)).await;
        accepts(token).await.then(|| {
            format!(
                "but GET /user accepts it {} s after it was issued: the clock of the UserAPI is behind that of Cognito \
                 (UserAPI, the clock of its machine: it allows for no difference)",
                CLOCKS.as_secs()
            )
        })
    }

    /// Why the token of `request` is refused with `failure`: whether the UserAPI accepts it at another address,
    /// or at times, tells.
    pub(super) async fn explain_refusal(
        &self,
        request: &Request,
        token: &SecretString,
        failure: &Failure,
    ) -> String {
        const PROBES: usize = 4;
        let mut accepted = 0;
        for _ in 0..PROBES {
            let probe = self.request(Endpoint::User, &[]).bearer(token);
            let answer = self.http.send(probe).await;
            let status = answer.as_ref().map(Answer::status);
            accepted += usize::from(status.is_ok_and(|status| status == 200));
        }
        let is_elsewhere = Endpoint::of(request) != Some(Endpoint::User);
        match accepted {
            0 => {
                let said = failure.to_string();
                // Boxed because the future is large and seldom needed.
                match Box::pin(self.what_is_accepted(token, &said)).await {
                    Some(why) => why,
                    None => self.session.explain_refusal(token, &said),
                }
            }
            PROBES if is_elsewhere => {
                "but GET /user accepts it, so the token is good and this address asks for something else \
                 (401 from UserAPI, its log)"
                    .into()
            }
            _ => format!(
                "but GET /user accepts it {accepted} of {PROBES} times: one of several instances refuses it \
                 (UserAPI, the instances behind its address: COGNITO_USER_POOL_ID, COGNITO_CLIENT_ID, the \
                 clock and the pool's keys of each)"
            ),
        }
    }
}

/// What it means that the WorkerAPI refused a job.
fn enqueueing(failure: &Failure) -> Option<String> {
    let Problem::Status { status, body, .. } = &failure.problem else {
        return None;
    };
    if !body.contains(ENQUEUEING) {
        return None;
    }
    let setting = match status {
        401 | 403 => {
            "INTERNAL_API_KEY_SECRET, which the UserAPI and the WorkerAPI must share: the user's token \
             is good"
        }
        404 | 405 => "WORKERFACING_API_URL, which leads to something else than the WorkerAPI",
        _ => "the WorkerAPI's log",
    };
    Some(format!(
        "the WorkerAPI refused the job ({status} from WorkerAPI, {setting})"
    ))
}
