//! The schemas of types from `opencloud-model`, which does without `schemars`.

use schemars::JsonSchema;

/// Whose fault a failure is: that of the `OpenCloud` under test, of the user's input, or of
/// this project itself.
#[derive(JsonSchema)]
#[schemars(rename_all = "snake_case")]
#[expect(dead_code, reason = "only its shape is used")]
pub(crate) enum Blame {
    Stack,
    Input,
    Ourselves,
}

/// Why something failed.
#[derive(JsonSchema)]
#[expect(dead_code, reason = "only its shape is used")]
pub(crate) struct Failure {
    /// Whose fault it is.
    blame: Blame,
    /// The expectation, the finding, and what to do.
    message: String,
    /// Whether only a time limit revealed it.
    out_of_time: bool,
    /// The reason that the browser's engine gives for the failed request.
    engine: Option<EngineReason>,
}

/// Why a request failed, as the browser's engine has it.
#[derive(JsonSchema)]
#[expect(dead_code, reason = "only its shape is used")]
pub(crate) struct EngineReason {
    /// The engine's name, such as `Chrome`.
    engine: String,
    /// Its name for the reason, and the reason in words.
    reason: String,
    /// Whether it agrees with the page's own diagnosis.
    agrees: bool,
}

/// A table of calls and origins: which pages could read which answers.
#[derive(JsonSchema)]
#[expect(dead_code, reason = "only its shape is used")]
pub(crate) struct Origins {
    /// The origins, the frontend's first.
    origins: Vec<Origin>,
    /// The calls.
    rows: Vec<Row>,
}

/// An origin.
#[derive(JsonSchema)]
#[expect(dead_code, reason = "only its shape is used")]
pub(crate) struct Origin {
    /// As the browser sends it.
    origin: String,
    /// Its difference from the frontend's.
    difference: String,
}

/// The origins that could read the answer to a call.
#[derive(JsonSchema)]
#[expect(dead_code, reason = "only its shape is used")]
pub(crate) struct Row {
    /// The call.
    call: String,
    /// A cell for each origin.
    cells: Vec<Cell>,
}

/// Whether a page could read an answer, and whether it should.
#[derive(JsonSchema)]
#[expect(dead_code, reason = "only its shape is used")]
pub(crate) struct Cell {
    /// Whether it could; `null`: not checked.
    readable: Option<bool>,
    /// Whether it should.
    expected: bool,
}

/// The body of a request. A form's values and a file's content are left out.
#[derive(JsonSchema)]
#[schemars(rename_all = "snake_case")]
#[expect(dead_code, reason = "only its shape is used")]
pub(crate) enum RequestBody {
    /// JSON.
    Json(serde_json::Value),
    /// The parts of a form, in their order.
    Form(Vec<FormPart>),
}

/// A part of a form.
#[derive(JsonSchema)]
#[expect(dead_code, reason = "only its shape is used")]
pub(crate) struct FormPart {
    /// Its name.
    name: String,
    /// The file, if it is one.
    file: Option<FormFile>,
}

/// A file in a form.
#[derive(JsonSchema)]
#[expect(dead_code, reason = "only its shape is used")]
pub(crate) struct FormFile {
    /// Its name, which may begin with directories.
    name: String,
    /// Its media type.
    media_type: String,
}
