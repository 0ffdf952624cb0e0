//! POST Object: a form that uploads one file into a bucket.

use std::{error::Error, io, ops::RangeInclusive};

use axum::{
    body::Body,
    http::{
        HeaderMap, HeaderValue, StatusCode,
        header::{AUTHORIZATION, CONTENT_LENGTH, ETAG, HOST, LOCATION},
    },
    response::Response,
};
use bytes::Bytes;
use futures_util::{Stream, StreamExt as _};
use jiff::Timestamp;
use thiserror::Error as ThisError;

use super::{
    bucket::Bucket,
    credential::{self, CredentialError},
    error::{
        ACCESS_DENIED, INTERNAL, INVALID_ACCESS_KEY, MISSING_LENGTH, S3Error,
        SIGNATURE_DOES_NOT_MATCH, TOO_LARGE, TOO_SMALL, element, xml_response,
    },
    faulty,
    form::{self, Form},
    policy::Policy,
    sign::{ALGORITHM, Signer, same_signature, uri_encode},
    store::ObjectMeta,
};
use crate::{faults::Fault, http, multipart::Part};

/// Stores the file of a form, if its policy is signed and allows it.
pub(super) async fn post_object<S, E>(
    bucket: &Bucket,
    signer: &Signer,
    headers: &HeaderMap,
    body: S,
) -> Result<Response, S3Error>
where
    S: Stream<Item = Result<Bytes, E>> + Send + 'static,
    E: Into<Box<dyn Error + Send + Sync>> + 'static,
{
    if let Some(value) = headers.get(AUTHORIZATION) {
        return Err(S3Error::two_mechanisms(&String::from_utf8_lossy(
            value.as_bytes(),
        )));
    }
    if !headers.contains_key(CONTENT_LENGTH) {
        return Err(S3Error::new(MISSING_LENGTH));
    }
    let mut multipart = form::open(headers, body)?;
    let form = Form::read(&mut multipart, &bucket.faults).await?;
    let allowed = authorize(&form, signer, bucket)?;

    let Form { fields, file } = form;
    let key = fields.get("key").map(String::as_str).unwrap_or_default();
    // S3 takes the type from the form's field of that name, not from the file's own part.
    let content_type = fields.get("content-type").map(String::as_str);
    let file = limited(file, allowed);
    faulty::keep_earlier(&bucket.store, key, &bucket.faults).map_err(refusal)?;
    let replaced = faulty::replaced(&bucket.store, key, &bucket.faults)
        .await
        .map_err(refusal)?;
    let meta = bucket
        .store
        .put(key, content_type, file)
        .await
        .map_err(refusal)?;
    faulty::damage_upload(&bucket.store, key, replaced, &bucket.faults)
        .await
        .map_err(refusal)?;

    let host = http::text(headers, HOST);
    let status = fields.get("success_action_status");
    success(
        status.map(String::as_str),
        host.unwrap_or_default(),
        bucket,
        &meta,
    )
}

/// Checks signature and policy; says how many bytes the file may have.
fn authorize(
    form: &Form,
    signer: &Signer,
    bucket: &Bucket,
) -> Result<RangeInclusive<u64>, S3Error> {
    let Some(policy) = form.fields.get("policy") else {
        if bucket.faults.has(Fault::BucketPublicWrite) {
            return Ok(0..=u64::MAX);
        }
        return Err(S3Error::new(ACCESS_DENIED));
    };
    let algorithm = form.required("x-amz-algorithm")?;
    let credential = form.required("x-amz-credential")?;
    let date = form.required("x-amz-date")?;
    let signature = form.required("x-amz-signature")?;
    if algorithm != ALGORITHM {
        return Err(S3Error::invalid_argument(
            "x-amz-algorithm",
            algorithm,
            format!("X-Amz-Algorithm only supports \"{ALGORITHM}\""),
        ));
    }
    credential::check(credential, date, signer).map_err(|error| match error {
        CredentialError::UnknownAccessKey(key) => {
            S3Error::new(INVALID_ACCESS_KEY).with("AWSAccessKeyId", key)
        }
        error => S3Error::invalid_argument("x-amz-credential", credential, error.to_string()),
    })?;
    let expected = signer.signature(date.get(..8).unwrap_or(date), policy);
    if !same_signature(&expected, signature) {
        return Err(S3Error::new(SIGNATURE_DOES_NOT_MATCH)
            .with("AWSAccessKeyId", signer.access_key())
            .with("StringToSign", policy)
            .with("SignatureProvided", signature));
    }
    let mut now = Timestamp::now();
    if bucket.faults.has(Fault::PolicyExpiryNotChecked) {
        now = Timestamp::UNIX_EPOCH;
    }
    Policy::decode(policy)?.check(now, &bucket.name, &form.fields)
}

/// Why a file was refused while it was received.
#[derive(Debug, ThisError)]
enum FileError {
    #[error("larger than {0} bytes")]
    TooLarge(u64),
    #[error("{size} bytes, less than {least}")]
    TooSmall { size: u64, least: u64 },
    #[error(transparent)]
    Form(multer::Error),
}

/// The file's content, which ends in an error if its length is not `allowed`.
fn limited(
    file: Part,
    allowed: RangeInclusive<u64>,
) -> impl Stream<Item = io::Result<Bytes>> + Send {
    futures_util::stream::try_unfold((file, 0_u64), move |(mut file, size)| {
        let (least, most) = (*allowed.start(), *allowed.end());
        async move {
            match file.chunk().await.map_err(FileError::Form)? {
                Some(chunk) => {
                    let size = size + chunk.len() as u64;
                    if size > most {
                        return Err(FileError::TooLarge(most));
                    }
                    Ok(Some((chunk, (file, size))))
                }
                None if size < least => Err(FileError::TooSmall { size, least }),
                None => Ok(None),
            }
        }
    })
    .map(|chunk| chunk.map_err(io::Error::other))
}

fn refusal(error: io::Error) -> S3Error {
    match error.downcast::<FileError>() {
        Ok(FileError::Form(error)) => form::malformed(error),
        Ok(FileError::TooLarge(most)) => {
            S3Error::new(TOO_LARGE).with("MaxSizeAllowed", most.to_string())
        }
        Ok(FileError::TooSmall { size, least }) => S3Error::new(TOO_SMALL)
            .with("ProposedSize", size.to_string())
            .with("MinSizeAllowed", least.to_string()),
        Err(error) => {
            eprintln!("s3: cannot store an upload: {error}");
            S3Error::new(INTERNAL)
        }
    }
}

/// 204 and empty unless the form asks for 200 or 201.
fn success(
    status: Option<&str>,
    host: &str,
    bucket: &Bucket,
    meta: &ObjectMeta,
) -> Result<Response, S3Error> {
    let location = format!(
        "http://{host}/{}/{}",
        bucket.name,
        uri_encode(&meta.key, false)
    );
    let etag = format!("\"{}\"", meta.etag);
    let mut response = match status {
        Some("201") => {
            let mut xml =
                String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<PostResponse>");
            element(&mut xml, "Location", &location);
            element(&mut xml, "Bucket", &bucket.name);
            element(&mut xml, "Key", &meta.key);
            element(&mut xml, "ETag", &etag);
            xml.push_str("</PostResponse>");
            xml_response(StatusCode::CREATED, xml)
        }
        other => {
            let mut response = Response::new(Body::empty());
            if other != Some("200") {
                *response.status_mut() = StatusCode::NO_CONTENT;
            }
            response
        }
    };
    let header = |text: &str| HeaderValue::from_str(text).map_err(|_| S3Error::new(INTERNAL));
    response.headers_mut().insert(ETAG, header(&etag)?);
    response.headers_mut().insert(LOCATION, header(&location)?);
    Ok(response)
}
