//! The states of a job that goes well, in their order: one row each.

use crate::settings::{Kind, Setting, page};

/// A state of a job. The UserAPI may tell others (`error`), which are none of these.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum JobState {
    /// Waits for a worker.
    Queued,
    /// A worker has taken it. Lasts milliseconds.
    Pulled,
    /// The worker fetches its inputs.
    Preprocessing,
    /// Its container runs.
    Running,
    /// The worker uploads its outputs.
    Postprocessing,
    /// It is done.
    Finished,
}

/// What is known of a state.
struct Row {
    name: &'static str,
    time_limit: Option<Setting>,
    color: &'static str,
}

impl JobState {
    /// All states, in their order.
    pub const ALL: [Self; 6] = [
        Self::Queued,
        Self::Pulled,
        Self::Preprocessing,
        Self::Running,
        Self::Postprocessing,
        Self::Finished,
    ];

    /// The last one.
    pub const LAST: Self = Self::ALL[Self::ALL.len() - 1];

    #[rustfmt::skip]
    const fn row(self) -> Row {
        match self {
            Self::Queued => row("queued", None, "light-dark(#cfd6de, #4d5866)"),
            Self::Pulled => row(
                "pulled",
                Some(limit("TIME_LIMIT_PULLED", "10m",
                    "How long a job may take to be pulled by a worker, as 90s, 10m or 1h 30m.")),
                "light-dark(#b7d4f2, #37597f)",
            ),
            Self::Preprocessing => row(
                "preprocessing",
                Some(limit("TIME_LIMIT_PREPROCESSING", "10m", "And from there to preprocessing.")),
                "light-dark(#93c0ee, #2f6aa3)",
            ),
            Self::Running => row(
                "running",
                Some(limit("TIME_LIMIT_RUNNING", "10m", "And from there to running.")),
                "light-dark(#f2c879, #855c14)",
            ),
            Self::Postprocessing => row(
                "postprocessing",
                Some(limit("TIME_LIMIT_POSTPROCESSING", "30m", "And from there to postprocessing.")),
                "light-dark(#c5b3ec, #6a539c)",
            ),
            Self::Finished => row(
                "finished",
                Some(limit("TIME_LIMIT_FINISHED", "10m", "And from there to finished.")),
                "var(--good-bar)",
            ),
        }
    }

    /// The name that the UserAPI gives it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        self.row().name
    }

    /// The setting that says how long it may take to get here, from the state before.
    #[must_use]
    pub const fn time_limit(self) -> Option<Setting> {
        self.row().time_limit
    }

    /// Its colour in reports, in CSS.
    #[must_use]
    pub const fn color(self) -> &'static str {
        self.row().color
    }
}

const fn row(name: &'static str, time_limit: Option<Setting>, color: &'static str) -> Row {
    Row {
        name,
        time_limit,
        color,
    }
}

const fn limit(key: &'static str, default: &'static str, comment: &'static str) -> Setting {
    page(key, Kind::Duration, default, comment)
}
