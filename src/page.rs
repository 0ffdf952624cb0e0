//! The page that the suite runs on: its origin, its clock, its output.

use std::time::Duration;

use wasm_bindgen::prelude::*;
use web_sys::Blob;

#[wasm_bindgen(module = "/src/page.js")]
extern "C" {
    /// Appends text for people; the test runner streams it to the terminal.
    pub(crate) fn say(text: &str);
    /// Queues an event (JSON) for the program that drives the browser.
    pub(crate) fn queue(event: &str);
    /// Whether the program that drives the browser has asked for an end.
    pub(crate) fn stopped() -> bool;
    /// Waits until it has.
    #[wasm_bindgen(js_name = untilStopped)]
    pub(crate) async fn until_stopped();
    /// Whether `cargo e2e` drives the browser; it serves every origin over http and https.
    #[wasm_bindgen(js_name = isDriven)]
    pub(crate) fn is_driven() -> bool;
    /// Whether the page's address asks for the test of this name.
    #[wasm_bindgen(js_name = asksFor)]
    pub(crate) fn asks_for(test: &str) -> bool;
    /// Whether new errors carry a stack trace.
    #[wasm_bindgen(js_name = traceErrors)]
    pub(crate) fn trace_errors(enabled: bool);
    /// A blob of `size` bytes, no two mebibytes of it alike.
    #[wasm_bindgen(js_name = sampleBlob)]
    pub fn sample_blob(size: f64) -> Blob;
    #[wasm_bindgen(js_name = signWithForeignKey)]
    async fn sign_with_foreign_key_js(text: &str) -> JsValue;
    #[wasm_bindgen(js_name = openFrame, catch)]
    pub(crate) async fn open_frame(origin: &str) -> Result<JsValue, js_sys::Error>;
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
    async fn ask_browser(method: &str, url: &str, started_at: f64, limit: u32) -> JsValue;
    #[wasm_bindgen(js_name = isSent)]
    pub(crate) async fn is_sent(method: &str, url: &str, limit: u32) -> JsValue;
    #[wasm_bindgen(js_name = sameBytes, catch)]
    async fn same_bytes_js(a: &Blob, b: &Blob) -> Result<JsValue, JsValue>;
}

/// Whether two blobs hold the same bytes; compared outside of wasm memory, slice by slice.
/// The error says why one of them cannot be read.
pub async fn same_bytes(a: &Blob, b: &Blob) -> Result<bool, String> {
    let same = same_bytes_js(a, b)
        .await
        .map_err(|error| format!("{error:?}"))?;
    Ok(same.is_truthy())
}

/// What became of a request that the page knows only as failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fate {
    /// No answer came.
    Lost,
    /// The browser kept the answer from the page.
    Refused,
}

/// Asks whoever drives the browser, if anybody does. `started_at` in milliseconds since 1970.
pub(crate) async fn ask_fate(method: &str, url: &str, started_at: f64) -> Option<Fate> {
    // Who drives the browser looks for news every few milliseconds, unless the machine is busy.
    const LIMIT_MS: u32 = 10_000;
    let reply = ask_browser(method, url, started_at, LIMIT_MS).await;
    match reply.as_string().as_deref() {
        Some("lost") => Some(Fate::Lost),
        Some("refused") => Some(Fate::Refused),
        _ => None,
    }
}

/// Signs text with a key that nobody knows (RS256), in the form of a JSON Web Signature's end.
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
/// If the page is no secure context, which the frontend's is.
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

/// The wall clock's time.
#[must_use]
pub fn timestamp() -> jiff::Timestamp {
    #[expect(
        clippy::cast_possible_truncation,
        reason = "milliseconds since 1970 fit"
    )]
    jiff::Timestamp::from_millisecond(wall_clock() as i64).unwrap_or_default()
}

/// What a clock in UTC shows now.
#[must_use]
pub fn utc_now() -> jiff::civil::DateTime {
    jiff::tz::Offset::UTC.to_datetime(timestamp())
}

/// How many bytes wasm's linear memory takes up. It only ever grows.
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
    /// If this is no page.
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

/// A point in time on both of the page's clocks: the monotonic one stands still while the machine
/// sleeps, and the wall clock may be set back.
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

    /// The time that has passed since, by the clock that saw more of it.
    #[must_use]
    pub fn age(self) -> Duration {
        let wall = ((wall_clock() - self.wall) / 1000.0).max(0.0);
        Duration::from_secs_f64(wall).max(self.monotonic.elapsed())
    }
}

/// Waits, without keeping the page from anything else.
pub async fn sleep(duration: Duration) {
    gloo_timers::future::sleep(duration).await;
}
