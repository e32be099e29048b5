//! The tokens of a row become cells: a word, a mark, or a region that is a value as a whole.
//!
//! Where a value stands is told by what stands around it: quotes, a bracket with more than a word,
//! an equals sign, the colon behind a word that announces a cause. What such a region holds, and
//! how long it is, does not tell statements apart; its tokens are kept for the text alone.
//! What opens a row is the statement's own, in quotes and brackets too.
//!
//! *Complexity:* linear in the tokens.

use super::row::{Kind, STAR, Symbols, Token};
use super::weigh;

/// Words behind an equals sign that are its value, where a further key follows.
const VALUE_WORDS_MAX: usize = 4;

/// Keys with their values that tell statements apart; of a longer list the rest is a value.
const PAIRS_COUNT_MAX: usize = 8;
/// Words that the value of a member of a list is.
const MEMBER_WORDS_MAX: usize = 3;

/// Words in brackets that make a sentence.
const SAID_WORDS_MIN: usize = 4;
/// Tokens between doubled quotes.
const QUOTED_WORDS_MAX: usize = 12;

/// One place of a row.
#[derive(Clone, Copy, Debug)]
pub(super) struct Cell {
    pub(super) key: u32,
    /// Its tokens, from and to.
    pub(super) from: usize,
    pub(super) to: usize,
}

/// The cells of tokens.
pub(super) fn cells(tokens: &[Token], symbols: &Symbols) -> Vec<Cell> {
    let mut reader = Reader {
        tokens,
        symbols,
        closes: closes(tokens, symbols),
        cells: Vec::with_capacity(tokens.len()),
        anchors: 0,
        pairs: 0,
    };
    let mut at = 0;
    while at < tokens.len() {
        at = reader.next(at).max(at + 1);
    }
    reader.cells
}

/// For each token that opens a quote or a bracket, the token that closes it.
fn closes(tokens: &[Token], symbols: &Symbols) -> Vec<Option<usize>> {
    let mut closes = vec![None; tokens.len()];
    let mut open: Vec<(usize, &str)> = Vec::new();
    let mut before = " ";
    for (at, token) in tokens.iter().enumerate() {
        let text = match symbols.text(token.symbol) {
            // The quote that is not written.
            "" => "\"",
            text => text,
        };
        let next = tokens.get(at + 1);
        let wanted = match text {
            ")" => "(",
            "]" => "[",
            "}" => "{",
            ">" if !token.spaced => "<",
            "\"" | "'" | "`" | "\\\"" => text,
            _ => "",
        };
        let found = open.iter().rposition(|(_, opened)| *opened == wanted);
        // A bracket in quotes does not close one outside of them.
        let found = found.filter(|found| {
            let inner = open.get(found + 1..).unwrap_or_default();
            is_quote(wanted) || !inner.iter().any(|(_, opened)| is_quote(opened))
        });
        if let Some(found) = found {
            if let Some(slot) = open.get(found).and_then(|(from, _)| closes.get_mut(*from)) {
                *slot = Some(at);
            }
            open.truncate(found);
        } else if match text {
            "(" | "[" | "{" | "\\\"" => true,
            "<" => next.is_some_and(|next| !next.spaced),
            "\"" | "'" | "`" => token.spaced || at == 0 || "([{<=,:;|".contains(before),
            _ => false,
        } {
            open.push((at, text));
        }
        before = text;
    }
    closes
}

fn is_quote(text: &str) -> bool {
    matches!(text, "\"" | "'" | "`" | "\\\"")
}

/// Two hexadecimal digits, both of them letters.
fn is_byte(text: &str) -> bool {
    text.len() == 2 && text.bytes().all(|b| matches!(b, b'A'..=b'F'))
}

/// Keys of what a line says.
fn is_message(key: &str) -> bool {
    matches!(key, "msg" | "message" | "event" | "log" | "text")
}

struct Reader<'a> {
    tokens: &'a [Token],
    symbols: &'a Symbols,
    closes: Vec<Option<usize>>,
    cells: Vec<Cell>,
    /// Words so far that say something and are no keys of values.
    anchors: usize,
    /// Keys with their values so far.
    pairs: usize,
}

impl Reader<'_> {
    fn key(&self, at: usize) -> Option<u32> {
        self.tokens
            .get(at)
            .map(|token| self.symbols.key(token.symbol))
    }

    fn text(&self, at: usize) -> &str {
        self.key(at).map_or("", |key| self.symbols.normal(key))
    }

    fn spaced(&self, at: usize) -> bool {
        self.tokens.get(at).is_none_or(|token| token.spaced)
    }

    /// Reads what stands at a token; gives where to go on.
    fn next(&mut self, at: usize) -> usize {
        let close = self.closes.get(at).copied().flatten();
        match (self.text(at), close) {
            ("\"" | "\\\"", Some(close)) => self.quoted(at, close),
            ("(" | "[" | "{" | "<", Some(close)) => self.bracket(at, close),
            ("=", _) => self.value(at),
            ("to", _) if at > 0 && self.text(at - 1) == "due" && self.announces(at) => {
                self.push(at, at + 1);
                self.star(at + 1, self.tokens.len());
                self.tokens.len()
            }
            (":" | "because", _) if self.announces(at) => {
                self.push(at, at + 1);
                self.star(at + 1, self.tokens.len());
                self.tokens.len()
            }
            ("-", _) if self.spaced(at) && self.describes() => {
                // The end of the sentence is the statement's.
                let last = self.tokens.len() - 1;
                let ends = last > at && matches!(self.text(last), ".");
                let end = last + usize::from(!ends);
                self.star(at, end);
                end
            }
            (":", _) if self.queries(at + 1) => {
                self.push(at, at + 1);
                self.star(at + 1, self.tokens.len());
                self.tokens.len()
            }
            (":", _) => {
                let member = self.member_end(at);
                self.push(at, at + 1);
                if let Some(end) = member {
                    self.star(at + 1, end);
                    return end;
                }
                // Nothing between a colon and a comma is a value that is empty.
                if matches!(self.text(at + 1), "," | ";") {
                    self.star(at + 1, at + 1);
                }
                at + 1
            }
            _ => {
                self.push(at, at + 1);
                at + 1
            }
        }
    }

    /// Whether the last value is a unit, whose description follows a dash.
    fn describes(&self) -> bool {
        let last = self.cells.last().filter(|cell| cell.key == STAR);
        last.is_some_and(|cell| cell.to > 0 && weigh::is_unit_name(self.text(cell.to - 1)))
    }

    /// Whether a statement of a database begins at a token: it is a value, whatever it says.
    fn queries(&self, at: usize) -> bool {
        weigh::is_query_verb(self.text(at)) && {
            let next = self.text(at + 1);
            self.key(at + 1) != Some(STAR) && weigh::is_query_tail(next)
        }
    }

    /// `, SleepType: Normal Sleep, 'Connected': Yes,`: where the value of a member of a list ends
    /// whose key has capitals inside or stands in quotes.
    fn member_end(&self, at: usize) -> Option<usize> {
        let [.., before, key] = self.cells.as_slice() else {
            return None;
        };
        let named = match self.symbols.kind(key.key) {
            Kind::Camel => true,
            _ => key.key == STAR && self.text(key.from) == "\"",
        };
        if !named || self.symbols.normal(before.key) != "," {
            return None;
        }
        let end = self.tokens.len().min(at + 2 + MEMBER_WORDS_MAX);
        let word = |at: &usize| {
            let kind = self.key(*at).map(|key| self.symbols.kind(key));
            kind.is_some_and(|kind| kind != Kind::Mark)
        };
        let words = (at + 1..end).take_while(word).count();
        let next = at + 1 + words;
        let ends = next >= self.tokens.len() || matches!(self.text(next), "," | ";" | "}");
        (1..=MEMBER_WORDS_MAX)
            .contains(&words)
            .then_some(next)
            .filter(|_| ends)
    }

    /// One token as it is.
    fn push(&mut self, from: usize, to: usize) {
        let key = self.key(from).unwrap_or(STAR);
        if key == STAR || self.symbols.kind(key) == Kind::Truth || self.symbols.is_id(key) {
            return self.star(from, to);
        }
        let text = self.symbols.normal(key);
        if weigh::is_unit_name(text) {
            return self.star(from, to);
        }
        let joins = weigh::is_unit(text) || is_byte(text) || weigh::is_time_unit(text);
        if joins && self.cells.last().is_some_and(|cell| cell.key == STAR) {
            return self.star(from, to);
        }
        self.anchors += usize::from(weigh::is_anchor(key, self.symbols));
        self.cells.push(Cell { key, from, to });
    }

    /// A value; one that follows another is the same.
    fn star(&mut self, from: usize, to: usize) {
        let mark = |cell: &Cell| self.symbols.normal(cell.key);
        let joined = match self.cells.as_slice() {
            [.., before] if before.key == STAR => 1,
            // A machine with its port.
            [_, .., before, between]
                if self.symbols.kind(before.key) == Kind::Name
                    && mark(between) == ":"
                    && mark(before).contains(['.', '-'])
                    && !self.spaced(between.from)
                    && !self.spaced(from)
                    && from < to =>
            {
                2
            }
            [.., before, between] if before.key == STAR => {
                let close = !self.spaced(between.from) && !self.spaced(from);
                match mark(between) {
                    "," => 2,
                    ":" | "/" | "-" | "|" | ";" | "+" | "." if close => 2,
                    _ => 0,
                }
            }
            _ => 0,
        };
        let joined = joined + self.compared(joined, from);
        let begin = self.cells.len() - joined;
        // What was taken for a word is none.
        let words = self.cells.iter().skip(begin);
        let words = words.filter(|cell| weigh::is_anchor(cell.key, self.symbols));
        self.anchors = self.anchors.saturating_sub(words.count());
        let from = self.cells.get(begin).map_or(from, |cell| cell.from);
        self.cells.truncate(begin);
        self.cells.push(Cell {
            key: STAR,
            from,
            to,
        });
    }

    /// `<1`, `~1`: cells of a sign that a value stands behind.
    fn compared(&self, joined: usize, from: usize) -> usize {
        let last = self
            .cells
            .last()
            .filter(|_| joined == 0 && !self.spaced(from));
        let sign = last.is_some_and(|cell| {
            let text = self.symbols.normal(cell.key);
            matches!(text, "<" | ">" | "~") && self.spaced(cell.from)
        });
        usize::from(sign)
    }

    /// A text in quotes.
    fn quoted(&mut self, at: usize, close: usize) -> usize {
        let says = at == 0
            || self.anchors == 0 && self.text(at - 1) == "=" && {
                let key = at.checked_sub(2).map_or("", |key| self.text(key));
                is_message(key)
            };
        // A request is made of a method, a path and a version.
        let asks = matches!(
            self.text(at + 1),
            "GET" | "POST" | "PUT" | "DELETE" | "HEAD" | "PATCH" | "OPTIONS"
        ) && close > at + 2;
        if says || asks {
            self.push(at, at + 1);
            return at + 1;
        }
        self.star(at, close + 1);
        close + 1
    }

    /// A bracket: a value where it holds more than a word, or none.
    fn bracket(&mut self, at: usize, close: usize) -> usize {
        let marked = self.key(close - 1).map(|key| self.symbols.kind(key)) == Some(Kind::Mark);
        let word = close > at + 1
            && !marked
            && (at + 1..close).all(|inner| {
                let key = self.key(inner).unwrap_or(STAR);
                let kind = self.symbols.kind(key);
                let mark = kind == Kind::Mark && matches!(self.text(inner), ":" | "." | "-" | "/");
                (inner == at + 1 || !self.spaced(inner))
                    && (mark || !matches!(kind, Kind::Mark | Kind::Slot))
                    && !self.symbols.is_id(key)
            });
        // A sentence in brackets is said by the statement.
        let said = self.text(at) == "("
            && self.spaced(at)
            && close > at + SAID_WORDS_MIN
            && (at + 1..close).all(|inner| {
                let text = self.text(inner);
                text.bytes().all(|b| b.is_ascii_lowercase() || b == b'\'')
            });
        let glued = !self.spaced(at);
        // `(root) CMD …`: whose line it is.
        let whose = at == 0 && word && close == 2 && self.text(at) == "(";
        // `unit[word]`.
        let indexed = glued && word && close == at + 2 && self.text(at) == "[";
        let indexed = indexed && self.cells.last().is_some_and(|cell| self.named(cell.key));
        if whose || indexed {
            self.push(at, at + 1);
            self.star(at + 1, close);
            self.push(close, close + 1);
            return close + 1;
        }
        if at == 0 || said || word && self.text(at) != "<" {
            self.push(at, at + 1);
            return at + 1;
        }
        let made = self.cells.len() > 1
            && self.cells.last().is_some_and(|cell| {
                let name = self.symbols.normal(cell.key);
                let last = name.rsplit('.').next().unwrap_or(name);
                last.starts_with(char::is_uppercase)
            });
        let mut from = at;
        if glued
            && made
            && let Some(cell) = self.cells.pop()
        {
            self.anchors -= usize::from(weigh::is_anchor(cell.key, self.symbols));
            from = cell.from;
        } else if glued && self.cells.last().is_some_and(|cell| self.named(cell.key)) {
            // A call has brackets, its words are the statement's.
            self.push(at, at + 1);
            self.star(at + 1, close);
            self.push(close, close + 1);
            return close + 1;
        }
        self.star(from, close + 1);
        close + 1
    }

    fn named(&self, key: u32) -> bool {
        !matches!(self.symbols.kind(key), Kind::Mark | Kind::Slot)
    }

    /// An equals sign, and the value behind it.
    fn value(&mut self, at: usize) -> usize {
        let keyed = self
            .cells
            .last()
            .is_some_and(|cell| !matches!(self.symbols.kind(cell.key), Kind::Mark | Kind::Slot));
        self.cells.push(Cell {
            key: self.key(at).unwrap_or(STAR),
            from: at,
            to: at + 1,
        });
        if !keyed {
            // A number with its value is a value.
            if self
                .cells
                .iter()
                .nth_back(1)
                .is_some_and(|cell| cell.key == STAR)
                && self.tokens.len() > at + 1
            {
                self.cells.pop();
                let end = self.value_end(at + 1);
                self.star(at, end);
                return end;
            }
            return at + 1;
        }
        let key = self.cells.len().checked_sub(2);
        let key = key.and_then(|key| self.cells.get(key)).map(|cell| cell.key);
        let anchored = key.is_some_and(|key| weigh::is_anchor(key, self.symbols));
        self.anchors -= usize::from(anchored);
        let next = at + 1;
        let says = key.is_some_and(|key| is_message(self.symbols.normal(key)));
        if says && self.anchors == 0 && !self.spaced(next) && self.text(next) != "\"" {
            return next;
        }
        if self.text(next) == "\"" && self.closes.get(next).copied().flatten().is_some() {
            return self.quoted_value(next);
        }
        // `key= next=1` has no value, `key = 1` has one.
        let apart = self.spaced(next);
        let empty = next >= self.tokens.len()
            || apart && !self.spaced(at) && self.text(next + 1) == "="
            || matches!(self.text(next), "," | ";" | ")" | "]" | "}" | "|");
        if empty {
            self.star(next, next);
            return next;
        }
        let any_text = key.is_some_and(|key| weigh::is_text_key(self.symbols.normal(key)));
        if any_text && !(next..self.tokens.len()).any(|at| self.text(at) == "=") {
            self.star(next, self.tokens.len());
            return self.tokens.len();
        }
        self.pairs += 1;
        let end = match self.pairs {
            PAIRS_COUNT_MAX.. => self.tokens.len(),
            _ => self.further(self.value_end(next)),
        };
        self.star(next, end);
        end
    }

    /// A value in quotes, unless it is what the line says.
    fn quoted_value(&mut self, at: usize) -> usize {
        // `""two words""`.
        let double = |at: usize| self.text(at) == "\"" && self.text(at + 1) == "\"";
        if double(at) && !self.spaced(at + 1) && !self.spaced(at + 2) && self.text(at + 2) != "," {
            let mut inner = at + 2..self.tokens.len().min(at + 2 + QUOTED_WORDS_MAX);
            if let Some(end) = inner.find(|at| double(*at)) {
                self.star(at, end + 2);
                return end + 2;
            }
        }
        match self.closes.get(at).copied().flatten() {
            Some(close) => self.quoted(at, close),
            None => at,
        }
    }

    /// Where a value that begins at a token ends: at white space, or at a mark.
    fn value_end(&self, from: usize) -> usize {
        let mut at = from;
        while at < self.tokens.len() {
            let text = self.text(at);
            if at > from && self.spaced(at) || matches!(text, "," | ";" | ")" | "]" | "}" | "|") {
                break;
            }
            at = match self.closes.get(at).copied().flatten() {
                Some(close) => close + 1,
                None => at + 1,
            };
        }
        at
    }

    /// Where a value ends that goes on over words: up to a comma or to the next key.
    fn further(&self, from: usize) -> usize {
        let mut at = from;
        while at < self.tokens.len() && at < from + VALUE_WORDS_MAX {
            let text = self.text(at);
            if matches!(text, "," | ";" | ")" | "]" | "}") {
                return at;
            }
            if self.text(at + 1) == "=" {
                return at;
            }
            let word = self.key(at).map(|key| self.symbols.kind(key));
            if word == Some(Kind::Mark) {
                return from;
            }
            at += 1;
        }
        // To the end, where a comma or a further key with its value stands before the key.
        let mut back = self.cells.iter().rev().skip(2).map(|cell| cell.key);
        let (before, further) = (back.next(), back.next());
        let is =
            |key: Option<u32>, mark: &str| key.is_some_and(|key| self.symbols.normal(key) == mark);
        let listed = is(before, ",")
            || is(before, ";")
            || before == Some(STAR) && is(further, "=") && at <= from + 2;
        if at == self.tokens.len() && listed {
            at
        } else {
            from
        }
    }

    /// Whether a colon, or a word such as `because`, is followed by a cause or an answer, which
    /// may be any text.
    fn announces(&self, at: usize) -> bool {
        let colon = self.text(at) == ":";
        if colon && !self.spaced(at + 1) {
            return false;
        }
        let word = self.cells.iter().rev().find(|cell| cell.key != STAR);
        let word = word.map_or("", |cell| self.symbols.normal(cell.key));
        if colon && weigh::is_exception(word) {
            return true;
        }
        if colon && self.anchors >= 2 && weigh::announces(word) {
            return true;
        }
        let told = |cell: &&Cell| {
            let text = self.symbols.normal(cell.key);
            weigh::announces(text) || weigh::tells_a_deed(text)
        };
        let sentence = |cell: &&Cell| {
            let text = self.symbols.normal(cell.key);
            let lower = text.starts_with(char::is_lowercase);
            (lower || told(cell)) && weigh::is_anchor(cell.key, self.symbols)
        };
        let words = self.cells.iter().filter(sentence).count();
        let valued = self.cells.iter().any(|cell| cell.key == STAR);
        if !colon {
            return valued && words >= 2;
        }
        // `<host> error: no route`: the one word says nothing of what is not said behind it.
        let did = |cell: &Cell| weigh::tells_a_deed(self.symbols.normal(cell.key));
        let least = usize::from(!self.cells.iter().any(did));
        let next = self.key(at + 1);
        let text = next.is_none_or(|key| key != STAR && !self.symbols.is_id(key));
        let deed = self.cells.iter().any(|cell| told(&cell));
        text && (valued && deed && words > least || words >= 4)
    }
}
