//! The server that the browser talks to: it serves the page, and its settings.
//!
//! The settings never lie on a disk. Other users of the machine reach this port too, so the settings
//! need a cookie that only the run's own browser has.

use std::{
    io,
    net::{Ipv4Addr, SocketAddr},
    path::Path,
    sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError},
};

use axum::{
    Router,
    body::Body,
    extract::{Request, State},
    http::{
        HeaderMap, HeaderValue, Method, StatusCode, Uri,
        header::{CACHE_CONTROL, CONTENT_TYPE, COOKIE as COOKIE_HEADER},
    },
    response::{IntoResponse, Response},
};
use opencloud_model::settings::DRIVEN;
use tokio::{net::TcpListener, runtime::Handle};
use tower_http::services::ServeDir;

/// The path of the settings.
const SETTINGS: &str = "/.env";
/// The name of the cookie that the run's own browser has.
const COOKIE: &str = "opencloud-e2e";

/// Where the browser gets the page from. It ends with the runtime that it runs on.
pub struct PageGateway {
    address: SocketAddr,
    key: Arc<str>,
    content: Arc<Content>,
}

/// A cookie that is sent with requests for `path` alone and that no script can read (`HttpOnly`,
/// `SameSite=Strict`).
#[derive(Debug)]
pub struct Cookie {
    /// Its name.
    pub name: &'static str,
    /// Its value, which is secret.
    pub value: String,
    /// The address that it is for.
    pub url: String,
    /// The one path that it is sent with.
    pub path: &'static str,
}

/// The settings, and the files of the page.
#[derive(Default)]
struct Content {
    files: OnceLock<ServeDir>,
    settings: Mutex<Arc<str>>,
}

#[derive(Clone)]
struct Server {
    key: Arc<str>,
    content: Arc<Content>,
}

impl PageGateway {
    /// Listens on a free port of the loopback interface.
    pub fn start(runtime: &Handle) -> io::Result<Self> {
        let listener = runtime.block_on(TcpListener::bind((Ipv4Addr::LOCALHOST, 0)))?;
        let address = listener.local_addr()?;
        let content = Arc::<Content>::default();
        let key: Arc<str> = random_key()?.into();
        let router = Router::new().fallback(answer).with_state(Server {
            key: Arc::clone(&key),
            content: Arc::clone(&content),
        });
        runtime.spawn(async move { axum::serve(listener, router).await });
        Ok(Self {
            address,
            key,
            content,
        })
    }

    /// The cookie without which a page at `origin` gets no settings.
    #[must_use]
    pub fn cookie(&self, origin: &str) -> Cookie {
        Cookie {
            name: COOKIE,
            value: self.key.to_string(),
            url: format!("{origin}{SETTINGS}"),
            path: SETTINGS,
        }
    }

    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Serves the files of this directory, if none was set before. Until then there is no page.
    pub fn set_directory(&self, directory: &Path) {
        let _ = self.content.files.set(ServeDir::new(directory));
    }

    /// Serves these settings from now on. Until then there are none.
    pub fn set_settings(&self, settings: &str) {
        *self.content.settings() = settings.into();
    }
}

impl Content {
    fn settings(&self) -> MutexGuard<'_, Arc<str>> {
        self.settings.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn answer(State(server): State<Server>, request: Request) -> Response {
    if request.method() != Method::GET {
        return StatusCode::METHOD_NOT_ALLOWED.into_response();
    }
    if request.uri().path() == SETTINGS {
        if !has_cookie(request.headers(), &server.key) {
            return StatusCode::FORBIDDEN.into_response();
        }
        let settings = server.content.settings().to_string();
        if settings.is_empty() {
            return StatusCode::NOT_FOUND.into_response();
        }
        let headers = [
            (CONTENT_TYPE.as_str(), "text/plain; charset=utf-8"),
            (DRIVEN, "true"),
        ];
        return (headers, settings).into_response();
    }
    let Some(files) = server.content.files.get() else {
        return StatusCode::SERVICE_UNAVAILABLE.into_response();
    };
    file(files.clone(), request.uri()).await
}

/// A file of the page, whatever of it the browser has from before.
async fn file(files: ServeDir, uri: &Uri) -> Response {
    // The address of a request to a proxy begins with scheme and host.
    let path = uri.path();
    let answer = file_at(files.clone(), path).await;
    if answer.status() != StatusCode::NOT_FOUND {
        return answer;
    }
    // The page's scripts import others without their extension.
    file_at(files, &format!("{path}.js")).await
}

async fn file_at(mut files: ServeDir, path: &str) -> Response {
    let Ok(request) = Request::get(path).body(Body::empty()) else {
        return StatusCode::BAD_REQUEST.into_response();
    };
    match files.try_call(request).await {
        Ok(answer) => {
            let mut answer = answer.map(Body::new);
            let never = HeaderValue::from_static("no-store");
            answer.headers_mut().insert(CACHE_CONTROL, never);
            answer
        }
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

/// 128 random bits in hex.
fn random_key() -> io::Result<String> {
    let mut bits = [0; 16];
    getrandom::fill(&mut bits).map_err(io::Error::other)?;
    Ok(format!("{:032x}", u128::from_ne_bytes(bits)))
}

fn has_cookie(headers: &HeaderMap, key: &str) -> bool {
    let cookies = headers.get_all(COOKIE_HEADER).iter();
    let cookies = cookies.filter_map(|value| value.to_str().ok());
    cookies
        .flat_map(|value| value.split(';'))
        .any(|cookie| cookie.trim().split_once('=') == Some((COOKIE, key)))
}

#[cfg(test)]
mod tests {
    use std::{
        fs,
        io::{Read, Write},
        net::TcpStream,
    };

    use super::*;

    /// The answer of `address` to a request for `path`.
    fn ask(address: SocketAddr, path: &str) -> String {
        ask_with(address, path, "")
    }

    fn ask_with(address: SocketAddr, path: &str, header: &str) -> String {
        let mut stream = TcpStream::connect(address).unwrap();
        let request =
            format!("GET {path} HTTP/1.1\r\nhost: a\r\nconnection: close\r\n{header}\r\n");
        stream.write_all(request.as_bytes()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    }

    #[test]
    fn the_files_of_the_page_are_served_and_nothing_outside_them() {
        let runtime = tokio::runtime::Runtime::new().unwrap();
        let gateway = PageGateway::start(runtime.handle()).unwrap();
        assert!(ask(gateway.address(), "/").starts_with("HTTP/1.1 503"));

        let directory = tempfile::tempdir().unwrap();
        let page = directory.path().join("page");
        fs::create_dir_all(page.join("a directory")).unwrap();
        fs::write(page.join("index.html"), "the page").unwrap();
        fs::write(page.join("suite.js"), "a script").unwrap();
        fs::write(page.join("suite_bg.wasm"), "code").unwrap();
        fs::write(page.join("a directory/file.yaml"), "a: b").unwrap();
        fs::write(directory.path().join("secret.txt"), "secret").unwrap();
        gateway.set_directory(&page);
        for (path, kind, content) in [
            ("/", "text/html", "the page"),
            ("/?only=files", "text/html", "the page"),
            ("http://localhost:8080/?only=files", "text/html", "the page"),
            ("/suite.js?a=b", "text/javascript", "a script"),
            ("/suite", "text/javascript", "a script"),
            ("/suite_bg.wasm", "application/wasm", "code"),
            ("/a%20directory/file.yaml", "text/x-yaml", "a: b"),
        ] {
            let answer = ask(gateway.address(), path);
            assert!(answer.starts_with("HTTP/1.1 200"), "{path}: {answer}");
            assert!(
                answer.contains(&format!("content-type: {kind}\r\n")),
                "{path}: {answer}"
            );
            assert!(
                answer.contains("cache-control: no-store\r\n"),
                "{path}: {answer}"
            );
            assert!(answer.ends_with(content), "{path}: {answer}");
        }
        for path in [
            "/missing.js",
            "/missing",
            "/../secret.txt",
            "/%2e%2e/secret.txt",
        ] {
            let answer = ask(gateway.address(), path);
            assert!(answer.starts_with("HTTP/1.1 404"), "{path}: {answer}");
        }
    }

    #[test]
    fn only_a_browser_with_the_cookie_gets_the_settings() {
        let runtime = tokio::runtime::Runtime::new().unwrap();
        let gateway = PageGateway::start(runtime.handle()).unwrap();
        let settings = |header: &str| ask_with(gateway.address(), "/.env", header);
        let cookie = gateway.cookie("http://localhost:8080");
        let key = &cookie.value;
        let right = format!("cookie: a=b; opencloud-e2e={key}\r\n");
        assert!(settings(&right).starts_with("HTTP/1.1 404"));
        gateway.set_settings("EMAIL=a");
        let answer = settings(&right);
        assert!(answer.ends_with("EMAIL=a"));
        assert!(answer.contains(&format!("{DRIVEN}: true\r\n")));
        let other = PageGateway::start(runtime.handle()).unwrap();
        let other = other.cookie("http://localhost:8080");
        for wrong in [
            String::new(),
            "cookie: opencloud-e2e=\r\n".into(),
            format!("cookie: opencloud-e2e={key}0\r\n"),
            format!("cookie: {key}\r\n"),
            format!("cookie: opencloud-e2e={}\r\n", other.value),
        ] {
            let answer = settings(&wrong);
            assert!(answer.starts_with("HTTP/1.1 403"), "{wrong}: {answer}");
            assert!(!answer.contains("EMAIL"), "{wrong}: {answer}");
        }
    }
}
