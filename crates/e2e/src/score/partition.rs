//! Shares of a score, for machines that share the work.

use std::{fmt, str::FromStr};

use sha2::{Digest, Sha256};

/// One share of several. Which one an item is in depends on its name and on how many shares there are, so
/// it stays there whatever else is added.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Partition {
    share: u64,
    of: u64,
}

impl Partition {
    /// All of a score.
    pub(crate) const WHOLE: Self = Self { share: 1, of: 1 };

    /// The share that comes next; `None` after the last.
    pub(crate) fn next(self) -> Option<Self> {
        let share = self.share + 1;
        (share <= self.of).then_some(Self { share, ..self })
    }

    /// The first of as many shares.
    pub(crate) fn first(self) -> Self {
        Self { share: 1, ..self }
    }

    /// Whether the item of that name is in it.
    pub(crate) fn holds(self, name: &str) -> bool {
        let digest = Sha256::digest(name);
        let mut number = [0; 8];
        number.copy_from_slice(&digest[..8]);
        u64::from_be_bytes(number) % self.of == self.share - 1
    }

    /// As a part of a file's name; empty for all of a score.
    pub(crate) fn suffix(self) -> String {
        if self == Self::WHOLE {
            return String::new();
        }
        format!("-{}-of-{}", self.share, self.of)
    }
}

impl fmt::Display for Partition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.share, self.of)
    }
}

impl FromStr for Partition {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let numbers = text.split_once('/');
        let numbers = numbers.and_then(|(share, of)| Some((share.parse().ok()?, of.parse().ok()?)));
        match numbers {
            Some((share, of)) if (1..=of).contains(&share) => Ok(Self { share, of }),
            _ => Err("expected a share of several, such as 1/4 to 4/4".into()),
        }
    }
}

#[cfg(test)]
mod tests {
    use opencloud_stack::Fault;

    use super::*;

    #[test]
    fn every_item_is_in_one_share_and_no_share_does_it_all() {
        let shares: Vec<Partition> = (1..=4)
            .map(|share| format!("{share}/4").parse().unwrap())
            .collect();
        let mut sizes = [0; 4];
        for fault in Fault::ALL {
            let held: Vec<_> = (0..4)
                .filter(|at| shares[*at].holds(fault.name()))
                .collect();
            assert_eq!(held.len(), 1, "{fault}");
            sizes[held[0]] += 1;
        }
        let least = Fault::ALL.len() / 6;
        assert!(sizes.iter().all(|size| *size > least), "{sizes:?}");
        assert!(
            Fault::ALL
                .iter()
                .all(|fault| Partition::WHOLE.holds(fault.name()))
        );
    }

    /// CI's shares are of no use if another release of this command divides otherwise.
    #[test]
    fn a_share_is_the_same_on_every_machine() {
        let share: Partition = "2/4".parse().unwrap();
        let names = ["cors-no-headers", "cors-origin-reflected", "latency"];
        assert_eq!(names.map(|name| share.holds(name)), [true, false, false]);
    }

    #[test]
    fn shares_are_written_as_two_numbers() {
        let share: Partition = "1/2".parse().unwrap();
        assert_eq!(share.to_string(), "1/2");
        assert_eq!(share.suffix(), "-1-of-2");
        assert_eq!(Partition::WHOLE.suffix(), "");
        let all: Vec<_> = std::iter::successors(Some(share), |share| share.next()).collect();
        assert_eq!(all.len(), 2);
        assert_eq!(all[1].first(), share);
        for wrong in [
            "", "1", "0/4", "5/4", "1/0", "-1/4", "1/4/2", "a/b", "1.5/4", " 1/4", "1 / 4",
        ] {
            assert!(wrong.parse::<Partition>().is_err(), "{wrong}");
        }
    }
}
