//! What Cognito's refusals mean, where their own words do not say where to look (Amazon Cognito API reference,
//! "Errors" of each operation and "Common Error Types").

/// Exceptions, and what they mean, with the setting that decides.
const EXCEPTIONS: [(&[&str], &str); 7] = [
    (
        &[
            "UserLambdaValidationException",
            "UnexpectedLambdaException",
            "InvalidLambdaResponseException",
        ],
        "a Lambda trigger of the pool refuses or fails (Cognito, the pool's Lambda triggers and their log)",
    ),
    (
        &[
            "CodeDeliveryFailureException",
            "InvalidEmailRoleAccessPolicyException",
            "InvalidSmsRoleAccessPolicyException",
            "InvalidSmsRoleTrustRelationshipException",
        ],
        "the pool cannot send its messages (Cognito, the pool's messaging: Amazon SES, and the role for it)",
    ),
    (
        &["UnknownOperationException"],
        "what answers there does not know the operation: it is not an endpoint of user pools, or the header \
         X-Amz-Target does not arrive (AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER, or a proxy before Cognito)",
    ),
    (
        &["LimitExceededException"],
        "a quota is used up: so many attempts with one account, or so many e-mails a day (Cognito, the \
         pool's quotas and its messaging)",
    ),
    (
        &["TooManyRequestsException", "ThrottlingException"],
        "so many requests a second are not allowed (Cognito, the account's request rate quotas)",
    ),
    (
        &[
            "InvalidUserPoolConfigurationException",
            "FeatureUnavailableInTierException",
        ],
        "the pool's settings contradict what is asked of it (Cognito, the pool's settings)",
    ),
    (
        &[
            "InternalErrorException",
            "InternalFailure",
            "ServiceUnavailable",
        ],
        "Cognito itself has failed (Cognito, the state of the service in its region)",
    ),
];

/// What threat protection says of a sign-in, whatever the password is.
const SECURITY: &str = "security reasons";

/// Whether it is the pool that refuses with this message, and not the account or its password.
pub(super) fn is_of_the_pool(message: &str) -> bool {
    message.contains(SECURITY)
}

/// Parts of messages of exceptions that have several meanings.
const MESSAGES: [(&str, &str); 5] = [
    (
        SECURITY,
        "the pool's threat protection blocks the sign-in (Cognito, its adaptive authentication and its lists of \
         IP addresses)",
    ),
    (
        "Contact administrator",
        "no user may set a forgotten password anew (Cognito, AccountRecoverySetting of the pool)",
    ),
    (
        "required scopes",
        "the client's tokens do not permit it (Cognito, the client's scopes: aws.cognito.signin.user.admin)",
    ),
    (
        "Auth flow not enabled",
        "the client does not let its users sign in, or renew their tokens, in this way (Cognito, ExplicitAuthFlows of \
         the client: ALLOW_USER_PASSWORD_AUTH, and ALLOW_REFRESH_TOKEN_AUTH for renewals)",
    ),
    (
        "refresh token rotation",
        "the frontend renews tokens by REFRESH_TOKEN_AUTH (Cognito, RefreshTokenRotation of the client)",
    ),
];

/// What the refusal with this exception and message means, after a separator; empty if its own words say it.
pub(super) fn meaning(code: &str, message: &str) -> String {
    if code == "UnsupportedOperationException"
        && message.to_ascii_lowercase().contains("revocation")
    {
        return "; a user who signs out stays signed in (Cognito, EnableTokenRevocation of the client)".into();
    }
    for (part, meaning) in MESSAGES {
        if message.contains(part) {
            return format!("; {meaning}");
        }
    }
    let known = EXCEPTIONS.iter().find(|(codes, _)| codes.contains(&code));
    known.map_or(String::new(), |(_, meaning)| format!("; {meaning}"))
}
