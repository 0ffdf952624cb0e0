//! The table of accepted differences: where a deployment's answers may differ from the recorded ones, how,
//! and why.

use std::collections::BTreeMap;

use anyhow::Context as _;
use serde::Deserialize;

use crate::{
    compare::{Differing, Part},
    group::{Group, Mode},
};

/// The table. See its own first lines.
const TABLE: &str = include_str!("../differences.yaml");

/// A row of the table.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Difference {
    /// The mode, unless it is so in both.
    mode: Option<String>,
    group: String,
    /// Names of exchanges; `*` stands for all of the group.
    exchanges: Vec<String>,
    /// What is right as well: `status`, `body`, or the name of a header, and its value.
    instead: BTreeMap<String, String>,
    /// Why.
    pub reason: String,
}

/// All rows.
#[derive(Clone, Debug)]
pub struct Differences(Vec<Difference>);

impl Differences {
    /// Reads the table.
    ///
    /// # Errors
    /// If it is not of its own form.
    pub fn read() -> anyhow::Result<Self> {
        let rows = serde_yaml::from_str(TABLE).context("differences.yaml")?;
        Ok(Self(rows))
    }

    /// The row that explains why this part of the exchange differs.
    #[must_use]
    pub fn explain(
        &self,
        mode: Mode,
        group: Group,
        exchange: &str,
        differing: &Differing,
    ) -> Option<&Difference> {
        let part = differing.part.to_string();
        let mut rows = self.of(mode, group);
        rows.find(|row| {
            let is_named = row
                .exchanges
                .iter()
                .any(|name| name == exchange || name == "*");
            is_named && row.instead.get(&part) == Some(&differing.now)
        })
    }

    /// Parts that are as the recording has them, although a row says otherwise and other parts are as it
    /// says: the deployment answers as AWS does in one part and as the emulator did in another. With
    /// what the row says of each, and its reason.
    #[must_use]
    pub fn half_met(
        &self,
        mode: Mode,
        group: Group,
        exchange: &str,
        differing: &[Differing],
    ) -> Vec<(Part, String, String)> {
        let mut half_met = Vec::new();
        let differs = |part: &str| differing.iter().find(|d| d.part.to_string() == part);
        for row in self.of(mode, group) {
            let is_named = row
                .exchanges
                .iter()
                .any(|name| name == exchange || name == "*");
            let is_met = row
                .instead
                .iter()
                .any(|(part, value)| differs(part).is_some_and(|d| d.now == *value));
            if is_named && is_met {
                let others = row
                    .instead
                    .iter()
                    .filter(|(part, _)| differs(part).is_none());
                half_met.extend(
                    others.map(|(part, value)| (part_of(part), value.clone(), row.reason.clone())),
                );
            }
        }
        half_met
    }

    /// What the table says of a group and was not met: exchange and part. `met` holds all that
    /// differed. A row that is no longer needed hides what it should show.
    #[must_use]
    pub fn unneeded(
        &self,
        mode: Mode,
        group: Group,
        met: &[(String, Vec<Differing>)],
    ) -> Vec<(String, Part)> {
        let mut unneeded = Vec::new();
        for row in self.of(mode, group) {
            for name in &row.exchanges {
                for (part, value) in &row.instead {
                    let is_met = met.iter().any(|(exchange, differing)| {
                        (exchange == name || name == "*")
                            && differing
                                .iter()
                                .any(|d| d.part.to_string() == *part && d.now == *value)
                    });
                    if !is_met {
                        unneeded.push((name.clone(), part_of(part)));
                    }
                }
            }
        }
        unneeded
    }

    fn of(&self, mode: Mode, group: Group) -> impl Iterator<Item = &Difference> {
        self.0.iter().filter(move |row| {
            row.group == group.name() && row.mode.as_deref().is_none_or(|of| of == mode.name())
        })
    }
}

fn part_of(name: &str) -> Part {
    match name {
        "status" => Part::Status,
        "body" => Part::Body,
        header => Part::Header(header.to_owned()),
    }
}
