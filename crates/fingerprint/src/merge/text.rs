//! The text of patterns that are one template: what all rows have, and `<*>` where they differ.

use super::row::{Kind, Pattern, Row, STAR, Symbols, Token};
use super::weigh;

/// What is shown of a place: a token, or that it varies.
#[derive(Clone, Copy)]
struct Shown {
    token: Option<Token>,
    spaced: bool,
}

/// The text of a cluster, whose rows are in the order of their shapes.
pub(super) fn of(cluster: &[Pattern], symbols: &Symbols) -> String {
    let members = cluster.iter().flat_map(|pattern| &pattern.members);
    let rows: Vec<&Row> = members.map(|(_, row)| row).collect();
    // The one with the fewest cells says what all may have.
    let Some(first) = rows.iter().min_by_key(|row| row.cells.len()) else {
        return String::new();
    };
    let even = rows.iter().all(|row| row.cells.len() == first.cells.len());
    let shown = if even {
        columns(first, &rows, symbols)
    } else {
        common(first, &rows, symbols)
    };
    let mut out = String::new();
    for place in shown {
        let piece = place
            .token
            .map_or("<*>", |token| symbols.text(token.symbol));
        if piece == "<*>" && (out.ends_with("<*>") && !place.spaced || out.ends_with(" <*>")) {
            continue;
        }
        if place.spaced && !out.is_empty() {
            out.push(' ');
        }
        out.push_str(piece);
    }
    out
}

/// The tokens of a row's cell.
fn tokens(row: &Row, cell: usize) -> &[Token] {
    row.cells
        .get(cell)
        .and_then(|cell| row.tokens.get(cell.from..cell.to))
        .unwrap_or_default()
}

/// Rows with as many cells, cell by cell.
fn columns(first: &Row, rows: &[&Row], symbols: &Symbols) -> Vec<Shown> {
    let mut out = Vec::new();
    for cell in 0..first.cells.len() {
        let base = tokens(first, cell);
        let mut kept: Vec<Shown> = base.iter().map(|token| shown(*token)).collect();
        let (mut front, mut back) = (base.len(), base.len());
        let (mut even, mut shortest) = (true, base.len());
        for row in rows {
            let other = tokens(row, cell);
            if other.len() == base.len() {
                for (place, token) in kept.iter_mut().zip(other) {
                    agree(place, *token, symbols);
                }
            } else {
                even = false;
            }
            let same = |(a, b): &(&Token, &Token)| a.symbol == b.symbol;
            let pairs = base.iter().zip(other);
            front = front.min(pairs.take_while(same).count());
            let pairs = base.iter().rev().zip(other.iter().rev());
            back = back.min(pairs.take_while(same).count());
            shortest = shortest.min(other.len());
        }
        if even {
            out.extend(kept);
            continue;
        }
        let back = back.min(shortest.saturating_sub(front));
        out.extend(base.iter().take(front).map(|token| shown(*token)));
        out.push(Shown {
            token: None,
            spaced: base.get(front).is_some_and(|token| token.spaced)
                || base.is_empty() && rows.iter().any(|row| begins_spaced(row, cell)),
        });
        out.extend(
            base.iter()
                .skip(base.len() - back)
                .map(|token| shown(*token)),
        );
    }
    out
}

fn begins_spaced(row: &Row, cell: usize) -> bool {
    tokens(row, cell).first().is_some_and(|token| token.spaced)
}

fn shown(token: Token) -> Shown {
    Shown {
        token: Some(token),
        spaced: token.spaced,
    }
}

/// Leaves a place open where another row has another token there.
fn agree(place: &mut Shown, token: Token, symbols: &Symbols) {
    let Some(mine) = &mut place.token else { return };
    if mine.symbol == token.symbol {
        return;
    }
    let (key, other) = (symbols.key(mine.symbol), symbols.key(token.symbol));
    if key == other && symbols.kind(key) == Kind::Mark {
        // Of marks that count as one, the shortest, then the smallest.
        let text = |token: &Token| symbols.text(token.symbol);
        if (text(&token).len(), text(&token)) < (text(mine).len(), text(mine)) {
            mine.symbol = token.symbol;
        }
    } else {
        place.token = None;
    }
}

/// What the cells of the first of rows of different lengths are to all of them.
struct Common {
    /// Cells that all rows have.
    kept: Vec<bool>,
    /// Before which cells something may stand.
    gap: Vec<bool>,
    /// How many cells all rows begin and end with.
    fronts: usize,
    backs: usize,
}

fn key(row: &Row, at: usize) -> Option<u32> {
    row.cells.get(at).map(|cell| cell.key)
}

impl Common {
    fn new(count: usize) -> Self {
        Self {
            kept: vec![true; count],
            gap: vec![false; count + 1],
            fronts: count,
            backs: count,
        }
    }

    /// Compares a row with the first: its beginning, its end, and between them the words that it
    /// has too, in this order.
    fn compare(&mut self, first: &Row, row: &Row, symbols: &Symbols) {
        let (length, count) = (first.cells.len(), row.cells.len());
        let front = (0..length)
            .take_while(|at| key(first, *at) == key(row, *at))
            .count();
        let back = (1..=length - front)
            .take_while(|n| key(first, length - n) == key(row, count - n))
            .count();
        self.fronts = self.fronts.min(front);
        self.backs = self.backs.min(back);
        let mut from = front;
        for at in front..length - back {
            let wanted = key(first, at);
            let word = wanted.is_some_and(|key| weigh::is_anchor(key, symbols));
            let found = (from..count - back).find(|other| key(row, *other) == wanted);
            if let Some(found) = found.filter(|_| word) {
                if let Some(gap) = self.gap.get_mut(at) {
                    *gap |= found > from;
                }
                from = found + 1;
            } else if let Some(kept) = self.kept.get_mut(at) {
                *kept = false;
            }
        }
        if let Some(gap) = self.gap.get_mut(length - back) {
            *gap |= from < count - back;
        }
    }

    /// Whether a cell is at the same place in all rows, and as the first row has it.
    fn is_exact(&self, first: &Row, rows: &[&Row], at: usize) -> bool {
        let behind = first.cells.len() - at;
        let mine = tokens(first, at);
        (at < self.fronts || behind <= self.backs)
            && rows.iter().all(|row| {
                let other = if at < self.fronts {
                    at
                } else {
                    row.cells.len() - behind
                };
                let theirs = tokens(row, other);
                let mut pairs = mine.iter().zip(theirs);
                mine.len() == theirs.len() && pairs.all(|(a, b)| a.symbol == b.symbol)
            })
    }
}

/// What rows of different lengths have in common.
fn common(first: &Row, rows: &[&Row], symbols: &Symbols) -> Vec<Shown> {
    let mut common = Common::new(first.cells.len());
    for row in rows {
        common.compare(first, row, symbols);
    }
    let mut out = Vec::new();
    let open = |spaced| Shown {
        token: None,
        spaced,
    };
    for (at, cell) in first.cells.iter().enumerate() {
        let spaced = begins_spaced(first, at);
        if common.gap.get(at) == Some(&true) {
            out.push(open(true));
        }
        let kept = common.kept.get(at) == Some(&true);
        let symbol = tokens(first, at).first().map(|token| token.symbol);
        let said = |row: &&Row| {
            let mut all = row.tokens.iter();
            all.any(|token| Some(token.symbol) == symbol)
        };
        let exact = kept && common.is_exact(first, rows, at);
        if exact || kept && cell.key != STAR && rows.iter().all(said) {
            out.extend(tokens(first, at).iter().map(|token| shown(*token)));
        } else {
            out.push(open(spaced));
        }
    }
    if common.gap.last() == Some(&true) {
        out.push(open(true));
    }
    out
}
