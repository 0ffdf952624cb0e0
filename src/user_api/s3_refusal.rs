//! What S3's refusals mean for the UserAPI, which has signed the request ("Error responses" in the API
//! reference of Amazon S3).

use opencloud_model::service::Service;

use crate::http::{Failure, Problem, Sent};

const OTHER_REGION: &str = "the bucket is in another region than that of the endpoint (UserAPI, AWS_DEFAULT_REGION and \
                            S3_BUCKET, and the endpoint for which it signs URLs)";

/// A code, what it means, and the setting that decides.
const CODES: [(&str, &str); 37] = [
    (
        "AuthorizationHeaderMalformed",
        "it was signed for another region than the bucket's (UserAPI, AWS_DEFAULT_REGION)",
    ),
    (
        "AuthorizationQueryParametersError",
        "it was signed for another region than the bucket's, or for too long (UserAPI, AWS_DEFAULT_REGION)",
    ),
    (
        "InvalidAccessKeyId",
        "S3 does not have the key that signed it: it was deleted, or is another account's (UserAPI, \
         AWS_ACCESS_KEY_ID)",
    ),
    (
        "SignatureDoesNotMatch",
        "it was signed with another secret than that of the key, or changed on the way, as where a proxy changes the \
         host of a GET, which is signed (UserAPI, AWS_SECRET_ACCESS_KEY, if uploads fail as well; what stands before \
         the bucket)",
    ),
    (
        "RequestTimeTooSkewed",
        "the clock by which it was signed is wrong (UserAPI, the clock of its machine)",
    ),
    (
        "ExpiredToken",
        "the session of the key that signed it has expired (UserAPI, its AWS credentials)",
    ),
    (
        "PreconditionFailed",
        "S3 wants a condition that the request does not meet, as where the bucket lets nobody replace a file (the \
         bucket's policy on conditional writes)",
    ),
    (
        "InvalidToken",
        "the session token of the key that signed it is wrong (UserAPI, AWS_SESSION_TOKEN)",
    ),
    (
        "AccessControlListNotSupported",
        "the form asks for an ACL, and the bucket has none (UserAPI, the fields of the form; the bucket, Object \
         Ownership)",
    ),
    (
        "InvalidBucketName",
        "that is not a name of a bucket (UserAPI, S3_BUCKET)",
    ),
    (
        "NoSuchBucket",
        "there is no such bucket (UserAPI, S3_BUCKET)",
    ),
    (
        "NoSuchKey",
        "the bucket of the URL does not have the file: the UserAPI lists another bucket, or what was written \
         has not arrived there (UserAPI, S3_BUCKET of each of its instances; the storage)",
    ),
    (
        "InvalidObjectState",
        "the file was archived, and must be restored first (the bucket's lifecycle rules)",
    ),
    (
        "KMS.DisabledException",
        "the key that encrypts the bucket is disabled (the bucket's encryption)",
    ),
    (
        "KMS.NotFoundException",
        "there is no such key as shall encrypt the bucket (the bucket's encryption)",
    ),
    (
        "KMS.KMSInvalidStateException",
        "the key that encrypts the bucket cannot be used in its state (the bucket's encryption)",
    ),
    ("PermanentRedirect", OTHER_REGION),
    ("TemporaryRedirect", OTHER_REGION),
    ("IllegalLocationConstraintException", OTHER_REGION),
    (
        "InvalidPolicyDocument",
        "S3 cannot read the policy of the form (UserAPI, the form that it signs)",
    ),
    (
        "InvalidRequest",
        "S3 does not take the request in this form (UserAPI, how it signs, such as the signature version; the \
         bucket's rules, such as Object Lock)",
    ),
    (
        "MalformedPOSTRequest",
        "S3 cannot read the form (what stands before the bucket and changes bodies)",
    ),
    (
        "MissingContentLength",
        "the body came without its length (what stands before the bucket and passes bodies on in pieces)",
    ),
    (
        "MethodNotAllowed",
        "there is no such operation at this address (UserAPI, the endpoint for which it signs URLs)",
    ),
    (
        "InvalidArgument",
        "S3 does not take a field or a parameter of the request (UserAPI, what it signs and how, such as the signature \
         version, which must be 4 for a bucket that KMS encrypts)",
    ),
    (
        "NotSignedUp",
        "the account may not use S3 (the account of the bucket)",
    ),
    (
        "RequestTimeout",
        "the body came too slowly or not whole (the network, or what stands before the bucket)",
    ),
    (
        "SlowDownWrite",
        "the storage asks for fewer requests (the storage, and what it is busy with)",
    ),
    (
        "SlowDownRead",
        "the storage asks for fewer requests (the storage, and what it is busy with)",
    ),
    (
        "XMinioServerNotInitialized",
        "the storage is still starting, or does not reach its disks (the storage, and its log)",
    ),
    (
        "XMinioStorageFull",
        "the storage is full (the storage, its disks)",
    ),
    (
        "QuotaExceeded",
        "the bucket is full (the storage, its quota)",
    ),
    (
        "AllAccessDisabled",
        "the provider has closed the bucket (the account of the bucket)",
    ),
    (
        "OperationAborted",
        "something else changes the bucket or the file at the same moment (S3, what else writes there; a bucket that \
         was just made or deleted)",
    ),
    (
        "InternalError",
        "S3 itself has failed (S3, or what stands for it)",
    ),
    (
        "EntityTooSmall",
        "the form allows no file as small as that (UserAPI, the conditions of the form: content-length-range)",
    ),
    (
        "EntityTooLarge",
        "the form allows no file of that size (UserAPI, the conditions of the form)",
    ),
];

/// What S3 says of a signature from the future.
const NOT_YET: [&str; 2] = ["Request is not yet valid", "Request is not valid yet"];

/// `failure`, with what S3's code in it means, if it has one, or what is wrong with its address.
pub(super) fn explained(failure: Failure) -> Failure {
    let Sent { service, url, .. } = &failure.sent;
    if *service == Service::S3 && is_without_bucket(url) && failure.is_refused() {
        return failure.because(
            "the path of the URL begins with two slashes, so S3 reads it as one of a bucket without a name, which \
             has no CORS rules either (UserAPI, the endpoint for which it signs URLs: no slash at its end)",
        );
    }
    let Problem::Status { body, status, .. } = &failure.problem else {
        return failure;
    };
    // In brackets stands why there is no body.
    let is_of_s3 = body.starts_with(['<', '(']);
    if *service == Service::S3 && (400..500).contains(status) && !is_of_s3 && !failure.has_meaning()
    {
        return failure.because(
            "S3 itself refuses in XML, and this is something else (what stands before S3; the endpoint for which the \
             UserAPI signs URLs, which may be another service's)",
        );
    }
    let has_code = |code: &str| body.contains(&format!("<Code>{code}</Code>"));
    // What had expired is told with its times.
    if has_code("AccessDenied") && body.contains("expired") {
        return failure;
    }
    if NOT_YET.iter().any(|said| body.contains(said)) && !failure.has_meaning() {
        return failure.because(
            "it is signed for a time that has not come: the clock by which it was signed is fast (UserAPI, the clock of \
             its machine)",
        );
    }
    if has_code("AccessDenied") && !failure.has_meaning() {
        let meaning = denied(&failure.sent.method, body);
        return failure.because(meaning);
    }
    let said = CODES.iter().find(|(code, _)| has_code(code));
    match said {
        Some((_, meaning)) if !failure.has_meaning() => failure.because(meaning),
        _ => failure,
    }
}

/// What it means that S3 denies a request of this `method`, in an answer with this body.
fn denied(method: &str, body: &str) -> &'static str {
    if body.contains("Invalid according to Policy") {
        return "the form does not meet a condition of the policy that is signed in it (UserAPI, the fields of the form \
                against the conditions that it signs)";
    }
    if body.contains("kms:") {
        return "the key that signed it may not use the KMS key with which the bucket is encrypted (UserAPI, its AWS \
                policy: kms:GenerateDataKey to upload, kms:Decrypt to download; the policy of the KMS key)";
    }
    if method == "POST" {
        "the key that signed it may not do this, or S3 has seen another request than was signed (UserAPI, its AWS \
         policy; the bucket's policy; the conditions of the form)"
    } else {
        "the key that signed it may not do this, or S3 has seen another request than was signed, as where something \
         drops its query (UserAPI, its AWS policy; the bucket's policy; what stands before the bucket)"
    }
}

/// Whether the path of `url` begins with an empty segment.
fn is_without_bucket(url: &str) -> bool {
    url::Url::parse(url).is_ok_and(|url| url.path().starts_with("//"))
}
