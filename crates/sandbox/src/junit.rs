//! Reads the JUnit file that pytest writes: cases, how they ended, and their properties.
//!
//! *Why so:* the file has one writer and five kinds of element that matter; a scanner for start
//! tags is smaller than a dependency. Text between tags is skipped.

/// One test case.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Case {
    /// Name of the test function.
    pub name: String,
    /// Failed in its own body.
    pub failed: bool,
    /// Failed outside of it: collection, a fixture.
    pub errored: bool,
    /// Was skipped.
    pub skipped: bool,
    /// What it recorded of itself.
    pub properties: Vec<(String, String)>,
}

impl Case {
    /// Whether it ran and passed.
    pub fn passed(&self) -> bool {
        !(self.failed || self.errored || self.skipped)
    }

    /// A property by name.
    pub fn property(&self, name: &str) -> Option<&str> {
        self.properties
            .iter()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.as_str())
    }
}

/// Reads all cases; a file cut short yields those that are in it.
pub(crate) fn read(xml: &str) -> Vec<Case> {
    let mut cases: Vec<Case> = Vec::new();
    for piece in xml.split('<').skip(1) {
        let tag = start_tag(piece);
        let name = attribute(tag, "name").unwrap_or_default();
        let element = tag.split([' ', '/', '>']).next().unwrap_or_default();
        if element == "testcase" {
            cases.push(Case {
                name,
                ..Case::default()
            });
            continue;
        }
        let Some(case) = cases.last_mut() else {
            continue;
        };
        match element {
            "failure" => case.failed = true,
            "error" => case.errored = true,
            "skipped" => case.skipped = true,
            "property" => {
                case.properties
                    .push((name, attribute(tag, "value").unwrap_or_default()));
            }
            _ => {}
        }
    }
    cases
}

/// The part up to the `>` that ends the tag: one outside of quotes.
fn start_tag(piece: &str) -> &str {
    let mut quoted = false;
    for (at, c) in piece.char_indices() {
        match c {
            '"' => quoted = !quoted,
            '>' if !quoted => return piece.get(..at).unwrap_or_default(),
            _ => {}
        }
    }
    piece
}

fn attribute(tag: &str, name: &str) -> Option<String> {
    let (_, rest) = tag.split_once(&format!(" {name}=\""))?;
    let (value, _) = rest.split_once('"')?;
    Some(unescape(value))
}

fn unescape(text: &str) -> String {
    let mut out = text.to_owned();
    for (entity, plain) in [
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&quot;", "\""),
        ("&apos;", "'"),
        ("&#10;", "\n"),
        ("&amp;", "&"),
    ] {
        out = out.replace(entity, plain);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_cases_and_properties() {
        let xml = r#"<?xml version="1.0"?><testsuites><testsuite name="pytest" errors="1">
            <testcase classname="t" name="test_a" time="0.1"><properties>
            <property name="repro.outcome" value="a &lt; &quot;b&quot; &amp;lt;"/></properties>
            <failure message="x &gt; y">text &lt;error&gt;</failure></testcase>
            <testcase name="test_b" /><testcase name="test_c"><skipped/></testcase>
            <testcase name="test_d"><error message="no"></error></testcase></testsuite>"#;
        let cases = read(xml);
        assert_eq!(cases.len(), 4);
        assert!(cases[0].failed && cases[1].passed() && cases[2].skipped && cases[3].errored);
        assert_eq!(cases[0].property("repro.outcome"), Some("a < \"b\" &lt;"));
    }
}
