//! How a report is laid out on a terminal and in Markdown.

/// Widest line in characters. A single longer word, such as a path, stands alone on its line.
pub(crate) const COLUMNS_MAX: usize = 100;

/// Writes a text behind what begins its first line and each further one, wrapped at its blanks.
pub(crate) fn wrapped(
    out: &mut String,
    columns_max: usize,
    (first, further): (&str, &str),
    text: &str,
) {
    out.push_str(first);
    let mut column = first.chars().count();
    for (at, word) in text.split(' ').enumerate() {
        let width = word.chars().count();
        if at > 0 && column + 1 + width > columns_max {
            out.push('\n');
            out.push_str(further);
            column = further.chars().count();
        } else if at > 0 {
            out.push(' ');
            column += 1;
        }
        out.push_str(word);
        column += width;
    }
    out.push('\n');
}
