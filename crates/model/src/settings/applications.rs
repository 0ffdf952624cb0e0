//! Which applications a run tests.

use super::choice::Environment;

/// The word for all of them.
const ALL: &str = "all";

/// The application that deployments are tested with unless others are chosen: each of the others costs
/// GPU time.
const ON_DEPLOYMENTS: &str = "decode_v0_10_1_train";

/// Which application files a run tests (`APPLICATIONS`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ApplicationChoice {
    /// All of them.
    All,
    /// Those of these names.
    Only(Vec<String>),
}

impl ApplicationChoice {
    /// Reads names with commas between them, or `all`. Without a value, the environment decides.
    pub(super) fn read(value: Option<&str>, environment: Environment) -> Self {
        let names: Vec<_> = value
            .unwrap_or_default()
            .split([',', ' '])
            .filter(|name| !name.is_empty())
            .map(ToOwned::to_owned)
            .collect();
        if names.iter().any(|name| name == ALL) {
            return Self::All;
        }
        match (names.is_empty(), environment) {
            (false, _) => Self::Only(names),
            (true, Environment::Embedded) => Self::All,
            (true, _) => Self::Only(vec![ON_DEPLOYMENTS.into()]),
        }
    }

    /// Whether it names this application file.
    #[must_use]
    pub fn includes(&self, name: &str) -> bool {
        match self {
            Self::All => true,
            Self::Only(names) => names.iter().any(|chosen| chosen == name),
        }
    }

    /// The names that it holds; none where it is all.
    #[must_use]
    pub fn names(&self) -> &[String] {
        match self {
            Self::All => &[],
            Self::Only(names) => names,
        }
    }
}
