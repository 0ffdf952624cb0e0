//! JSON and tokens at the edges: what the UserAPI takes for a number, a text or a token.

use crate::edges::{
    ask::{Ask, Headers},
    table::Edge,
};

const JSON: Headers = &[("Content-Type", "application/json")];
const TEXT: Headers = &[("Content-Type", "text/plain")];

const fn rename(headers: Headers, body: &'static [u8], real: &'static str) -> Edge {
    Edge::new(
        Ask::Send("PUT", "/files/config/c/nope", headers, body),
        real,
    )
}

const fn get(path: &'static str, real: &'static str) -> Edge {
    Edge::new(Ask::Send("GET", path, &[], b""), real)
}

const fn job(member: &'static str, value: &'static str, real: &'static str) -> Edge {
    Edge::new(Ask::Job(member, value), real)
}

const fn token(authorization: &'static str, real: &'static str) -> Edge {
    Edge::new(Ask::Authorized(authorization, "GET", "/user", b""), real)
}

const FAILS: &str = "500 Internal Server Error";
const NOT_FOUND: &str = r#"404 {"detail":"Not Found"}"#;
const UNREADABLE: &str = r#"400 {"detail":"There was an error parsing the body"}"#;
const NOT_AUTHENTICATED: &str = r#"401 {"detail":"Not authenticated"}"#;
const ENQUEUEING: &str =
    r#"500 {"detail":"Error while enqueueing job 1. Traceback: \nInternal Server Error."}"#;
const USER: &str = r#"200 {"email":"…"#;

const READABLE: &str = "a page can read why, and no page can read an unhandled error";
const ONE_ENCODING: &str = "RFC 8259: JSON is UTF-8";
const STRANGERS: &str = "the body of a request is read after its token was checked";

// A row a line.
#[rustfmt::skip]
pub(crate) const BODIES: &[Edge] = &[
    rename(JSON, b"{\"path\":\"\xff\"}", UNREADABLE),
    rename(JSON, b"\xff", UNREADABLE),
    rename(JSON, b"\xef\xbb\xbf{\"path\":\"a\"}", NOT_FOUND),
    rename(JSON, b"{\0\"\0p\0a\0t\0h\0\"\0:\0\"\0a\0\"\0}\0", NOT_FOUND).here(r#"422 {"detail":[{"type":"json_invalid",…"#, ONE_ENCODING),
    rename(JSON, b"\xff\xfe{\0\"\0p\0a\0t\0h\0\"\0:\0\"\0a\0\"\0}\0", NOT_FOUND).here(UNREADABLE, ONE_ENCODING),
    rename(TEXT, b"abc", r#"422 {"detail":[{"type":"model_attributes_type",…"#),
    rename(TEXT, b"\xff", FAILS).here(r#"422 {"detail":[{"type":"model_attributes_type",…"#, READABLE),
    Edge::new(Ask::Authorized("Bearer x", "PUT", "/files/config/c/g", b"{nope"), r#"422 {"detail":[{"type":"json_invalid",…"#).here(NOT_AUTHENTICATED, STRANGERS),
    Edge::new(Ask::Authorized("Bearer x", "PUT", "/files/config/c/g", b"{}"), NOT_AUTHENTICATED),
];

// A row a line.
#[rustfmt::skip]
pub(crate) const NUMBERS: &[Edge] = &[
    job("memory", "9223372036854775807", r#"201 {"id":1,…"#),
    job("memory", "10000000000000000000", ENQUEUEING),
    job("cpu_cores", "10000000000000000000", ENQUEUEING),
    job("gpu_mem", "9223372036854775808", ENQUEUEING),
    job("memory", "-9223372036854775809", ENQUEUEING).here(r#"422 {"detail":[{"type":"int_parsing_size",…"#, READABLE),
    job("memory", "1000000000000000000000000000000", ENQUEUEING).here(r#"422 {"detail":[{"type":"int_parsing_size",…"#, READABLE),
    job("memory", "1e19", r#"422 {"detail":[{"type":"int_parsing_size","loc":["body","hardware","memory"],"msg":"Unable to parse input string as an integer, exceeded maximum size",…"#),
    job("memory", "1e3", r#"201 {"id":1,…"#),
    job("memory", "1.5", r#"422 {"detail":[{"type":"int_from_float",…"#),
    job("memory", "\"10000000000000000000\"", ENQUEUEING).here(r#"422 {"detail":[{"type":"int_parsing",…"#, READABLE),
    job("memory", "NaN", FAILS).here(r#"422 {"detail":[{"type":"json_invalid",…"#, READABLE),
    job("priority", "10000000000000000000", r#"422 {"detail":[{"type":"value_error","loc":["body","priority"],"msg":"Value error, Priority must be between 0 and 5, not 10000000000000000000.","input":10000000000000000000,"ctx":{"error":{}}}]}"#),
    job("priority", "1e19", r#"422 {"detail":[{"type":"int_parsing_size",…"#),
    get("/jobs?limit=12345678901234567890", FAILS).here(r#"422 {"detail":[{"type":"int_parsing",…"#, READABLE),
    get("/jobs?offset=12345678901234567890", FAILS).here(r#"422 {"detail":[{"type":"int_parsing",…"#, READABLE),
    get("/jobs?limit=9223372036854775807", "200 []"),
    get("/jobs/12345678901234567890", FAILS).here(r#"422 {"detail":[{"type":"int_parsing",…"#, READABLE),
    get("/jobs/9223372036854775807", r#"404 {"detail":"Job not found"}"#),
];

// A row a line.
#[rustfmt::skip]
pub(crate) const TOKENS: &[Edge] = &[
    token("Bearer {token}", USER),
    token("bEARER {token}", USER),
    token("Bearer  {token}", NOT_AUTHENTICATED),
    token("Bearer \t{token}", NOT_AUTHENTICATED),
    token("Bearer\t{token}", NOT_AUTHENTICATED),
    token("Bearer {token} x", NOT_AUTHENTICATED),
];
