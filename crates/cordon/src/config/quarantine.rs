//! `[tenant.X.quarantine]`: whether raw events that are held back are sealed, and to whom.

use anyhow::{Context as _, bail};
use cordon_event::limits::SEALED_RAW_S_MAX;
use cordon_vault::Approver;
use serde::Deserialize;

const HOUR_S: u64 = 3_600;
/// Hours that a sealed raw event is kept at least: expiry comes by once an hour.
const RAW_HOURS_MIN: u64 = 2;
const RAW_HOURS_DEFAULT: u64 = 24;

/// Sealing of raw events.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct QuarantineSection {
    /// Public keys of two approvers, as `cordon quarantine keygen` prints them; none: nothing raw
    /// is kept in any form.
    pub(crate) seal_raw_to: Vec<String>,
    /// Hours after which what was sealed is deleted: 2 to 48.
    pub(crate) raw_hours: Option<u64>,
}

impl QuarantineSection {
    /// The two approvers and for how many seconds, where the tenant opted in.
    pub(crate) fn approvers(&self) -> anyhow::Result<Option<([Approver; 2], u64)>> {
        let hours = self.raw_hours.unwrap_or(RAW_HOURS_DEFAULT);
        let most = SEALED_RAW_S_MAX / HOUR_S;
        if !(RAW_HOURS_MIN..=most).contains(&hours) {
            bail!("read raw_hours: {RAW_HOURS_MIN} to {most}");
        }
        let (first, second) = match self.seal_raw_to.as_slice() {
            [] => return Ok(None),
            [first, second] => (first, second),
            _ => bail!("read seal_raw_to: two public keys, of two people"),
        };
        let parsed = |text: &str| Approver::parse(text).context("read seal_raw_to");
        let two = [parsed(first)?, parsed(second)?];
        let [first, second] = &two;
        if first == second {
            bail!("read seal_raw_to: two public keys, of two people");
        }
        Ok(Some((two, hours.saturating_mul(HOUR_S))))
    }
}

#[cfg(test)]
mod tests {
    use cordon_vault::ApproverKey;

    use super::*;

    fn check(text: &str) -> Result<Option<u64>, String> {
        let section: QuarantineSection = toml::from_str(text).map_err(|e| e.to_string())?;
        let approvers = section.approvers().map_err(|e| format!("{e:#}"))?;
        Ok(approvers.map(|(_, keep_s)| keep_s))
    }

    #[test]
    fn two_people_or_nobody() {
        let dir = tempfile::tempdir().unwrap();
        let [ann, bob] = ["ann", "bob"].map(|name| {
            let key = ApproverKey::create(&dir.path().join(name)).unwrap();
            key.text()
        });
        assert_eq!(check(""), Ok(None));
        let two = format!("seal_raw_to = ['{ann}', '{bob}']");
        assert_eq!(check(&two), Ok(Some(24 * HOUR_S)));
        let long = format!("{two}\nraw_hours = 48");
        assert_eq!(check(&long), Ok(Some(48 * HOUR_S)));
        let private = std::fs::read_to_string(dir.path().join("ann")).unwrap();
        for wrong in [
            format!("seal_raw_to = ['{ann}']"),
            format!("seal_raw_to = ['{ann}', '{ann}']"),
            format!("seal_raw_to = ['{ann}', '{bob}', '{bob}']"),
            format!("seal_raw_to = ['{ann}', '{}']", private.trim()),
            format!("{two}\nraw_hours = 49"),
            format!("{two}\nraw_hours = 1"),
            format!("{two}\nraw_days = 1"),
        ] {
            assert!(check(&wrong).is_err(), "accepted");
        }
        let told = check(&format!("seal_raw_to = ['{ann}', '{}']", private.trim()));
        assert!(
            !told.unwrap_err().contains(private.trim()),
            "told a private key"
        );
    }
}
