//! Blocks that are no reports: private keys, objects laid out over lines, statements of SQL.

use cordon_detect::{pem_continues, pem_opens_in};

use super::family::{Family, Phase, Stage, Verdict};
use super::line::View;
use super::shape::starts;

/// The block that a line opens.
pub(super) fn start(line: &View<'_>) -> Option<Stage> {
    let text = line.bare;
    if pem_opens_in(text).is_some() || armoured(text) {
        return Some(Stage::new(Family::Pem, Phase::Body));
    }
    opens_braces(line).then_some(Stage::new(Family::Braces, Phase::Head))
}

/// `-----BEGIN CERTIFICATE-----`, `-----BEGIN PGP MESSAGE-----` and the like, with no end yet.
fn armoured(text: &str) -> bool {
    let begin = text.rfind("-----BEGIN ");
    begin.is_some_and(|at| {
        let rest = text.get(at + 11..).unwrap_or("");
        rest.contains("-----") && !rest.contains("-----END ")
    })
}

/// Whether a line opens an object or a list that it does not close.
fn opens_braces(line: &View<'_>) -> bool {
    line.indent == 0 && line.bare.ends_with(['{', '[', '('])
}

/// Lines of armour: base64, fields of its head, nothing, the end.
pub(super) fn pem_next(phase: Phase, line: &View<'_>) -> Verdict {
    let text = line.bare;
    if phase == Phase::End {
        return Verdict::Other;
    }
    if text.contains("-----END ") {
        return Verdict::Continue(Phase::End);
    }
    if text.is_empty() {
        return Verdict::Ambiguous;
    }
    let field = starts(text, &["Version: ", "Hash: ", "Comment: ", "Charset: "]);
    let checksum = text.len() == 5 && text.starts_with('=');
    if pem_continues(text) || field || checksum {
        return Verdict::Continue(Phase::Body);
    }
    Verdict::Other
}

/// Members that are indented, and the bracket that closes.
pub(super) fn braces_next(phase: Phase, line: &View<'_>) -> Verdict {
    let text = line.bare;
    if phase == Phase::End || line.headed {
        return Verdict::Other;
    }
    if line.indent > 0 {
        return Verdict::Continue(Phase::Body);
    }
    if text.is_empty() {
        return Verdict::Ambiguous;
    }
    let closes = text.len() <= 4
        && text.starts_with(['}', ']', ')'])
        && text.bytes().all(|b| b"}]),;".contains(&b));
    if closes {
        Verdict::Continue(Phase::End)
    } else {
        Verdict::Other
    }
}

/// First words of the further lines of a statement.
const CLAUSES: [&str; 30] = [
    "FROM ",
    "WHERE ",
    "AND ",
    "OR ",
    "ORDER BY ",
    "GROUP BY ",
    "LIMIT ",
    "VALUES ",
    "VALUES(",
    "SET ",
    "JOIN ",
    "LEFT JOIN ",
    "RIGHT JOIN ",
    "INNER JOIN ",
    "LEFT OUTER JOIN ",
    "ON ",
    "UNION",
    "HAVING ",
    "RETURNING ",
    "OFFSET ",
    "INTO ",
    "CROSS JOIN ",
    "ON CONFLICT ",
    "FOR UPDATE",
    "SELECT ",
    "USING ",
    "WITH ",
    "FULL JOIN ",
    "WINDOW ",
    "FETCH ",
];
/// Words of which one stands in a statement's first line.
const VERBS: [&str; 5] = ["select", "insert into", "update ", "delete from", "with "];
/// Bytes of a line in which a verb is looked for.
const STATEMENT_BYTES_MAX: usize = 4_096;

/// Whether a line goes on with the statement that the one above holds.
pub(super) fn is_clause(above: &str, line: &View<'_>) -> bool {
    let head = line
        .bare
        .get(..24)
        .unwrap_or(line.bare)
        .to_ascii_uppercase();
    let head = if line.bare.len() <= 24 {
        format!("{head} ")
    } else {
        head
    };
    if !CLAUSES.iter().any(|clause| head.starts_with(clause)) {
        return false;
    }
    let mut end = above.len().min(STATEMENT_BYTES_MAX);
    while !above.is_char_boundary(end) {
        end -= 1;
    }
    let above = above.get(..end).unwrap_or("").to_ascii_lowercase();
    VERBS.iter().any(|verb| {
        above.match_indices(verb).any(|(at, _)| {
            let before = above.get(..at).and_then(|head| head.chars().next_back());
            before.is_none_or(|c| matches!(c, ' ' | ':' | '"' | '\'' | '(' | '[' | '=' | '\t'))
        })
    })
}
