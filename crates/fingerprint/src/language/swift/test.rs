//! Failed tests of XCTest and Swift Testing: one line tells place, test, and what did not hold.

use crate::language::anchor;
use crate::model::{ExceptionLink, Frame, Relation};
use crate::path;

/// Reads the first failure in the lines.
pub(super) fn parse(lines: &[String]) -> Option<ExceptionLink> {
    lines
        .iter()
        .find_map(|line| xctest(line).or_else(|| testing(line)))
}

/// `/src/Tests/CartTests.swift:31: error: CartTests.testTotal : XCTAssertEqual failed: …`, on
/// Apple's systems with `-[ShopTests.CartTests testTotal]`.
fn xctest(line: &str) -> Option<ExceptionLink> {
    let (place, rest) = line.split_once(": error: ")?;
    let (test, said) = rest.split_once(" : ")?;
    let from = place.rfind([' ', '\t', '"']).map_or(0, |at| at + 1);
    let test = test
        .strip_prefix("-[")
        .and_then(|test| test.strip_suffix(']'))
        .unwrap_or(test);
    let (class, function) = test.rsplit_once(['.', ' '])?;
    let (kind, message) = said.split_once(": ").unwrap_or((said, ""));
    let (kind, message) = match kind.split_once(" - ") {
        Some((kind, more)) => (kind, more),
        None => (kind, message.trim_end().trim_end_matches(" -")),
    };
    let link = failure(place.get(from..)?, kind, message)?;
    Some(named(link, class.rsplit('.').next()?, function))
}

/// `✘ Test total() recorded an issue at CartTests.swift:31:5: Expectation failed: …`.
fn testing(line: &str) -> Option<ExceptionLink> {
    let (head, rest) = line.split_once(" recorded an issue at ")?;
    let (_, test) = head.split_once("Test ")?;
    let end = rest.find(": ")?;
    let (kind, message) = rest.get(end + 2..)?.split_once(": ")?;
    let link = failure(rest.get(..end)?, kind, message)?;
    let function = test.split('(').next().unwrap_or(test);
    Some(named(link, "", function))
}

/// The failure at a place.
fn failure(place: &str, kind: &str, message: &str) -> Option<ExceptionLink> {
    let (file, line) = anchor::place(place)?;
    let located = path::locate(file);
    let swift = anchor::has_extension(file, &[".swift"]);
    swift.then(|| ExceptionLink {
        relation: Relation::Escaped,
        exception_type: kind.trim().to_owned(),
        message: message.trim().to_owned(),
        frames: vec![Frame {
            module: anchor::stem(&located.file).to_owned(),
            in_app: !located.library,
            file: located.file,
            line: Some(line),
            ..Frame::default()
        }],
    })
}

/// The failure with the name of its test.
fn named(mut link: ExceptionLink, module: &str, function: &str) -> ExceptionLink {
    for frame in &mut link.frames {
        function.clone_into(&mut frame.function);
        if !module.is_empty() {
            module.clone_into(&mut frame.module);
        }
    }
    link
}
