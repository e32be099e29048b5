//! What a feature is: a value of a dimension, and what was counted of it.

use std::collections::BTreeMap;

use crate::subject::Subjects;

/// What a value says of an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Dimension {
    /// The service that emitted it.
    Component,
    /// The release of the service.
    Release,
    /// Where the service runs (`cloud.region`), or else where the tenant's data lives.
    Region,
    /// Module of the innermost frame of the application's own code.
    Module,
}

impl Dimension {
    /// All of them, in the order in which they are shown.
    pub const ALL: [Self; 4] = [Self::Component, Self::Release, Self::Region, Self::Module];

    /// Stable name, as stored and shown.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Component => "component",
            Self::Release => "release",
            Self::Region => "region",
            Self::Module => "module",
        }
    }

    /// The dimension of that name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|d| d.as_str() == name)
    }
}

/// A value of a dimension.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Value {
    /// What it is a value of.
    pub dimension: Dimension,
    /// Of a release the component that it is a release of; else empty.
    pub component: String,
    /// The value. Empty stands for all that gave way: `other`.
    pub text: String,
}

impl Value {
    /// What stands for the values of a dimension that gave way.
    pub(crate) fn other(dimension: Dimension) -> Self {
        Self {
            dimension,
            component: String::new(),
            text: String::new(),
        }
    }

    /// Whether it stands for the values that gave way.
    pub fn is_other(&self) -> bool {
        self.text.is_empty()
    }
}

/// What was counted of a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tally {
    /// Events.
    pub count: u64,
    /// First time of an event, nanoseconds since the Unix epoch.
    pub first_unix_ns: u64,
    /// Last time of an event, nanoseconds since the Unix epoch.
    pub last_unix_ns: u64,
    /// Distinct subjects behind the events, at most [`crate::VALUE_SUBJECTS_COUNT_MAX`] of a kind.
    pub subjects: Subjects,
    /// Of `other`: how often a value gave way to it.
    pub folded: u64,
    /// Of a tenant's release: whether it is, or may be, one that gave way before. Its first time is
    /// then that of its return, and no deploy.
    pub returned: bool,
}

impl Default for Tally {
    fn default() -> Self {
        Self {
            count: 0,
            first_unix_ns: u64::MAX,
            last_unix_ns: 0,
            subjects: Subjects::default(),
            folded: 0,
            returned: false,
        }
    }
}

/// A release of a component, when it was first seen, and its neighbours.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FirstSeen {
    /// The release.
    pub release: String,
    /// When it was first seen, nanoseconds since the Unix epoch.
    pub at_unix_ns: u64,
    /// When the release before it was.
    pub since_unix_ns: u64,
    /// When the next was; the end of time of the last.
    pub until_unix_ns: u64,
}

/// The features of a group, or of all that a tenant sends.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Features {
    /// Counts by value.
    pub values: BTreeMap<Value, Tally>,
    /// Of the tenant's own features: the numbers that stand for its components in clear.
    pub(crate) slots: BTreeMap<String, u32>,
    /// Of the tenant's own features: digests of the releases that gave way, each with its last
    /// time, at most [`crate::limits::RELEASES_GONE_COUNT_MAX`].
    pub(crate) gone: BTreeMap<u64, u64>,
}

impl Features {
    /// The values of one dimension, the most frequent first, `other` last.
    pub fn of(&self, dimension: Dimension) -> Vec<(&Value, &Tally)> {
        let mut found: Vec<_> = self
            .values
            .iter()
            .filter(|(value, _)| value.dimension == dimension)
            .collect();
        found.sort_by_key(|(value, tally)| {
            (value.is_other(), std::cmp::Reverse(tally.count), *value)
        });
        found
    }

    /// The releases of a component in the order in which they were first seen.
    pub fn releases_of(&self, component: &str) -> Vec<(&str, &Tally)> {
        let mut found: Vec<_> = self
            .values
            .iter()
            .filter(|(v, _)| v.dimension == Dimension::Release && !v.is_other())
            .filter(|(v, _)| v.component == component)
            .map(|(v, tally)| (v.text.as_str(), tally))
            .collect();
        found.sort_by_key(|(text, tally)| (tally.first_unix_ns, *text));
        found
    }

    /// Releases of which the component knew one before, in the order in which they were first seen;
    /// without those that gave way and came back.
    pub fn deploys_of(&self, component: &str) -> Vec<FirstSeen> {
        let releases = self.releases_of(component);
        let first = |n: usize| releases.get(n).map(|(_, tally)| tally.first_unix_ns);
        let later = releases.iter().enumerate().skip(1);
        let new = later.filter(|(_, (_, tally))| !tally.returned);
        let deploys = new.map(|(n, (release, tally))| FirstSeen {
            release: (*release).to_owned(),
            at_unix_ns: tally.first_unix_ns,
            since_unix_ns: first(n - 1).unwrap_or_default(),
            until_unix_ns: first(n + 1).unwrap_or(u64::MAX),
        });
        deploys.collect()
    }
}

/// Where events came from.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Origin {
    pub(crate) component: String,
    pub(crate) release: String,
    pub(crate) region: String,
    pub(crate) module: String,
}

impl Origin {
    /// As it counts for the tenant as a whole.
    pub(crate) fn without_module(&self) -> Self {
        Self {
            module: String::new(),
            ..self.clone()
        }
    }

    /// Its value of a dimension; `None` where it has none.
    pub(crate) fn value(&self, dimension: Dimension) -> Option<Value> {
        let (component, text) = match dimension {
            Dimension::Component => ("", &self.component),
            Dimension::Release => (self.component.as_str(), &self.release),
            Dimension::Region => ("", &self.region),
            Dimension::Module => ("", &self.module),
        };
        (!text.is_empty()).then(|| Value {
            dimension,
            component: component.to_owned(),
            text: text.clone(),
        })
    }
}
