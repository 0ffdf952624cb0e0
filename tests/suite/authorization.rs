//! Requests that must be refused: with forged tokens, by other users, and altered pre-signed ones.

mod another_user;
mod forged_tokens;
mod presigned;

use futures_util::future::join_all;
use opencloud_model::{event::Failure, settings::Account};

use crate::fixture::not_checked;

tests! { "authorization":
    another_user::another_user, forged_tokens::forged_tokens, forged_tokens::outside_the_group, presigned::altered_requests,
    presigned::expired_upload
}

/// The account that a check needs. If there is none, reports that the check was not made.
fn account_for<'a>(account: Option<&'a Account>, what: &str, key: &str) -> Option<&'a Account> {
    if account.is_none() {
        not_checked(what, format!("{key}_EMAIL and {key}_PASSWORD are not set"));
    }
    account
}

/// Runs all checks at once. Of the failures, returns the first in the order of the checks, not in time.
async fn all(
    checks: impl IntoIterator<Item = impl Future<Output = Result<(), Failure>>>,
) -> Result<(), Failure> {
    join_all(checks).await.into_iter().collect()
}
