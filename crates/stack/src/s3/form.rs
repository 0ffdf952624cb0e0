//! The form of an upload: fields first, then one part named `file`. Source: Amazon S3 API
//! reference, "POST Object".

use std::collections::btree_map::Entry;

use axum::http::HeaderMap;
use bytes::Bytes;
use futures_util::Stream;

use super::{
    error::{
        ACCESS_DENIED, FIELDS_TOO_LARGE, INCOMPLETE_BODY, KEY_TOO_LONG, MALFORMED_FORM,
        PRECONDITION_FAILED, S3Error,
    },
    policy::Fields,
};
use crate::{
    faults::{Fault, Faults},
    multipart::{Multipart, Part, is_head_too_long},
};

/// How many bytes all fields before the file may have together.
const LARGEST_FIELDS: usize = 20_480;
/// How many bytes a key may have.
const LONGEST_KEY: usize = 1024;

/// A form whose file has not been read yet.
pub(super) struct Form {
    /// With `${filename}` in the key already replaced.
    pub(super) fields: Fields,
    pub(super) file: Part,
}

/// Starts to read a form.
pub(super) fn open<S, E>(headers: &HeaderMap, body: S) -> Result<Multipart, S3Error>
where
    S: Stream<Item = Result<Bytes, E>> + Send + 'static,
    E: Into<Box<dyn std::error::Error + Send + Sync>> + 'static,
{
    Multipart::open(headers, body).ok_or_else(|| {
        S3Error::new(PRECONDITION_FAILED).with(
            "Condition",
            "Bucket POST must be of the enclosure-type multipart/form-data",
        )
    })
}

impl Form {
    /// Reads up to the file, which has to come last: what follows it is ignored, as S3 does.
    pub(super) async fn read(multipart: &mut Multipart, faults: &Faults) -> Result<Self, S3Error> {
        let mut fields = Fields::new();
        let mut last = String::new();
        let mut room = LARGEST_FIELDS;
        while let Some(mut field) = multipart.next().await.map_err(malformed)? {
            let name = field
                .name()
                .ok_or_else(|| S3Error::new(MALFORMED_FORM))?
                .to_ascii_lowercase();
            if name == "file" {
                check_type(&field, faults)?;
                expand_key(&mut fields, field.file_name().unwrap_or_default(), faults)?;
                return Ok(Self {
                    fields,
                    file: field,
                });
            }
            if faults.has(Fault::FormWantsSortedFields) {
                if name < last {
                    return Err(misplaced(&name));
                }
                last.clone_from(&name);
            }
            let value = text(&mut field, &mut room).await?;
            match fields.entry(name) {
                Entry::Vacant(entry) => {
                    entry.insert(value);
                }
                // Two values for one field would let the policy see one and the store the other.
                Entry::Occupied(entry) => {
                    return Err(S3Error::invalid_argument(
                        entry.key(),
                        value,
                        "POST requires each field at most once.",
                    ));
                }
            }
        }
        Err(S3Error::invalid_argument(
            "file",
            "0",
            "POST requires exactly one file upload per request.",
        ))
    }

    /// The value of a field that has to be there.
    pub(super) fn required(&self, name: &str) -> Result<&str, S3Error> {
        required(&self.fields, name)
    }
}

fn required<'a>(fields: &'a Fields, name: &str) -> Result<&'a str, S3Error> {
    let value = fields.get(name).map(String::as_str);
    value.ok_or_else(|| misplaced(name))
}

/// The error where a field does not come in its place.
fn misplaced(name: &str) -> S3Error {
    S3Error::invalid_argument(
        name,
        "",
        format!(
            "Bucket POST must contain a field named '{name}'.  \
             If it is specified, please check the order of the fields."
        ),
    )
}

/// Refuses a file of its own media type, if the stack has this fault.
fn check_type(file: &Part, faults: &Faults) -> Result<(), S3Error> {
    if file.is_typed() && faults.has(Fault::UploadWantsOctetStream) {
        return Err(S3Error::because(
            ACCESS_DENIED,
            "Invalid according to Policy: Policy Condition failed: [\"eq\", \"$Content-Type\", \
             \"application/octet-stream\"]",
        ));
    }
    Ok(())
}

/// Replaces `${filename}` in the key by the file's own name.
fn expand_key(fields: &mut Fields, file_name: &str, faults: &Faults) -> Result<(), S3Error> {
    if faults.has(Fault::UploadKeepsFilenameLiteral) {
        return required(fields, "key").map(drop);
    }
    let file_name = if faults.has(Fault::UploadKeepsDirectories) {
        file_name
    } else {
        base_name(file_name)
    };
    let key = required(fields, "key")?.replace("${filename}", file_name);
    if key.is_empty() {
        return Err(S3Error::invalid_argument(
            "key",
            "",
            "User key must have a length greater than 0.",
        ));
    }
    if key.len() > LONGEST_KEY {
        return Err(S3Error::new(KEY_TOO_LONG)
            .with("Size", key.len().to_string())
            .with("MaxSizeAllowed", LONGEST_KEY.to_string()));
    }
    fields.insert("key".to_owned(), key);
    Ok(())
}

/// The text after the last slash or backslash: some browsers send a whole path.
fn base_name(file_name: &str) -> &str {
    file_name.rsplit(['/', '\\']).next().unwrap_or_default()
}

/// Reads a field into memory while there is room.
async fn text(field: &mut Part, room: &mut usize) -> Result<String, S3Error> {
    let mut value = Vec::new();
    while let Some(chunk) = field.chunk().await.map_err(malformed)? {
        *room = room.checked_sub(chunk.len()).ok_or_else(fields_too_large)?;
        value.extend_from_slice(&chunk);
    }
    String::from_utf8(value).map_err(|_| S3Error::new(MALFORMED_FORM))
}

fn fields_too_large() -> S3Error {
    S3Error::new(FIELDS_TOO_LARGE).with("MaxPostPreDataLengthBytes", LARGEST_FIELDS.to_string())
}

/// The answer to a body that is not a form, or that ends too early.
pub(super) fn malformed(error: multer::Error) -> S3Error {
    match error {
        error if is_head_too_long(&error) => fields_too_large(),
        // The connection was cut in the middle of the form, so no client reads this answer.
        multer::Error::StreamReadFailed(_) => S3Error::new(INCOMPLETE_BODY),
        other => S3Error::new(MALFORMED_FORM).with("Reason", other.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use std::fmt::Write as _;

    use futures_util::stream;
    use proptest::prelude::*;

    use super::*;

    async fn read(parts: &[(&str, &str)]) -> Result<Form, S3Error> {
        let mut body = String::new();
        for (disposition, value) in parts {
            let _ = write!(
                body,
                "--b\r\nContent-Disposition: form-data; {disposition}\r\n\r\n{value}\r\n"
            );
        }
        body += "--b--\r\n";
        let body = stream::iter([Ok::<_, std::io::Error>(Bytes::from(body))]);
        Form::read(&mut Multipart::new(body, "b"), &Faults::default()).await
    }

    const FILE: (&str, &str) = (r#"name="file"; filename="f.txt""#, "content");

    #[tokio::test]
    async fn the_file_name_takes_its_place_in_the_key() {
        for (file_name, key) in [
            ("f.txt", "u/f.txt"),
            ("/a/b/f.txt", "u/f.txt"),
            (r"C:\\a\\f.txt", "u/f.txt"),
            ("..", "u/.."),
            ("", "u/"),
        ] {
            let file = format!(r#"name="file"; filename="{file_name}""#);
            let form = read(&[(r#"name="Key""#, "u/${filename}"), (&file, "")]).await;
            assert_eq!(form.unwrap().fields["key"], key, "{file_name}");
        }
    }

    #[tokio::test]
    async fn missing_fields_are_named() {
        let code = async |parts: &[(&str, &str)]| {
            let error = read(parts).await.err().unwrap();
            format!("{} {:?}", error.code, error.details.first())
        };
        let key = (r#"name="key""#, "k");
        assert_eq!(
            code(&[key]).await,
            r#"InvalidArgument Some(("ArgumentName", "file"))"#
        );
        assert_eq!(
            code(&[FILE, key]).await,
            r#"InvalidArgument Some(("ArgumentName", "key"))"#
        );
        assert_eq!(
            code(&[key, key, FILE]).await,
            r#"InvalidArgument Some(("ArgumentName", "key"))"#
        );
        assert_eq!(
            code(&[(r#"name="key""#, ""), FILE]).await,
            r#"InvalidArgument Some(("ArgumentName", "key"))"#
        );
        assert_eq!(
            code(&[(r#"name="key""#, &"k".repeat(1025)), FILE]).await,
            r#"KeyTooLongError Some(("Size", "1025"))"#
        );
    }

    #[tokio::test]
    async fn fields_are_limited_together_and_the_file_is_not() {
        let half = "v".repeat(LARGEST_FIELDS / 2);
        let key = (r#"name="key""#, "k");
        let (a, b) = (
            (r#"name="a""#, half.as_str()),
            (r#"name="b""#, half.as_str()),
        );
        let error = read(&[a, b, key, FILE]).await.err().unwrap();
        assert_eq!(error.code, "MaxPostPreDataLengthExceeded");
        let long = "f".repeat(2 * LARGEST_FIELDS);
        assert!(read(&[a, key, (FILE.0, &long)]).await.is_ok());
    }

    proptest! {
        #[test]
        fn every_file_name_stays_in_the_directory_of_the_key(
            file_name in r#"(\.\.|/|\\\\|[^"\x00-\x1f\x7f]){0,12}"#,
            value in "\\PC{0,40}",
        ) {
            let file = format!(r#"name="file"; filename="{file_name}""#);
            let fields = [(r#"name="key""#, "u/${filename}"), (r#"name="a""#, &value), (&file, "")];
            let runtime = tokio::runtime::Builder::new_current_thread().build();
            if let Ok(form) = runtime.unwrap().block_on(read(&fields)) {
                let name = form.fields["key"].strip_prefix("u/");
                prop_assert!(name.is_some_and(|name| !name.contains(['/', '\\'])));
                prop_assert_eq!(&form.fields["a"], &value);
            }
        }
    }
}
