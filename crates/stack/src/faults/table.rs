//! All faults: a line each on what a user of the frontend would suffer.

use std::{fmt, str::FromStr};

use super::{Family, UnknownName};
use crate::config::FileMode;

/// What the table holds of a fault.
struct Entry {
    name: &'static str,
    family: Family,
    only_in: &'static [FileMode],
    about: &'static str,
}

macro_rules! faults {
    ($($family:ident {
        $(#[doc = $about:literal] $fault:ident = $name:literal $(in $mode:ident)?;)+
    })+) => {
        /// A way in which the stack can be wrong on purpose.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Fault {
            $($(#[doc = $about] $fault,)+)+
        }

        impl Fault {
            /// All faults, family by family.
            pub const ALL: &[Self] = &[$($(Self::$fault,)+)+];
        }

        /// In the order of the variants.
        const TABLE: &[Entry] = &[$($(Entry {
            name: $name,
            family: Family::$family,
            only_in: &[$(FileMode::$mode)?],
            about: $about,
        },)+)+];
    };
}

impl Fault {
    fn entry(self) -> &'static Entry {
        &TABLE[self as usize]
    }

    /// The name, such as `cors-no-headers`.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.entry().name
    }

    /// What it is about.
    #[must_use]
    pub fn family(self) -> Family {
        self.entry().family
    }

    /// The one file mode that it exists in; `None`: it exists in both.
    #[must_use]
    pub fn only_in(self) -> Option<FileMode> {
        self.entry().only_in.first().copied()
    }

    /// Whether it exists in a file mode.
    #[must_use]
    pub fn exists_in(self, mode: FileMode) -> bool {
        self.only_in().is_none_or(|only| only == mode)
    }

    /// A line on what a user of the frontend would suffer.
    #[must_use]
    pub fn about(self) -> &'static str {
        self.entry().about.trim()
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Fault {
    type Err = UnknownName;

    fn from_str(name: &str) -> Result<Self, UnknownName> {
        let all = Self::ALL.iter().copied();
        let mut same = all.clone().filter(|fault| fault.name() == name);
        same.next()
            .ok_or_else(|| UnknownName::new("fault", name, all.map(Self::name)))
    }
}

faults! {
    CorsUserApi {
        /// No call of the frontend succeeds: the browser keeps every answer from the page.
        CorsNoHeaders = "cors-no-headers";
        /// Every refusal looks like a network that is down.
        CorsNoHeadersOnErrors = "cors-no-headers-on-errors";
        /// Renaming seems to fail, though it has happened.
        CorsNoHeadersOnPut = "cors-no-headers-on-put";
        /// Deleting seems to fail, though it has happened.
        CorsNoHeadersOnDelete = "cors-no-headers-on-delete";
        /// An expired sign-in looks like a network that is down.
        CorsNoHeadersOn401 = "cors-no-headers-on-401";
        /// What is wrong with a form cannot be shown beside its fields.
        CorsNoHeadersOn422 = "cors-no-headers-on-422";
        /// No call succeeds: a slash at the end makes it another origin.
        CorsAllowOriginTrailingSlash = "cors-allow-origin-trailing-slash";
        /// No call succeeds: a page of another port is let in instead.
        CorsAllowOriginOtherPort = "cors-allow-origin-other-port";
        /// No call succeeds: 127.0.0.1 is let in, and localhost is another origin.
        CorsAllowOriginNumericHost = "cors-allow-origin-numeric-host";
        /// Every page in the world may read what is meant for the frontend.
        CorsAllowOriginAny = "cors-allow-origin-any";
        /// No call succeeds: the browser takes two values for none.
        CorsAllowOriginTwice = "cors-allow-origin-twice";
        /// Every page in the world is told that it is the one that is let in.
        CorsOriginReflected = "cors-origin-reflected";
        /// A sandboxed frame of any page may read what is meant for the frontend.
        CorsOriginNullTrusted = "cors-origin-null-trusted";
        /// Whoever owns a host that ends like the frontend's may read its users' data.
        CorsOriginSuffixMatched = "cors-origin-suffix-matched";
        /// Whoever gets a sub-domain of the frontend's host may read its users' data.
        CorsOriginSubdomainsTrusted = "cors-origin-subdomains-trusted";
        /// A page that came over the other scheme may read what is meant for the frontend.
        CorsOriginOtherSchemeTrusted = "cors-origin-other-scheme-trusted";
        /// Whatever serves pages on another port of the same host may read users' data.
        CorsOriginAnyPortTrusted = "cors-origin-any-port-trusted";
        /// Whoever owns a host that begins like the frontend's may read its users' data.
        CorsOriginPrefixMatched = "cors-origin-prefix-matched";
        /// Whoever owns a host with another letter in place of a dot may read users' data.
        CorsOriginUnescapedDot = "cors-origin-unescaped-dot";
        /// A page that sends credentials reads nothing: the value must be in lower case.
        CorsCredentialsCapitalised = "cors-credentials-capitalised";
        /// A page that sends credentials reads nothing.
        CorsCredentialsMissing = "cors-credentials-missing";
        /// No call succeeds: preflights are asked for a token, which they never carry.
        CorsPreflightUnauthorized = "cors-preflight-unauthorized";
        /// No call succeeds: preflights are routed, and no route has OPTIONS.
        CorsPreflightNotFound = "cors-preflight-not-found";
        /// No call succeeds: preflights reach endpoints that know no OPTIONS.
        CorsPreflightMethodNotAllowed = "cors-preflight-method-not-allowed";
        /// No call succeeds: the service stumbles over preflights.
        CorsPreflightFails = "cors-preflight-fails";
        /// No call succeeds: preflights are redirected, which browsers do not follow.
        CorsPreflightRedirects = "cors-preflight-redirects";
        /// No call succeeds: only the answers themselves name the origin.
        CorsPreflightNoAllowOrigin = "cors-preflight-no-allow-origin";
        /// Nothing can be renamed.
        CorsPreflightLacksPut = "cors-preflight-lacks-put";
        /// Nothing can be deleted.
        CorsPreflightLacksDelete = "cors-preflight-lacks-delete";
        /// Nobody can do anything that needs a sign-in.
        CorsPreflightLacksAuthorization = "cors-preflight-lacks-authorization";
        /// Nothing that is sent as JSON arrives: no job, no new name.
        CorsPreflightLacksContentType = "cors-preflight-lacks-content-type";
        /// Nobody can do anything that needs a sign-in: a star does not stand for authorization.
        CorsPreflightHeadersWildcard = "cors-preflight-headers-wildcard";
        /// Pages may send methods that nobody has thought about.
        CorsPreflightAllowsAnyMethod = "cors-preflight-allows-any-method";
    }
    CorsS3Cognito {
        /// No file can be uploaded or downloaded.
        S3CorsNoRules = "s3-cors-no-rules" in S3;
        /// Uploads seem to fail, though the files are there.
        S3CorsLacksPost = "s3-cors-lacks-post" in S3;
        /// Files can be uploaded, but not downloaded again.
        S3CorsGetForAnotherOrigin = "s3-cors-get-for-another-origin" in S3;
        /// No file can be uploaded or downloaded: the rule is for the other scheme.
        S3CorsWrongScheme = "s3-cors-wrong-scheme" in S3;
        /// Every page in the world may use the links that the frontend was given.
        S3CorsAnyOrigin = "s3-cors-any-origin" in S3;
        /// An expired link looks like a network that is down.
        S3CorsNoHeadersOnErrors = "s3-cors-no-headers-on-errors" in S3;
        /// Nobody can sign in.
        CognitoCorsNoHeaders = "cognito-cors-no-headers";
        /// A wrong password looks like a network that is down.
        CognitoCorsNoHeadersOnErrors = "cognito-cors-no-headers-on-errors";
        /// Nobody can sign in: the page may not name the operation.
        CognitoPreflightLacksXAmzTarget = "cognito-preflight-lacks-x-amz-target";
        /// Nobody can sign in: the page may not name its library.
        CognitoPreflightLacksXAmzUserAgent = "cognito-preflight-lacks-x-amz-user-agent";
        /// Nobody can sign in: the page may not ask for a fresh answer.
        CognitoPreflightLacksCacheControl = "cognito-preflight-lacks-cache-control";
        /// Nobody can sign in: the page may not say what it sends.
        CognitoPreflightLacksContentType = "cognito-preflight-lacks-content-type";
    }
}
