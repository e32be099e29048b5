//! The frame of a Python stack trace in which the recorded exception was raised.

/// A frame of the application.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Frame {
    /// File, as the trace wrote it.
    pub(crate) file: String,
    /// Function, unqualified.
    pub(crate) function: String,
}

/// What marks a file of the interpreter or of an installed package.
pub(crate) const FOREIGN: &[&str] = &["site-packages", "dist-packages", "/lib/python", "<frozen"];

/// Frames of the application in the part of the trace that escaped: the last of a chain. The frame
/// that raised comes last.
pub(crate) fn frames_in_app(trace: &str) -> Vec<Frame> {
    let mut frames = Vec::new();
    for line in trace.lines() {
        let line = line.trim();
        if line.starts_with("Traceback (most recent call last)") {
            frames.clear();
        }
        frames.extend(frame(line));
    }
    frames
}

fn frame(line: &str) -> Option<Frame> {
    let (file, rest) = line.strip_prefix("File \"")?.split_once("\", line ")?;
    let (_, function) = rest.split_once(", in ")?;
    let foreign = FOREIGN.iter().any(|mark| file.contains(mark));
    (!foreign).then(|| Frame {
        file: file.to_owned(),
        function: function.to_owned(),
    })
}

/// Module that a file is, where nothing better is known: its stem.
pub(crate) fn module_of(file: &str) -> Option<&str> {
    file.rsplit(['/', '\\']).next()?.strip_suffix(".py")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn takes_the_last_of_a_chain_and_skips_packages() {
        let trace = "Traceback (most recent call last):\n  File \"/a/b.py\", line 1, in inner\n\
            KeyError: 1\n\nDuring handling of the above exception, another exception occurred:\n\n\
            Traceback (most recent call last):\n  File \"/a/c.py\", line 9, in outer\n    x()\n\
            \x20 File \"/v/lib/python3.11/site-packages/z.py\", line 2, in z\nValueError: no";
        let functions: Vec<_> = frames_in_app(trace)
            .into_iter()
            .map(|f| f.function)
            .collect();
        assert_eq!(functions, ["outer"]);
        assert_eq!(module_of("/a/c.py"), Some("c"));
    }
}
