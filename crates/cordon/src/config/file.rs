//! `[[listen.file]]`: files that are followed.

use anyhow::{Context as _, bail};
use cordon_event::TenantId;
use cordon_receive::SourceFormat;
use cordon_receive::tail::StartAt;
use serde::Deserialize;

use super::listen::{utc, zone_offset_s};

/// Files of one tenant.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct FileSection {
    /// Patterns of paths, `*` and `?` within a part of one.
    pub(crate) paths: Vec<String>,
    /// Tenant that the events are for.
    pub(crate) tenant: String,
    /// `auto`, `text`, `json`, `docker` or `cri`.
    #[serde(default = "auto")]
    pub(crate) format: String,
    /// Where files that are there at the first start are begun: `end` or `beginning`.
    #[serde(default)]
    pub(crate) start_at: Begin,
    /// Service, where a line does not name one.
    pub(crate) service: Option<String>,
    /// Offset from UTC of times in text that do not tell theirs, such as `+02:00`.
    #[serde(default = "utc")]
    pub(crate) zone: String,
}

fn auto() -> String {
    "auto".to_owned()
}

/// Where a file is begun.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Begin {
    /// At its end.
    #[default]
    End,
    /// At its beginning.
    Beginning,
}

impl From<Begin> for StartAt {
    fn from(begin: Begin) -> Self {
        match begin {
            Begin::End => Self::End,
            Begin::Beginning => Self::Beginning,
        }
    }
}

impl FileSection {
    /// What single values cannot show.
    pub(super) fn check(&self) -> anyhow::Result<()> {
        let name = &self.tenant;
        TenantId::parse(name).with_context(|| format!("read tenant {name} of [[listen.file]]"))?;
        if self.paths.is_empty() {
            bail!("read paths of [[listen.file]]: there are none");
        }
        self.zone_offset_s()?;
        self.line_format().map(drop)
    }

    /// Seconds east of UTC of times that do not tell.
    pub(crate) fn zone_offset_s(&self) -> anyhow::Result<i32> {
        zone_offset_s(&self.zone).context("read zone of [[listen.file]]")
    }

    /// What the lines are.
    pub(crate) fn line_format(&self) -> anyhow::Result<SourceFormat> {
        SourceFormat::parse(&self.format).with_context(|| {
            let found = &self.format;
            format!("read format {found} of [[listen.file]]: auto, text, json, docker or cri")
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str) -> bool {
        let section: Result<FileSection, _> = toml::from_str(text);
        section.is_ok_and(|section| section.check().is_ok())
    }

    #[test]
    fn a_section_says_whose_files_it_names() {
        assert!(check("paths=['/a/*.log']\ntenant='shop'"));
        assert!(check(
            "paths=['/a']\ntenant='shop'\nformat='cri'\nstart_at='beginning'"
        ));
        assert!(!check("paths=['/a']"));
        assert!(!check("paths=[]\ntenant='shop'"));
        assert!(!check("paths=['/a']\ntenant='Not A Name'"));
        assert!(!check("paths=['/a']\ntenant='shop'\nformat='xml'"));
        assert!(!check("paths=['/a']\ntenant='shop'\nstart_at='middle'"));
        assert!(!check("path='/a'\ntenant='shop'"));
        assert!(check("paths=['/a']\ntenant='shop'\nzone='-03:30'"));
        assert!(!check("paths=['/a']\ntenant='shop'\nzone='CET'"));
    }
}
