//! Compares a download with the upload, and finds out what came instead.

use std::cell::RefCell;

use wasm_bindgen::prelude::*;
use web_sys::Blob;

use crate::page;

#[wasm_bindgen(module = "/src/content.js")]
extern "C" {
    async fn head(blob: &Blob, length: u32) -> JsValue;
    #[wasm_bindgen(js_name = isGzip)]
    async fn is_gzip(blob: &Blob) -> JsValue;
    async fn unpacked(blob: &Blob) -> JsValue;
    async fn agreement(a: &Blob, b: &Blob) -> JsValue;
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

/// Keeps an upload, so that a download can be compared with it.
pub(crate) fn keep(path: &str, content: &Blob) {
    if content.size() > LARGEST {
        return;
    }
    UPLOADS.with_borrow_mut(|uploads| {
        if uploads.len() == KEPT {
            uploads.remove(0);
        }
        uploads.push((path.to_owned(), content.clone()));
    });
}

/// Compares the download of `path` with what was uploaded there. The error says what came instead, or why
/// that is not known.
pub async fn check(path: &str, uploaded: &Blob, down: &Blob) -> Result<(), Mismatch> {
    if same(uploaded, down).await? {
        return Ok(());
    }
    Err(Mismatch::Differs(format!(
        "{path}: {} bytes were uploaded and {} downloaded, and they differ: {}",
        uploaded.size(),
        down.size(),
        explain(path, uploaded, down).await?
    )))
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
    let same = agreement(uploaded, down).await.as_f64().unwrap_or_default();
    Ok(if same >= down.size() {
        format!("only the first {same} bytes came")
    } else if same >= uploaded.size() {
        format!(
            "the whole file came, and {} bytes behind it",
            down.size() - same
        )
    } else {
        format!("the first difference is behind {same} bytes")
    })
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
    let is_text = ["<?xml", "{\"", "[{"]
        .iter()
        .any(|start| text.starts_with(start));
    is_text.then(|| format!("what came is a document: {head}"))
}
