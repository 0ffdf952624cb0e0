//! Uploads through the UserAPI: forms as Starlette reads them.

use crate::{
    edges::{ask::Ask, table::Edge},
    support::session::FORM,
};

const FIELDS: &str = "application/x-www-form-urlencoded";

const MISSING: &str = r#"422 {"detail":[{"type":"missing","loc":["body","file"],"msg":"Field required","input":null}]}"#;
const UNREADABLE: &str = r#"400 {"detail":"There was an error parsing the body"}"#;
const NO_NAME: &str =
    r#"400 {"detail":"The Content-Disposition header field \"name\" must be provided."}"#;
const CASE: &str = "RFC 9110: the case of a media type does not count";
const CLOSING: &str = "RFC 2046: a form ends with its closing boundary";
const READABLE: &str = "a page can read why, and no page can read an unhandled error";

const fn form(body: &'static [u8], real: &'static str) -> Edge {
    Edge::new(Ask::Upload(FORM, body), real)
}

const fn other(content_type: &'static str, body: &'static [u8], real: &'static str) -> Edge {
    Edge::new(Ask::Upload(content_type, body), real)
}

const fn part(disposition: &'static [u8], real: &'static str) -> Edge {
    Edge::new(Ask::Part(disposition), real)
}

// A row a line.
#[rustfmt::skip]
pub(crate) const NAMES: &[Edge] = &[
    part(b"name=\"file\"; filename*=UTF-8''n%20%C3%A9.txt", r#"201 {"path":"config/c/n é.txt","type":"file","size":"3 Bytes"}"#),
    part(b"name=\"file\"; filename*=ISO-8859-1''n%E9", r#"201 {"path":"config/c/né","type":"file","size":"3 Bytes"}"#),
    part(b"name=\"file\"; filename=\"plain\"; filename*=UTF-8''ext", r#"201 {"path":"config/c/ext","type":"file","size":"3 Bytes"}"#),
    part(b"name=\"file\"; filename*=UTF-8''s%2Ft", r#"201 {"path":"config/c/s/t","type":"file","size":"3 Bytes"}"#),
    part(b"name=\"file\"; filename*=abc", r#"201 {"path":"config/c/abc","type":"file","size":"3 Bytes"}"#),
    part(b"name=\"file\"; filename=\"n\xe9\"", r#"201 {"path":"config/c/né","type":"file","size":"3 Bytes"}"#),
    part(b"name=\"file\"; filename=\"n\xc3\xa9\"", r#"201 {"path":"config/c/né","type":"file","size":"3 Bytes"}"#),
    part(b"name=\"file\"; filename=\"a;b\"", r#"201 {"path":"config/c/a;b","type":"file","size":"3 Bytes"}"#),
    part(b"name=\"file\"; filename=\"a\\\"b\"", r#"201 {"path":"config/c/a\"b","type":"file","size":"3 Bytes"}"#),
    part(b"name=\"file\"; filename=\"C:\\dir\\b\"", r#"201 {"path":"config/c/b","type":"file","size":"3 Bytes"}"#),
    part(b"NAME=file; FILENAME=case", r#"201 {"path":"config/c/case","type":"file","size":"3 Bytes"}"#),
    part(b"name=\"file\"; filename=\"\"", r#"201 {"path":"config/c/unnamed","type":"file","size":"3 Bytes"}"#),
    part(b"name=\"fil\xe9\"; filename=\"x\"", MISSING),
    part(b"filename=\"x\"", NO_NAME),
    part(b"name=\"file\"", r#"422 {"detail":[{"type":"value_error","loc":["body","file"],"msg":"Value error, Expected UploadFile, received: <class 'str'>","input":"abc","ctx":{"error":{}}}]}"#),
];

// A row a line.
#[rustfmt::skip]
pub(crate) const FORMS: &[Edge] = &[
    other("multipart/form-data", b"--xx\r\n", r#"400 {"detail":"Missing boundary in multipart."}"#),
    other("multipart/form-data; boundary=\"xx\"", b"--xx\r\nContent-Disposition: form-data; name=\"file\"; filename=\"x\"\r\n\r\nabc\r\n--xx--\r\n", r#"201 {"path":"config/c/x","type":"file","size":"3 Bytes"}"#),
    other("multipart/form-data; boundary=yy", b"--xx\r\nContent-Disposition: form-data; name=\"file\"; filename=\"x\"\r\n\r\nabc\r\n--xx--\r\n", UNREADABLE),
    other("multipart/mixed; boundary=xx", b"--xx\r\nContent-Disposition: form-data; name=\"file\"; filename=\"x\"\r\n\r\nabc\r\n--xx--\r\n", MISSING),
    other("Multipart/Form-Data; boundary=xx", b"--xx\r\nContent-Disposition: form-data; name=\"file\"; filename=\"x\"\r\n\r\nabc\r\n--xx--\r\n", MISSING).here(r#"201 {"path":"config/c/x","type":"file","size":"3 Bytes"}"#, CASE),
    form(b"--xx\r\nContent-Disposition: form-data; name=\"file\"; filename=\"x\"\r\n\r\nabc\r\n--xx--", r#"201 {"path":"config/c/x","type":"file","size":"3 Bytes"}"#),
    form(b"--xx\r\nContent-Disposition: form-data; name=\"file\"; filename=\"x\"\r\n\r\nabc\r\n--xx\r\n", r#"201 {"path":"config/c/x","type":"file","size":"3 Bytes"}"#).here(MISSING, CLOSING),
    form(b"--xx\r\nContent-Disposition: form-data; name=\"file\"; filename=\"x\"\r\n\r\nabc\r\n--xx", MISSING),
    form(b"--xx\r\nContent-Disposition: form-data; name=\"file\"; filename=\"x\"\r\n\r\nabc\r\n--xx-", MISSING),
    form(b"--xx\r\nContent-Disposition: form-data; name=\"file\"; filename=\"x\"\r\n\r\nabc\r\n", MISSING),
    form(b"--xx\r\nContent-Disposition: form-data; name=\"file\"; filename=\"x\"\r\n\r\nabc", MISSING),
    form(b"--xx\r\nContent-Disposition: form-data; name=\"file\"; filen", MISSING),
    form(b"--xx\r\nContent-Disposition: form-data; name=\"file\"; filename=\"x\"\r\n\r\nabc\r\n--xx\r\nContent-Disposition: form-data; name=\"y\"\r\n\r\nde", r#"201 {"path":"config/c/x","type":"file","size":"3 Bytes"}"#),
    form(b"--xx\r\nContent-Disposition: form-data; name=\"y\"\r\n\r\nde\r\n--xx\r\nContent-Disposition: form-data; name=\"file\"; filename=\"x\"\r\n\r\nabc", MISSING),
    form(b"--xx\r\nContent-Disposition: form-data; name=\"file\"; filename=\"x\"\r\n\r\nabc\r\n--xx\r\nContent-Disposition: form-data; name=\"file\"; filename=\"y\"\r\n\r\nde\r\n--xx--\r\n", r#"201 {"path":"config/c/y","type":"file","size":"2 Bytes"}"#),
    form(b"--xx\r\nContent-Disposition: form-data; name=\"file\"; filename=\"x\"\r\n\r\nabc\r\n--xx\r\nContent-Disposition: form-data; name=\"file\"\r\n\r\nde\r\n--xx--\r\n", r#"422 {"detail":[{"type":"value_error","loc":["body","file"],"msg":"Value error, Expected UploadFile, received: <class 'str'>","input":"de","ctx":{"error":{}}}]}"#),
    form(b"--xx\r\nContent-Type: text/plain\r\n\r\nabc\r\n--xx--\r\n", NO_NAME),
    form(b"\r\n--xx\r\nContent-Disposition: form-data; name=\"file\"; filename=\"x\"\r\n\r\nabc\r\n--xx--\r\n", r#"201 {"path":"config/c/x","type":"file","size":"3 Bytes"}"#),
    form(b"pre\r\n--xx\r\nContent-Disposition: form-data; name=\"file\"; filename=\"x\"\r\n\r\nabc\r\n--xx--\r\n", UNREADABLE),
    form(b"", MISSING),
    form(b"--xx--\r\n", UNREADABLE),
    form(b"hello", UNREADABLE),
    other(FIELDS, b"file=abc", r#"422 {"detail":[{"type":"value_error","loc":["body","file"],"msg":"Value error, Expected UploadFile, received: <class 'str'>","input":"abc","ctx":{"error":{}}}]}"#),
    other(FIELDS, b"file=a&file=b+c%20", r#"422 {"detail":[{"type":"value_error","loc":["body","file"],"msg":"Value error, Expected UploadFile, received: <class 'str'>","input":"b c ","ctx":{"error":{}}}]}"#),
    other("application/x-www-form-urlencoded; charset=utf-8", b"file=", r#"422 {"detail":[{"type":"value_error","loc":["body","file"],"msg":"Value error, Expected UploadFile, received: <class 'str'>","input":"","ctx":{"error":{}}}]}"#),
    other(FIELDS, b"FILE=abc", MISSING),
    other(FIELDS, b"", MISSING),
    other("application/json", br#"{"file":"abc"}"#, MISSING),
    Edge::new(Ask::UploadTo("c/g"), "500 Internal Server Error").local().here(r#"404 {"detail":"Path is not a directory"}"#, READABLE),
    Edge::new(Ask::UploadTo("c/g/h"), r#"404 {"detail":"Path is not a directory"}"#).local(),
    Edge::new(Ask::Send("POST", "/files/config/c/g/", &[("Origin", "http://localhost:8080")], b""), "500 Internal Server Error").local().here(r#"404 {"detail":"Path is not a directory"}"#, READABLE).with(&[("access-control-allow-origin", "http://localhost:8080")]),
];
