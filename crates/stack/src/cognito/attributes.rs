//! The attributes that a user may set at registration.

use super::{account::Attribute, error::CognitoError};

/// The attributes of the pool's schema that a client may write: the standard ones (Amazon Cognito
/// developer guide, "Working with user attributes") and OpenCloud's own.
const WRITABLE: [&str; 17] = [
    "address",
    "birthdate",
    "email",
    "family_name",
    "gender",
    "given_name",
    "locale",
    "middle_name",
    "name",
    "nickname",
    "phone_number",
    "picture",
    "preferred_username",
    "profile",
    "website",
    "zoneinfo",
    "custom:request_details",
];

/// Those that only the pool itself writes.
const READ_ONLY: [&str; 4] = [
    "sub",
    "email_verified",
    "phone_number_verified",
    "updated_at",
];

/// The longest value, in characters.
const LONGEST: usize = 2048;

/// The attributes besides the address, which the pool keeps elsewhere.
pub(super) fn checked(attributes: Vec<Attribute>) -> Result<Vec<Attribute>, CognitoError> {
    for Attribute { name, value } in &attributes {
        if READ_ONLY.contains(&name.as_str()) {
            return Err(CognitoError::not_authorized(
                "A client attempted to write unauthorized attribute",
            ));
        }
        let flaw = if !WRITABLE.contains(&name.as_str()) {
            "Attribute does not exist in the schema.".to_owned()
        } else if value.chars().count() > LONGEST {
            format!("String must be no longer than {LONGEST} characters")
        } else {
            continue;
        };
        return Err(CognitoError::invalid_parameter(format!(
            "Attributes did not conform to the schema: {name}: {flaw}\n"
        )));
    }
    let others = attributes.into_iter().filter(|one| one.name != "email");
    Ok(others.collect())
}

/// Refuses any attribute that is not a standard one, as a pool without a schema of its own does.
pub(super) fn refuse_custom<'a>(
    mut attributes: impl Iterator<Item = &'a Attribute>,
) -> Result<(), CognitoError> {
    let Some(custom) = attributes.find(|one| one.name.starts_with("custom:")) else {
        return Ok(());
    };
    Err(CognitoError::invalid_parameter(format!(
        "Attributes did not conform to the schema: Type for attribute {{{}}} could not be determined",
        custom.name
    )))
}

/// Whether a name can be the address of an account.
pub(super) fn is_address(name: &str) -> bool {
    let is_part = |part: &str| {
        !part.is_empty() && !part.contains(|c: char| c.is_whitespace() || c.is_control())
    };
    let Some((local, domain)) = name.split_once('@') else {
        return false;
    };
    let labels_are_sound = domain.split('.').all(is_part) && domain.contains('.');
    name.len() <= 128 && is_part(local) && !domain.contains('@') && labels_are_sound
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_has_two_parts() {
        for (name, is_one) in [
            ("new@example.com", true),
            ("a.b+c@d-e.example.invalid", true),
            ("new", false),
            ("new@example", false),
            ("@example.com", false),
            ("new@example..com", false),
            ("new@a@example.com", false),
            ("new user@example.com", false),
        ] {
            assert_eq!(is_address(name), is_one, "{name}");
        }
    }
}
