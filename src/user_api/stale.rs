//! Answers that were right once, or are right elsewhere: what several instances, a delay or a cache do to a
//! request, which the same request again tells apart.

use std::time::Duration;

use opencloud_model::{cause::Cause, observation::is_for_a_moment, service::Service};

use super::{client::UserApi, endpoint::Endpoint};
use crate::{
    http::{self, Http, Method, Problem, Request},
    job::Job,
    page::{self, Instant},
};

/// How often a request is repeated whose answer was wrong.
const REPEATS: usize = 4;
/// How often it is repeated once it is right, because one of several instances may have been asked each time.
const MORE_REPEATS: usize = 6;

/// How an answer is wrong that another one to the same request corrects.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stale {
    /// It was right a moment later.
    ForAMoment,
    /// Some of the answers are right: this many of that many.
    AtTimes(usize, usize),
    /// It is right at an address that was never asked for.
    Stored {
        /// Whether it is right as well if the browser asks for it anew.
        is_right_anew: bool,
    },
}

impl Stale {
    /// How it is wrong, and what to look at, where `store` is what the answer is about.
    #[must_use]
    pub fn told(self, store: &str) -> String {
        match self {
            Self::ForAMoment => format!(
                "is an earlier one, and right a moment later: it is read before what was written has arrived \
                 (UserAPI, the {store} behind it, and whatever it reads instead)"
            ),
            Self::AtTimes(right, of) => format!(
                "is an earlier one; the same request is answered right {right} of {of} times: several \
                 instances do not share their {store}, or one of them keeps answers (UserAPI, the instances \
                 behind its address)"
            ),
            Self::Stored { is_right_anew } => {
                let whose = if is_right_anew {
                    "from the browser's cache, or from one before the UserAPI that heeds what the browser asks \
                     for (UserAPI, Cache-Control: no-store, and what the proxy before it stores)"
                } else {
                    "from a cache between the page and the UserAPI (UserAPI, what the proxy before it stores)"
                };
                format!(
                    "is an earlier one; the same at an address that was never asked for is right, so answers \
                     come {whose}"
                )
            }
        }
    }
}

/// How long what was written may take to arrive.
const LAG: Duration = Duration::from_secs(4);

impl UserApi {
    /// How an answer is wrong, if it is right at times. `is_right` sends the request again, changed, and is `None`
    /// where its answer tells nothing. If something has stored the answer, no address is asked for twice from
    /// then on, so this is found once a run.
    pub(super) async fn staleness(
        &self,
        is_right: impl AsyncFn(fn(Request) -> Request) -> Option<bool>,
    ) -> Option<Stale> {
        let same = |request| request;
        // Of these, only time and chance tell one from another.
        let mut repeated = vec![is_right(same).await?];
        let elsewhere = is_right(Request::unrepeated).await?;
        while repeated.len() < REPEATS {
            repeated.push(is_right(same).await?);
        }
        let is_right_now = |repeated: &[bool]| repeated.contains(&true) && repeated.is_sorted();
        while is_right_now(&repeated) && repeated.len() < REPEATS + MORE_REPEATS {
            repeated.push(is_right(same).await?);
        }
        if is_right_now(&repeated) {
            return Some(Stale::ForAMoment);
        }
        let right = repeated.iter().filter(|right| **right).count();
        if right > 0 {
            return Some(Stale::AtTimes(right, repeated.len()));
        }
        if !elsewhere {
            let since = Instant::now();
            while since.elapsed() < LAG {
                page::sleep(LAG / 20).await;
                if is_right(same).await? {
                    return Some(Stale::ForAMoment);
                }
            }
            return None;
        }
        // What chooses one of several instances by the address finds the same one for the same address.
        let mut right = 1;
        for _ in 0..REPEATS {
            right += usize::from(is_right(Request::unrepeated).await?);
        }
        if right <= REPEATS {
            return Some(Stale::AtTimes(right, REPEATS + 1));
        }
        let is_right_anew = is_right(Request::anew).await?;
        self.http.bypass_shared_caches();
        Some(Stale::Stored { is_right_anew })
    }

    /// How the answer for job `id` is wrong, if another one for it `is_right`.
    pub async fn explain_stale_job(
        &self,
        id: i64,
        is_right: impl Fn(&Job) -> bool,
    ) -> Option<Stale> {
        let ask = async |change: fn(Request) -> Request| {
            let request = self.request(Endpoint::Job, &[&id.to_string()]);
            let answer = self
                .call(change(request), &[http::SUCCESS, 404])
                .await
                .ok()?;
            if answer.status() == 404 {
                return Some(false);
            }
            Some(is_right(&answer.json().await.ok()?))
        };
        // Boxed because the future is large and seldom needed.
        Box::pin(self.staleness(ask)).await
    }

    /// How the list of jobs is wrong, if another one shows the job of that name.
    pub async fn explain_stale_jobs(&self, name: &str) -> Option<Stale> {
        let is_right = |jobs: &[Job]| jobs.iter().any(|job| job.job_name == name);
        self.explain_stale_page(["0", "1000000"], is_right).await
    }

    /// How the part of the list of jobs with that offset and limit is wrong, if another answer with it `is_right`.
    pub async fn explain_stale_page(
        &self,
        offset_and_limit: [&str; 2],
        is_right: impl Fn(&[Job]) -> bool,
    ) -> Option<Stale> {
        let ask = async |change: fn(Request) -> Request| {
            let request = self.request(Endpoint::Jobs, &offset_and_limit);
            let answer = self.call(change(request), &[http::SUCCESS]).await.ok()?;
            let jobs: Vec<Job> = answer.json().await.ok()?;
            Some(is_right(&jobs))
        };
        Box::pin(self.staleness(ask)).await
    }
}

/// What the same request again shows of the answer of `failure`, whose status is not as expected: it is right
/// at times, or it was made for an earlier request and stored. Sends what changes nothing, and once more what was
/// refused as if it had arrived nowhere: whatever that makes is among what its test removes.
pub async fn explain_repeated(
    http: &Http,
    request: &Request,
    failure: &http::Failure,
) -> Option<String> {
    let (status, expected) = match &failure.problem {
        Problem::Status {
            status, expected, ..
        } => (*status, &**expected),
        // Nobody knows which refusals would have been expected.
        Problem::Blocked {
            cause: Cause::Failed(answer),
            ..
        } => (answer.status, &[http::SUCCESS][..]),
        _ => return None,
    };
    // What was accepted although it should not may have been done. A refused token is looked into elsewhere.
    let is_harmless = (request.method == Method::GET || status >= 400) && status != 401;
    // A request that arrived nowhere has done nothing.
    let is_repeatable = request.is_idempotent() || [403, 404, 405].contains(&status);
    if request.service != Service::UserApi || !is_repeatable || !is_harmless {
        return None;
    }
    let mut right = 0;
    let mut sent = 0;
    let is_done = |right| right > 0 && !request.is_idempotent();
    // If the same request is answered well each time, only time or chance can have made the difference.
    while !is_done(right) && (sent < REPEATS || (right == sent && sent < REPEATS + MORE_REPEATS)) {
        match http.send(request.clone()).await {
            Ok(again) if http::is_expected(again.status(), expected) => right += 1,
            // It is done, by the one before if that was right, or by the first.
            Ok(again) if failure.is_blocked() && again.status() == 404 => break,
            Ok(_) => {}
            Err(again) if again.service_error().is_some() => {}
            Err(_) => return None,
        }
        sent += 1;
    }
    if right > 0 && status >= 500 && !is_for_a_moment(status) {
        let why = if right == sent {
            "it fails over what is done at the same time, as where a database is locked, or one of many instances fails"
        } else {
            "one of several instances fails, or all do at times"
        };
        return Some(format!(
            "the UserAPI failed ({status}), and the same request is answered well {right} of {sent} times a moment \
             later: {why} ({status} from UserAPI, its log; the instances behind its address)"
        ));
    }
    if right > 0 && is_for_a_moment(status) {
        let of = sent + 1;
        return Some(format!(
            "the same request is answered well {right} of {of} times: requests that come at once are too many for \
             what answers so, or one of the instances behind it is away (UserAPI, its limits of requests and those of \
             the proxy before it, and the instances behind that)"
        ));
    }
    if right == sent && sent > REPEATS {
        return Some(format!(
            "the same request is answered well {right} of {sent} times a moment later: what was written before \
             had not arrived, or one of many instances differs (UserAPI, what it reads, and the instances \
             behind its address)"
        ));
    }
    if right > 0 {
        let of = sent + 1;
        return Some(format!(
            "the same request is answered well {right} of {of} times: one of several instances differs from \
             the others (UserAPI, the instances behind its address: the version, the settings and the storage \
             of each)"
        ));
    }
    if request.method != Method::GET || !(status == 404 || status < 300) {
        return None;
    }
    let other = http.send(request.clone().unrepeated()).await.ok()?.status();
    (other != status).then(|| {
        format!(
            "the same request at an address that was never asked for is answered {other}: this answer was \
             stored for another one, so a cache between the page and the UserAPI keeps answers without regard \
             to Authorization or to what has changed since (UserAPI, what the proxy before it stores)"
        )
    })
}
