//! The credential scope that a signed request names: `<access key>/<day>/<region>/s3/aws4_request`.

use thiserror::Error;

use super::sign::Signer;

/// Why a credential is refused, in S3's words.
#[derive(Debug, Error, PartialEq, Eq)]
pub(super) enum CredentialError {
    #[error(
        "Error parsing the X-Amz-Credential parameter; the Credential is mal-formed; \
         expecting \"<YOUR-AKID>/YYYYMMDD/REGION/SERVICE/aws4_request\"."
    )]
    Malformed,
    #[error(
        "Error parsing the X-Amz-Credential parameter; Invalid credential date \"{day}\". \
         This date is not the same as X-Amz-Date: \"{expected}\"."
    )]
    Day { day: String, expected: String },
    #[error(
        "Error parsing the X-Amz-Credential parameter; \
         the region '{region}' is wrong; expecting '{expected}'"
    )]
    Region { region: String, expected: String },
    #[error(
        "Error parsing the X-Amz-Credential parameter; incorrect service \"{0}\". \
         This endpoint belongs to \"s3\"."
    )]
    Service(String),
    #[error(
        "Error parsing the X-Amz-Credential parameter; incorrect terminal \"{0}\". \
         This endpoint uses \"aws4_request\"."
    )]
    Terminal(String),
    #[error("The AWS Access Key Id you provided does not exist in our records.")]
    UnknownAccessKey(String),
}

/// Checks that `credential` is the signer's own, for the day on which `date` (X-Amz-Date) falls.
pub(super) fn check(credential: &str, date: &str, signer: &Signer) -> Result<(), CredentialError> {
    let parts: Vec<&str> = credential.split('/').collect();
    let &[access_key, day, region, service, terminal] = parts.as_slice() else {
        return Err(CredentialError::Malformed);
    };
    let expected = date.get(..8).unwrap_or(date);
    if day != expected {
        return Err(CredentialError::Day {
            day: day.to_owned(),
            expected: expected.to_owned(),
        });
    }
    if region != signer.region() {
        return Err(CredentialError::Region {
            region: region.to_owned(),
            expected: signer.region().to_owned(),
        });
    }
    if service != "s3" {
        return Err(CredentialError::Service(service.to_owned()));
    }
    if terminal != "aws4_request" {
        return Err(CredentialError::Terminal(terminal.to_owned()));
    }
    if access_key != signer.access_key() {
        return Err(CredentialError::UnknownAccessKey(access_key.to_owned()));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_part_is_checked() {
        let signer = Signer::with_credentials("eu-central-1", "AKIA", "secret");
        let check = |credential| check(credential, "20260102T030405Z", &signer);
        assert_eq!(check("AKIA/20260102/eu-central-1/s3/aws4_request"), Ok(()));
        for (credential, part) in [
            ("AKIA/20260102/eu-central-1/s3", "mal-formed"),
            ("", "mal-formed"),
            ("AKIA/20260103/eu-central-1/s3/aws4_request", "\"20260103\""),
            ("AKIA/20260102/us-east-1/s3/aws4_request", "'us-east-1'"),
            ("AKIA/20260102/eu-central-1/ec2/aws4_request", "\"ec2\""),
            ("AKIA/20260102/eu-central-1/s3/aws4", "\"aws4\""),
            (
                "AKIB/20260102/eu-central-1/s3/aws4_request",
                "Access Key Id",
            ),
        ] {
            let error = check(credential).unwrap_err().to_string();
            assert!(error.contains(part), "{credential}: {error}");
        }
    }
}
