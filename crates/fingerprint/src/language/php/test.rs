//! Failed tests of PHPUnit: the type and message, an empty line, and places without functions.

use crate::language::anchor::{self, digits};
use crate::model::{ExceptionLink, Frame, Language, Relation, Trace};
use crate::path;

/// Lines of a failed test that are read.
const LINES_COUNT_MAX: usize = 256;

/// Reads the first failed test in the lines.
pub(super) fn parse(lines: &[String]) -> Option<Trace> {
    let at = lines.iter().position(|line| is_title(line.trim()))?;
    let mut link = ExceptionLink::default();
    for line in lines.iter().skip(at + 1).take(LINES_COUNT_MAX) {
        let text = line.trim();
        if let Some(frame) = place(text) {
            link.frames.push(frame);
        } else if is_title(text) || (text.is_empty() && !link.frames.is_empty()) {
            break;
        } else if text.is_empty() {
        } else if link.exception_type.is_empty() && link.message.is_empty() {
            let (kind, message) = text.split_once(": ").unwrap_or(("", text));
            let named = kind.starts_with(char::is_uppercase) && !kind.contains(' ');
            let (kind, message) = if named { (kind, message) } else { ("", text) };
            kind.clone_into(&mut link.exception_type);
            message.clone_into(&mut link.message);
        } else {
            anchor::more(&mut link.message, text);
        }
    }
    if link.exception_type.is_empty() {
        // What did not hold is told in words.
        "Failure".clone_into(&mut link.exception_type);
    }
    link.relation = Relation::Escaped;
    (!link.frames.is_empty()).then(|| Trace {
        language: Language::Php,
        chain: vec![link],
    })
}

/// `1) Shop\Tests\CartTest::testTotal`.
fn is_title(text: &str) -> bool {
    text.split_once(") ").is_some_and(|(number, name)| {
        digits(number) && name.contains("::") && !name.starts_with(':')
    })
}

/// `/app/src/Cart.php:12`.
fn place(text: &str) -> Option<Frame> {
    let (file, line) = anchor::place(text)?;
    let located = path::locate(file);
    let rooted = file.starts_with(['/', '.']) || file.get(1..2) == Some(":");
    let source = anchor::has_extension(file, &[".php"]) && rooted && !file.contains(' ');
    source.then(|| Frame {
        module: anchor::stem(&located.file).to_owned(),
        in_app: !located.library,
        file: located.file,
        line: Some(line),
        ..Frame::default()
    })
}
