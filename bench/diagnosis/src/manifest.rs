//! The manifest of recorded cases: one JSON object a line.

use std::path::{Path, PathBuf};

use serde_json::Value as Json;

/// A case with its label.
#[derive(Clone, Debug, Default)]
pub struct Labelled {
    /// Name.
    pub name: String,
    /// Kind of fault, or of red herring.
    pub kind: String,
    /// Service at fault; none in a healthy window.
    pub service: Option<String>,
    /// Other names that are as right: a data base that is slow, by its name or its host.
    pub also_right: Vec<String>,
    /// Whether it was kept from tuning.
    pub held_back: bool,
    /// Folder of the window in which all was well.
    pub baseline: PathBuf,
    /// Folder of the window in question.
    pub incident: PathBuf,
    /// What was changed, as recorded: a JSON object each.
    pub changes: Vec<String>,
}

impl Labelled {
    /// Whether a service is a right answer.
    pub fn is_right(&self, service: &str) -> bool {
        let mut right = self.service.iter().chain(&self.also_right);
        right.any(|name| name == service)
    }
}

/// A manifest that cannot be read.
#[derive(Debug)]
pub enum ManifestError {
    /// The file.
    Io(std::io::Error),
    /// A line, from 1.
    Line(usize),
}

impl std::fmt::Display for ManifestError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Io(error) => write!(f, "read the manifest of cases: {error}"),
            Self::Line(line) => write!(f, "read line {line} of the manifest of cases"),
        }
    }
}

impl std::error::Error for ManifestError {}

/// Reads the cases below a folder.
pub fn read(folder: &Path) -> Result<Vec<Labelled>, ManifestError> {
    let text = std::fs::read_to_string(folder.join("cases.jsonl")).map_err(ManifestError::Io)?;
    let lines = text.lines().enumerate();
    lines
        .map(|(at, line)| case(folder, line).ok_or(ManifestError::Line(at + 1)))
        .collect()
}

fn texts(json: Option<&Json>) -> Vec<String> {
    let array = json.and_then(Json::as_array).into_iter().flatten();
    array
        .filter_map(|text| Some(text.as_str()?.to_owned()))
        .collect()
}

fn case(folder: &Path, line: &str) -> Option<Labelled> {
    let json: Json = serde_json::from_str(line).ok()?;
    let text = |key: &str| Some(json.get(key)?.as_str()?.to_owned());
    let window = |key: &str| Some(folder.join("windows").join(text(key)?));
    let healthy = json.get("healthy")?.as_bool()?;
    Some(Labelled {
        name: text("name")?,
        kind: text("kind")?,
        service: (!healthy).then(|| text("service")).flatten(),
        also_right: texts(json.get("also_right")),
        held_back: text("split")? == "held_back",
        baseline: window("baseline")?,
        incident: window("incident")?,
        changes: json
            .get("changes")
            .and_then(Json::as_array)
            .map(|changes| changes.iter().map(Json::to_string).collect())
            .unwrap_or_default(),
    })
}
