//! A recorded exchange.

use serde_json::Value;

use crate::service::Service;

/// A recorded exchange.
#[derive(Clone, Debug)]
pub(crate) struct Exchange {
    /// Its name, unique in its group.
    pub(crate) name: String,
    /// Which service was asked.
    pub(crate) service: Service,
    /// The request as recorded: ids, hosts and tokens are those of the recording.
    pub(crate) request: Request,
    /// The answer as recorded.
    pub(crate) answer: Answer,
}

/// A recorded request.
#[derive(Clone, Debug)]
pub(crate) struct Request {
    /// The method.
    pub(crate) method: String,
    /// The whole URL.
    pub(crate) url: String,
    /// Names and values.
    pub(crate) headers: Vec<(String, String)>,
    /// The body.
    pub(crate) body: RequestBody,
}

/// The body of a recorded request.
#[derive(Clone, Debug)]
pub(crate) enum RequestBody {
    /// There is none.
    None,
    /// All of it.
    Bytes(Vec<u8>),
    /// A form with a file in it, of which only the beginning is recorded.
    Form,
}

/// A recorded answer.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    /// The status.
    pub(crate) status: u16,
    /// Names, in lower case, and values.
    pub(crate) headers: Vec<(String, String)>,
    /// The body.
    pub(crate) body: Body,
}

/// The body of a recorded answer.
#[derive(Clone, Debug)]
pub(crate) enum Body {
    /// JSON.
    Json(Value),
    /// Anything else.
    Bytes(Vec<u8>),
    /// The beginning of a longer text, and how many characters it has in all.
    Beginning(String, usize),
    /// How many bytes it has.
    Length(usize),
}

/// A change to a recorded answer.
#[derive(Clone, Debug)]
pub(crate) enum Change {
    /// Another status.
    Status(u16),
    /// Other values of a header; none if it is not there any longer.
    Header(String, Vec<String>),
    /// Another body.
    Body(Vec<u8>),
}
