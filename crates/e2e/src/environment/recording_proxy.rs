//! A proxy before a deployment, which writes down what passes.
//!
//! It is not a forward proxy: the frontend is told its address as that of the UserAPI. In answers of the
//! UserAPI it puts itself in the place of the deployment and of S3, so that uploads and downloads pass
//! as well.

use std::{
    fs,
    path::PathBuf,
    sync::{Arc, Mutex},
};

use anyhow::Context;
use axum::{
    Router,
    body::{Body, to_bytes},
    extract::{Request, State},
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse as _, Response},
};
use opencloud_browser::{
    process::lock,
    serve::{listen_on_localhost, serve_at},
};
use opencloud_contract::{Answer, Client, Recorder, Request as Sent, Service};
use serde_json::Value;
use tokio::runtime::Handle;
use url::Url;

use crate::environment::client::client;

/// The largest body that passes, in bytes.
const LARGEST: usize = 64 << 20;

/// Headers that belong to a connection, or that the proxy's own client sets.
const OF_CONNECTIONS: [&str; 8] = [
    "accept-encoding",
    "connection",
    "content-length",
    "host",
    "keep-alive",
    "te",
    "transfer-encoding",
    "upgrade",
];

/// What all listeners share.
pub(crate) struct RecordingProxy {
    recorder: Mutex<Recorder>,
    file: PathBuf,
    client: Client,
    runtime: Handle,
    /// The origins of the deployment's services, and the proxy's own in their place.
    places: Mutex<Vec<(String, String)>>,
}

/// One listener.
#[derive(Clone)]
struct Listener {
    proxy: Arc<RecordingProxy>,
    service: Service,
    /// The origin of the service behind it.
    to: String,
}

impl RecordingProxy {
    /// A proxy that writes into `file`.
    pub(crate) fn new(file: PathBuf, runtime: Handle) -> Arc<Self> {
        Arc::new(Self {
            recorder: Mutex::default(),
            file,
            client: client(),
            runtime,
            places: Mutex::default(),
        })
    }

    /// Listens for a service at `to` on a port of this machine; 0 takes a free one. Returns where.
    pub(crate) fn listen(
        self: &Arc<Self>,
        service: Service,
        to: &str,
        port: u16,
    ) -> anyhow::Result<String> {
        let (port, listeners) = listen_on_localhost(port)?;
        let own = format!("http://localhost:{port}");
        lock(&self.recorder).add_origin(service, to);
        lock(&self.places).push((to.to_owned(), own.clone()));
        let router = Router::new().fallback(pass).with_state(Listener {
            proxy: Arc::clone(self),
            service,
            to: to.to_owned(),
        });
        serve_at(&self.runtime, listeners, &router)?;
        Ok(own)
    }

    /// From now on, exchanges belong to this action.
    pub(crate) fn name_action(&self, action: &str) {
        lock(&self.recorder).name_action(action);
    }

    /// How many kinds of exchanges have passed.
    pub(crate) fn kinds(&self) -> usize {
        lock(&self.recorder).kinds()
    }

    /// Notes an exchange. The file is written at once, so that nothing is lost.
    fn note(&self, service: Service, request: &Sent, answer: &Answer) -> anyhow::Result<()> {
        let mut recorder = lock(&self.recorder);
        if recorder.note(service, request, answer) {
            fs::write(&self.file, recorder.text()?)
                .with_context(|| self.file.display().to_string())?;
        }
        Ok(())
    }

    /// Puts the proxy in the place of S3, of which an answer of the UserAPI tells.
    fn listen_for_s3(self: &Arc<Self>, answer: &Answer) -> anyhow::Result<()> {
        let json: Value = answer.json();
        let url = json["url"].as_str().and_then(|url| Url::parse(url).ok());
        let Some(origin) = url.map(|url| url.origin().ascii_serialization()) else {
            return Ok(());
        };
        let is_known = lock(&self.places).iter().any(|(to, _)| *to == origin);
        if !is_known {
            self.listen(Service::S3, &origin, 0)?;
        }
        Ok(())
    }

    /// A text with the proxy in the places of the services.
    fn replaced(&self, text: &str) -> String {
        let places = lock(&self.places);
        let replace = |text: String, (to, own): &(String, String)| text.replace(to, own);
        places.iter().fold(text.to_owned(), replace)
    }
}

async fn pass(State(listener): State<Listener>, request: Request) -> Response {
    match listener.exchange(request).await {
        Ok(answer) => answer,
        Err(error) => (StatusCode::BAD_GATEWAY, format!("{error:#}")).into_response(),
    }
}

impl Listener {
    async fn exchange(&self, request: Request) -> anyhow::Result<Response> {
        let (head, body) = request.into_parts();
        let body = to_bytes(body, LARGEST).await?;
        let sent = Sent {
            method: head.method.to_string(),
            url: format!("{}{}", self.to, head.uri),
            headers: headers(&head.headers),
            body: (!body.is_empty()).then(|| body.to_vec()),
        };
        let (proxy, service) = (Arc::clone(&self.proxy), self.service);
        let (sent, answer) = tokio::task::spawn_blocking(move || {
            let answer = proxy.client.send(&sent);
            answer.map(|answer| (sent, answer))
        })
        .await??;
        if service == Service::UserApi {
            self.proxy.listen_for_s3(&answer)?;
        }
        self.proxy.note(service, &sent, &answer)?;
        self.answer(answer)
    }

    fn answer(&self, answer: Answer) -> anyhow::Result<Response> {
        let mut built = Response::builder().status(answer.status);
        for (name, value) in &answer.headers {
            if !OF_CONNECTIONS.contains(&name.as_str()) {
                let value = match name.as_str() {
                    "location" => self.proxy.replaced(value),
                    _ => value.clone(),
                };
                built = built.header(name, value);
            }
        }
        let is_json = answer.headers.iter().any(|(name, value)| {
            name == header::CONTENT_TYPE.as_str() && value.starts_with("application/json")
        });
        let body = match String::from_utf8(answer.body) {
            Ok(text) if is_json && self.service == Service::UserApi => {
                Body::from(self.proxy.replaced(&text))
            }
            Ok(text) => Body::from(text),
            Err(other) => Body::from(other.into_bytes()),
        };
        Ok(built.body(body)?)
    }
}

fn headers(of: &HeaderMap) -> Vec<(String, String)> {
    let kept = of
        .iter()
        .filter(|(name, _)| !OF_CONNECTIONS.contains(&name.as_str()));
    kept.map(|(name, value)| {
        let value = String::from_utf8_lossy(value.as_bytes()).into_owned();
        (name.as_str().to_owned(), value)
    })
    .collect()
}
