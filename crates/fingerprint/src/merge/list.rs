//! Lists of names become one place: `web-<num>, db-primary, <host>`.
//!
//! Members are single tokens with a comma between them, of which one at least is a name or a slot;
//! words of prose with commas between them are no list, but in brackets.

use super::row::{Kind, Symbols, Token};

/// Folds the list that ends a row so far, where it ends before `rest`.
pub(super) fn fold(tokens: &mut Vec<Token>, symbols: &mut Symbols, rest: &str) {
    // A list ends where no comma follows.
    if rest.starts_with(',') || !tokens.last().is_some_and(|last| is_value(last, symbols)) {
        return;
    }
    let mut from = tokens.len() - 1;
    let mut named = tokens.last().is_some_and(|last| is_name(last, symbols));
    while let Some((before, comma)) = from.checked_sub(2).zip(from.checked_sub(1)) {
        let comma = tokens.get(comma).map_or("", |token| text(token, symbols));
        let value = tokens.get(before).filter(|token| is_value(token, symbols));
        let (",", Some(value)) = (comma, value) else {
            break;
        };
        named |= is_name(value, symbols);
        from = before;
    }
    let before = from.checked_sub(1).and_then(|at| tokens.get(at));
    let opened = before.is_some_and(|token| matches!(text(token, symbols), "[" | "{" | "="));
    // `a word, name`: what stands before the first member must not be prose that goes on.
    let begins = before.is_none_or(|token| symbols.kind(symbols.key(token.symbol)) == Kind::Mark);
    let first_named = tokens
        .get(from)
        .is_some_and(|token| is_name(token, symbols));
    if from + 1 < tokens.len() && (opened || named && (begins || first_named)) {
        let spaced = tokens.get(from).is_some_and(|token| token.spaced);
        tokens.truncate(from);
        let symbol = symbols.intern("<*>");
        tokens.push(Token { symbol, spaced });
    }
}

fn text<'s>(token: &Token, symbols: &'s Symbols) -> &'s str {
    symbols.normal(symbols.key(token.symbol))
}

fn is_value(token: &Token, symbols: &Symbols) -> bool {
    symbols.kind(symbols.key(token.symbol)) != Kind::Mark
}

fn is_name(token: &Token, symbols: &Symbols) -> bool {
    matches!(
        symbols.kind(symbols.key(token.symbol)),
        Kind::Name | Kind::Slot
    )
}
