//! The pool's password policy: the one that AWS gives a new pool. Source: Amazon Cognito developer
//! guide, "Password requirements".

use super::error::CognitoError;

/// The shortest password that the policy allows, in characters.
const SHORTEST: usize = 8;

/// The lengths that the API itself takes, in characters.
const API_SHORTEST: usize = 6;
const API_LONGEST: usize = 256;

/// The characters that count as symbols.
const SYMBOLS: &str = "^$*.[]{}()?-\"!@#%&/\\,><':;|_~`=+";

/// Refuses a password that the policy does not allow, in AWS's words. `member` is the name that the
/// request gives it.
pub(super) fn check(member: &str, password: &str) -> Result<(), CognitoError> {
    let length = password.chars().count();
    let constraint = if length < API_SHORTEST {
        format!("Member must have length greater than or equal to {API_SHORTEST}")
    } else if length > API_LONGEST {
        format!("Member must have length less than or equal to {API_LONGEST}")
    } else if password.starts_with(' ') || password.ends_with(' ') {
        r"Member must satisfy regular expression pattern: ^[\S]+.*[\S]+$".to_owned()
    } else {
        return check_policy(password, length);
    };
    Err(CognitoError::invalid_parameter(format!(
        "1 validation error detected: Value at '{member}' failed to satisfy constraint: {constraint}"
    )))
}

fn check_policy(password: &str, length: usize) -> Result<(), CognitoError> {
    let has = |wanted: fn(char) -> bool| password.chars().any(wanted);
    let flaw = if length < SHORTEST {
        "Password not long enough"
    } else if !has(|c| c.is_ascii_uppercase()) {
        "Password must have uppercase characters"
    } else if !has(|c| c.is_ascii_lowercase()) {
        "Password must have lowercase characters"
    } else if !has(|c| c.is_ascii_digit()) {
        "Password must have numeric characters"
    } else if !has(|c| SYMBOLS.contains(c) || c == ' ') {
        "Password must have symbol characters"
    } else {
        return Ok(());
    };
    Err(CognitoError::invalid_password(flaw))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_rule_of_the_policy_is_checked() {
        let refusal = |flaw| Err(CognitoError::invalid_password(flaw));
        for (password, expected) in [
            ("Passw0rd!", Ok(())),
            ("Pässw0rd ü", Ok(())),
            ("Passw0!", refusal("Password not long enough")),
            (
                "passw0rd!",
                refusal("Password must have uppercase characters"),
            ),
            (
                "PASSW0RD!",
                refusal("Password must have lowercase characters"),
            ),
            (
                "Password!",
                refusal("Password must have numeric characters"),
            ),
            ("Passw0rdd", refusal("Password must have symbol characters")),
        ] {
            assert_eq!(check("password", password), expected, "{password}");
        }
    }

    #[test]
    fn the_api_has_limits_of_its_own() {
        let long = "aA1!".repeat(65);
        for password in ["", "aA1!x", &long, " Passw0rd!", "Passw0rd! "] {
            let error = check("proposedPassword", password).unwrap_err();
            let error = format!("{error:?}");
            assert!(error.contains("InvalidParameterException"), "{error}");
            assert!(error.contains("Value at 'proposedPassword'"), "{error}");
        }
    }
}
