//! Requests that must be refused: with forged tokens, by other users, and altered pre-signed ones.

mod another_user;
mod forged_tokens;
mod presigned;

use futures_util::stream::{self, StreamExt};
use opencloud_model::event::Failure;

tests! { "authorization":
    another_user::another_user, forged_tokens::forged_tokens, forged_tokens::outside_the_group, presigned::altered_requests, presigned::unsigned_requests,
    presigned::expired_upload
}

/// How many checks of a test run at once. A request gets its token before it waits for its turn among those of
/// all tests, and a token may be valid for a few seconds.
const AT_ONCE: usize = 4;

/// Runs the checks, some at once. Of the failures, returns the first in the order of the checks, not in time.
async fn all(
    checks: impl IntoIterator<Item = impl Future<Output = Result<(), Failure>>>,
) -> Result<(), Failure> {
    let outcomes: Vec<_> = stream::iter(checks).buffered(AT_ONCE).collect().await;
    outcomes.into_iter().collect()
}
