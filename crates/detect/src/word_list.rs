//! Lists of plain words, looked up: the longest have hundreds, and a line that holds something asks
//! them about many words.

/// Slots of one list.
const SLOTS_COUNT: usize = 512;

/// Words by a hash of what is nearest at hand: first letter, letter in the middle, length.
pub(crate) struct WordList {
    slots: Vec<Vec<&'static str>>,
}

impl WordList {
    /// The words of some lines, in which blanks part them.
    pub(crate) fn of<'l>(lines: impl IntoIterator<Item = &'l &'static str>) -> Self {
        let mut slots = vec![Vec::new(); SLOTS_COUNT];
        for word in lines.into_iter().flat_map(|line| line.split(' ')) {
            if let Some(slot) = slots.get_mut(slot(word)) {
                slot.push(word);
            }
        }
        Self { slots }
    }

    /// Whether a word is one of them, ASCII case ignored.
    pub(crate) fn has(&self, word: &str) -> bool {
        let mut known = self.slots.get(slot(word)).into_iter().flatten();
        known.any(|known| known.eq_ignore_ascii_case(word))
    }
}

fn slot(word: &str) -> usize {
    let letter = |n: usize| {
        let b = word.as_bytes().get(n).copied().unwrap_or(0);
        usize::from(b | 0x20)
    };
    (letter(0) + letter(word.len() / 2) * 31 + word.len() * 57) % SLOTS_COUNT
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_found_in_any_case() {
        let list = WordList::of(&["one two-three", "gültig"]);
        for word in ["one", "TWO-three", "Gültig"] {
            assert!(list.has(word), "{word}");
        }
        for word in ["", "on", "one ", "one two-three", "GÜLTIG"] {
            assert!(!list.has(word), "{word}");
        }
    }
}
