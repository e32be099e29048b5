//! Lists of names become one place: `web-<num>, db-primary, <host>`.
//!
//! Members are single tokens with a comma between them, names and slots. What stands in brackets
//! is one cell anyway.

use super::row::{Kind, Symbols, Token};

/// Folds the list that ends a row so far, where it ends before `rest`.
pub(super) fn fold(tokens: &mut Vec<Token>, symbols: &mut Symbols, rest: &str) {
    // A list goes on behind a comma, and what a colon or an equals sign follows is a key.
    if rest.starts_with([',', ':', '=', '(', ']', '}']) {
        return;
    }
    let is_member = |token: &Token| {
        matches!(
            symbols.kind(symbols.key(token.symbol)),
            Kind::Name | Kind::Slot
        )
    };
    let Some(mut from) = tokens.len().checked_sub(1) else {
        return;
    };
    if !tokens.last().is_some_and(is_member) {
        return;
    }
    while let Some((before, comma)) = from.checked_sub(2).zip(from.checked_sub(1)) {
        let comma = tokens.get(comma).map_or("", |token| text(*token, symbols));
        // Between two commas a word is a member too.
        let between = || {
            let further = before.checked_sub(1).and_then(|at| tokens.get(at));
            let kind = tokens
                .get(before)
                .map(|token| symbols.kind(symbols.key(token.symbol)));
            further.is_some_and(|token| text(*token, symbols) == ",") && kind != Some(Kind::Mark)
        };
        if comma != "," || !(tokens.get(before).is_some_and(is_member) || between()) {
            break;
        }
        from = before;
    }
    let before = from.checked_sub(1).and_then(|at| tokens.get(at));
    let opened = before.is_some_and(|token| matches!(text(*token, symbols), "[" | "{"));
    if from + 1 < tokens.len() && !opened {
        let spaced = tokens.get(from).is_some_and(|token| token.spaced);
        tokens.truncate(from);
        let symbol = symbols.intern("<*>");
        tokens.push(Token { symbol, spaced });
    }
}

fn text(token: Token, symbols: &Symbols) -> &str {
    symbols.normal(symbols.key(token.symbol))
}
