//! Requests that are wrong somewhere, and near enough to right ones to get far.

use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};
use rand::{Rng as _, SeedableRng as _, rngs::StdRng, seq::IndexedRandom as _};
use serde_json::json;

use crate::support::session::{FORM, file, part};

const PATHS: [&str; 11] = [
    "/",
    "/user",
    "/jobs",
    "/jobs/1",
    "/files/config/",
    "/files/config/a/url",
    "/files/config/a/upload",
    "/files/config/a/download",
    "/decode-user-data",
    "/decode-user-data/k?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Expires=1",
    "*",
];

const KINDS: [&str; 5] = [
    "application/json",
    "application/x-amz-json-1.1\r\nX-Amz-Target: AWSCognitoIdentityProviderService.InitiateAuth",
    "multipart/form-data; boundary=b",
    "multipart/form-data",
    "text/plain",
];

/// The characters that a URL cannot contain.
const IN_A_URL: &AsciiSet = &CONTROLS
    .add(b'"')
    .add(b'<')
    .add(b'>')
    .add(b'\\')
    .add(b'{')
    .add(b'[')
    .add(b'$');

/// Makes requests in which something is wrong.
pub(crate) struct Malformed<'a> {
    random: StdRng,
    token: &'a str,
}

impl<'a> Malformed<'a> {
    /// The same requests for the same seed; some of them carry `token`.
    pub(crate) fn new(seed: u64, token: &'a str) -> Self {
        let random = StdRng::seed_from_u64(seed);
        Self { random, token }
    }

    fn pick<'t>(&mut self, from: &[&'t str]) -> &'t str {
        from.choose(&mut self.random).copied().unwrap_or_default()
    }

    fn bytes(&mut self, longest: usize) -> Vec<u8> {
        let length = self.random.random_range(0..longest);
        (0..length).map(|_| self.random.random()).collect()
    }

    /// Text that means something to some reader.
    fn text(&mut self) -> String {
        let pieces = [
            "..",
            "/",
            "%2e%2e%2f",
            "%00",
            "%",
            "%zz",
            "\u{0}",
            "é",
            "?",
            "&",
            "=",
            "{",
            "[[",
            "\"",
            "config",
            "files",
            "jobs",
            "-1",
            "9999999999999999999",
            "1e309",
            "NaN",
            "null",
            "true",
            "${filename}",
            "<!--",
            "'",
            ";",
            "\\",
            "$key",
            "bytes=",
            "Bearer ",
            "eyJhbGciOiJub25lIn0.",
        ];
        let count = self.random.random_range(0..12);
        (0..count).map(|_| self.pick(&pieces)).collect()
    }

    /// The next request to `host`, as bytes.
    pub(crate) fn request(&mut self, host: &str) -> Vec<u8> {
        let (kind, body) = self.body();
        let mut request = [self.head(host, &kind, body.len()).into_bytes(), body].concat();
        if self.random.random_bool(0.3) {
            let at = self.random.random_range(0..request.len());
            request[at] = self.random.random();
        }
        if self.random.random_bool(0.1) {
            request.truncate(self.random.random_range(0..request.len()));
        }
        request
    }

    fn head(&mut self, host: &str, kind: &str, length: usize) -> String {
        let method = self.pick(&[
            "GET", "POST", "PUT", "DELETE", "OPTIONS", "HEAD", "PATCH", "X",
        ]);
        let path = self.pick(&PATHS);
        let mut tail = self.text().replace([' ', '\0'], "");
        if self.random.random_bool(0.9) {
            tail = utf8_percent_encode(&tail, IN_A_URL).to_string();
        }
        let forged = self.text().replace(['\r', '\n', '\0'], "");
        let token = if self.random.random_bool(0.8) {
            self.token
        } else {
            &forged
        };
        let range = self.pick(&["Range: bytes=5-1", "Range: bytes=-0,1", "Range: x", "X: y"]);
        let said = match self.random.random_range(0..10) {
            0 => length + 10,
            1 => length / 2,
            _ => length,
        };
        let framing = match self.random.random_range(0..12) {
            0 => "Transfer-Encoding: chunked".to_owned(),
            1 => format!("Content-Length: {said}\r\nContent-Length: 1"),
            2 => "Content-Length: -1".to_owned(),
            _ => format!("Content-Length: {said}"),
        };
        format!(
            "{method} {path}{tail} HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {token}\r\n\
             Content-Type: {kind}\r\n{range}\r\n{framing}\r\nConnection: close\r\n\r\n"
        )
    }

    /// A body, and what it is said to be.
    fn body(&mut self) -> (String, Vec<u8>) {
        let kind = self.pick(&KINDS).to_owned();
        let body = match self.random.random_range(0..6) {
            0 => self.bytes(2000),
            1 => self.text().into_bytes(),
            2 => {
                let nested = self.pick(&["[", "{\"a\":", "[{"]);
                nested
                    .repeat(self.random.random_range(1..50_000))
                    .into_bytes()
            }
            3 => {
                let text = self.text();
                let job = json!({
                    "job_name": text,
                    "application": {"application": "decode"},
                    "attributes": {"files_down": {"data_ids": [1, null, text]}},
                    "priority": text,
                });
                job.to_string().into_bytes()
            }
            4 => return (FORM.into(), self.form()),
            _ => Vec::new(),
        };
        (kind, body)
    }

    fn form(&mut self) -> Vec<u8> {
        let value = self.text();
        let field = self.pick(&["key", "policy", "x-amz-date", "file", "x-amz-credential"]);
        let ending = self.pick(&["--xx--\r\n", ""]);
        [
            part(&format!("name=\"{field}\""), value.as_bytes()),
            file(&value, b"content"),
            ending.as_bytes().to_vec(),
        ]
        .concat()
    }
}
