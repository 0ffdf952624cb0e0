//! The table of a job's states.

use std::fmt;

/// How far a job is in a state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    /// It waits for a worker.
    Waiting,
    /// A worker has it.
    InHand,
    /// Its worker is done with it.
    Over,
}

macro_rules! states {
    ($($(#[doc = $doc:literal])+ $State:ident = $name:literal, $phase:ident;)+) => {
        /// Where a job stands. Any state may follow any other.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum JobStatus {
            $($(#[doc = $doc])+ $State,)+
        }

        impl JobStatus {
            /// All of them, in the usual order.
            pub const ALL: &[Self] = &[$(Self::$State,)+];

            fn row(self) -> (&'static str, Phase) {
                match self {
                    $(Self::$State => ($name, Phase::$phase),)+
                }
            }
        }
    };
}

states! {
    /// Waits for a worker.
    Queued = "queued", Waiting;
    /// A worker has taken it; lasts milliseconds.
    Pulled = "pulled", InHand;
    /// The worker fetches its inputs.
    Preprocessing = "preprocessing", InHand;
    /// Its container runs.
    Running = "running", InHand;
    /// The worker uploads what the container made.
    Postprocessing = "postprocessing", InHand;
    /// Done.
    Finished = "finished", Over;
    /// Failed. May be followed by `Postprocessing` and a second `Error`, because the outputs of a
    /// failed container are uploaded too.
    Error = "error", Over;
}

impl JobStatus {
    /// The name that the API uses, such as `queued`.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.row().0
    }

    /// Whether a worker has the job.
    #[must_use]
    pub fn is_in_hand(self) -> bool {
        self.row().1 == Phase::InHand
    }

    /// Whether the job's worker is done with it.
    #[must_use]
    pub fn is_final(self) -> bool {
        self.row().1 == Phase::Over
    }

    pub(crate) fn from_name(name: &str) -> Option<Self> {
        Self::ALL
            .iter()
            .copied()
            .find(|status| status.name() == name)
    }
}

impl fmt::Display for JobStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
