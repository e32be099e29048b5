//! Shapes made coarser, step by step, where there are too many of them.

/// How many steps there are; behind the last there is one shape.
pub(crate) const LEVELS_COUNT: usize = 5;

/// The shape, coarser by the step of that level.
pub(crate) fn step(shape: &str, level: usize) -> String {
    match level {
        0 => words_alone(shape),
        1 => beginning(shape, 6),
        2 => beginning(shape, 3),
        3 => beginning(shape, 1),
        _ => "<*>".to_owned(),
    }
}

/// Names, whatever their kind, are open; words of letters stay.
fn words_alone(shape: &str) -> String {
    let mut out = String::with_capacity(shape.len());
    for word in shape.split(' ') {
        let bare = word.trim_matches([',', '.', ':', ';', '(', ')', '"', '\'']);
        let plain = bare.bytes().all(|b| b.is_ascii_lowercase())
            || bare
                .get(1..)
                .is_some_and(|tail| tail.bytes().all(|b| b.is_ascii_lowercase()));
        let piece = if plain && word.len() < 24 {
            word
        } else {
            "<*>"
        };
        if piece == "<*>" && out.ends_with("<*>") {
            continue;
        }
        if !out.is_empty() {
            out.push(' ');
        }
        out.push_str(piece);
    }
    out
}

/// The first so many words.
fn beginning(shape: &str, words: usize) -> String {
    let mut parts = shape.splitn(words + 1, ' ');
    let kept: Vec<&str> = parts.by_ref().take(words).collect();
    let mut out = kept.join(" ");
    if parts.next().is_some() && !out.ends_with("<*>") {
        out.push_str(" <*>");
    }
    out
}
