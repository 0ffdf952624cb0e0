//! How a code reaches its user, as far as an answer says so.

use serde_json::{Value, json};

use super::{account::Account, codes::Purpose, error::CognitoError, pool::Pool};
use crate::faults::Fault;

/// Sends a new code to the account's address, and says where it went.
pub(super) fn send_code(
    pool: &Pool,
    account: &Account,
    purpose: Purpose,
) -> Result<Value, CognitoError> {
    let code = pool.codes.issue(&account.sub, purpose)?;
    if !pool.config.faults.has(Fault::MailIsLost) {
        pool.messages.send_code(&account.email, purpose, &code)?;
    }
    let mut details = details(&account.email);
    if pool.config.faults.has(Fault::CodeInTheAnswer) {
        details["ConfirmationCode"] = json!(code);
    }
    Ok(details)
}

/// `CodeDeliveryDetails` for an address, which is shortened.
pub(super) fn details(email: &str) -> Value {
    json!({
        "AttributeName": "email",
        "DeliveryMedium": "EMAIL",
        "Destination": shortened(email),
    })
}

/// The first letters of both parts of an address: `n***@e***`.
fn shortened(email: &str) -> String {
    let parts = email.split('@').map(|part| {
        let first = part.chars().next();
        first.map(String::from).unwrap_or_default() + "***"
    });
    parts.collect::<Vec<_>>().join("@")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_not_told() {
        for (email, shown) in [
            ("new@example.com", "n***@e***"),
            ("ünal@x.test", "ü***@x***"),
            ("nobody", "n***"),
        ] {
            assert_eq!(shortened(email), shown);
        }
    }
}
