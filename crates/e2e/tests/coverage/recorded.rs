//! The recorded calls of the frontend as HTTP Archives.

use std::{fs, path::Path};

use serde_json::{Value, json};

/// A secret in the place of each placeholder of a recording.
pub(crate) const CANARY: &str = "canary7f3a";

/// The recorded calls of the frontend in `mode`, as the network panel of a browser has them.
pub(crate) fn recorded(mode: &str) -> Value {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../contract/recordings/frontend")
        .join(format!("{mode}.json"));
    let text = fs::read_to_string(path).unwrap();
    let exchanges: Vec<Value> = serde_json::from_str(&text).unwrap();
    let entries: Vec<_> = exchanges.iter().map(|one| entry(one, &exchanges)).collect();
    let text = json!({ "log": { "version": "1.2", "entries": entries } }).to_string();
    let mut clean = String::new();
    let mut rest = &*text;
    while let Some((before, (_, after))) = rest
        .split_once("{{")
        .and_then(|(before, behind)| Some((before, behind.split_once("}}")?)))
    {
        clean += before;
        clean += CANARY;
        rest = after;
    }
    serde_json::from_str(&(clean + rest)).unwrap()
}

fn entry(exchange: &Value, all: &[Value]) -> Value {
    let host = match exchange["to"].as_str().unwrap() {
        "user_api" => "http://localhost:8000",
        _ => "http://localhost:5100",
    };
    let headers = exchange["headers"].as_object().unwrap().iter();
    let headers: Vec<_> = headers
        .map(|(name, value)| json!({ "name": name, "value": value }))
        .collect();
    let mut request = json!({
        "method": exchange["method"],
        "url": format!("{host}{}", exchange["url"].as_str().unwrap()),
        "headers": headers,
    });
    let body = exchange["body"].as_str().unwrap();
    if !body.is_empty() {
        let media_type = &exchange["headers"]["content-type"];
        request["postData"] = json!({ "mimeType": media_type });
        // Of a file's bytes only the number is recorded. A browser does not show them either.
        if !body.ends_with(" bytes)") {
            request["postData"]["text"] = whole(body, all).into();
        }
    }
    json!({ "request": request, "response": { "status": exchange["status"] } })
}

/// A body whose end is not recorded: the form for S3. The fields are those of the UserAPI's answer, the
/// key first, and the file is the last.
fn whole(body: &str, all: &[Value]) -> String {
    let Some((beginning, _)) = body.rsplit_once("…(") else {
        return body.to_owned();
    };
    let mut answers = all.iter().filter(|one| {
        one["method"] == "POST" && one["url"] == "/files/config//url" && one["status"] == 201
    });
    let answer = answers.next().unwrap()["answer"].as_str().unwrap();
    let answer: Value = serde_json::from_str(answer).unwrap();
    let mut names: Vec<_> = answer["data"].as_object().unwrap().keys().collect();
    names.sort_by_key(|name| *name != "key");
    let mut names: Vec<_> = names
        .iter()
        .map(|name| format!("name=\"{name}\""))
        .collect();
    let sent = beginning.matches("form-data; name=").count();
    assert!(sent > 2, "{beginning}");
    let places = names[..sent]
        .iter()
        .map(|name| beginning.find(name).unwrap());
    assert!(places.is_sorted(), "{beginning}");
    names.push("name=\"file\"; filename=\"single file.txt\"".into());
    let rest = names[sent..].iter();
    let rest: Vec<_> = rest
        .map(|name| format!("\r\nContent-Disposition: form-data; {name}\r\n\r\n--b"))
        .collect();
    beginning.to_owned() + &rest.concat()
}
