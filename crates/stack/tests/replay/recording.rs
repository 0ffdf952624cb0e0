//! Reading the recordings.

use std::{fs, path::PathBuf};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::{Map, Value};

/// A recorded exchange.
pub struct Exchange {
    pub name: String,
    pub method: String,
    pub url: String,
    pub headers: Vec<(String, String)>,
    pub body: Option<Vec<u8>>,
    pub answer: Recorded,
}

/// A recorded answer.
#[derive(Clone)]
pub struct Recorded {
    pub status: u16,
    /// Names in lower case.
    pub headers: Vec<(String, String)>,
    pub body: Body,
}

#[derive(Clone)]
pub enum Body {
    Json(Value),
    Bytes(Vec<u8>),
}

fn golden(file: &str) -> Value {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("tests/golden")
        .join(file);
    let text = fs::read_to_string(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    serde_json::from_str(&text).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
}

/// All exchanges of a group, in their order.
pub fn read_group(mode: &str, group: &str) -> Vec<Exchange> {
    let recorded = golden(&format!("{mode}_{group}.json"));
    recorded.as_array().unwrap().iter().map(read).collect()
}

/// The claims of each token, by its placeholder.
pub fn read_tokens() -> Map<String, Value> {
    golden("tokens.json").as_object().unwrap().clone()
}

fn read(exchange: &Value) -> Exchange {
    let (request, response) = (&exchange["request"], &exchange["response"]);
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    Exchange {
        name: text(&exchange["name"]),
        method: text(&request["method"]),
        url: text(&request["url"]),
        headers: headers(&request["headers"]),
        body: bytes(request),
        answer: Recorded {
            status: u16::try_from(response["status"].as_u64().unwrap()).unwrap(),
            headers: headers(&response["headers"])
                .into_iter()
                .map(|(name, value)| (name.to_ascii_lowercase(), value))
                .collect(),
            body: match response.get("body_json") {
                Some(json) => Body::Json(json.clone()),
                None => Body::Bytes(bytes(response).unwrap_or_default()),
            },
        },
    }
}

/// An object, or a list of pairs where a name occurs twice.
fn headers(recorded: &Value) -> Vec<(String, String)> {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    match recorded {
        Value::Object(headers) => headers.iter().map(|(n, v)| (n.clone(), text(v))).collect(),
        Value::Array(pairs) => pairs
            .iter()
            .map(|pair| (text(&pair[0]), text(&pair[1])))
            .collect(),
        _ => Vec::new(),
    }
}

fn bytes(of: &Value) -> Option<Vec<u8>> {
    if let Some(text) = of["body_text"].as_str() {
        return Some(text.into());
    }
    Some(STANDARD.decode(of["body_base64"].as_str()?).unwrap())
}
