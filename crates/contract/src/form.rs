//! Forms with a file in them.

use serde_json::Value;

use crate::recording::{Body, Exchange};

/// The text between the parts of a form.
pub(crate) const BOUNDARY: &str = "----contract";

/// The files that the frontend uploaded while it was recorded, as its user had them.
const FILES: [(&str, &[u8]); 2] = [
    (
        "param_run_in.yaml",
        include_bytes!("../../../tests/applications/decode_v0_10_1_train/param_run_in.yaml"),
    ),
    (
        "spline_calibration_3dcal.mat",
        include_bytes!(
            "../../../tests/applications/decode_v0_10_1_train/spline_calibration_3dcal.mat"
        ),
    ),
];

/// The content of a file of this name.
pub(crate) fn content(name: &str) -> Vec<u8> {
    let file = name.rsplit('/').next().unwrap_or_default();
    match file {
        "big.bin" => vec![0x42; 3_000_000],
        "model_2.pt" => vec![0x80; 10_240],
        _ => {
            let known = FILES.iter().find(|(known, _)| *known == file);
            known.map_or(&b""[..], |(_, content)| content).to_vec()
        }
    }
}

/// The value of `Content-Type` that goes with a form of this module.
pub(crate) fn content_type() -> String {
    format!("multipart/form-data; boundary={BOUNDARY}")
}

/// A form: the fields of `upload`, what the UserAPI said about it, then the file.
pub(crate) fn form(upload: &Value, name: &str, media_type: &str, content: &[u8]) -> Vec<u8> {
    let mut form = Vec::new();
    for (field, value) in upload["data"].as_object().into_iter().flatten() {
        let value = value.as_str().unwrap_or_default();
        form.extend(part(&format!("name=\"{field}\""), value.as_bytes()));
    }
    let head = format!("name=\"file\"; filename=\"{name}\"\r\nContent-Type: {media_type}");
    form.extend(part(&head, content));
    form.extend(format!("--{BOUNDARY}--\r\n").into_bytes());
    form
}

fn part(head: &str, content: &[u8]) -> Vec<u8> {
    let head = format!("--{BOUNDARY}\r\nContent-Disposition: form-data; {head}\r\n\r\n");
    [head.as_bytes(), content, b"\r\n"].concat()
}

/// The form of an exchange, of which only the beginning is recorded. The answer names the file, but
/// for S3's, which has none.
pub(crate) fn of_recorded(exchange: &Exchange, upload: &Value) -> Vec<u8> {
    let Body::Json(answer) = &exchange.answer.body else {
        return form(upload, "single file.txt", "text/plain", b"single");
    };
    let path = answer["path"].as_str().unwrap_or_default();
    // The frontend names a file of a directory by its path from there.
    let mut names = path.rsplitn(3, '/');
    let (file, directory) = (names.next().unwrap_or_default(), names.next());
    let name = directory.map_or(file.to_owned(), |directory| format!("{directory}/{file}"));
    form(upload, &name, "application/octet-stream", &content(file))
}
