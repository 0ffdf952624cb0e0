//! The page that the suite runs on: its origin, its clock, its output.

use std::time::Duration;

use opencloud_model::observation::Observation;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::{Blob, Response};

#[wasm_bindgen(module = "/src/page.js")]
extern "C" {
    /// Appends text to the page's output, which the test runner streams to the terminal.
    pub(crate) fn print(text: &str);
    /// Queues an event (JSON) for the program that drives the browser.
    pub(crate) fn queue(event: &str);
    /// Shows the program that drives the browser that a test goes on.
    #[wasm_bindgen(js_name = countProgress)]
    pub(crate) fn count_progress();
    /// Whether the program that drives the browser has ended the run.
    pub(crate) fn stopped() -> bool;
    /// Waits until it has ended the run.
    #[wasm_bindgen(js_name = untilStopped)]
    pub(crate) async fn until_stopped();
    /// Says that `cargo e2e` drives the browser, and answers questions.
    #[wasm_bindgen(js_name = setDriven)]
    pub(crate) fn set_driven();
    /// Whether `cargo e2e` drives the browser; it serves every origin over http and https.
    #[wasm_bindgen(js_name = isDriven)]
    pub(crate) fn is_driven() -> bool;
    /// Whether the page's address asks for the test of this name.
    #[wasm_bindgen(js_name = asksFor)]
    pub(crate) fn asks_for(test: &str) -> bool;
    /// How many tests the test runner runs.
    #[wasm_bindgen(js_name = countOfTests)]
    pub(crate) fn count_of_tests() -> usize;
    /// Whether new errors carry a stack trace.
    #[wasm_bindgen(js_name = traceErrors)]
    pub(crate) fn trace_errors(enabled: bool);
    /// A blob of `size` bytes, in which no two mebibytes are alike.
    #[wasm_bindgen(js_name = sampleBlob)]
    pub fn sample_blob(size: f64) -> Blob;
    #[wasm_bindgen(js_name = sampleFile, catch)]
    async fn sample_file_js(name: &str, size: f64) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(js_name = removeSampleFile, catch)]
    async fn remove_sample_file_js(name: &str) -> Result<(), JsValue>;
    #[wasm_bindgen(js_name = keepsFormNames)]
    async fn keeps_form_names_js() -> JsValue;
    #[wasm_bindgen(js_name = signWithForeignKey)]
    async fn sign_with_foreign_key_js(text: &str) -> JsValue;
    #[wasm_bindgen(js_name = openFrame, catch)]
    pub(crate) async fn open_frame(origin: &str) -> Result<JsValue, js_sys::Error>;
    #[wasm_bindgen(js_name = isServed)]
    async fn is_served_js(origin: &str) -> JsValue;
    #[wasm_bindgen(js_name = closeFrame)]
    pub(crate) fn close_frame(frame: &JsValue);
    #[wasm_bindgen(js_name = fetchInFrame)]
    pub(crate) async fn fetch_in_frame(
        frame: &JsValue,
        origin: &str,
        request: &str,
        file: Option<&Blob>,
    ) -> JsValue;
    #[wasm_bindgen(js_name = askBrowser)]
    async fn ask_browser_js(method: &str, url: &str, started_at: f64, limit: u32) -> JsValue;
    #[wasm_bindgen(js_name = isSent)]
    pub(crate) async fn is_sent(method: &str, url: &str, headers: &str, limit: u32) -> JsValue;
    #[wasm_bindgen(js_name = body, catch)]
    async fn body_js(response: &Response, limit: u32) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(js_name = sameBytes, catch)]
    async fn same_bytes_js(a: &Blob, b: &Blob) -> Result<JsValue, JsValue>;
}

/// What an error of the browser's says, such as `TypeError: Failed to fetch`.
pub(crate) fn said(error: &JsValue) -> String {
    error.dyn_ref::<js_sys::Error>().map_or_else(
        || format!("{error:?}"),
        |error| String::from(error.to_string()),
    )
}

/// The body of `response`, which stays in the browser. The error says why it cannot be read, or that no byte of
/// it came for `limit` milliseconds.
pub(crate) async fn body(response: &Response, limit: u32) -> Result<Blob, String> {
    let body = body_js(response, limit).await;
    body.map(Blob::from).map_err(|error| said(&error))
}

/// Whether two blobs hold the same bytes, compared slice by slice outside of wasm memory. The error
/// says why one of them cannot be read.
pub async fn same_bytes(a: &Blob, b: &Blob) -> Result<bool, String> {
    let same = same_bytes_js(a, b).await.map_err(|error| said(&error))?;
    Ok(same.is_truthy())
}

/// A file of `size` bytes on the browser's disk, in which no two mebibytes are alike. The error says why
/// the browser cannot keep it.
pub async fn sample_file(name: &str, size: f64) -> Result<Blob, String> {
    let file = sample_file_js(name, size).await;
    file.map(Blob::from).map_err(|error| words(&error))
}

/// Removes the file that [`sample_file`] has made under this name, if it has.
pub async fn remove_sample_file(name: &str) -> Result<(), String> {
    let removed = remove_sample_file_js(name).await;
    removed.map_err(|error| words(&error))
}

/// Whether the browser writes the names of files in a form as they are, and not in the Unicode form NFC.
pub async fn keeps_form_names() -> bool {
    keeps_form_names_js().await.is_truthy()
}

/// Whether a page can be opened at `origin` under this test runner.
pub async fn is_served(origin: &str) -> bool {
    is_served_js(origin).await.is_truthy()
}

/// A thrown error, as JavaScript puts it in words.
fn words(error: &JsValue) -> String {
    error.unchecked_ref::<js_sys::Object>().to_string().into()
}

/// The content of a blob as text; empty if it cannot be read.
pub async fn text_of(blob: &Blob) -> String {
    let text = JsFuture::from(blob.text()).await;
    text.ok()
        .and_then(|text| text.as_string())
        .unwrap_or_default()
}

/// Asks the program that drives the browser, if there is one, what the engine saw of a request that
/// failed and was sent at `started_at` (milliseconds since 1970).
pub(crate) async fn ask_browser(method: &str, url: &str, started_at: f64) -> Option<Observation> {
    // The program looks for questions every few milliseconds, unless the machine is busy.
    const LIMIT_MS: u32 = 10_000;
    let reply = ask_browser_js(method, url, started_at, LIMIT_MS).await;
    serde_json::from_str(&reply.as_string()?).ok()?
}

/// Signs text with a new RS256 key; the signature is encoded as in a JSON Web Token.
pub async fn sign_with_foreign_key(text: &str) -> String {
    let signature = sign_with_foreign_key_js(text).await;
    signature.as_string().unwrap_or_default()
}

fn window() -> web_sys::Window {
    web_sys::window().expect("the suite runs in a page")
}

/// The page's origin, as the browser sends it.
#[must_use]
pub fn origin() -> String {
    window().origin()
}

/// Eight random hexadecimal digits.
///
/// # Panics
/// If the page is not a secure context. The frontend's page is one.
#[must_use]
pub fn random_id() -> String {
    let crypto = window()
        .crypto()
        .expect("a page of a secure context has crypto");
    crypto.random_uuid()[..8].to_owned()
}

/// Milliseconds since 1970.
#[must_use]
pub fn wall_clock() -> f64 {
    js_sys::Date::now()
}

/// The time by the wall clock.
#[must_use]
pub fn timestamp() -> jiff::Timestamp {
    #[expect(
        clippy::cast_possible_truncation,
        reason = "milliseconds since 1970 fit"
    )]
    jiff::Timestamp::from_millisecond(wall_clock() as i64).unwrap_or_default()
}

/// The date and time in UTC.
#[must_use]
pub fn utc_now() -> jiff::civil::DateTime {
    jiff::tz::Offset::UTC.to_datetime(timestamp())
}

/// The size of wasm's linear memory in bytes. It only grows.
#[must_use]
pub fn wasm_memory() -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "at most 4 GiB")]
    let pages = core::arch::wasm32::memory_size(0) as f64;
    pages * 65536.0
}

/// A point in time on the page's monotonic clock.
#[derive(Clone, Copy, Debug)]
pub struct Instant(f64);

impl Instant {
    /// Now.
    ///
    /// # Panics
    /// If there is no page.
    #[must_use]
    pub fn now() -> Self {
        Self(window().performance().expect("a page has a clock").now())
    }

    /// The time that has passed since.
    #[must_use]
    pub fn elapsed(self) -> Duration {
        Duration::from_secs_f64(((Self::now().0 - self.0) / 1000.0).max(0.0))
    }
}

/// A point in time on both of the page's clocks. The monotonic one stops while the machine sleeps, and
/// the wall clock may be set back.
#[derive(Clone, Copy, Debug)]
pub struct Since {
    monotonic: Instant,
    /// Milliseconds since 1970.
    wall: f64,
}

impl Since {
    /// Now.
    #[must_use]
    pub fn now() -> Self {
        Self {
            monotonic: Instant::now(),
            wall: wall_clock(),
        }
    }

    /// The time that has passed since, by the clock that shows more.
    #[must_use]
    pub fn age(self) -> Duration {
        let wall = ((wall_clock() - self.wall) / 1000.0).max(0.0);
        Duration::from_secs_f64(wall).max(self.monotonic.elapsed())
    }
}

/// Waits without blocking the page.
pub async fn sleep(duration: Duration) {
    gloo_timers::future::sleep(duration).await;
}
