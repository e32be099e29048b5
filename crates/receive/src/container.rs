//! Lines as container runtimes write them to files: what the program printed, with its stream and
//! time around it.
//!
//! - Docker's `json-file` driver: `{"log":"…\n","stream":"stderr","time":"…"}`, a long line in
//!   pieces of 16 KiB of which all but the last lack the line break.
//! - CRI (containerd, CRI-O): `<time> <stream> <tags> <text>`, tags `P` (partial) or `F` (full),
//!   by Kubernetes' design proposal "CRI: log management for container stdout/stderr streams".

use cordon_event::Value;

use crate::sink::Sink;
use crate::time::unix_ns;

/// Members of a line's `attrs` that are kept; a line with more is none of Docker's.
const ATTRS_COUNT_MAX: usize = 64;
/// Beginning of the names of attributes that Docker writes beside a line.
const ATTRS: &str = "docker.attrs.";

/// What a program printed.
pub(crate) struct Printed {
    pub(crate) text: String,
    /// `stdout` or `stderr`.
    pub(crate) stream: &'static str,
    pub(crate) time_unix_ns: u64,
    /// Whether the line goes on in the next piece of its stream.
    pub(crate) is_partial: bool,
    /// What the driver was told to write beside it, as attributes.
    pub(crate) attrs: Vec<(String, Value)>,
}

/// The stream of that name.
pub(crate) fn stream_of(name: &str) -> Option<&'static str> {
    match name {
        "stdout" => Some("stdout"),
        "stderr" => Some("stderr"),
        _ => None,
    }
}

/// A line of CRI.
pub(crate) fn cri(line: &str) -> Option<Printed> {
    let (time, rest) = line.split_once(' ')?;
    let (stream, rest) = rest.split_once(' ')?;
    let (tags, text) = rest.split_once(' ').unwrap_or((rest, ""));
    let stream = stream_of(stream)?;
    // Tags are joined by colons; the first says whether the line is whole.
    let is_partial = match tags.split(':').next() {
        Some("P") => true,
        Some("F") => false,
        _ => return None,
    };
    let time_unix_ns = unix_ns(&Value::from(time)).filter(|_| time.contains('T'))?;
    Some(Printed {
        text: text.to_owned(),
        stream,
        time_unix_ns,
        is_partial,
        attrs: Vec::new(),
    })
}

/// The members of a line of Docker's; gives them back where they are something else.
pub(crate) fn docker(pairs: Vec<(String, Value)>) -> Result<Printed, Vec<(String, Value)>> {
    let member = |key: &str| {
        pairs
            .iter()
            .find(|(own, _)| own == key)
            .map(|(_, value)| value)
    };
    let known = ["log", "stream", "time", "attrs"];
    let stream = member("stream").and_then(Value::as_str).and_then(stream_of);
    let time = member("time").and_then(unix_ns);
    let text = member("log").and_then(Value::as_str);
    let own = pairs.iter().all(|(key, _)| known.contains(&key.as_str()));
    // `--log-opt tag=…`, `labels=…`, `env=…` write an object of texts.
    let is_plain = match member("attrs") {
        None | Some(Value::Null) => true,
        Some(Value::Map(more)) => more.len() <= ATTRS_COUNT_MAX && Sink::fits(more),
        Some(_) => false,
    };
    let (Some(text), Some(stream), Some(time_unix_ns), true, true) =
        (text, stream, time, own, is_plain)
    else {
        return Err(pairs);
    };
    let whole = text.strip_suffix('\n');
    let mut printed = Printed {
        is_partial: whole.is_none(),
        text: whole.unwrap_or(text).to_owned(),
        stream,
        time_unix_ns,
        attrs: Vec::new(),
    };
    let mut pairs = pairs;
    for (key, value) in &mut pairs {
        match value {
            Value::Map(more) if key == "attrs" => {
                let more = std::mem::take(more).into_iter();
                let named = |(key, value)| (format!("{ATTRS}{key}"), value);
                printed.attrs = more.map(named).collect();
            }
            value => zeroize::Zeroize::zeroize(value),
        }
    }
    Ok(printed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_cri() {
        let check = |line: &str, expect: Option<(&str, &str, bool)>| {
            let printed = cri(line);
            let shown = printed
                .as_ref()
                .map(|p| (p.text.as_str(), p.stream, p.is_partial));
            assert_eq!(shown, expect, "{line}");
        };
        let time = "2016-10-06T00:17:09.669794202Z";
        check(
            &format!("{time} stdout P a b"),
            Some(("a b", "stdout", true)),
        );
        check(
            &format!("{time} stderr F   c"),
            Some(("  c", "stderr", false)),
        );
        check(&format!("{time} stderr F "), Some(("", "stderr", false)));
        check(&format!("{time} stderr F"), Some(("", "stderr", false)));
        check(
            &format!("{time} stdout F:x y"),
            Some(("y", "stdout", false)),
        );
        check(&format!("{time} stdin F x"), None);
        check(&format!("{time} stdout X x"), None);
        check("2016 stdout F x", None);
        check("", None);
    }

    #[test]
    fn reads_docker() {
        let pairs = |log: &str, more: Option<(&str, Value)>| {
            let mut pairs = vec![
                ("log".to_owned(), Value::from(log)),
                ("stream".to_owned(), Value::from("stderr")),
                ("time".to_owned(), Value::from("2024-01-02T03:04:05.5Z")),
            ];
            pairs.extend(more.map(|(key, value)| (key.to_owned(), value)));
            pairs
        };
        let whole = docker(pairs("x\n", None)).ok().unwrap();
        assert_eq!((whole.text.as_str(), whole.is_partial), ("x", false));
        assert!(docker(pairs("x", None)).ok().unwrap().is_partial);
        let attrs = Value::Map(vec![("tag".to_owned(), Value::from("web/1"))]);
        let tagged = docker(pairs("x\n", Some(("attrs", attrs)))).ok().unwrap();
        assert_eq!(tagged.text, "x");
        let expect = ("docker.attrs.tag".to_owned(), Value::from("web/1"));
        assert_eq!(tagged.attrs, [expect]);
        // A record of somebody else's, who calls its message a log.
        assert!(docker(pairs("x", Some(("level", Value::from("info"))))).is_err());
    }
}
