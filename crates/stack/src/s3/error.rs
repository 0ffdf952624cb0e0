//! S3's refusals: an XML document with a code, a message and some details.

use std::fmt::Write as _;

use axum::{
    body::Body,
    http::{HeaderName, HeaderValue, StatusCode, header::CONTENT_TYPE},
    response::{IntoResponse, Response},
};

use base64::{Engine as _, engine::general_purpose::STANDARD};

use crate::http;

/// A kind of refusal: its status, its code, and the message that it has if there is no better one.
/// All are those of the Amazon S3 API reference, "Error responses", and of the service's answers.
pub(super) type Kind = (u16, &'static str, &'static str);

pub(super) const ACCESS_DENIED: Kind = (403, "AccessDenied", "Access Denied");
pub(super) const ACCESS_FORBIDDEN: Kind = (403, "AccessForbidden", "");
pub(super) const BAD_QUERY: Kind = (400, "AuthorizationQueryParametersError", "");
pub(super) const BAD_REQUEST: Kind = (400, "BadRequest", "");
pub(super) const INTERNAL: Kind = (
    500,
    "InternalError",
    "We encountered an internal error. Please try again.",
);
pub(super) const INVALID_ACCESS_KEY: Kind = (
    403,
    "InvalidAccessKeyId",
    "The AWS Access Key Id you provided does not exist in our records.",
);
pub(super) const INVALID_ARGUMENT: Kind = (400, "InvalidArgument", "");
pub(super) const INVALID_POLICY: Kind = (400, "InvalidPolicyDocument", "");
pub(super) const INVALID_RANGE: Kind = (
    416,
    "InvalidRange",
    "The requested range is not satisfiable",
);
pub(super) const INVALID_URI: Kind = (400, "InvalidURI", "Couldn't parse the specified URI.");
pub(super) const INCOMPLETE_BODY: Kind = (
    400,
    "IncompleteBody",
    "The request body terminated unexpectedly",
);
pub(super) const KEY_TOO_LONG: Kind = (400, "KeyTooLongError", "Your key is too long");
pub(super) const MALFORMED_FORM: Kind = (
    400,
    "MalformedPOSTRequest",
    "The body of your POST request is not well-formed multipart/form-data.",
);
pub(super) const FIELDS_TOO_LARGE: Kind = (
    400,
    "MaxPostPreDataLengthExceeded",
    "Your POST request fields preceding the upload file were too large.",
);
pub(super) const METHOD_NOT_ALLOWED: Kind = (
    405,
    "MethodNotAllowed",
    "The specified method is not allowed against this resource.",
);
pub(super) const MISSING_LENGTH: Kind = (
    411,
    "MissingContentLength",
    "You must provide the Content-Length HTTP header.",
);
pub(super) const NO_SUCH_BUCKET: Kind =
    (404, "NoSuchBucket", "The specified bucket does not exist");
pub(super) const NO_SUCH_KEY: Kind = (404, "NoSuchKey", "The specified key does not exist.");
pub(super) const PRECONDITION_FAILED: Kind = (
    412,
    "PreconditionFailed",
    "At least one of the pre-conditions you specified did not hold",
);
pub(super) const SIGNATURE_DOES_NOT_MATCH: Kind = (
    403,
    "SignatureDoesNotMatch",
    "The request signature we calculated does not match the signature you provided. \
     Check your key and signing method.",
);
pub(super) const TOO_LARGE: Kind = (
    400,
    "EntityTooLarge",
    "Your proposed upload exceeds the maximum allowed size",
);
pub(super) const TOO_SMALL: Kind = (
    400,
    "EntityTooSmall",
    "Your proposed upload is smaller than the minimum allowed size",
);

/// A refusal.
#[derive(Debug)]
pub(super) struct S3Error {
    pub(super) status: StatusCode,
    pub(super) code: &'static str,
    pub(super) message: String,
    /// Further elements of the document.
    pub(super) details: Vec<(&'static str, String)>,
}

impl S3Error {
    pub(super) fn new((status, code, message): Kind) -> Self {
        Self {
            status: StatusCode::from_u16(status).unwrap_or_default(),
            code,
            message: message.to_owned(),
            details: Vec::new(),
        }
    }

    /// A refusal with a message of its own.
    pub(super) fn because(kind: Kind, message: impl Into<String>) -> Self {
        let message = message.into();
        Self {
            message,
            ..Self::new(kind)
        }
    }

    pub(super) fn with(mut self, element: &'static str, value: impl Into<String>) -> Self {
        self.details.push((element, value.into()));
        self
    }

    pub(super) fn invalid_argument(
        name: &str,
        value: impl Into<String>,
        message: impl Into<String>,
    ) -> Self {
        Self::because(INVALID_ARGUMENT, message)
            .with("ArgumentName", name)
            .with("ArgumentValue", value)
    }

    pub(super) fn two_mechanisms(authorization: &str) -> Self {
        Self::invalid_argument(
            "Authorization",
            authorization,
            "Only one auth mechanism allowed; only the X-Amz-Algorithm query parameter, \
             Signature query string parameter or the Authorization header should be specified",
        )
    }
}

impl IntoResponse for S3Error {
    fn into_response(self) -> Response {
        let (request_id, host_id) = (request_id(), host_id());
        let mut xml = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error>");
        element(&mut xml, "Code", self.code);
        element(&mut xml, "Message", &self.message);
        for (name, value) in &self.details {
            element(&mut xml, name, value);
        }
        element(&mut xml, "RequestId", &request_id);
        element(&mut xml, "HostId", &host_id);
        xml.push_str("</Error>");
        let mut response = xml_response(self.status, xml);
        http::set(response.headers_mut(), REQUEST_ID, &request_id);
        http::set(response.headers_mut(), HOST_ID, &host_id);
        response
    }
}

/// The header with a request's id.
pub(super) const REQUEST_ID: HeaderName = HeaderName::from_static("x-amz-request-id");

/// Sixteen hexadecimal digits, as S3 names a request.
pub(super) fn request_id() -> String {
    format!("{:016X}", rand::random::<u64>())
}

/// The header with the id of the host that has answered, which AWS's support asks for.
pub(super) const HOST_ID: HeaderName = HeaderName::from_static("x-amz-id-2");

/// As long as S3's, in Base64.
pub(super) fn host_id() -> String {
    STANDARD.encode(rand::random::<[u8; 56]>())
}

pub(super) fn xml_response(status: StatusCode, xml: String) -> Response {
    let mut response = Response::new(Body::from(xml));
    *response.status_mut() = status;
    response
        .headers_mut()
        .insert(CONTENT_TYPE, HeaderValue::from_static("application/xml"));
    response
}

/// Appends `<name>text</name>`.
pub(super) fn element(xml: &mut String, name: &str, text: &str) {
    let _ = write!(xml, "<{name}>");
    for character in text.chars() {
        match character {
            '&' => xml.push_str("&amp;"),
            '<' => xml.push_str("&lt;"),
            '>' => xml.push_str("&gt;"),
            '"' => xml.push_str("&quot;"),
            c if c.is_control() => {
                let _ = write!(xml, "&#x{:X};", u32::from(c));
            }
            c => xml.push(c),
        }
    }
    let _ = write!(xml, "</{name}>");
}
