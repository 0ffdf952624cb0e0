//! Who must not get in: forged tokens, other users, pre-signed requests bent to another use.

mod another_user;
mod forged_tokens;
mod presigned;

use futures_util::future::join_all;
use opencloud_model::{event::Failure, settings::Account};

use crate::bench::not_checked;

/// The account that a check needs; where there is none, the report says so.
fn account_for<'a>(account: Option<&'a Account>, what: &str, key: &str) -> Option<&'a Account> {
    if account.is_none() {
        not_checked(what, format!("{key}_EMAIL and {key}_PASSWORD are not set"));
    }
    account
}

/// Makes all tries at once, and of those that fail tells the first in their order, not in time.
async fn all(
    tries: impl IntoIterator<Item = impl Future<Output = Result<(), Failure>>>,
) -> Result<(), Failure> {
    join_all(tries).await.into_iter().collect()
}
