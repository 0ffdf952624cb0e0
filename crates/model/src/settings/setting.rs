//! What is known of a setting.

/// A key of `.env`: one row of the [table](super::table).
#[derive(Clone, Copy, Debug)]
pub struct Setting {
    /// The key.
    pub key: &'static str,
    /// Which values it takes.
    pub kind: Kind,
    /// The value in `.env.example`; empty where there is none, or it depends on the environment.
    pub default: &'static str,
    /// The comment above it in `.env.example`; empty where it follows from the key before.
    pub comment: &'static str,
    /// Which programs read it.
    pub audience: Audience,
    /// The options of `cargo e2e` that set it.
    pub options: &'static [SettingOption],
}

/// Which values a setting takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Any text.
    Text,
    /// A password, a token, or a request that is signed.
    Secret,
    /// One of a few words.
    Choice,
    /// An http or https address.
    Url,
    /// Scheme, host and port of a page.
    Origin,
    /// A time such as `90s`.
    Duration,
    /// A number of megabytes.
    Size,
    /// A file or directory.
    Path,
}

/// Which programs read a setting.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Audience {
    /// The test page, which reads it at its start, and the command.
    Page,
    /// The command alone.
    Command,
    /// The page, the services and the command.
    PageAndServices,
    /// The services of `--local`, by way of docker-compose.yaml, and the command.
    Services,
}

/// An option of `cargo e2e` that gives a setting one value.
#[derive(Clone, Copy, Debug)]
pub struct SettingOption {
    /// The option without its dashes.
    pub flag: &'static str,
    /// The value.
    pub value: &'static str,
    /// What it does, for `--help`.
    pub help: &'static str,
}

type Text = &'static str;

impl Setting {
    const fn new(
        audience: Audience,
        (key, kind, default, comment): (Text, Kind, Text, Text),
    ) -> Self {
        Self {
            key,
            kind,
            default,
            comment,
            audience,
            options: &[],
        }
    }

    /// The same row with options of the command.
    pub(crate) const fn set_by(self, options: &'static [SettingOption]) -> Self {
        Self { options, ..self }
    }
}

/// A row for the page.
pub(crate) const fn page(key: Text, kind: Kind, default: Text, comment: Text) -> Setting {
    Setting::new(Audience::Page, (key, kind, default, comment))
}

/// A row for the page and the services of `--local`.
pub(crate) const fn shared(key: Text, kind: Kind, default: Text, comment: Text) -> Setting {
    Setting::new(Audience::PageAndServices, (key, kind, default, comment))
}

/// A row for the command alone.
pub(crate) const fn command(key: Text, kind: Kind, default: Text, comment: Text) -> Setting {
    Setting::new(Audience::Command, (key, kind, default, comment))
}

/// A row for the services of `--local`.
pub(crate) const fn services(key: Text, kind: Kind, default: Text, comment: Text) -> Setting {
    Setting::new(Audience::Services, (key, kind, default, comment))
}

/// An option that gives a setting `value`.
pub(crate) const fn option(flag: Text, value: Text, help: Text) -> SettingOption {
    SettingOption { flag, value, help }
}
