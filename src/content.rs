//! Compares a download with the upload, and finds out what came instead.

use std::cell::RefCell;

use opencloud_model::event::Failure;
use serde::Deserialize;
use wasm_bindgen::prelude::*;
use web_sys::{Blob, File, Response};

use crate::{http::Answer, page};

#[wasm_bindgen(module = "/src/content.js")]
extern "C" {
    async fn head(blob: &Blob, length: u32) -> JsValue;
    #[wasm_bindgen(js_name = isGzip)]
    async fn is_gzip(blob: &Blob) -> JsValue;
    async fn unpacked(blob: &Blob) -> JsValue;
    async fn agreement(a: &Blob, b: &Blob) -> JsValue;
    async fn change(uploaded: &Blob, down: &Blob) -> JsValue;
    #[wasm_bindgen(catch)]
    async fn difference(
        response: &Response,
        blob: &Blob,
        length: u32,
        limit: u32,
    ) -> Result<JsValue, JsValue>;
}

/// How many uploads are kept for comparison.
const KEPT: usize = 32;
/// Larger uploads are not kept.
const LARGEST: f64 = 8e6;
/// How many characters of a text that came instead a message shows.
const SHOWN: u32 = 300;

thread_local! {
    /// The last uploads, by path. Their bytes stay in the browser.
    static UPLOADS: RefCell<Vec<(String, Blob)>> = const { RefCell::new(Vec::new()) };
}

/// Keeps an upload, so that a download can be compared with it. A file is not kept, because its test
/// removes it.
pub(crate) fn keep(path: &str, content: &Blob) {
    if content.size() > LARGEST || content.has_type::<File>() {
        return;
    }
    UPLOADS.with_borrow_mut(|uploads| {
        if uploads.len() == KEPT {
            uploads.remove(0);
        }
        uploads.push((path.to_owned(), content.clone()));
    });
}

/// What a download of `path` that should be `uploaded` is instead; `None` if it is the same, or nobody knows.
pub(crate) async fn difference_of(path: &str, uploaded: &Blob, down: &Blob) -> Option<String> {
    if same(uploaded, down).await.ok()? {
        return None;
    }
    explain(path, uploaded, down).await.ok()
}

/// Compares the download of `path` with what was uploaded there. The error says what came instead, or why
/// that is not known.
pub async fn check(path: &str, uploaded: &Blob, down: &Blob) -> Result<(), Mismatch> {
    if same(uploaded, down).await? {
        return Ok(());
    }
    let what = explain(path, uploaded, down).await?;
    Err(Mismatch::Differs(differ(
        path,
        uploaded,
        down.size(),
        &what,
    )))
}

/// What the comparison of a download with its upload shows.
#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum Comparison {
    Same,
    Differs {
        /// How many bytes are the same at the start of both.
        agreed: f64,
        /// How many bytes came.
        size: f64,
        /// The first of them.
        head: String,
    },
    /// Why the upload cannot be read.
    Unreadable(String),
}

/// Compares the answer that downloads `path` with what was uploaded there, while both are read, so that
/// neither is held. The error says what came instead.
pub async fn check_streamed(path: &str, uploaded: &Blob, down: Answer) -> Result<(), Failure> {
    let limit = down.longest_pause();
    let compare = async |response: &Response| {
        let difference = difference(response, uploaded, SHOWN, limit).await;
        difference.map_err(|error| page::said(&error))
    };
    let compared = down.read_by(compare).await?.as_string();
    let compared = compared.and_then(|json| serde_json::from_str(&json).ok());
    match compared {
        Some(Comparison::Same) => Ok(()),
        Some(Comparison::Differs { agreed, size, head }) => {
            let what = document(&head).unwrap_or_else(|| extent(agreed, size, uploaded.size()));
            Err(Failure::stack(differ(path, uploaded, size, &what)))
        }
        Some(Comparison::Unreadable(why)) => Err(Failure::ourselves(format!(
            "the browser cannot read the file that was uploaded to {path}: {why}"
        ))),
        None => Err(Failure::ourselves(format!(
            "the download of {path} was not compared with its upload"
        ))),
    }
}

fn differ(path: &str, uploaded: &Blob, down: f64, what: &str) -> String {
    format!(
        "{path}: {} bytes were uploaded and {down} downloaded, and they differ: {what}",
        uploaded.size(),
    )
}

/// Why a download is not as it should be.
#[derive(Debug, thiserror::Error)]
pub enum Mismatch {
    /// It differs.
    #[error("{0}")]
    Differs(String),
    /// The browser cannot read one of the two.
    #[error("a file and its download cannot be compared: {0}")]
    Unknown(String),
}

async fn same(a: &Blob, b: &Blob) -> Result<bool, Mismatch> {
    page::same_bytes(a, b).await.map_err(Mismatch::Unknown)
}

/// What came instead of the upload.
async fn explain(path: &str, uploaded: &Blob, down: &Blob) -> Result<String, Mismatch> {
    if down.size() == 0.0 {
        return Ok("nothing came".into());
    }
    if let Some(other) = same_upload(path, down).await? {
        return Ok(if other == path {
            "what came was uploaded to the same path before (the storage or a cache keeps the earlier \
             content)"
                .into()
        } else {
            format!("what came is {other}, another file of this run")
        });
    }
    if let Some(mixture) = with_earlier(path, uploaded, down).await? {
        return Ok(mixture.into());
    }
    if is_gzip(down).await.is_truthy() {
        let unpacked = unpacked(down).await;
        let is_upload = match unpacked.dyn_ref::<Blob>() {
            Some(unpacked) => same(uploaded, unpacked).await?,
            None => false,
        };
        return Ok(if is_upload {
            "what came is the file packed by gzip, in an answer without `content-encoding: gzip`"
                .into()
        } else {
            "what came is packed by gzip, and is not the file when it is unpacked".into()
        });
    }
    let head = head(down, SHOWN).await.as_string().unwrap_or_default();
    if let Some(document) = document(&head) {
        return Ok(document);
    }
    if let Some(change) = change(uploaded, down).await.as_string() {
        return Ok(taken_for_text(&change).into());
    }
    let agreed = agreement(uploaded, down).await.as_f64();
    Ok(extent(
        agreed.unwrap_or_default(),
        down.size(),
        uploaded.size(),
    ))
}

/// What the change of that name, as `content.js` has it, is.
fn taken_for_text(change: &str) -> &'static str {
    match change {
        "text" => {
            "what came is the file as if it were text in UTF-8, with every other byte replaced (what \
             stands between takes files for text)"
        }
        "latin" => {
            "what came is the file with each byte written as a letter in UTF-8 (what stands between takes \
             files for text)"
        }
        "lines" => {
            "what came is the file with a carriage return before each line feed (what stands between takes \
             files for text)"
        }
        "bom" => {
            "what came is the file with a byte order mark before it (what stands between takes files for text)"
        }
        _ => "what came is the file in Base64 (what stands between does not decode it)",
    }
}

/// How far a download of `down` bytes is the upload of `uploaded` bytes, if the first `agreed` are.
fn extent(agreed: f64, down: f64, uploaded: f64) -> String {
    if down == 0.0 {
        "nothing came".into()
    } else if agreed >= down {
        format!("only the first {agreed} bytes came")
    } else if agreed >= uploaded {
        format!("the whole file came, and {} bytes behind it", down - agreed)
    } else {
        format!("the first difference is behind {agreed} bytes")
    }
}

/// The path of an upload of this run that has these bytes; `path` comes first.
async fn same_upload(path: &str, down: &Blob) -> Result<Option<String>, Mismatch> {
    let mut uploads = UPLOADS.with_borrow(Clone::clone);
    uploads.sort_by_key(|(other, _)| other != path);
    for (other, content) in uploads {
        if same(&content, down).await? {
            return Ok(Some(other));
        }
    }
    Ok(None)
}

/// How a download is made of the upload and of an earlier one to the same path, if it is.
async fn with_earlier(
    path: &str,
    uploaded: &Blob,
    down: &Blob,
) -> Result<Option<&'static str>, Mismatch> {
    let parts = |blob: &Blob, at| {
        let start = blob.slice_with_f64_and_f64(0.0, at);
        let rest = blob.slice_with_f64_and_f64(at, blob.size());
        start
            .and_then(|start| Ok((start, rest?)))
            .expect("a blob has slices")
    };
    let uploads = UPLOADS.with_borrow(Clone::clone);
    for (_, earlier) in uploads.iter().filter(|(other, _)| other == path) {
        let (start, rest) = parts(down, earlier.size());
        if same(earlier, &start).await? && same(uploaded, &rest).await? {
            return Ok(Some(
                "what came is what was uploaded to the same path before, and the file behind it: the upload was \
                 appended, and must replace the earlier one",
            ));
        }
        let (start, rest) = parts(down, uploaded.size());
        let (_, earlier) = parts(earlier, uploaded.size());
        if same(uploaded, &start).await? && same(&earlier, &rest).await? {
            return Ok(Some(
                "what came is the file, and behind it the rest of what was uploaded to the same path before: the \
                 longer content was not cut off, and must be replaced",
            ));
        }
    }
    Ok(None)
}

/// What kind of document begins like this, if it is one that services send instead of a file.
fn document(head: &str) -> Option<String> {
    let between = |start: &str, end: &str| {
        let (_, rest) = head.split_once(start)?;
        Some(rest.split_once(end)?.0)
    };
    let text = head.trim_start().to_ascii_lowercase();
    if let Some(code) = between("<Code>", "</Code>") {
        return Some(format!("what came is S3's error document {code}"));
    }
    if text.starts_with("<!doctype html") || text.starts_with("<html") {
        let title = between("<title>", "</title>").or(between("<h1>", "</h1>"));
        let title = title.unwrap_or("without a title");
        return Some(format!("what came is an HTML page: {title}"));
    }
    if text.starts_with("--") && text.contains("content-disposition: form-data") {
        return Some(
            "what came is the form in which the file was sent, its boundaries included (what took the \
             upload)"
                .into(),
        );
    }
    let is_text = ["<?xml", "{\"", "[{"]
        .iter()
        .any(|start| text.starts_with(start));
    is_text.then(|| format!("what came is a document: {head}"))
}
