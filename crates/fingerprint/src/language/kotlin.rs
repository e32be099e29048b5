//! Kotlin/Native, which prints addresses and symbols instead of what the JVM does.

use super::anchor::{self, digits, hex};
use crate::model::{ExceptionLink, Frame, Language, Relation, Trace};
use crate::path;

/// What the runtime says before the exception.
const MARK: &str = "Uncaught Kotlin exception: ";

/// Reads the trace in the lines.
pub(crate) fn parse(lines: &[String]) -> Option<Trace> {
    let anchor = anchor::anchor(lines, |line| line.find(MARK))?;
    let mut chain: Vec<ExceptionLink> = Vec::new();
    for line in anchor.below() {
        let text = line.trim();
        let next = match (text.strip_prefix(MARK), text.strip_prefix("Caused by: ")) {
            (Some(rest), _) if chain.is_empty() => Some((rest, Relation::Escaped)),
            (_, Some(rest)) => Some((rest, Relation::Cause)),
            _ => None,
        };
        if let Some((told, relation)) = next {
            let (kind, message) = told.split_once(": ").unwrap_or((told, ""));
            chain.push(ExceptionLink {
                relation,
                exception_type: kind.to_owned(),
                message: message.to_owned(),
                frames: Vec::new(),
            });
            continue;
        }
        let Some(link) = chain.last_mut() else {
            continue;
        };
        match frame(text) {
            Some(frame) => link.frames.push(frame),
            None if link.frames.is_empty() => anchor::more(&mut link.message, text),
            None => break,
        }
    }
    (!chain.is_empty()).then_some(Trace {
        language: Language::Kotlin,
        chain,
    })
}

/// `at 2   shop.kexe   0x104341c2b   kfun:shop.Cart#total(kotlin.Int){} + 203 (/src/Cart.kt:12:5)`.
fn frame(text: &str) -> Option<Frame> {
    let (_, rest) = anchor::number(text.strip_prefix("at ")?)?;
    let mut words = rest.split_whitespace();
    let (_, address) = (words.next()?, words.next()?);
    if !address.starts_with("0x") || !hex(address) {
        return None;
    }
    let (_, call) = rest.split_once(address)?;
    let (call, place) = match call.trim_end().strip_suffix(')') {
        Some(inner) => match inner.rsplit_once(" (") {
            Some((call, place)) => (call, anchor::place(place)),
            None => (call, None),
        },
        None => (call, None),
    };
    let symbol = match call.rsplit_once(" + ") {
        Some((symbol, offset)) if digits(offset.trim()) => symbol.trim(),
        _ => call.trim(),
    };
    let name = symbol.strip_prefix("kfun:");
    let plain = name.unwrap_or(symbol);
    let plain = plain.split('(').next().unwrap_or(plain);
    let (module, function) = plain
        .rsplit_once('#')
        .or_else(|| plain.rsplit_once('.').filter(|_| name.is_some()))
        .unwrap_or(("", plain));
    let located = place.map(|(file, _)| path::locate(file));
    let located = located.unwrap_or_default();
    let runtime = ["kotlin.", "kotlinx."]
        .iter()
        .any(|root| module.starts_with(root));
    Some(Frame {
        function: function.to_owned(),
        module: module.to_owned(),
        in_app: name.is_some() && !runtime && module != "kotlin" && !located.library,
        file: located.file,
        line: place.map(|(_, line)| line),
    })
}
