//! Text of a condition becomes tokens.

/// A token.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Token {
    Word(String),
    Text(String),
    Int(i64),
    Float(f64),
    Mark(&'static str),
}

/// Marks, longer ones first.
const MARKS: [&str; 17] = [
    "==", "!=", "<=", ">=", "<", ">", "(", ")", "[", "]", ",", ".", "+", "-", "*", "/", "=",
];

/// Tokens of `text`, each with its offset.
pub(super) fn tokens(text: &str) -> Result<Vec<(usize, Token)>, String> {
    let mut found = Vec::new();
    let mut rest = text;
    loop {
        rest = rest.trim_start();
        let at = text.len() - rest.len();
        let Some(first) = rest.chars().next() else {
            return Ok(found);
        };
        let (token, length) = if first == '"' {
            quoted(rest).ok_or_else(|| format!("the text at {at} does not end"))?
        } else if first.is_ascii_digit() {
            number(rest).ok_or_else(|| format!("the number at {at} is none"))?
        } else if first.is_ascii_alphabetic() || first == '_' {
            let is_inner = |c: char| c.is_ascii_alphanumeric() || c == '_';
            let length = rest.find(|c| !is_inner(c)).unwrap_or(rest.len());
            let word = rest.get(..length).unwrap_or_default();
            (Token::Word(word.to_owned()), length)
        } else {
            let mark = MARKS.iter().find(|mark| rest.starts_with(**mark));
            let mark = mark.ok_or_else(|| format!("`{first}` at {at} is not understood"))?;
            (Token::Mark(mark), mark.len())
        };
        found.push((at, token));
        rest = rest.get(length..).unwrap_or_default();
    }
}

fn quoted(text: &str) -> Option<(Token, usize)> {
    let mut out = String::new();
    let mut chars = text.char_indices().skip(1);
    while let Some((at, c)) = chars.next() {
        match c {
            '"' => return Some((Token::Text(out), at + 1)),
            '\\' => out.push(match chars.next()?.1 {
                'n' => '\n',
                't' => '\t',
                'r' => '\r',
                other => other,
            }),
            other => out.push(other),
        }
    }
    None
}

fn number(text: &str) -> Option<(Token, usize)> {
    let is_inner = |c: char| c.is_ascii_digit() || c == '.';
    let mut length = text.find(|c| !is_inner(c)).unwrap_or(text.len());
    let mut digits = text.get(..length)?;
    let after = text.get(length..)?;
    if after.starts_with(['e', 'E']) {
        let signed = after.get(1..)?.trim_start_matches(['+', '-']);
        let end = signed
            .find(|c: char| !c.is_ascii_digit())
            .unwrap_or(signed.len());
        length = text.len() - signed.len() + end;
        digits = text.get(..length)?;
    }
    let token = match digits.parse::<i64>() {
        Ok(n) => Token::Int(n),
        Err(_) => Token::Float(digits.parse::<f64>().ok()?),
    };
    Some((token, length))
}
