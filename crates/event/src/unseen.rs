//! What stands in a text and is not seen: control sequences of terminals, characters that show
//! nothing.
//!
//! *Why here:* who searches a text for secrets and who prints it have to leave out the same. What
//! the printer left out and the search did not would put the halves of a token together again.
//!
//! *Complexity:* constant, by the limits below.

/// Parameter bytes of a control sequence; one with more is none.
const PARAMETERS_BYTES_MAX: usize = 128;
/// Intermediate bytes of a control sequence or an escape sequence.
const INTERMEDIATES_BYTES_MAX: usize = 8;
/// Bytes of a control string: a title, the address of a link.
const STRING_BYTES_MAX: usize = 4_096;

const ESCAPE: u8 = 0x1b;

/// End of the escape or control sequence, or of the control string, that begins with the escape
/// character at `start` (ECMA-48, 5.3, 5.4 and 5.6). Of what has no end within the limits it is the
/// opening alone, so that it hides nothing behind it. The end is at a character's boundary.
pub fn control_end(bytes: &[u8], start: usize) -> usize {
    let opening = start + 1;
    match bytes.get(opening) {
        Some(b'[') => sequence_end(bytes, opening + 1).unwrap_or(opening + 1),
        Some(b']' | b'P' | b'X' | b'^' | b'_') => {
            string_end(bytes, opening + 1).unwrap_or(opening + 1)
        }
        Some(0x20..=0x7e) => {
            let end = run(bytes, opening, INTERMEDIATES_BYTES_MAX, is_intermediate);
            match bytes.get(end) {
                Some(0x30..=0x7e) => end + 1,
                _ => opening,
            }
        }
        _ => opening.min(bytes.len()),
    }
}

fn sequence_end(bytes: &[u8], at: usize) -> Option<usize> {
    let parameter = |b: u8| (0x30..=0x3f).contains(&b);
    let at = run(bytes, at, PARAMETERS_BYTES_MAX, parameter);
    let at = run(bytes, at, INTERMEDIATES_BYTES_MAX, is_intermediate);
    let last = bytes.get(at)?;
    (0x40..=0x7e).contains(last).then_some(at + 1)
}

/// Behind BEL, `ESC \` or the C1 character for it; a line's end ends no string.
fn string_end(bytes: &[u8], at: usize) -> Option<usize> {
    let rest = bytes.get(at..)?;
    for (n, byte) in rest.iter().enumerate().take(STRING_BYTES_MAX) {
        let end = at + n + 1;
        match (*byte, bytes.get(end)) {
            (b'\n', _) => return None,
            (0x07, _) => return Some(end),
            (ESCAPE, Some(b'\\')) | (0xc2, Some(0x9c)) => return Some(end + 1),
            _ => {}
        }
    }
    None
}

fn is_intermediate(b: u8) -> bool {
    (0x20..=0x2f).contains(&b)
}

fn run(bytes: &[u8], at: usize, bytes_max: usize, accept: impl Fn(u8) -> bool) -> usize {
    let rest = bytes.get(at..).unwrap_or_default();
    at + rest
        .iter()
        .take(bytes_max)
        .take_while(|b| accept(**b))
        .count()
}

/// Characters that change what a reader sees without being seen: soft hyphens, joiners, marks of
/// direction, annotations, tags, fillers, variation selectors.
pub const fn is_unseen(c: char) -> bool {
    matches!(c,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}'
        | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}'
        | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e0fff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is behind the sequence that the text begins with.
    fn check(text: &str, expected: &str) {
        let end = control_end(text.as_bytes(), 0);
        assert_eq!(text.get(end..), Some(expected), "{text:?}");
    }

    #[test]
    fn sequences_end_where_a_terminal_ends_them() {
        check("\u{1b}[31mred", "red");
        check("\u{1b}[mplain", "plain");
        check("\u{1b}[38;2;1;2;3mrgb", "rgb");
        check("\u{1b}[38:5:1mcolon", "colon");
        check("\u{1b}[?25lcursor", "cursor");
        check("\u{1b}[>4;1mkeys", "keys");
        check("\u{1b}[4 qshape", "shape");
        check("\u{1b}(Bset", "set");
        check("\u{1b}#8lines", "lines");
        check("\u{1b}7saved", "saved");
        check("\u{1b}]0;title\u{7}text", "text");
        check("\u{1b}]8;;https://a.example\u{1b}\\link", "link");
        check("\u{1b}Pq\u{9c}device", "device");
        check(&format!("\u{1b}[{}mlong", "1;".repeat(60)), "long");
    }

    #[test]
    fn what_does_not_end_hides_nothing() {
        check("\u{1b}", "");
        check("\u{1b}[", "");
        check("\u{1b}[31", "31");
        check("\u{1b}[31é", "31é");
        check("\u{1b}]0;title", "0;title");
        check("\u{1b}]0;title\nnext\u{7}", "0;title\nnext\u{7}");
        check("\u{1b}é", "é");
        check("\u{1b}\u{1b}[1m", "\u{1b}[1m");
        check("\u{1b}(é", "(é");
        let long = format!("{}m", "1".repeat(PARAMETERS_BYTES_MAX + 1));
        check(&format!("\u{1b}[{long}"), &long);
        let long = format!("{}\u{7}", "t".repeat(STRING_BYTES_MAX + 1));
        check(&format!("\u{1b}]{long}"), &long);
    }
}
