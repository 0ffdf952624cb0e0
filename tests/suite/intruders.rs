//! Who must not get in: forged tokens, other users, pre-signed requests bent to another use.

mod another_user;
mod forged_tokens;
mod presigned;

use opencloud_suite::settings::Account;

use crate::bench::not_checked;

/// The account that a check needs; where there is none, the report says so.
fn account_for<'a>(account: Option<&'a Account>, what: &str, key: &str) -> Option<&'a Account> {
    if account.is_none() {
        not_checked(what, format!("{key}_EMAIL and {key}_PASSWORD are not set"));
    }
    account
}
