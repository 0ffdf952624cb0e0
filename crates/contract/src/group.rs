//! The groups of recordings.

use std::{fmt, str::FromStr};

/// Where a deployment keeps the files of its users.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// On the UserAPI's own disk.
    Local,
    /// In S3.
    S3,
}

impl Mode {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Local, Self::S3];

    /// Its name, as files and tables have it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Local => "local",
            Self::S3 => "s3",
        }
    }
}

impl fmt::Display for Mode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// What a recording is about. Within a group order matters; each begins with an empty account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Group {
    /// Tokens that the UserAPI accepts or refuses.
    Auth,
    /// Who may read answers of the UserAPI.
    Cors,
    /// Signing in.
    Cognito,
    /// Files: listing, uploading, downloading, renaming, deleting.
    Files,
    /// Jobs: creating, listing, deleting.
    Jobs,
    /// What the frontend itself says, from signing up to downloading results.
    Frontend,
}

/// The form in which exchanges are written down.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Style {
    /// Whole exchanges, a line each.
    Golden,
    /// One exchange a kind, with placeholders for all that changes.
    Frontend,
}

impl Group {
    /// All of them, in the order in which they are replayed.
    pub const ALL: [Self; 6] = [
        Self::Auth,
        Self::Cors,
        Self::Cognito,
        Self::Files,
        Self::Jobs,
        Self::Frontend,
    ];

    /// Its name, as files and tables have it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Auth => "auth",
            Self::Cors => "cors",
            Self::Cognito => "cognito",
            Self::Files => "files",
            Self::Jobs => "jobs",
            Self::Frontend => "frontend",
        }
    }

    pub(crate) fn style(self) -> Style {
        match self {
            Self::Frontend => Style::Frontend,
            _ => Style::Golden,
        }
    }

    /// Its file, in the directory of all recordings.
    pub(crate) fn file(self, mode: Mode) -> String {
        match self.style() {
            Style::Golden => format!("golden/{mode}_{self}.json"),
            Style::Frontend => format!("frontend/{mode}.json"),
        }
    }
}

impl fmt::Display for Group {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Group {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        let mut all = Self::ALL.into_iter();
        all.find(|group| group.name() == name).ok_or_else(|| {
            let names = Self::ALL.map(Self::name);
            format!("the groups are {}", names.join(", "))
        })
    }
}
