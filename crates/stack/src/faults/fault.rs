//! The table of faults: each is one error of the stack, described by its effect on a user of the
//! frontend. A fault that only changes answers has its rule in the table (`=> when, change`); any
//! other is implemented in the service that has it.

use std::fmt;

use axum::http::{
    HeaderName, Method,
    header::{
        ACCESS_CONTROL_ALLOW_CREDENTIALS as CREDENTIALS, ACCESS_CONTROL_ALLOW_HEADERS as HEADERS,
        ACCESS_CONTROL_ALLOW_METHODS as METHODS, ACCESS_CONTROL_ALLOW_ORIGIN as ORIGIN,
        ACCESS_CONTROL_EXPOSE_HEADERS as EXPOSE_HEADERS, CACHE_CONTROL, CONTENT_ENCODING,
        CONTENT_TYPE, LAST_MODIFIED,
    },
};
use serde_json::json;

use super::{
    between::{
        ALL_JOBS, ANSWERS, ARTIFACT_RENAMES, BAD_GATEWAY, DOWNLOADS, ERROR_PAGE, ESCAPED_LISTS,
        FILES, FIREWALL, GATEWAY_TIMEOUT, INNER_HOST, KNOWN_PREFLIGHTS, LARGE_UPLOADS, LISTS,
        LISTS_WITH_SLASH, LONG_NAMES, MOVED, NEW_ARTIFACT_FOLDERS, NO_BACKEND, OTHER_LETTERS,
        OTHER_REGION, POSTS_TO_COGNITO, PREDEFINED_LISTS, PREFLIGHTS_FOR_JOBS, PREFLIGHTS_FOR_PUT,
        RESULT_LISTS, SIGN_IN_PAGE, SIGNED_IN, SLOW_DOWN, START_PAGE, TOO_LARGE, TOO_MANY,
        UNKNOWN_HOST, WAF, WITHOUT_HOST,
    },
    change::{
        Change::{
            Body, Cut, Date, Drop, InternalError, Json, Never, Redirect, Remove, RemoveCors,
            Repeat, Replace, Rewrite, Set, SharedAtOnce, Stall, Status, Stored, StoredForAll,
            StripSlash, Unlist, WrongLength,
        },
        MAINTENANCE, NO_CONTENT, NO_ROUTE, UNAVAILABLE,
    },
    edits::{
        A_JOB, ANOTHER_EMAIL, ANY_USER, CLIENT_WITH_SECRET, CLIENT_WITHOUT_PASSWORDS, CLOCK_OFF,
        CONFIG_INPUT, DELETED_KEY, ERROR_DOCUMENT, FORBIDDEN, JOBS, KMS_KEY_DENIED, LINKS,
        NO_ARTIFACT_FOLDER, NO_JOB, NO_RENAME, NOT_FOUND, NOT_VERIFIED, OPERATION_ABORTED,
        OTHER_CLIENT, OTHER_SIGNATURE, PAGE, STORAGE_ERROR, WRONG_REGION, altered, as_if_queued,
        as_text, at_a_bad_port, at_another_name, challenge, decomposed, elsewhere, ended_earlier,
        escaped, expired, failed_without_date, finished_early, folders_as_files, garbled, half,
        inner_folders_as_files, is_unknown_address, last_name, of_another_kind, only_the_first,
        or_local, other_pool, over_https, packed, reversed, second_factor, signed_with_the_owner,
        started_early, started_now, unheard_of, with_another_email, with_another_refusal,
        with_another_version, with_bare_hashes, with_credentials, with_dates_reversed,
        with_large_ids, with_local_dates, with_local_dates_of_workers, with_plain_spaces,
        with_zoned_dates, without_a_file, without_details, without_email, without_folders,
        without_jobs_for_any, without_server, without_the_first,
    },
    exchange::When::{
        Answers, Call, Done, From, HasStatus, If, Method as Sent, Preflight, Refusal,
    },
    json::Edit::{Missing, Null, To},
    named::{Row, UnknownName, named},
    rule::{
        Frequency::{Always, EveryThird},
        Rule,
    },
};
use crate::{
    endpoint::{
        Endpoint::{
            AccessInfo, Applications, ConfirmForgotPassword, ConfirmSignUp, CreateJob, DeleteFile,
            DeleteJob, Download, DownloadUrl, ForgotPassword, GetUser, InitiateAuth,
            JobStatus as SetJobStatus, List, ListJobs, NewFolder, Rename, ResendConfirmationCode,
            RespondToAuthChallenge, RevokeToken, ShowJob, SignUp, Upload, UploadUrl, User,
        },
        Service::{Cognito, S3, UserApi},
    },
    file_mode::FileMode,
    jobs::JobStatus,
};

/// The header in which Cognito names the kind of a refusal.
const ERROR_TYPE: HeaderName = HeaderName::from_static("x-amzn-errortype");

macro_rules! rule {
    () => {
        None
    };
    ($when:expr, $change:expr) => {
        Some(Rule::new(Always, $when, $change))
    };
    ($when:expr, $change:expr, $frequency:expr) => {
        Some(Rule::new($frequency, $when, $change))
    };
}

macro_rules! faults {
    ($(#[doc = $group:literal] $family:ident = $group_name:literal {
        $(
            #[doc = $about:literal] $fault:ident = $name:literal $(in $mode:ident)?
            $(=> $when:expr, $change:expr $(, $frequency:expr)?)?;
        )+
    })+) => {
        /// A group of faults.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Family {
            $(#[doc = $group] $family,)+
        }

        impl Family {
            /// All of them.
            pub const ALL: [Self; [$($group_name),+].len()] = [$(Self::$family,)+];

            /// The name for people, such as `cors-user-api`.
            #[must_use]
            pub fn name(self) -> &'static str {
                match self {
                    $(Self::$family => $group_name,)+
                }
            }
        }

        /// An error that the stack has on purpose.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Fault {
            $($(#[doc = $about] $fault,)+)+
        }

        impl Fault {
            /// All faults, family by family.
            pub const ALL: &[Self] = &[$($(Self::$fault,)+)+];

            /// The group that it belongs to.
            #[must_use]
            pub fn family(self) -> Family {
                match self {
                    $($(Self::$fault)|+ => Family::$family,)+
                }
            }

            /// Which answers it changes, and how; `None` if it is a service's own.
            pub(super) fn rule(self) -> Option<Rule> {
                match self {
                    $($(Self::$fault => rule!($($when, $change $(, $frequency)?)?),)+)+
                }
            }

            fn row(self) -> &'static Row {
                match self {
                    $($(Self::$fault => &Row {
                        name: $name,
                        only_in: &[$(FileMode::$mode)?],
                        about: $about,
                    },)+)+
                }
            }
        }
    };
}

named!(Fault, "fault");

impl fmt::Display for Family {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

faults! {
    /// CORS of the UserAPI.
    CorsUserApi = "cors-user-api" {
        /// No call of the frontend succeeds: the browser withholds every answer from the page.
        CorsNoHeaders = "cors-no-headers" => From(UserApi), RemoveCors;
        /// Every refusal looks like a network error.
        CorsNoHeadersOnErrors = "cors-no-headers-on-errors" => Refusal(UserApi), RemoveCors;
        /// Renaming seems to fail, though it has happened.
        CorsNoHeadersOnPut = "cors-no-headers-on-put" => Sent(UserApi, Method::PUT), RemoveCors;
        /// Deleting seems to fail, though it has happened.
        CorsNoHeadersOnDelete = "cors-no-headers-on-delete"
            => Sent(UserApi, Method::DELETE), RemoveCors;
        /// An expired sign-in looks like a network error.
        CorsNoHeadersOn401 = "cors-no-headers-on-401" => HasStatus(UserApi, 401), RemoveCors;
        /// A user who is not a member yet sees a network error.
        CorsNoHeadersOn403 = "cors-no-headers-on-403" => HasStatus(UserApi, 403), RemoveCors;
        /// Anything that is missing looks like a network error.
        CorsNoHeadersOn404 = "cors-no-headers-on-404" => HasStatus(UserApi, 404), RemoveCors;
        /// A method that is not allowed looks like a network error.
        CorsNoHeadersOn405 = "cors-no-headers-on-405" => HasStatus(UserApi, 405), RemoveCors;
        /// A name that is taken looks like a network error.
        CorsNoHeadersOn409 = "cors-no-headers-on-409" => HasStatus(UserApi, 409), RemoveCors;
        /// Errors in a form cannot be shown beside its fields.
        CorsNoHeadersOn422 = "cors-no-headers-on-422" => HasStatus(UserApi, 422), RemoveCors;
        /// The applications are missing: one address alone sends no CORS headers.
        CorsNoHeadersForApplications = "cors-no-headers-for-applications"
            => Call(Applications), RemoveCors;
        /// Nobody can sign in: the page cannot find out where, and may read all other answers.
        CorsNoHeadersForAccessInfo = "cors-no-headers-for-access-info"
            => Call(AccessInfo), RemoveCors;
        /// No job is shown or created: preflights for these addresses alone get no CORS headers.
        CorsPreflightForJobsNoHeaders = "cors-preflight-for-jobs-no-headers"
            => PREFLIGHTS_FOR_JOBS, RemoveCors;
        /// No call succeeds: with a slash at its end, the allowed origin is another one.
        CorsAllowOriginTrailingSlash = "cors-allow-origin-trailing-slash"
            => From(UserApi), Rewrite(ORIGIN, |origin| format!("{origin}/"));
        /// No call succeeds: a page of another port is allowed instead.
        CorsAllowOriginOtherPort = "cors-allow-origin-other-port";
        /// No call succeeds: 127.0.0.1 is allowed, and localhost is another origin.
        CorsAllowOriginNumericHost = "cors-allow-origin-numeric-host";
        /// Every page in the world may read the answers to the frontend.
        CorsAllowOriginAny = "cors-allow-origin-any";
        /// Every page in the world may read refusals, such as what does not exist.
        CorsErrorsForAll = "cors-errors-for-all" => Refusal(UserApi), Set(ORIGIN, "*");
        /// No call succeeds: browsers accept no header with two values.
        CorsAllowOriginTwice = "cors-allow-origin-twice" => From(UserApi), Repeat(ORIGIN);
        /// Every page in the world is allowed as if it were the frontend.
        CorsOriginReflected = "cors-origin-reflected";
        /// A sandboxed frame of any page may read the answers to the frontend.
        CorsOriginNullTrusted = "cors-origin-null-trusted";
        /// The owner of a host that ends like the frontend's may read its users' data.
        CorsOriginSuffixMatched = "cors-origin-suffix-matched";
        /// The owner of a sub-domain of the frontend's host may read its users' data.
        CorsOriginSubdomainsTrusted = "cors-origin-subdomains-trusted";
        /// A page that came over the other scheme may read the answers to the frontend.
        CorsOriginOtherSchemeTrusted = "cors-origin-other-scheme-trusted";
        /// Pages from another port of the same host may read users' data.
        CorsOriginAnyPortTrusted = "cors-origin-any-port-trusted";
        /// Whatever a developer tries on the same machine may read the answers to the frontend.
        CorsOriginOfADevelopmentServer = "cors-origin-of-a-development-server";
        /// The owner of a host that begins like the frontend's may read its users' data.
        CorsOriginPrefixMatched = "cors-origin-prefix-matched";
        /// The owner of a host with another letter in place of a dot may read users' data.
        CorsOriginUnescapedDot = "cors-origin-unescaped-dot";
        /// A page that sends credentials reads nothing: the value must be in lower case.
        CorsCredentialsCapitalised = "cors-credentials-capitalised"
            => From(UserApi), Set(CREDENTIALS, "True");
        /// A page that sends credentials reads nothing.
        CorsCredentialsMissing = "cors-credentials-missing" => From(UserApi), Remove(CREDENTIALS);
        /// No call succeeds: preflights need a token, which they never carry.
        CorsPreflightUnauthorized = "cors-preflight-unauthorized"
            => Preflight(UserApi), Status(401);
        /// No call succeeds: preflights are routed, and no route has OPTIONS.
        CorsPreflightNotFound = "cors-preflight-not-found" => Preflight(UserApi), Status(404);
        /// No call succeeds: preflights reach endpoints that do not have OPTIONS.
        CorsPreflightMethodNotAllowed = "cors-preflight-method-not-allowed"
            => Preflight(UserApi), Status(405);
        /// No call succeeds: the service fails on preflights.
        CorsPreflightFails = "cors-preflight-fails" => Preflight(UserApi), Status(500);
        /// No call succeeds: preflights are redirected, which browsers do not follow.
        CorsPreflightRedirects = "cors-preflight-redirects" => Preflight(UserApi), Redirect;
        /// No call succeeds: a proxy does not pass on from which page a request comes.
        OriginIsNotPassedOn = "origin-is-not-passed-on" => ANSWERS, RemoveCors;
        /// No call succeeds: only the answers themselves name the origin.
        CorsPreflightNoAllowOrigin = "cors-preflight-no-allow-origin"
            => Preflight(UserApi), Remove(ORIGIN);
        /// A page that sends credentials reads nothing: preflights do not allow them.
        CorsPreflightLacksCredentials = "cors-preflight-lacks-credentials"
            => Preflight(UserApi), Remove(CREDENTIALS);
        /// Nothing can be renamed.
        CorsPreflightLacksPut = "cors-preflight-lacks-put"
            => Preflight(UserApi), Unlist(METHODS, "PUT");
        /// Nothing can be deleted.
        CorsPreflightLacksDelete = "cors-preflight-lacks-delete"
            => Preflight(UserApi), Unlist(METHODS, "DELETE");
        /// No user can do anything that needs a sign-in.
        CorsPreflightLacksAuthorization = "cors-preflight-lacks-authorization"
            => Preflight(UserApi), Unlist(HEADERS, "authorization");
        /// Nothing can be sent as JSON: no job can be started, and nothing renamed.
        CorsPreflightLacksContentType = "cors-preflight-lacks-content-type"
            => Preflight(UserApi), Unlist(HEADERS, "content-type");
        /// No user can do anything that needs a sign-in: `*` does not include authorization.
        CorsPreflightHeadersWildcard = "cors-preflight-headers-wildcard"
            => Preflight(UserApi), Set(HEADERS, "*");
        /// Pages may send methods that the service does not have.
        CorsPreflightAllowsAnyMethod = "cors-preflight-allows-any-method";
    }
    /// CORS of S3 and Cognito.
    CorsS3Cognito = "cors-s3-cognito" {
        /// No file can be uploaded or downloaded.
        S3CorsNoRules = "s3-cors-no-rules" in S3;
        /// Uploads seem to fail, though the files are stored.
        S3CorsLacksPost = "s3-cors-lacks-post" in S3;
        /// Files can be uploaded, but not downloaded again.
        S3CorsGetForAnotherOrigin = "s3-cors-get-for-another-origin" in S3;
        /// No file can be uploaded or downloaded: the rule is for the other scheme.
        S3CorsWrongScheme = "s3-cors-wrong-scheme" in S3;
        /// Every page in the world may use the links that the frontend got.
        S3CorsAnyOrigin = "s3-cors-any-origin" in S3;
        /// Any page that this machine serves may use the links too.
        S3CorsAnotherOriginToo = "s3-cors-another-origin-too" in S3;
        /// An expired link looks like a network error.
        S3CorsNoHeadersOnErrors = "s3-cors-no-headers-on-errors" in S3 => Refusal(S3), RemoveCors;
        /// No user can sign in.
        CognitoCorsNoHeaders = "cognito-cors-no-headers" => From(Cognito), RemoveCors;
        /// A wrong password looks like a network error.
        CognitoCorsNoHeadersOnErrors = "cognito-cors-no-headers-on-errors"
            => Refusal(Cognito), RemoveCors;
        /// The page cannot tell refusals apart that say their kind in a header alone.
        CognitoHidesErrorType = "cognito-hides-error-type"
            => Refusal(Cognito), Remove(EXPOSE_HEADERS);
        /// No user can sign in: the page may not name the operation.
        CognitoPreflightLacksXAmzTarget = "cognito-preflight-lacks-x-amz-target"
            => Preflight(Cognito), Unlist(HEADERS, "x-amz-target");
        /// No user can sign in: the page may not name its library.
        CognitoPreflightLacksXAmzUserAgent = "cognito-preflight-lacks-x-amz-user-agent"
            => Preflight(Cognito), Unlist(HEADERS, "x-amz-user-agent");
        /// No user can sign in: the page may not bypass caches.
        CognitoPreflightLacksCacheControl = "cognito-preflight-lacks-cache-control"
            => Preflight(Cognito), Unlist(HEADERS, "cache-control");
        /// No user can sign in: the page may not name the type of its body.
        CognitoPreflightLacksContentType = "cognito-preflight-lacks-content-type"
            => Preflight(Cognito), Unlist(HEADERS, "content-type");
    }
    /// What stands between the page and the services.
    Between = "between" {
        /// No call succeeds: the gateway before the UserAPI does not reach it.
        GatewayDown = "gateway-down" => From(UserApi), BAD_GATEWAY;
        /// The file browser shows nothing: the gateway waits for the UserAPI in vain.
        GatewayTimesOutOnFiles = "gateway-times-out-on-files" => FILES, GATEWAY_TIMEOUT;
        /// No file over a megabyte can be uploaded: the gateway takes no such body.
        GatewayLimitsBodies = "gateway-limits-bodies" in Local => LARGE_UPLOADS, TOO_LARGE;
        /// The list of jobs does not load: the gateway lets through only so many requests.
        GatewayLimitsRequests = "gateway-limits-requests" => Call(ListJobs), TOO_MANY;
        /// No call with a token succeeds: a firewall refuses preflights.
        GatewayRefusesPreflights = "gateway-refuses-preflights" => Preflight(UserApi), FIREWALL;
        /// No call of a signed-in user ends: a firewall drops preflights.
        FirewallDropsPreflights = "firewall-drops-preflights" => Preflight(UserApi), Never;
        /// No job can be created: the UserAPI waits for a body that it has read already.
        BodiesAreReadTwice = "bodies-are-read-twice" => Call(CreateJob), Never;
        /// No form of the file browser is checked: no query reaches the UserAPI.
        QueriesAreLost = "queries-are-lost";
        /// Nobody can sign in: a firewall refuses with an answer like Cognito's own.
        FirewallOfThePool = "firewall-of-the-pool" => POSTS_TO_COGNITO, WAF;
        /// Nothing can be renamed or created: a CDN gives the answer to a preflight for less.
        PreflightsAreStored = "preflights-are-stored"
            => KNOWN_PREFLIGHTS, Unlist(HEADERS, "content-type");
        /// Nobody can sign in: a firewall refuses what is sent to Cognito.
        FirewallBeforeCognito = "firewall-before-cognito" => POSTS_TO_COGNITO, FIREWALL;
        /// The applications are missing: a web server's start page comes instead.
        StartPageForApplications = "start-page-for-applications" => Call(Applications), START_PAGE;
        /// No call succeeds: the UserAPI knows its host by another name alone.
        UserApiRefusesItsHost = "user-api-refuses-its-host" => From(UserApi), UNKNOWN_HOST;
        /// The file browser shows nothing: a proxy strips slashes.
        ProxyStripsSlashes = "proxy-strips-slashes" => LISTS_WITH_SLASH, StripSlash;
        /// The list of jobs does not load: a proxy unpacks it and still calls it packed.
        JobListIsNotPacked = "job-list-is-not-packed"
            => Done(ListJobs), Set(CONTENT_ENCODING, "gzip");
        /// No call of a signed-in user succeeds: a proxy wants a sign-in of its own.
        SignInPageForUser = "sign-in-page-for-user" => Call(User), SIGN_IN_PAGE;
        /// The file browser shows nothing: it is sent to a host of the inner network.
        ListRedirectsInside = "list-redirects-inside" => Call(List), INNER_HOST;
        /// The file browser shows nothing: it is sent to an address without a host.
        ListRedirectsNowhere = "list-redirects-nowhere" => Call(List), WITHOUT_HOST;
        /// No user can sign in: what stands before Cognito has no route to it.
        NoRouteToCognito = "no-route-to-cognito" => From(Cognito), NO_BACKEND;
        /// Nothing can be uploaded or downloaded: something else answers at S3's address.
        SomethingElseAtS3 = "something-else-at-s3" in S3 => From(S3), NO_BACKEND;
        /// Nothing can be uploaded: the bucket is in another region than the links say.
        S3RedirectsUploads = "s3-redirects-uploads" in S3 => Call(Upload), OTHER_REGION;
        /// Nothing can be downloaded, for the same reason.
        S3RedirectsDownloads = "s3-redirects-downloads" in S3 => DOWNLOADS, MOVED;
        /// Nothing can be downloaded: S3 asks for fewer requests, without an end.
        S3SlowsDown = "s3-slows-down" in S3 => DOWNLOADS, SLOW_DOWN;
        /// One call in three fails: one of three instances sends no CORS headers.
        OneInstanceWithoutCors = "one-instance-without-cors" => ANSWERS, RemoveCors, EveryThird;
        /// One call in three is refused: one of three instances does not know the token.
        OneInstanceRefusesTokens = "one-instance-refuses-tokens"
            => SIGNED_IN, NOT_VERIFIED, EveryThird;
        /// One download in three is refused: one of three instances is of an earlier version.
        OneInstanceLacksARoute = "one-instance-lacks-a-route"
            => Call(DownloadUrl), NO_ROUTE, EveryThird;
        /// One upload in three is refused: one of three instances signs with another key.
        OneInstanceSignsOtherwise = "one-instance-signs-otherwise" in S3
            => Call(Upload), OTHER_SIGNATURE, EveryThird;
        /// A page shows now and then what was there before: one of three instances keeps lists.
        OneInstanceKeepsLists = "one-instance-keeps-lists" => Done(List), Stored, EveryThird;
        /// A directory cannot be opened now and then: one of three instances fails.
        OneInstanceFails = "one-instance-fails" => Done(List), InternalError, EveryThird;
        /// One upload in three is lost: one of three instances cannot write.
        OneInstanceFailsUploads = "one-instance-fails-uploads" in Local
            => Done(Upload), InternalError, EveryThird;
        /// A name that is taken looks like a failure: a proxy shows a page of its own instead.
        ErrorPagesOfAProxy = "error-pages-of-a-proxy" => Answers(CreateJob, 409), ERROR_PAGE;
        /// A page goes on showing the same job: its state comes from the browser's cache.
        JobsFromACache = "jobs-from-a-cache" => Done(ShowJob), Set(CACHE_CONTROL, "max-age=60");
        /// A page shows what was there before: browsers guess that the list will not change soon.
        ListsOfUnknownAge = "lists-of-unknown-age"
            => Done(List), Set(LAST_MODIFIED, "Mon, 02 Nov 2026 08:00:00 GMT");
        /// A page shows what was there a minute ago: lists come from a cache.
        ListsFromACache = "lists-from-a-cache" => LISTS, Set(CACHE_CONTROL, "max-age=60");
        /// The same, by a cache that several users share and no page can see.
        ListsFromASharedCache = "lists-from-a-shared-cache" => Done(List), Stored;
        /// A user is greeted as the one who came first: a cache before the UserAPI heeds addresses alone.
        UserCachedForAll = "user-cached-for-all" => Done(User), StoredForAll;
        /// Of two users who come at the same moment, both are greeted as one: a cache asks once for both.
        UserSharedAtOnce = "user-shared-at-once" => Done(User), SharedAtOnce;
        /// Whoever guesses a number sees the job that its owner has just looked at.
        JobsCachedForAll = "jobs-cached-for-all" => Call(ShowJob), StoredForAll;
        /// Whoever knows a path can download the file that its owner has just downloaded.
        LinksCachedForAll = "links-cached-for-all" => Call(DownloadUrl), StoredForAll;
    }
    /// What stands behind the UserAPI.
    Behind = "behind-user-api" {
        /// No file can be reached: the UserAPI does not reach its storage.
        StorageAway = "storage-away" => FILES, InternalError;
        /// No job can be reached: the UserAPI does not reach its database.
        DatabaseAway = "database-away" => ALL_JOBS, InternalError;
        /// No job can be created: the UserAPI does not reach the WorkerAPI.
        WorkerApiAway = "worker-api-away";
        /// No job can be created: the UserAPI and the WorkerAPI do not share their key.
        WorkerApiRefusesTheKey = "worker-api-refuses-the-key";
        /// Signing out fails with an error that no page can read.
        RevokeFails = "revoke-fails" => Call(RevokeToken), InternalError;
        /// Nothing can be renamed: the preflight for PUT does not allow JSON.
        PreflightForPutLacksContentType = "cors-preflight-for-put-lacks-content-type"
            => PREFLIGHTS_FOR_PUT, Unlist(HEADERS, "content-type");
    }
    /// Sign-in and tokens.
    SignIn = "sign-in" {
        /// No user can sign in: the page's client has a secret, which no page can keep.
        ClientHasSecret = "client-has-secret" => Call(InitiateAuth), CLIENT_WITH_SECRET;
        /// No user can sign in: the page's client takes no passwords.
        ClientTakesNoPasswords = "client-takes-no-passwords"
            => Call(InitiateAuth), CLIENT_WITHOUT_PASSWORDS;
        /// A wrong password is refused without a word for the user.
        CognitoRefusesWithoutMessage = "cognito-refuses-without-message"
            => Refusal(Cognito), Json("/message", To(|_| json!("")));
        /// The page signs in at one pool and is told of another one.
        AccessInfoOtherPool = "access-info-other-pool"
            => Done(AccessInfo), Json("/cognito/user_pool_id", To(other_pool));
        /// No user can sign in: the page gets the id of a client that does not exist.
        AccessInfoOtherClient = "access-info-other-client"
            => Done(AccessInfo), Json("/cognito/client_id", To(|_| json!(OTHER_CLIENT)));
        /// No user can sign in: the page looks for the user pool in another region.
        AccessInfoOtherRegion = "access-info-other-region"
            => Done(AccessInfo), Json("/cognito/region", To(|_| json!("us-east-1")));
        /// Every call is refused: the tokens are for another client.
        TokenWrongAudience = "token-wrong-audience";
        /// Every call is refused: the tokens come from another issuer.
        TokenWrongIssuer = "token-wrong-issuer";
        /// Every call is refused: the key that signed the tokens is not published.
        TokenUnknownKey = "token-unknown-key";
        /// Every call is refused for some minutes: the pool's clock is ahead.
        TokenFromTheFuture = "token-from-the-future";
        /// Every call is refused: a proxy does not pass the token on.
        AuthorizationIsDropped = "authorization-is-dropped";
        /// Every call is refused for some minutes: the UserAPI's clock is behind.
        UserApiClockSlow = "user-api-clock-slow" => From(UserApi), Date(-CLOCK_OFF);
        /// The user is signed out after seconds, though the sign-in promised an hour.
        TokenShortLife = "token-short-life";
        /// The page cannot compute how long its tokens are valid.
        TokenLacksIat = "token-lacks-iat";
        /// Every call is refused, and the page cannot say that the account is not confirmed.
        TokenNoGroups = "token-no-groups";
        /// Every call is refused: no user is a member of users.
        TokenWrongGroup = "token-wrong-group";
        /// Anyone can sign in to any account.
        AcceptsWrongPassword = "accepts-wrong-password";
        /// Users are signed out after an hour: the client allows no refresh.
        RefreshNotEnabled = "refresh-not-enabled";
        /// The user is signed out after an hour.
        RefreshRefused = "refresh-refused";
        /// After an hour every call is refused: the renewed token is cut short.
        RefreshedTokenCutShort = "refreshed-token-cut-short";
        /// Whoever signs in sees the files of the user who did so first.
        SignInsFromACache = "sign-ins-from-a-cache" => Done(InitiateAuth), Stored;
        /// After an hour the user sees another user's files.
        RefreshOfAnotherUser = "refresh-of-another-user";
        /// After an hour every call is refused: the renewed token names no group.
        RefreshedTokenLacksGroups = "refreshed-token-lacks-groups";
        /// A user who signs in at home is signed out at work after an hour.
        SignInEndsOtherSessions = "sign-in-ends-other-sessions";
        /// A user who signs out at home is signed out at work after an hour.
        SignOutEndsOtherSessions = "sign-out-ends-other-sessions";
        /// A client with an invented refresh token gets the first user's account.
        AcceptsAnyRefreshToken = "accepts-any-refresh-token";
        /// A user who signs out on a shared computer stays signed in.
        RevokeIgnored = "revoke-ignored";
        /// No user can sign in before choosing another password, which the page cannot do.
        SignInChallenge = "sign-in-challenge" => Done(InitiateAuth), Json("", To(challenge));
        /// No user can sign in: the pool demands a second factor, which the page does not offer.
        PoolDemandsSecondFactor = "pool-demands-second-factor"
            => Done(InitiateAuth), Json("", To(second_factor));
        /// A wrong password is reported as a failure of the service.
        CognitoRefusalOfAnotherKind = "cognito-refusal-of-another-kind"
            => Refusal(Cognito), Json("/__type", To(|_| json!("InternalErrorException")));
        /// A stolen token is valid for ever.
        AcceptsExpiredToken = "accepts-expired-token";
        /// Anyone can write a token for any account.
        AcceptsUnsignedToken = "accepts-unsigned-token";
        /// Anyone can write a token for any account that names another algorithm.
        AcceptsAnotherAlgorithm = "accepts-another-algorithm";
        /// A token is accepted in a header that other services refuse: without the scheme Bearer.
        AcceptsAnyScheme = "accepts-any-scheme";
        /// Anyone with a key can write a token for any account.
        AcceptsForeignSignature = "accepts-foreign-signature";
        /// A client with any text as a token gets the first user's account.
        AcceptsMalformedToken = "accepts-malformed-token";
        /// A user can write another user's name into a token.
        AcceptsChangedToken = "accepts-changed-token";
        /// A token for another application is accepted.
        AcceptsOtherAudience = "accepts-other-audience";
        /// A token that is only for the user pool gives access to the files.
        AcceptsAccessToken = "accepts-access-token";
        /// A token is accepted in a header that other services refuse: with two spaces before it.
        AcceptsSpacesBeforeToken = "accepts-spaces-before-token";
        /// Accounts that are not confirmed can do everything.
        AcceptsNonMembers = "accepts-non-members";
        /// No sign-in is needed.
        AcceptsNoToken = "accepts-no-token";
        /// Anyone can see which jobs can run, and their container images.
        ApplicationsOpenToAll = "applications-open-to-all";
        /// A user whose sign-in has expired is asked to confirm the account.
        Refuses403Instead = "refuses-403-instead-of-401" => HasStatus(UserApi, 401), Status(403);
        /// An expired sign-in is reported with another message than the agreed one.
        NotVerifiedInOtherWords = "not-verified-in-other-words"
            => HasStatus(UserApi, 401), Json("/detail", To(with_another_refusal));
        /// The page greets the user with another user's address.
        UserTellsAnotherEmail = "user-tells-another-email"
            => Done(User), Json("/email", To(|_| json!(ANOTHER_EMAIL)));
        /// A member is shown the page for users who are not members.
        UserLacksTheGroup = "user-lacks-the-group"
            => Done(User), Json("/groups", To(|_| json!(["workers"])));
        /// The page shows the user what only members of another group may use.
        UserGainsAGroup = "user-gains-a-group"
            => Done(User), Json("/groups", To(|_| json!(["users", "cloud"])));
        /// The page shows another user's address right after the sign-in.
        GetUserTellsAnotherEmail = "get-user-tells-another-email"
            => Done(GetUser), Json("/UserAttributes/*", To(with_another_email));
        /// No user can sign out.
        RevokeAnswers503 = "revoke-answers-503" => Call(RevokeToken), UNAVAILABLE;
        /// A user who has signed out, or never existed, still seems to be signed in.
        GetUserTakesAnyToken = "get-user-takes-any-token"
            => Answers(GetUser, 400), ANY_USER;
    }
    /// Registration, confirmation and forgotten passwords.
    Accounts = "accounts" {
        /// Nobody can register: the browser withholds the answers to it.
        SignUpWithoutCors = "sign-up-without-cors" => Call(SignUp), RemoveCors;
        /// A password that is too weak looks like a network error.
        SignUpRefusalsWithoutCors = "sign-up-refusals-without-cors"
            => Answers(SignUp, 400), RemoveCors;
        /// A user who types a wrong code sees a network error.
        WrongCodeWithoutCors = "wrong-code-without-cors" => Answers(ConfirmSignUp, 400), RemoveCors;
        /// Nobody can ask for a new password: the browser withholds the answer.
        ForgotPasswordWithoutCors = "forgot-password-without-cors"
            => Call(ForgotPassword), RemoveCors;
        /// A password that is too weak is reported as a failure of the service.
        SignUpRefusalOfAnotherKind = "sign-up-refusal-of-another-kind"
            => Answers(SignUp, 400), Json("/__type", To(|_| json!("InternalErrorException")));
        /// A wrong code is reported without a word for the user.
        WrongCodeWithoutMessage = "wrong-code-without-message"
            => Answers(ConfirmForgotPassword, 400), Json("/message", To(|_| json!("")));
        /// The page cannot say where the code was sent.
        SignUpLacksDestination = "sign-up-lacks-destination"
            => Done(SignUp), Json("/CodeDeliveryDetails", Missing);
        /// The page cannot say where the code for a new password was sent.
        ForgotPasswordLacksDestination = "forgot-password-lacks-destination"
            => Done(ForgotPassword), Json("/CodeDeliveryDetails/Destination", Null);
        /// No further code can be had: the service fails.
        ResendFails = "resend-fails" => Done(ResendConfirmationCode), InternalError;
        /// A user whom an administrator has invited cannot choose a password.
        ChallengeResponseFails = "challenge-response-fails"
            => Done(RespondToAuthChallenge), InternalError;
        /// Nobody can confirm an account: the message with the code never comes.
        MailIsLost = "mail-is-lost";
        /// Anyone can register with an address of somebody else: any code confirms it.
        CodesNotChecked = "codes-not-checked";
        /// A code that was read by somebody else sets a password after its use, too.
        CodeWorksTwice = "code-works-twice";
        /// A code that was found years later still works.
        AcceptsExpiredCode = "accepts-expired-code";
        /// Anyone can set anyone's password: the answer holds the code.
        CodeInTheAnswer = "code-in-the-answer";
        /// Anyone can find out who has an account, though the pool hides it.
        ForgotPasswordRevealsUsers = "forgot-password-reveals-users";
        /// An attacker who is signed in to an account stays so after its password was reset.
        ResetKeepsSessions = "reset-keeps-sessions";
        /// A password that was given away stays valid after it was reset.
        ResetKeepsOldPassword = "reset-keeps-old-password";
        /// A password that can be guessed is accepted at registration.
        WeakPasswordAccepted = "weak-password-accepted";
        /// A password that can be guessed is accepted after it was forgotten.
        WeakNewPasswordAccepted = "weak-new-password-accepted";
        /// Anyone can set anyone's password by registering with their address.
        SignUpOverwrites = "sign-up-overwrites";
        /// No new account has to confirm that its address is its own.
        SignUpConfirmsAtOnce = "sign-up-confirms-at-once";
        /// Nobody can register: the pool has no attribute for why somebody wants an account.
        PoolLacksAnAttribute = "pool-lacks-an-attribute";
        /// The administrator does not see why somebody wants an account.
        AttributesAreLost = "attributes-are-lost";
        /// Anyone who registers can use the service at once.
        ConfirmMakesMember = "confirm-makes-member";
        /// The page cannot tell a used code from a good one: an account is confirmed again.
        ConfirmsTwice = "confirms-twice";
        /// A user signs in with an address that is not theirs.
        UnconfirmedMaySignIn = "unconfirmed-may-sign-in";
        /// Passwords can be tried without an end.
        LockNeverComes = "lock-never-comes";
        /// Five wrong passwords, and the user cannot sign in for a quarter of an hour.
        LockNeverEnds = "lock-never-ends";
        /// The password in an invitation stays the account's password.
        TemporaryPasswordIsEnough = "temporary-password-is-enough";
        /// The password in an invitation is valid after another was chosen.
        TemporaryPasswordStays = "temporary-password-stays";
    }
    /// Files of the user.
    Files = "files" {
        /// The upload succeeds and the file is not there.
        UploadStoresNothing = "upload-stores-nothing";
        /// The upload succeeds and half of the file is lost.
        UploadStoresHalf = "upload-stores-half";
        /// The upload succeeds and the file is empty.
        UploadStoresEmpty = "upload-stores-empty";
        /// The file is stored under another name.
        UploadTakesAnotherName = "upload-takes-another-name";
        /// An upload without a file is reported as done.
        UploadWithoutFileAccepted = "upload-without-file-accepted" in Local
            => Answers(Upload, 422), NO_CONTENT;
        /// Only the first megabyte of a large upload is stored.
        UploadCutAtAMegabyte = "upload-cut-at-a-megabyte";
        /// A file comes back unusable: it was taken for text.
        UploadTakenForText = "upload-taken-for-text";
        /// A file comes back unusable: it is in Base64.
        UploadStoredInBase64 = "upload-stored-in-base64";
        /// A file comes back with what the browser has sent around it.
        UploadKeepsItsForm = "upload-keeps-its-form";
        /// Nothing can be uploaded into a new folder.
        UploadNeedsItsFolder = "upload-needs-its-folder" in Local;
        /// A user who replaces a file gets both: the upload is appended.
        UploadAppends = "upload-appends";
        /// A user who replaces a file by a shorter one gets the end of the longer one behind it.
        UploadKeepsTheRest = "upload-keeps-the-rest";
        /// A tiny file comes back as zeros.
        UploadBlanksSmallFiles = "upload-blanks-small-files";
        /// A file comes back under another name: each plus has become a space.
        UploadPlusBecomesSpace = "upload-plus-becomes-space";
        /// A file comes back under another name: its umlauts have become question marks.
        UploadLosesUmlauts = "upload-loses-umlauts";
        /// A file comes back under another name: percent-escapes in it were decoded.
        UploadDecodesNames = "upload-decodes-names" in S3;
        /// Every file of a directory is stored as ${filename}, each over the one before.
        UploadKeepsFilenameLiteral = "upload-keeps-filename-literal" in S3;
        /// No upload is accepted: its form has expired before the page gets it.
        UploadFormExpired = "upload-form-expired" in S3;
        /// With the form for one directory a page can write into those of all users.
        PolicyWithoutPrefix = "policy-without-prefix" in S3;
        /// A form for an upload can be used for ever.
        PolicyExpiryNotChecked = "policy-expiry-not-checked" in S3;
        /// No download works: its URL has expired before the page gets it.
        DownloadUrlExpired = "download-url-expired" in S3;
        /// A user with one link can read all files of all users.
        GetSignatureNotChecked = "get-signature-not-checked" in S3;
        /// A user with a link to download a file can replace it.
        DownloadUrlAllowsPut = "download-url-allows-put" in S3;
        /// A page that continues a download mixes two versions of the file.
        S3IgnoresConditions = "s3-ignores-conditions" in S3;
        /// Nothing can be uploaded or downloaded: the links name a host of the inner network.
        S3UrlsUnreachable = "s3-urls-unreachable" in S3 => LINKS, Json("/url", To(elsewhere));
        /// Nothing can be downloaded: the UserAPI signs for another region than the bucket's.
        SignedForAnotherRegion = "signed-for-another-region" in S3 => Call(Download), WRONG_REGION;
        /// Nothing can be downloaded: the links are signed with a header that the page is not told.
        SignedWithAnUntoldHeader = "signed-with-an-untold-header" in S3
            => Done(DownloadUrl), Json("/url", To(signed_with_the_owner));
        /// Nothing can be uploaded: the key of the UserAPI was deleted.
        SignedWithADeletedKey = "signed-with-a-deleted-key" in S3 => Call(Upload), DELETED_KEY;
        /// Nothing can be uploaded: the key that signs may not use the one that encrypts the bucket.
        KmsKeyDenied = "kms-key-denied" in S3 => Call(Upload), KMS_KEY_DENIED;
        /// Nothing can be uploaded while something else changes the bucket.
        BucketIsBeingChanged = "bucket-is-being-changed" in S3 => Call(Upload), OPERATION_ABORTED;
        /// Nothing can be uploaded or downloaded from elsewhere: the links name the inner host.
        LocalUrlsOfAnotherName = "local-urls-of-another-name" in Local
            => LINKS, Json("/url", To(at_another_name));
        /// Nothing can be uploaded or downloaded: the links use https, which is not served.
        LocalUrlsOverHttps = "local-urls-over-https" in Local
            => LINKS, Json("/url", To(over_https));
        /// A deleted file still gets a link, which fails only when it is used.
        DownloadUrlForWhatIsMissing = "download-url-for-what-is-missing";
        /// A user replaces another user's files.
        UploadUrlOfAnother = "upload-url-of-another" in S3;
        /// A user moves another user's files.
        RenameOfAnother = "rename-of-another";
        /// A user deletes another user's files.
        DeleteOfAnother = "delete-of-another";
        /// A user gets the links to another user's files.
        DownloadUrlOfAnother = "download-url-of-another";
        /// The downloaded file has other bytes than the uploaded one.
        DownloadAltered = "download-altered" => Done(Download), Body(altered);
        /// A user who replaces a file still downloads the one before.
        DownloadGivesEarlierVersion = "download-gives-earlier-version";
        /// A file with a # in its name cannot be downloaded: its link ends there.
        DownloadUrlCutAtHash = "download-url-cut-at-hash" in S3
            => Done(DownloadUrl), Json("/url", To(with_bare_hashes));
        /// A file that another window has deleted looks like one that the user may not read.
        DownloadOfDeletedForbidden = "download-of-deleted-forbidden" in S3
            => HasStatus(S3, 404), FORBIDDEN;
        /// A wrong link is refused as if the service had failed.
        S3RefusalOfAnotherKind = "s3-refusal-of-another-kind" in S3
            => Refusal(S3), Body(of_another_kind);
        /// A browser shows a downloaded image as text: nothing says that it is one.
        DownloadsOfOneType = "downloads-of-one-type" in Local
            => Done(Download), Set(CONTENT_TYPE, "text/plain; charset=utf-8");
        /// The downloaded file is packed, and nothing says so.
        DownloadPackedUnsaid = "download-packed-unsaid" => Done(Download), Body(packed);
        /// The downloaded file is an error document, although the download succeeds.
        DownloadIsAnError = "download-is-an-error" => Done(Download), ERROR_DOCUMENT;
        /// No upload or download is accepted: its token has expired before the page gets it.
        LinksWithExpiredToken = "links-with-expired-token" in Local
            => LINKS, Json("/headers/authorization", To(expired));
        /// Nothing can be uploaded or downloaded: the links have no scheme and no host.
        LinksWithoutServer = "links-without-server" => LINKS, Json("/url", To(without_server));
        /// Nothing can be uploaded or downloaded: the links hold the password of the storage.
        LinksWithCredentials = "links-with-credentials" in S3
            => LINKS, Json("/url", To(with_credentials));
        /// Nothing can be uploaded or downloaded: browsers refuse the port in the links.
        LinksToABadPort = "links-to-a-bad-port" in S3 => LINKS, Json("/url", To(at_a_bad_port));
        /// Nothing can be uploaded: the form comes with the user's token, and S3 takes one authentication.
        UploadFormWithToken = "upload-form-with-token" in S3;
        /// Nothing can be downloaded: the link comes with the user's token, and S3 takes one authentication.
        DownloadUrlWithToken = "download-url-with-token" in S3;
        /// A link is useless before a slow page has used it.
        LinksForAMoment = "links-for-a-moment" in S3;
        /// No file of more than 10 MB can be uploaded.
        UploadFormLimitsSize = "upload-form-limits-size" in S3;
        /// Anyone can read every file whose address they know.
        BucketPublicRead = "bucket-public-read" in S3;
        /// Anyone can read the names of all files of all users.
        BucketPublicList = "bucket-public-list" in S3;
        /// Anyone can put files among those of all users.
        BucketPublicWrite = "bucket-public-write" in S3;
        /// Whoever gets hold of a link can use it for a week.
        LinksForAWeek = "links-for-a-week" in S3;
        /// The file is not stored, and the upload seems to succeed: the error comes with status 200.
        UploadAnswersAnError = "upload-answers-an-error" in S3 => Done(Upload), STORAGE_ERROR;
        /// The download ends early without an error.
        DownloadTruncated = "download-truncated" => Done(Download), Body(half);
        /// The download fails at its end: it is shorter than its Content-Length.
        DownloadWrongLength = "download-wrong-length" => Done(Download), WrongLength;
        /// The download breaks off.
        DownloadCut = "download-cut" => Done(Download), Cut;
        /// No download ends: large packets are lost on the way.
        DownloadStandsStill = "download-stands-still" => Done(Download), Stall;
        /// A file exists and is not shown.
        ListMissesAFile = "list-misses-a-file" => Done(List), Json("", To(without_a_file));
        /// A user sees another user's files.
        ListShowsAnother = "list-shows-another";
        /// The zip download lacks what is in sub-directories.
        ListNotRecursive = "list-not-recursive";
        /// The zip download takes directories for files.
        ListShowsDirectories = "list-shows-directories";
        /// Entries of a sub-directory cannot be opened: the paths lack their beginning.
        ListRelativePaths = "list-relative-paths" => Done(List), Json("/*/path", To(last_name));
        /// The file browser shows everything in reverse order.
        ListUnsorted = "list-unsorted" => Done(List), Json("", To(reversed));
        /// The file browser shows wrong sizes.
        ListWrongSizes = "list-wrong-sizes"
            => Done(List), Json("/*/size", To(|_| json!("123 Bytes")));
        /// The file browser shows a file as smaller than it is: its size is cut, not rounded.
        ListCutsSizes = "list-cuts-sizes";
        /// The zip download has other sizes than the file browser.
        ListAllWrongSizes = "list-all-wrong-sizes";
        /// A file comes back under a name that only looks the same: its letters are decomposed.
        ListDecomposesNames = "list-decomposes-names"
            => Done(List), Json("/*/path", To(decomposed));
        /// A file comes back under a name that only looks the same: it has other spaces.
        ListShowsPlainSpaces = "list-shows-plain-spaces"
            => Done(List), Json("/*/path", To(with_plain_spaces));
        /// A file comes back under a name that is escaped as in an address.
        ListEscapesNames = "list-escapes-names" => Done(List), Json("/*/path", To(escaped));
        /// A file comes back under a name whose letters were read in another encoding.
        ListGarblesLetters = "list-garbles-letters" => Done(List), Json("/*/path", To(garbled));
        /// A directory that does not exist looks like an empty one.
        ListMissingAsEmpty = "list-missing-as-empty";
        /// The file browser's first page says that there is no such directory.
        ListTwoSlashesMissing = "list-two-slashes-missing";
        /// The file browser shows no directory within another.
        ListHidesSubdirectories = "list-hides-subdirectories";
        /// No folder of a user can be opened: config, data and the others show only their files.
        PredefinedListsHideFolders = "predefined-lists-hide-folders"
            => PREDEFINED_LISTS, Json("", To(without_folders));
        /// Nobody finds the results of a job: the folders of all jobs are not shown.
        ListHidesResults = "list-hides-results" => RESULT_LISTS, Json("", To(without_folders));
        /// A folder within another looks like a file.
        ListShowsFoldersAsFiles = "list-shows-folders-as-files"
            => Done(List), Json("", To(inner_folders_as_files));
        /// A directory is among its own entries.
        ListShowsItself = "list-shows-itself";
        /// The file browser shows what is in sub-directories, too.
        ListAlwaysRecursive = "list-always-recursive";
        /// An empty folder cannot be opened.
        EmptyFolderNotFound = "empty-folder-not-found";
        /// Two dots lead into other users' directories.
        ListEscapesByDots = "list-escapes-by-dots";
        /// A wrong parameter in an address goes unnoticed, and another listing is shown.
        ListTakesAnyQuery = "list-takes-any-query";
        /// The deleted file stays.
        DeleteDeletesNothing = "delete-deletes-nothing";
        /// With a file, everything beside it is deleted.
        DeleteDeletesTheParent = "delete-deletes-the-parent";
        /// With a file, every file whose name begins like its name is deleted.
        DeleteDeletesWhatBeginsAlike = "delete-deletes-what-begins-alike";
        /// Files in sub-directories of a deleted directory stay.
        DeleteLeavesSubdirectories = "delete-leaves-subdirectories";
        /// A single file among the results of a job stays after its deletion.
        DeleteKeepsResults = "delete-keeps-results";
        /// An empty folder stays after its deletion.
        DeleteKeepsEmptyFolders = "delete-keeps-empty-folders";
        /// Of a deleted folder an empty one stays.
        DeleteEmptiesFolders = "delete-empties-folders" in Local;
        /// The deleted folder stays: the request is sent on to the address without the slash at its end.
        DeleteRedirectsWithoutSlash = "delete-redirects-without-slash" in S3;
        /// Two dots lead deletions into other users' directories.
        DeleteEscapesByDots = "delete-escapes-by-dots";
        /// Deleting a file that another window has deleted seems to fail.
        DeleteMissingAnswers404 = "delete-missing-answers-404";
        /// The renamed file keeps its old name as well.
        RenameCopies = "rename-copies";
        /// Renaming to a name with a slash at its end replaces the file of that name.
        RenameSlashOverwrites = "rename-slash-overwrites" in Local;
        /// An empty directory cannot take the name of another empty one.
        RenameOntoFolderRefused = "rename-onto-folder-refused";
        /// A file cannot take the name of another: the service fails.
        RenameOntoFileAnswers500 = "rename-onto-file-answers-500";
        /// A file that takes the name of another is lost: the other stays.
        RenameOntoFileKeepsTheOther = "rename-onto-file-keeps-the-other";
        /// The renamed file is empty.
        RenameLosesContent = "rename-loses-content";
        /// The renamed file keeps its old name.
        RenameDoesNothing = "rename-does-nothing";
        /// Moving a file to another directory seems to succeed, and nothing happens.
        MoveDoesNothing = "move-does-nothing";
        /// Renaming a file that is gone seems to succeed.
        RenameMissingAnswers200 = "rename-missing-answers-200" => Answers(Rename, 404), Status(200);
        /// Renaming a directory with files in it seems to succeed.
        RenameFullDirectoryAnswers200 = "rename-full-directory-answers-200"
            => Answers(Rename, 405), Status(200);
        /// A directory that every user needs can be renamed.
        RenamePredefinedAccepted = "rename-predefined-accepted";
        /// Renaming a directory that has directories in it seems to succeed.
        RenameFullOfDirectoriesAccepted = "rename-full-of-directories-accepted";
        /// An empty directory cannot be renamed.
        RenameEmptyDirectoryRefused = "rename-empty-directory-refused";
        /// Renaming without a new name makes the service fail.
        RenameWithoutPathAnswers500 = "rename-without-path-answers-500"
            => Answers(Rename, 422), InternalError;
        /// The renamed file gets another name: each plus has become a space.
        RenamePlusBecomesSpace = "rename-plus-becomes-space";
        /// A renamed file goes into directories below its old one.
        RenameTakesRelativePath = "rename-takes-relative-path";
        /// Nothing in artifact can be renamed.
        RenameInArtifactRefused = "rename-in-artifact-refused" => ARTIFACT_RENAMES, NO_RENAME;
        /// After renaming, the page goes on with the old name.
        RenameTellsOldPath = "rename-tells-old-path"
            => Done(Rename), Json("/path", To(|_| json!("data/first.tif")));
        /// A user who empties the account has no directory for uploads any longer.
        EmptiedDirectoriesStayAway = "emptied-directories-stay-away";
        /// The new folder does not appear.
        NewFolderNotMade = "new-folder-not-made";
        /// A new folder contains a file that the user has not put there.
        NewFolderNotEmpty = "new-folder-not-empty";
        /// A new folder looks like an empty file, which cannot be opened.
        NewFolderListedAsFile = "new-folder-listed-as-file"
            => Done(List), Json("", To(folders_as_files));
        /// Making a folder that exists deletes what is in it.
        NewFolderEmpties = "new-folder-empties";
        /// A folder whose name has a space or an umlaut cannot be opened.
        FolderWithEscapesNotFound = "folder-with-escapes-not-found" => ESCAPED_LISTS, NOT_FOUND;
        /// Making a folder that exists is an error.
        NewFolderTwiceRefused = "new-folder-twice-refused";
        /// No folder can be created in artifact.
        NewFolderInArtifactRefused = "new-folder-in-artifact-refused"
            => NEW_ARTIFACT_FOLDERS, NO_ARTIFACT_FOLDER;
        /// Users can put files among the results of jobs.
        NewFolderAmongResults = "new-folder-among-results";
        /// A directory cannot be uploaded: only into one that exists already.
        UploadUrlNeedsDirectory = "upload-url-needs-directory";
        /// Files of a whole directory go beside it: its name and theirs become one.
        UploadUrlJoinsNames = "upload-url-joins-names" in S3;
        /// Uploads go into a directory that is named after the e-mail address, and are not found.
        UploadUrlOfEmail = "upload-url-of-email" in S3;
        /// The service fails over names of more than 100 letters.
        LongNamesAnswer500 = "long-names-answer-500" => LONG_NAMES, InternalError;
        /// No file can be downloaded whose name has an umlaut.
        DownloadOfUmlautsAnswers500 = "download-of-umlauts-answers-500" in Local
            => OTHER_LETTERS, InternalError;
        /// Users can upload files among the results of jobs.
        UploadAmongResults = "upload-among-results";
    }
    /// Jobs of the user.
    Jobs = "jobs" {
        /// A new job seems to run at once.
        JobStartsRunning = "job-starts-running"
            => Done(CreateJob), Json("/status", To(|_| json!(JobStatus::Running.name())));
        /// The job waits for ever: no worker takes it.
        JobStuckInQueued = "job-stuck-in-queued";
        /// A worker takes the job and never begins it.
        JobStuckInPulled = "job-stuck-in-pulled";
        /// The job fetches its inputs for ever.
        JobStuckInPreprocessing = "job-stuck-in-preprocessing";
        /// The job runs for ever.
        JobStuckInRunning = "job-stuck-in-running";
        /// The job's results never arrive.
        JobStuckInPostprocessing = "job-stuck-in-postprocessing";
        /// The job is finished at once and has done nothing.
        JobSkipsToFinished = "job-skips-to-finished";
        /// The job finishes without results.
        JobFinishesWithoutOutputs = "job-finishes-without-outputs";
        /// The job runs, and then fetches its inputs again.
        JobGoesBack = "job-goes-back";
        /// Every job fails.
        JobEndsInError = "job-ends-in-error";
        /// The page shows a status that it does not know.
        JobUnknownStatus = "job-unknown-status" => A_JOB, Json("/status", To(unheard_of));
        /// The job disappears while it runs.
        JobVanishes = "job-vanishes";
        /// After starting a job, the page follows another one.
        JobIdOfAnother = "job-id-of-another";
        /// A second job of the same name takes the place of the first.
        JobDuplicateNameAccepted = "job-duplicate-name-accepted";
        /// A new job takes the name and the outputs of one that has ended.
        JobNameFreeAfterEnd = "job-name-free-after-end";
        /// The service fails over job names with spaces or umlauts.
        JobNameWithSpacesAnswers500 = "job-name-with-spaces-answers-500";
        /// The form has a field for a variable, and no job that sets it is accepted.
        JobVariableRefused = "job-variable-refused"
            => Done(Applications), Json("/decode/v0_10_1/train/app/env", To(|_| json!(["DEBUG"])));
        /// No job is accepted: its inputs are looked for where they are not.
        JobInputsNotFound = "job-inputs-not-found";
        /// A job cannot be followed: its answer tells an id that no job has.
        JobIdOfNone = "job-id-of-none" => Done(CreateJob), Json("/id", To(|_| json!(987_654)));
        /// The page of a job stays empty: it comes as a list of one.
        JobInAList = "job-in-a-list" => Done(ShowJob), Json("", To(|job| json!([job])));
        /// Deleting a job seems to fail, and the job is gone.
        JobDeletionFailsAtItsEnd = "job-deletion-fails-at-its-end" => Call(DeleteJob), InternalError;
        /// A job that runs by mistake cannot be stopped.
        RunningJobNotDeleted = "running-job-not-deleted";
        /// A job for any worker does not appear in the list.
        ListLacksJobsForAny = "list-lacks-jobs-for-any"
            => Done(ListJobs), Json("", To(without_jobs_for_any));
        /// No job with a high priority is accepted.
        HighPriorityRefused = "high-priority-refused";
        /// An application can be chosen, and no job of it is accepted.
        OfferedApplicationRefused = "offered-application-refused"
            => Done(Applications), Json("/decode", To(with_another_version));
        /// A job of one entry point gets no inputs: the form does not ask for any.
        EntryPointWithoutInputs = "entry-point-without-inputs"
            => Done(Applications), Json("/decode/latest/train/handler/files_down", Null);
        /// A job without its inputs is accepted and fails much later.
        JobMissingInputAccepted = "job-missing-input-accepted";
        /// A job without its data is accepted and fails hours later.
        JobMissingDataAccepted = "job-missing-data-accepted";
        /// No job starts whose inputs are folders, which the page names with a slash at their end.
        JobFolderRefused = "job-folder-refused";
        /// A job that was refused for its missing data is started all the same.
        JobRefusedIsKept = "job-refused-is-kept";
        /// The page shows an empty job where there is none.
        JobMissingIsNull = "job-missing-is-null"
            => Answers(ShowJob, 404), Replace(200, "application/json", "null");
        /// A missing job is reported with another message than the agreed one.
        JobMissingInOtherWords = "job-missing-in-other-words"
            => Answers(ShowJob, 404), Json("/detail", To(|_| json!("Not Found")));
        /// Deleting a job that another window has deleted seems to succeed.
        JobDeleteMissingAnswers204 = "job-delete-missing-answers-204"
            => Answers(DeleteJob, 404), NO_CONTENT;
        /// An address that no job can have looks like that of a deleted job.
        JobIdNotChecked = "job-id-not-checked"
            => Answers(ShowJob, 422), NO_JOB;
        /// A job that nothing can run is accepted, and fails much later.
        JobApplicationNotChecked = "job-application-not-checked";
        /// A version that does not exist is accepted, and the job fails much later.
        JobVersionNotChecked = "job-version-not-checked";
        /// An entry point that does not exist is accepted, and the job fails much later.
        JobEntrypointNotChecked = "job-entrypoint-not-checked";
        /// Any client can set the status of any job: the key of the WorkerAPI is not checked.
        JobStatusTakesAnyKey = "job-status-takes-any-key";
        /// A wrong key of the WorkerAPI is refused as if the caller were not a member.
        JobStatusRefused403 = "job-status-refused-403" => Answers(SetJobStatus, 401), Status(403);
        /// A job whose user chose no priority is put before others.
        JobDefaultPriority = "job-default-priority";
        /// The job gets another priority than the user chose.
        JobPriorityNotPassedOn = "job-priority-not-passed-on"
            => A_JOB, Json("/priority", To(|_| json!(2)));
        /// A job starts without the models that the user gave it.
        JobArtifactsNotPassedOn = "job-artifacts-not-passed-on";
        /// A job starts without the data that the user gave it.
        JobDataNotPassedOn = "job-data-not-passed-on"
            => A_JOB, Json("/attributes/files_down/data_ids", To(|_| json!([])));
        /// A job starts with the first of its data alone.
        JobKeepsFirstData = "job-keeps-first-data"
            => A_JOB, Json("/attributes/files_down/data_ids", To(only_the_first));
        /// A job starts with the first of its models alone.
        JobKeepsFirstArtifact = "job-keeps-first-artifact"
            => A_JOB, Json("/attributes/files_down/artifact_ids", To(only_the_first));
        /// A job that lacks some of its inputs is accepted: of several, only the first is looked for.
        JobChecksFirstInput = "job-checks-first-input";
        /// The job asks for any hardware, whatever the user chose.
        JobHardwareNotPassedOn = "job-hardware-not-passed-on"
            => A_JOB, Json("/hardware/memory", Null);
        /// The page cannot show what a job runs.
        JobLacksApplication = "job-lacks-application" => A_JOB, Json("/application", Missing);
        /// A job's page says that it runs another version.
        ShownJobOfAnotherVersion = "shown-job-of-another-version"
            => Done(ShowJob), Json("/application/version", To(|_| json!("latest")));
        /// The list shows another place to run than a job's page.
        ListedJobElsewhere = "listed-job-elsewhere"
            => Done(ListJobs), Json("/*/environment", To(|_| json!("cloud")));
        /// The list shows another end of a job than its page.
        ListedJobEndsEarlier = "listed-job-ends-earlier"
            => Done(ListJobs), Json("", To(ended_earlier));
        /// The page says when a job ended that still runs.
        JobFinishedWhileRunning = "job-finished-while-running"
            => JOBS, Json("", To(finished_early));
        /// The page says when a job began that still waits.
        JobStartedWhileQueued = "job-started-while-queued" => JOBS, Json("", To(started_early));
        /// A user whose job fails does not learn why.
        JobDetailsLost = "job-details-lost" => JOBS, Json("", To(without_details));
        /// The page cannot show when a job failed.
        JobFailsWithoutDate = "job-fails-without-date" => JOBS, Json("", To(failed_without_date));
        /// The page does not tell whose job it is: no job has an address.
        JobNullUserEmail = "job-null-user-email" => JOBS, Json("", To(without_email));
        /// A result that is listed with its size downloads as nothing.
        JobOutputDownloadsEmpty = "job-output-downloads-empty";
        /// Any user can jump the queue.
        JobPriorityNotChecked = "job-priority-not-checked";
        /// A job that asks for more than any machine can have is accepted, and waits for ever.
        JobHardwareNotChecked = "job-hardware-not-checked";
        /// A worker on a user's own machine takes jobs that are for the cloud.
        CloudJobOnALocalWorker = "cloud-job-on-a-local-worker";
        /// An unknown place to run is accepted.
        JobEnvironmentNotChecked = "job-environment-not-checked";
        /// The job runs in another place than the user chose.
        JobEnvironmentNotPassedOn = "job-environment-not-passed-on";
        /// A job can set environment variables that it should not.
        JobVariablesNotChecked = "job-variables-not-checked";
        /// The page cannot show when the job began.
        JobNoDateStarted = "job-no-date-started" => A_JOB, Json("/date_started", Null);
        /// The page cannot show when the job ended.
        JobNoDateFinished = "job-no-date-finished" => A_JOB, Json("/date_finished", Null);
        /// The job ended before it began.
        JobDatesReversed = "job-dates-reversed" => A_JOB, Json("", To(with_dates_reversed));
        /// The page shows when a job began and ended hours off.
        JobEndsInLocalTime = "job-ends-in-local-time" => A_JOB, Json("", To(with_local_dates_of_workers));
        /// The job seems to have been started two hours in the future.
        JobDatesInLocalTime = "job-dates-in-local-time" => A_JOB, Json("", To(with_local_dates));
        /// The page shows all dates hours off: it does not expect a time zone in them.
        JobDatesWithZone = "job-dates-with-zone" => A_JOB, Json("", To(with_zoned_dates));
        /// The page looks for the results in another place than where they are.
        JobPathsOutOfAnother = "job-paths-out-of-another"
            => A_JOB, Json("/paths_out/artifact", To(|_| json!("artifact/another")));
        /// The results are stored under another job's name.
        JobOutputsOfAnother = "job-outputs-of-another";
        /// The job finishes without a model.
        JobOutputWithoutModel = "job-output-without-model";
        /// The training used another baseline than the user set.
        JobParametersAltered = "job-parameters-altered";
        /// The training used another run's parameters.
        JobParametersOfAnotherRun = "job-parameters-of-another-run";
        /// The parameters of the training cannot be read.
        JobParametersInvalid = "job-parameters-invalid";
        /// A deleted job's results stay for ever.
        JobDeletedOutputsKept = "job-deleted-outputs-kept";
        /// With the job, its inputs are deleted.
        JobDeleteRemovesInputs = "job-delete-removes-inputs";
        /// The deleted job stays.
        JobDeleteDeletesNothing = "job-delete-deletes-nothing";
        /// Every user can read every job.
        JobReadableByOthers = "job-readable-by-others";
        /// A job reads the files of another user.
        JobInputsOfOthers = "job-inputs-of-others";
        /// A job reads the data of another user.
        JobDataOfOthers = "job-data-of-others";
        /// A job reads the models of another user.
        JobArtifactsOfOthers = "job-artifacts-of-others";
        /// Two dots in a job's inputs lead into other users' directories.
        JobInputsEscapeByDots = "job-inputs-escape-by-dots";
        /// Every user can delete every job.
        JobDeletableByOthers = "job-deletable-by-others";
        /// Every user sees the jobs of all.
        JobListOfEveryone = "job-list-of-everyone";
        /// The newest job is at the bottom.
        JobListUnordered = "job-list-unordered" => Done(ListJobs), Json("", To(reversed));
        /// The newest job of a page is at its bottom.
        JobPagesOldestFirst = "job-pages-oldest-first";
        /// The list of jobs is short, and a page shows none of the others: an offset counts pages.
        JobOffsetCountsPages = "job-offset-counts-pages";
        /// A job that has long ended waits for ever: what its worker reports does not arrive.
        JobReportsLost = "job-reports-lost" => JOBS, Json("", To(as_if_queued));
        /// The list of jobs cannot be read: a page for people came with a status of success.
        JobListIsAPage = "job-list-is-a-page" => Done(ListJobs), MAINTENANCE;
        /// The page shows and deletes other jobs: JavaScript rounds their ids.
        JobIdsTooLarge = "job-ids-too-large" => JOBS, Json("", To(with_large_ids));
        /// A job seems to start again and again.
        JobStartMoves = "job-start-moves" => Done(ShowJob), Json("", To(started_now));
        /// Every page of the list holds all jobs.
        JobListIgnoresLimit = "job-list-ignores-limit";
        /// The newest job is not shown.
        JobListMissesTheNewest = "job-list-misses-the-newest"
            => Done(ListJobs), Json("", To(without_the_first));
        /// No user can start a training: the page does not offer it.
        ApplicationsLackDecode = "applications-lack-decode"
            => Done(Applications), Json("/decode", Missing);
    }
    /// The frontend's own words: what its pages write, and a tidy client would not.
    Frontend = "frontend" {
        /// No single file can be uploaded: `//url` is not an address.
        UploadUrlEmptySegmentMissing = "upload-url-empty-segment-missing";
        /// No directory can be uploaded: only `//url` is an address.
        UploadUrlOfDirectoryMissing = "upload-url-of-directory-missing";
        /// No single file can be uploaded: `//upload` is not an address.
        UploadEmptySegmentMissing = "upload-empty-segment-missing" in Local;
        /// No file can be uploaded beside the folders: a proxy makes `/` of `//`.
        SlashesMerged = "slashes-merged";
        /// A file with a plus in its name cannot be downloaded: in an address, that becomes a space.
        PathPlusBecomesSpace = "path-plus-becomes-space";
        /// The file browser shows nothing: `True` in an address is refused.
        ListRefusesCapitalBooleans = "list-refuses-capital-booleans";
        /// No folder can be downloaded: `true` in an address is refused.
        ListRefusesLowerCaseBooleans = "list-refuses-lower-case-booleans";
        /// Nothing can be renamed: a new path with an empty segment is not found.
        RenameEmptySegmentMissing = "rename-empty-segment-missing";
        /// A folder cannot be renamed unless the slash is removed that its name is shown with.
        RenameFolderSlashRefused = "rename-folder-slash-refused";
        /// A directory that every user needs can be renamed from the root, whose new paths begin with `/`.
        RenamePredefinedInRootAccepted = "rename-predefined-in-root-accepted";
        /// No folder can be made in one that the user has typed and that does not exist.
        NewFolderWithoutParentRefused = "new-folder-without-parent-refused";
        /// A new folder beside the directories seems to be made.
        NewFolderInRootAccepted = "new-folder-in-root-accepted";
        /// The files of an uploaded directory are not where they are looked for: their folders are lost.
        UploadDropsDirectories = "upload-drops-directories" in Local;
        /// The files of an uploaded directory are in each of its folders twice.
        UploadKeepsDirectories = "upload-keeps-directories" in S3;
        /// Only files of no known type can be uploaded.
        UploadWantsOctetStream = "upload-wants-octet-stream";
        /// No file can be uploaded: the form's fields must be in another order than the UserAPI's.
        FormWantsSortedFields = "form-wants-sorted-fields" in S3;
        /// The page fails on a method that is not allowed: the reason is not JSON.
        NotAllowedAsText = "not-allowed-as-text"
            => HasStatus(UserApi, 405), Replace(405, "text/plain", "Method Not Allowed");
        /// The form for a job fails on the reasons of a refusal: they are a text instead of a list.
        InvalidFieldsAsText = "invalid-fields-as-text"
            => HasStatus(UserApi, 422), Json("/detail", To(|_| json!("Unprocessable Entity")));
        /// The form for a job shows which fields are wrong, and not why.
        InvalidFieldsLackReason = "invalid-fields-lack-reason"
            => HasStatus(UserApi, 422), Json("/detail/*/msg", To(|_| json!("")));
        /// No job starts whose inputs are files, which the page names without a slash.
        JobFileRefused = "job-file-refused";
        /// A job runs anywhere although its user was never asked: the text `null` counts as null.
        JobTextNullAccepted = "job-text-null-accepted";
        /// A job asks for any hardware although its user has typed something: empty texts count as null.
        JobEmptyNumbersAccepted = "job-empty-numbers-accepted";
        /// No job starts unless its user chooses a place to run.
        JobNullEnvironmentRefused = "job-null-environment-refused";
        /// No job starts whose user chooses the cloud.
        JobCloudRefused = "job-cloud-refused";
        /// No job starts once its user has typed a GPU and removed it again.
        JobEmptyTextsRefused = "job-empty-texts-refused";
        /// A job that any worker may take is left to some.
        JobAnyEnvironmentBecomesLocal = "job-any-environment-becomes-local"
            => Done(CreateJob), Json("/environment", To(or_local));
        /// Jobs behind the first twenty are never shown: the second page is the first again.
        JobListRepeatsFirstPage = "job-list-repeats-first-page";
        /// Jobs behind the first page are never shown: it is not full, so there seems to be no other.
        JobListPageLacksOne = "job-list-page-lacks-one";
        /// No user can sign in: a member that the page sends is refused.
        CognitoRefusesClientMetadata = "cognito-refuses-client-metadata";
        /// The user is signed out after an hour: the page names no device, and is refused for it.
        CognitoRefusesNullDevice = "cognito-refuses-null-device";
        /// The page takes a refusal for another: its header and its body do not agree.
        CognitoErrorTypesDiffer = "cognito-error-types-differ"
            => Refusal(Cognito), Set(ERROR_TYPE, "InternalErrorException:");
        /// No job of one application can be prepared: the page fails on its environment variables.
        ApplicationsNullEnvOfComet = "applications-null-env-of-comet"
            => Done(Applications), Json("/comet/latest/run/app/env", Null);
    }
    /// Answers that are not sent, or not in the agreed form.
    Transport = "transport" {
        /// An unknown address is reported with another message than the agreed one.
        UnknownAddressInOtherWords = "unknown-address-in-other-words"
            => If(is_unknown_address), Json("/detail", To(with_another_refusal));
        /// A method that is not allowed looks like an unknown address.
        UnknownMethodAnswers404 = "unknown-method-answers-404"
            => HasStatus(UserApi, 405), Status(404);
        /// No user gets past the page's first check of the account.
        UserAnswers500 = "user-answers-500" => Call(User), InternalError;
        /// The file browser shows nothing.
        ListAnswers500 = "list-answers-500" => Call(List), InternalError;
        /// Nothing can be renamed: the service fails.
        RenameAnswers500 = "rename-answers-500" => Call(Rename), InternalError;
        /// Nothing can be deleted: the service fails.
        DeleteFileAnswers500 = "delete-file-answers-500" => Call(DeleteFile), InternalError;
        /// The page takes a firewall's page for the news that a file is deleted.
        DeleteFileAnswersAPage = "delete-file-answers-a-page" => Done(DeleteFile), MAINTENANCE;
        /// No job can be started: the service fails.
        CreateJobAnswers500 = "create-job-answers-500";
        /// No job can be shown: the service fails.
        ShowJobAnswers500 = "show-job-answers-500" => Call(ShowJob), InternalError;
        /// The page cannot find out where to sign in.
        AccessInfoAnswers503 = "access-info-answers-503" => Call(AccessInfo), UNAVAILABLE;
        /// No user can sign in.
        SignInAnswers503 = "sign-in-answers-503" => Call(InitiateAuth), UNAVAILABLE;
        /// The page cannot find out who signed in.
        GetUserAnswers503 = "get-user-answers-503" => Call(GetUser), UNAVAILABLE;
        /// No folder can be made.
        NewFolderAnswers503 = "new-folder-answers-503" => Call(NewFolder), UNAVAILABLE;
        /// No upload can be begun.
        UploadUrlAnswers503 = "upload-url-answers-503" => Call(UploadUrl), UNAVAILABLE;
        /// No upload gets through.
        UploadAnswers503 = "upload-answers-503" => Call(Upload), UNAVAILABLE;
        /// No download can be begun.
        DownloadUrlAnswers503 = "download-url-answers-503" => Call(DownloadUrl), UNAVAILABLE;
        /// No download gets through.
        DownloadAnswers503 = "download-answers-503" => Call(Download), UNAVAILABLE;
        /// No job can be prepared.
        ApplicationsAnswer503 = "applications-answer-503" => Call(Applications), UNAVAILABLE;
        /// No job is shown.
        ListJobsAnswers503 = "list-jobs-answers-503" => Call(ListJobs), UNAVAILABLE;
        /// No job can be deleted.
        DeleteJobAnswers503 = "delete-job-answers-503" => Call(DeleteJob), UNAVAILABLE;
        /// No job is shown: a page of another server comes instead of the list.
        HtmlInsteadOfJson = "html-instead-of-json" => Call(ListJobs), PAGE;
        /// No job can be prepared: the answer is empty.
        EmptyAnswer = "empty-answer" => Done(Applications), Body(|_| Vec::new());
        /// The file browser shows nothing: the answer ends in the middle.
        BrokenJson = "broken-json" => Done(List), Body(half);
        /// No job can be prepared: the connection ends in the middle of the answer.
        ConnectionCutMidBody = "connection-cut-mid-body" => Done(Applications), Cut;
        /// No job is shown: the connection ends before the answer.
        ConnectionDropped = "connection-dropped" => Call(ListJobs), Drop;
        /// The page waits for ever for what a job can run.
        NeverAnswers = "never-answers" => Call(Applications), Never;
        /// The page cannot find out where to sign in: a field is missing.
        AccessInfoLacksClient = "access-info-lacks-client"
            => Done(AccessInfo), Json("/cognito/client_id", Missing);
        /// The page cannot find out where to sign in: a field is null.
        AccessInfoNullRegion = "access-info-null-region"
            => Done(AccessInfo), Json("/cognito/region", Null);
        /// The page cannot find out where to sign in: a field is a number.
        AccessInfoPoolIsNumber = "access-info-pool-is-number"
            => Done(AccessInfo), Json("/cognito/user_pool_id", To(|_| json!(7)));
        /// The page does not know the user's address.
        UserNullEmail = "user-null-email" => Done(User), Json("/email", Null);
        /// The page cannot tell a member from a guest.
        UserLacksGroups = "user-lacks-groups" => Done(User), Json("/groups", Missing);
        /// The page takes each letter for a group.
        UserGroupsIsText = "user-groups-is-text"
            => Done(User), Json("/groups", To(|_| json!("users")));
        /// The sign-in yields no token for calls.
        SignInLacksIdToken = "sign-in-lacks-id-token"
            => Done(InitiateAuth), Json("/AuthenticationResult/IdToken", Missing);
        /// The sign-in yields no token for the user pool.
        SignInNullAccessToken = "sign-in-null-access-token"
            => Done(InitiateAuth), Json("/AuthenticationResult/AccessToken", Null);
        /// The user is signed out after an hour: the sign-in cannot be renewed.
        SignInLacksRefreshToken = "sign-in-lacks-refresh-token"
            => Done(InitiateAuth), Json("/AuthenticationResult/RefreshToken", Missing);
        /// The page cannot compute how long the sign-in is valid.
        SignInExpiresInIsText = "sign-in-expires-in-is-text"
            => Done(InitiateAuth), Json("/AuthenticationResult/ExpiresIn", To(as_text));
        /// The page does not know who signed in.
        GetUserLacksUsername = "get-user-lacks-username"
            => Done(GetUser), Json("/Username", Missing);
        /// The page greets the user as null.
        GetUserNullUsername = "get-user-null-username" => Done(GetUser), Json("/Username", Null);
        /// The page cannot read the user's attributes.
        GetUserAttributesIsObject = "get-user-attributes-is-object"
            => Done(GetUser), Json("/UserAttributes", To(|_| json!({})));
        /// The page cannot tell a wrong password from other refusals.
        CognitoRefusalLacksType = "cognito-refusal-lacks-type"
            => Refusal(Cognito), Json("/__type", Missing);
        /// The page cannot tell a wrong password from other refusals: the kind is null.
        CognitoRefusalNullType = "cognito-refusal-null-type"
            => Refusal(Cognito), Json("/__type", Null);
        /// The page cannot tell a wrong password from other refusals: the kind is a number.
        CognitoRefusalTypeIsNumber = "cognito-refusal-type-is-number"
            => Refusal(Cognito), Json("/__type", To(|_| json!(400)));
        /// The file browser shows entries without names.
        ListLacksPath = "list-lacks-path" => Done(List), Json("/*/path", Missing);
        /// The file browser fails on sizes that are null.
        ListNullSize = "list-null-size" => Done(List), Json("/*/size", Null);
        /// The file browser fails on sizes that are numbers.
        ListSizeIsNumber = "list-size-is-number" => Done(List), Json("/*/size", To(|_| json!(123)));
        /// The file browser shows entries that are neither files nor directories.
        ListUnknownType = "list-unknown-type"
            => Done(List), Json("/*/type", To(|_| json!("symlink")));
        /// After renaming, the page does not know the new name.
        RenameAnswerLacksPath = "rename-answer-lacks-path" => Done(Rename), Json("/path", Missing);
        /// After renaming, the page takes null for the new name.
        RenameAnswerNullPath = "rename-answer-null-path" => Done(Rename), Json("/path", Null);
        /// After renaming, the page fails on the new name.
        RenameAnswerPathIsList = "rename-answer-path-is-list"
            => Done(Rename), Json("/path", To(|_| json!([])));
        /// The page does not know where to upload to.
        UploadUrlLacksUrl = "upload-url-lacks-url" => Done(UploadUrl), Json("/url", Missing);
        /// The page fails on the headers for an upload.
        UploadUrlNullHeaders = "upload-url-null-headers" => Done(UploadUrl), Json("/headers", Null);
        /// The page cannot make the form for an upload.
        UploadUrlDataIsList = "upload-url-data-is-list"
            => Done(UploadUrl), Json("/data", To(|_| json!([])));
        /// No upload is accepted: its form is not signed.
        UploadUrlLacksSignature = "upload-url-lacks-signature" in S3
            => Done(UploadUrl), Json("/data/x-amz-signature", Missing);
        /// No upload is accepted: the page is not asked to send its token.
        UploadUrlLacksAuthorization = "upload-url-lacks-authorization" in Local
            => Done(UploadUrl), Json("/headers/authorization", Missing);
        /// The page does not know where to download from.
        DownloadUrlNullUrl = "download-url-null-url" => Done(DownloadUrl), Json("/url", Null);
        /// Nothing can be downloaded: the page is asked for a header that no browser sends.
        DownloadUrlIllegalHeader = "download-url-illegal-header" in S3
            => Done(DownloadUrl), Json("/headers", To(|_| json!({ "x-amz-meta-name": "文書" })));
        /// The page fails on the parameters of a download.
        DownloadUrlLacksData = "download-url-lacks-data"
            => Done(DownloadUrl), Json("/data", Missing);
        /// The page cannot send the headers for a download.
        DownloadUrlHeadersIsText = "download-url-headers-is-text"
            => Done(DownloadUrl), Json("/headers", To(|_| json!("")));
        /// The page cannot say why something was refused: the reason is missing.
        RefusalLacksDetail = "refusal-lacks-detail" => Refusal(UserApi), Json("/detail", Missing);
        /// The page cannot say why something was refused: the reason is not text.
        RefusalDetailIsObject = "refusal-detail-is-object"
            => Refusal(UserApi), Json("/detail", To(|_| json!({"code": 1})));
        /// Errors in a form cannot be shown beside its fields: the fields are not named.
        InvalidFieldsLackPlace = "invalid-fields-lack-place"
            => HasStatus(UserApi, 422), Json("/detail/*/loc", Missing);
        /// The page cannot follow the job that it started.
        JobLacksId = "job-lacks-id" => A_JOB, Json("/id", Missing);
        /// The page cannot follow the job that it started: its id is not a number.
        JobIdIsText = "job-id-is-text" => A_JOB, Json("/id", To(as_text));
        /// The page does not tell whose job it is.
        JobLacksUserEmail = "job-lacks-user-email" => A_JOB, Json("/user_email", Missing);
        /// The page shows a job without a name.
        JobLacksName = "job-lacks-name" => A_JOB, Json("/job_name", Missing);
        /// The page shows a job without a status.
        JobNullStatus = "job-null-status" => A_JOB, Json("/status", Null);
        /// The page cannot sort its jobs.
        JobLacksDateCreated = "job-lacks-date-created" => A_JOB, Json("/date_created", Missing);
        /// The page shows a date as a number.
        JobDateStartedIsNumber = "job-date-started-is-number"
            => A_JOB, Json("/date_started", To(|_| json!(1_700_000_000)));
        /// The page cannot lead to the results.
        JobLacksPathsOut = "job-lacks-paths-out" => A_JOB, Json("/paths_out", Missing);
        /// The page cannot lead to the model.
        JobPathsOutNullArtifact = "job-paths-out-null-artifact"
            => A_JOB, Json("/paths_out/artifact", Null);
        /// The page fails on the workers' messages.
        JobDetailsIsList = "job-details-is-list"
            => A_JOB, Json("/runtime_details", To(|_| json!([])));
        /// A job's page shows no status.
        ShownJobLacksStatus = "shown-job-lacks-status" => Done(ShowJob), Json("/status", Missing);
        /// A job's page has no title.
        ShownJobNullName = "shown-job-null-name" => Done(ShowJob), Json("/job_name", Null);
        /// A job's page fails on a date.
        ShownJobDateIsNumber = "shown-job-date-is-number"
            => Done(ShowJob), Json("/date_created", To(|_| json!(1_700_000_000)));
        /// No job of the list can be opened.
        ListedJobLacksId = "listed-job-lacks-id" => Done(ListJobs), Json("/*/id", Missing);
        /// The list of jobs shows no status.
        ListedJobNullStatus = "listed-job-null-status" => Done(ListJobs), Json("/*/status", Null);
        /// The list of jobs fails on a name.
        ListedJobNameIsNumber = "listed-job-name-is-number"
            => Done(ListJobs), Json("/*/job_name", To(|_| json!(7)));
        /// No job is shown: the list is wrapped in something else.
        JobListIsObject = "job-list-is-object"
            => Done(ListJobs), Json("", To(|list| json!({"jobs": list, "total": 1})));
        /// No job can be prepared: the page fails on its environment variables.
        ApplicationsNullEnv = "applications-null-env"
            => Done(Applications), Json("/decode/v0_10_1/train/app/env", Null);
        /// No job can be prepared: the page does not know which inputs to ask for.
        ApplicationsLackInputs = "applications-lack-inputs"
            => Done(Applications), Json("/decode/v0_10_1/train/handler/files_down", Missing);
        /// No job can be prepared: the page takes a number for the name of an input.
        ApplicationsInputIsNumber = "applications-input-is-number"
            => Done(Applications), Json(CONFIG_INPUT, To(|_| json!(7)));
    }
    /// Applications, and what one job passes on to the next.
    Applications = "applications" {
        /// A fit finds no model: the artifacts of the training do not reach it.
        ArtifactsNotPassedOn = "artifacts-not-passed-on";
        /// A fit uses the model of another job than the user chose.
        ArtifactsOfAnotherJob = "artifacts-of-another-job";
        /// A job with a model that does not exist is accepted, and fails much later.
        MissingArtifactsAccepted = "missing-artifacts-accepted";
        /// The results of a fit are stored with the training whose model it used.
        ResultsWithTheEarlierJob = "results-with-the-earlier-job";
        /// The results of a fit are stored in another directory than that of its artifacts.
        ResultsInAnotherDirectory = "results-in-another-directory";
        /// The results of a fit are an empty file.
        ResultsEmpty = "results-empty";
        /// The logs of jobs are lost.
        LogsNotKept = "logs-not-kept";
        /// With a training, the results of the fits that used its model are deleted.
        DeleteTakesLaterResults = "delete-takes-later-results";
        /// The next version of DECODE cannot be run: it is not known.
        ApplicationsLackAVersion = "applications-lack-a-version";
        /// No fit can be started: the page does not offer it.
        ApplicationsLackAnEntryPoint = "applications-lack-an-entry-point"
            => Done(Applications), Json("/decode/v0_10_1/fit", Missing);
        /// Another program of the application runs than the user chose.
        AnotherEntryPointRuns = "another-entry-point-runs";
        /// Another version of the application runs than the user chose.
        AnotherVersionRuns = "another-version-runs";
        /// A job of COMET can set environment variables that it should not.
        VariablesNotCheckedForComet = "variables-not-checked-for-comet";
        /// A training finds no calibration: its data comes from the directory of its parameters.
        DataFromAnotherDirectory = "data-from-another-directory";
        /// A training finds no calibration: of several data files only the first reaches it.
        OnlyTheFirstDataFile = "only-the-first-data-file";
        /// A training does not start: its parameters are in another directory than it looks in.
        ParametersInAnotherDirectory = "parameters-in-another-directory";
    }
}
