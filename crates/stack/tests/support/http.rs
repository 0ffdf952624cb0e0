//! An HTTP client that changes nothing: no path is normalised, no header added but `Host`,
//! `Connection` and `Content-Length`.

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};

/// A request.
#[derive(Clone, Debug, Default)]
pub struct Request {
    pub method: String,
    pub url: String,
    pub headers: Vec<(String, String)>,
    pub body: Option<Vec<u8>>,
}

/// An answer.
#[derive(Clone, Debug)]
pub struct Answer {
    pub status: u16,
    /// Names in lower case.
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Request {
    pub fn new(method: &str, url: &str) -> Self {
        Self {
            method: method.into(),
            url: url.into(),
            ..Self::default()
        }
    }

    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.into(), value.into()));
        self
    }

    pub fn body(mut self, body: impl Into<Vec<u8>>) -> Self {
        self.body = Some(body.into());
        self
    }

    /// The host and port, and what comes after them.
    fn split_url(&self) -> (&str, &str) {
        let rest = self.url.strip_prefix("http://").expect("an http URL");
        rest.split_at(rest.find('/').unwrap_or(rest.len()))
    }

    /// The request line and headers.
    pub fn head(&self) -> String {
        let (host, target) = self.split_url();
        let target = if target.is_empty() { "/" } else { target };
        let mut head = format!("{} {target} HTTP/1.1\r\nHost: {host}\r\n", self.method);
        for (name, value) in &self.headers {
            head.extend([name, ": ", value, "\r\n"]);
        }
        if let Some(body) = &self.body {
            head.extend(["Content-Length: ", &body.len().to_string(), "\r\n"]);
        }
        head + "Connection: close\r\n\r\n"
    }

    pub async fn connect(&self) -> TcpStream {
        let (host, _) = self.split_url();
        TcpStream::connect(host).await.expect("something listens")
    }

    /// Sends it and reads the whole answer.
    pub async fn send(&self) -> Answer {
        let mut stream = self.connect().await;
        stream.write_all(self.head().as_bytes()).await.unwrap();
        // A service that has seen enough may close before it has read everything.
        let _ = stream
            .write_all(self.body.as_deref().unwrap_or_default())
            .await;
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).await.expect("an answer");
        Answer::parse(&answer)
    }
}

impl Answer {
    fn parse(bytes: &[u8]) -> Self {
        let end = find(bytes, b"\r\n\r\n").expect("a whole head");
        let head = std::str::from_utf8(&bytes[..end]).expect("a head in text");
        let mut lines = head.split("\r\n");
        let status = lines.next().and_then(|line| line.split(' ').nth(1));
        let headers: Vec<_> = lines
            .filter_map(|line| line.split_once(':'))
            .map(|(name, value)| (name.to_ascii_lowercase(), value.trim().to_owned()))
            .collect();
        let chunked = headers.contains(&("transfer-encoding".into(), "chunked".into()));
        let body = &bytes[end + 4..];
        Self {
            status: status
                .and_then(|status| status.parse().ok())
                .expect("a status"),
            headers,
            body: if chunked {
                dechunk(body)
            } else {
                body.to_vec()
            },
        }
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        let mut same = self.headers.iter().filter(|(key, _)| key == name);
        same.next().map(|(_, value)| value.as_str())
    }

    pub fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|_| panic!("no JSON: {self:?}"))
    }

    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }
}

fn find(bytes: &[u8], pattern: &[u8]) -> Option<usize> {
    bytes
        .windows(pattern.len())
        .position(|window| window == pattern)
}

fn dechunk(mut bytes: &[u8]) -> Vec<u8> {
    let mut body = Vec::new();
    loop {
        let end = find(bytes, b"\r\n").expect("a chunk's size");
        let size = std::str::from_utf8(&bytes[..end]).expect("a size in text");
        let size = usize::from_str_radix(size, 16).expect("a size in hex");
        let chunk = &bytes[end + 2..];
        if size == 0 {
            return body;
        }
        body.extend_from_slice(&chunk[..size]);
        bytes = &chunk[size + 2..];
    }
}
