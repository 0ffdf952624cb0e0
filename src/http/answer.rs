//! An answer whose status is known and whose body is still to be read.

use opencloud_model::{
    cause::Cause,
    observation::{About, Observation},
    service::Service,
};
use secrecy::ExposeSecret;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use web_sys::{Blob, Response};

use super::{
    client::{Http, fail},
    failure::{Failure, Problem, Sent, is_page},
    request::{Method, Request},
};
use crate::{
    freshness::{self, Headers},
    page, refused_part,
    retry::Transient,
};

/// How many characters of an unexpected body a message shows.
const BODY_SHOWN: usize = 600;

/// An answer whose status the page can read; its body is still on its way.
#[derive(Debug)]
pub struct Answer {
    http: Http,
    /// Sent again where the body breaks off.
    request: Box<Request>,
    sent: Sent,
    response: Response,
}

impl Answer {
    /// The answer to `request`, sent as attempt number `attempt`.
    pub(super) async fn to(http: &Http, request: &Request, attempt: u32) -> Result<Self, Failure> {
        let (sent, response) = http.attempt(request, attempt).await?;
        let answer = Self {
            http: http.clone(),
            request: Box::new(request.clone()),
            sent,
            response,
        };
        // A proxy may say that its own error lasts for some seconds.
        let is_of_service = answer.is_success() || answer.status() == 404;
        if request.method == Method::GET
            && is_of_service
            && let Some(header) = answer.reusable()
        {
            http.bypass_cache(request, header);
        }
        Ok(answer)
    }

    /// The status.
    #[must_use]
    pub fn status(&self) -> u16 {
        self.response.status()
    }

    /// A header's value, if the answer has it and the page may read it.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<String> {
        self.response.headers().get(name).ok().flatten()
    }

    /// The header that lets the browser use this answer again without asking, as `name: value`.
    #[must_use]
    pub fn reusable(&self) -> Option<String> {
        let header = |name| self.header(name);
        let (cache_control, expires) = (header("cache-control"), header("expires"));
        // A file has changed when it says so; lists and jobs change all the time.
        let is_json = header("content-type").is_some_and(|kind| kind.contains("json"));
        let last_modified = header("last-modified").filter(|_| is_json);
        let headers = Headers {
            cache_control: cache_control.as_deref(),
            expires: expires.as_deref(),
            last_modified: last_modified.as_deref(),
        };
        freshness::reusable(headers, page::timestamp())
    }

    /// The transient failure that this answer reports, if it does.
    pub(super) fn transient(&self) -> Option<Transient> {
        // The page can read this header of another origin only if the service exposes it.
        let retry_after = self.header("retry-after");
        Transient::of_answer(self.status(), retry_after.as_deref(), page::timestamp())
    }

    /// The body as text.
    pub async fn text(self) -> Result<String, Failure> {
        let (text, _) = self.read(read_text).await?;
        Ok(text)
    }

    /// The body as JSON of the shape `T`.
    pub async fn json<T: DeserializeOwned>(self) -> Result<T, Failure> {
        let (text, answer) = self.read(read_text).await?;
        serde_json::from_str(&text)
            .or_else(|error| last_of_each(&text).ok_or(error))
            .map_err(|error| {
                // JSON of the wrong shape is not shown: it may be the answer to a sign-in, which holds
                // tokens.
                let why = match error.classify() {
                    serde_json::error::Category::Data => mismatch::<T>(&text) + &reason(&text),
                    _ if is_packed(&text) => {
                        "it is still packed by gzip: its content-encoding does not say so, or two layers pack it, one \
                         after the other"
                            .into()
                    }
                    _ => {
                        let page = answer.foreign_page(&text);
                        format!("it is not JSON ({error}): {}{page}", shown(&text))
                    }
                };
                answer.unreadable(why, false)
            })
    }

    /// The body as a blob: its bytes stay in the browser and never enter wasm memory.
    pub async fn blob(self) -> Result<Blob, Failure> {
        let limit = self.longest_pause();
        self.read_by(async |response| page::body(response, limit).await)
            .await
    }

    /// For how many milliseconds the body may stand still.
    pub(crate) fn longest_pause(&self) -> u32 {
        u32::try_from(self.http.longest_pause().as_millis()).unwrap_or(u32::MAX)
    }

    /// What `body` makes of the body, from the start where it breaks off.
    pub(crate) async fn read_by<T>(
        self,
        body: impl AsyncFn(&Response) -> Result<T, String>,
    ) -> Result<T, Failure> {
        let (read, _) = self.read(body).await?;
        Ok(read)
    }

    /// Whether the status is one of success.
    #[must_use]
    pub fn is_success(&self) -> bool {
        self.response.ok()
    }

    /// This answer, if its status is one of success.
    pub async fn success(self) -> Result<Self, Failure> {
        if self.response.ok() {
            Ok(self)
        } else {
            Err(self.unexpected(&[]).await)
        }
    }

    /// This answer, unless it is a page for people, whatever its status. What an emulator of Cognito calls HTML has
    /// been read then.
    pub async fn for_programs(self) -> Result<Self, Failure> {
        let media_type = self.header("content-type").unwrap_or_default();
        if !media_type.starts_with("text/html") {
            return Ok(self);
        }
        let text = read_text(&self.response).await.unwrap_or_default();
        if self.sent.service == Service::Cognito && !is_page(&text) {
            return Ok(self);
        }
        let why = format!(
            "it is not JSON: {}{}",
            shown(&text),
            self.foreign_page(&text)
        );
        Err(self.unreadable(why, false))
    }

    /// That a redirect led to this answer, if one did. The browser follows it by a GET instead of a POST, if its
    /// status is 301 or 302, and if it is 303 in any case (Fetch standard, "HTTP-redirect fetch").
    fn redirected(&self) -> String {
        if !self.response.redirected() {
            return String::new();
        }
        let url = self.response.url();
        let to = url.split(['?', '#']).next().unwrap_or_default();
        let method = &self.sent.method;
        let why = match method.as_str() {
            "GET" | "HEAD" => String::new(),
            method => format!(", which may have made another request than a {method} of it"),
        };
        format!(" (after a redirect to {to}{why})")
    }

    /// That this `body` is a page for people, which no service gives, for the end of a sentence; may be empty.
    fn foreign_page(&self, body: &str) -> String {
        let service = self.sent.service;
        let status = self.status();
        if service == Service::UserApi && status >= 400 && is_of_gateway(body) {
            return format!(
                "; the UserAPI's refusals have `detail`: an API gateway before it refuses the request ({status} from \
                 before UserAPI: the gateway's routes, authorizers, limits of size and rate, and time limit)"
            );
        }
        if !is_page(body) {
            return String::new();
        }
        format!(
            "; that is a page for people, which something before {service} gives instead of its answer ({status} \
             from before {service}: a proxy, a firewall, a page for the time of maintenance)"
        )
    }

    /// What a refusal of the UserAPI, with this `body`, shows of the way of the request; may be empty.
    fn refused_part(&self, body: &str) -> String {
        if self.sent.service != Service::UserApi || !matches!(self.status(), 400 | 422) {
            return String::new();
        }
        let url = self.request.url.expose_secret();
        refused_part::meaning(self.request.shown_body().as_ref(), url, body)
    }

    /// The failure that this answer has none of the `expected` statuses.
    pub async fn unexpected(self, expected: &[u16]) -> Failure {
        let status = self.status();
        let (body, refused) = match read_text(&self.response).await {
            Ok(text) => (shown(&text), self.refused_part(&text)),
            Err(_) => ("(its body cannot be read)".into(), String::new()),
        };
        let meaning = self.foreign_page(&body) + &refused;
        let body = body + &self.redirected();
        self.fail(Problem::Status {
            status,
            expected: expected.to_vec(),
            body,
            meaning,
        })
    }

    /// Reads the body. Where it breaks off, sends the request again and reads that answer's.
    async fn read<T>(
        mut self,
        body: impl AsyncFn(&Response) -> Result<T, String>,
    ) -> Result<(T, Self), Failure> {
        loop {
            match body(&self.response).await {
                Ok(read) => return Ok((read, self)),
                // Boxed because the future is large and seldom needed.
                Err(error) => self = Box::pin(self.retry(&error)).await?,
            }
        }
    }

    /// The answer to another attempt, if there may be one; it must have the same status.
    async fn retry(self, error: &str) -> Result<Self, Failure> {
        let Sent {
            started, deadline, ..
        } = self.sent;
        if started.elapsed() >= deadline {
            let meaning = "; an answer has begun, and its body does not end";
            return Err(self.fail(Problem::TimedOut {
                limit: deadline,
                meaning,
            }));
        }
        let (http, request) = (self.http.clone(), self.request.clone());
        let (status, attempt) = (self.status(), self.sent.attempt);
        let (method, url) = (request.method.as_str(), request.bare_url());
        let observation = page::ask_browser(method, url, self.sent.started_at).await;
        let observation = observation.or_else(|| badly_packed(error));
        if let Some(observation) = observation
            && matches!(observation.about, About::Encoding | About::Malformed)
        {
            let why = Cause::unreachable(request.service, Some(&observation));
            return Err(self.unreadable(why, false));
        }
        let service = request.service;
        if error.contains(STALLED) {
            let why = format!(
                "{error} ({service}, what stands before it, and the network: large packets that are lost on the way, as \
                 where ICMP is blocked)"
            );
            return Err(self.unreadable(why, false));
        }
        let why = format!(
            "it breaks off before its end ({service}, its log; or what stands before it, and its limits of time \
             and size): {error}"
        );
        let failure = self.unreadable(why, true);
        let retried = request.idempotent
            && http
                .prepare_retry(&request.name, &Transient::BrokenOff, attempt)
                .await;
        if !retried {
            return Err(failure);
        }
        let answer = Self::to(&http, &request, attempt + 1).await?;
        if answer.status() == status {
            Ok(answer)
        } else {
            Err(answer.unexpected(&[status]).await)
        }
    }

    fn unreadable(self, why: String, breaks_off: bool) -> Failure {
        let status = self.status();
        let why = why + &self.redirected();
        self.fail(Problem::Unreadable {
            status,
            why,
            breaks_off,
        })
    }

    fn fail(self, problem: Problem) -> Failure {
        let status = self.status();
        fail(self.sent, Some(status), problem)
    }
}

/// What the error of a body says that the browser could not unpack, if it says so itself. Firefox tells its
/// log nothing of it.
fn badly_packed(error: &str) -> Option<Observation> {
    error.contains("Decoding failed").then(|| Observation {
        about: About::Encoding,
        words: error.to_owned(),
        answer: None,
    })
}

/// What `page.js` says of a body that stands still.
const STALLED: &str = "no byte came for";

/// Where a JSON text is not of the shape `T`, and how it differs.
fn mismatch<T: DeserializeOwned>(text: &str) -> String {
    let is_shaped = |value: Value| serde_json::from_value::<T>(value).is_ok();
    // A shape without a member that must be there fits everything.
    let tells = !is_shaped(json!({}));
    let wrapped = |value: &Value| tells && is_shaped(value.clone());
    match serde_json::from_str(text) {
        Ok(Value::Array(items)) if items.first().is_some_and(wrapped) => {
            return format!("it is a list of {}, and not its entry alone", items.len());
        }
        Ok(Value::Object(members)) => {
            if let Some((name, _)) = members.iter().find(|(_, value)| wrapped(value)) {
                return format!(
                    "what was asked for is in its member {name}, and not the body itself"
                );
            }
        }
        _ => {}
    }
    let mut reader = serde_json::Deserializer::from_str(text);
    let read = serde_path_to_error::deserialize::<_, T>(&mut reader);
    read.err()
        .map_or_else(String::new, |error| error.to_string())
}

/// The reason that an object gives which came instead of an answer, if it does.
fn reason(text: &str) -> String {
    let answer: serde_json::Value = serde_json::from_str(text).unwrap_or_default();
    let mut said = ["detail", "error", "message"]
        .into_iter()
        .filter_map(|name| {
            let said = answer.get(name)?.as_str()?;
            Some(format!(", and it says {name}: {said:?}"))
        });
    said.next().unwrap_or_default()
}

/// Whether it is a refusal as API gateways word it: `{"message": …}`, and nothing of the UserAPI's.
fn is_of_gateway(body: &str) -> bool {
    let Ok(Value::Object(members)) = serde_json::from_str(body) else {
        return false;
    };
    let has = |name: &str| members.contains_key(name);
    (has("message") || has("Message")) && !has("detail")
}

/// JSON in which an object has a name twice, as every browser's own reader takes it: the last one counts.
fn last_of_each<T: DeserializeOwned>(text: &str) -> Option<T> {
    serde_json::from_value(serde_json::from_str(text).ok()?).ok()
}

/// Whether these are the bytes of gzip, read as text: the second one is not a character.
fn is_packed(text: &str) -> bool {
    text.starts_with("\u{1f}\u{fffd}")
}

async fn read_text(response: &Response) -> Result<String, String> {
    let response = gloo_net::http::Response::from(Clone::clone(response));
    let text = response.text().await;
    text.map_err(|error| error.to_string())
}

/// The start of a body, on one line.
pub(crate) fn shown(body: &str) -> String {
    if body.is_empty() {
        return "(no body)".into();
    }
    let mut text: String = body.chars().take(BODY_SHOWN).collect();
    if text.len() < body.len() {
        text.push('…');
    }
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    text.replace(char::is_control, "\u{fffd}")
}
