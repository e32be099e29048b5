//! Text under construction that knows where its planted values stand, whatever is done to it.
//!
//! *Invariant:* every operation moves the spans of the plants along with their characters; carriers
//! never compute an offset.

use crate::record::{Class, Encoding, Plant};

/// Stands before a number in a template of [`Marked::fill`].
const HOLE: char = '§';
/// Stand around what a template says may go or stay.
const EITHER: [char; 2] = ['⟦', '⟧'];
/// Kind of such a span while it travels with the plants.
pub(crate) const EITHER_KIND: &str = "either";

/// Text and the plants in it, by their place.
#[derive(Clone, Debug, Default)]
pub(crate) struct Marked {
    pub(crate) text: String,
    pub(crate) plants: Vec<Plant>,
}

impl From<&str> for Marked {
    fn from(text: &str) -> Self {
        Self::from(text.to_owned())
    }
}

impl From<String> for Marked {
    fn from(text: String) -> Self {
        Self {
            text,
            plants: Vec::new(),
        }
    }
}

impl Marked {
    /// Text of one plant; its span is set here.
    pub(crate) fn planted(mut plant: Plant) -> Self {
        let text = plant.value.clone();
        (plant.start, plant.end) = (0, text.len());
        Self {
            text,
            plants: vec![plant],
        }
    }

    /// Appends plain text.
    pub(crate) fn add(&mut self, text: &str) -> &mut Self {
        self.text.push_str(text);
        self
    }

    /// Appends another text with its plants.
    pub(crate) fn push(&mut self, other: &Self) -> &mut Self {
        let by = self.text.len();
        self.text.push_str(&other.text);
        self.plants
            .extend(other.plants.iter().cloned().map(|mut p| {
                p.start += by;
                p.end += by;
                p
            }));
        self
    }

    /// A template with `§0` to `§9` replaced by the parts; what stands in `⟦…⟧` may go or stay.
    pub(crate) fn fill(template: &str, parts: &[&Self]) -> Self {
        let mut out = Self::default();
        let mut open = 0;
        let mut rest = template;
        while let Some(at) = rest.find([HOLE, EITHER[0], EITHER[1]]) {
            let (head, tail) = rest.split_at(at);
            out.add(head);
            let sign = tail.chars().next().unwrap_or(HOLE);
            rest = tail.get(sign.len_utf8()..).unwrap_or("");
            if sign == EITHER[0] {
                open = out.text.len();
            } else if sign == EITHER[1] {
                out.plants.push(either(open, &out.text));
            } else {
                let digit = rest.chars().next().and_then(|c| c.to_digit(10));
                if let Some(part) = digit.and_then(|n| parts.get(n as usize)) {
                    out.push(part);
                }
                rest = rest.get(1..).unwrap_or("");
            }
        }
        out.add(rest);
        out
    }

    /// Several texts with something between them.
    pub(crate) fn join(parts: &[Self], between: &str) -> Self {
        let mut out = Self::default();
        for (n, part) in parts.iter().enumerate() {
            if n > 0 {
                out.add(between);
            }
            out.push(part);
        }
        out
    }

    /// Each character becomes what `of` appends for it. Plants whose text this changed get the
    /// layer.
    pub(crate) fn map(&self, layer: Encoding, mut of: impl FnMut(char, &mut String)) -> Self {
        let mut text = String::with_capacity(self.text.len());
        let mut places = vec![0; self.text.len() + 1];
        for (at, c) in self.text.char_indices() {
            set(&mut places, at, text.len());
            of(c, &mut text);
        }
        set(&mut places, self.text.len(), text.len());
        self.moved(text, &places, layer)
    }

    /// The same plants in `text`, where the byte at `n` has become what begins at `places[n]`.
    pub(crate) fn moved(&self, text: String, places: &[usize], layer: Encoding) -> Self {
        let place = |at: usize| places.get(at).copied().unwrap_or(text.len());
        let mut plants = self.plants.clone();
        for plant in &mut plants {
            let old = self.text.get(plant.start..plant.end);
            (plant.start, plant.end) = (place(plant.start), place(plant.end));
            if old != text.get(plant.start..plant.end) {
                plant.encoding.push(layer);
            }
        }
        Self { text, plants }
    }

    /// The text in other bytes altogether: byte `n` becomes `(n * num / den)`, rounded outwards.
    pub(crate) fn scaled(&self, text: String, num: usize, den: usize, layer: Encoding) -> Self {
        let mut plants = self.plants.clone();
        for plant in &mut plants {
            plant.start = plant.start * num / den;
            plant.end = (plant.end * num).div_ceil(den).min(text.len());
            plant.encoding.push(layer);
        }
        Self { text, plants }
    }

    /// The text as one run in which every plant is everywhere.
    pub(crate) fn whole(&self, text: String, layer: Encoding) -> Self {
        let mut plants = self.plants.clone();
        for plant in &mut plants {
            (plant.start, plant.end) = (0, text.len());
            plant.encoding.push(layer);
        }
        Self { text, plants }
    }

    /// Cuts the text at a byte, which must be a character's edge; a plant that is cut keeps what is
    /// left of it. Only for plants that stand plain.
    pub(crate) fn cut(&self, at: usize) -> Self {
        let text = self.text.get(..at).unwrap_or(&self.text).to_owned();
        let mut plants = self.plants.clone();
        plants.retain(|plant| plant.start < text.len());
        for plant in &mut plants {
            if plant.end > text.len() {
                plant.end = text.len();
                text.get(plant.start..)
                    .unwrap_or("")
                    .clone_into(&mut plant.value);
            }
        }
        Self { text, plants }
    }

    /// Whether it runs over several lines.
    pub(crate) fn has_lines(&self) -> bool {
        self.text.contains('\n')
    }
}

/// The span from a byte to the end of the text.
fn either(start: usize, text: &str) -> Plant {
    Plant {
        start,
        end: text.len(),
        class: Class::B,
        kind: EITHER_KIND.to_owned(),
        locale: "-",
        encoding: Vec::new(),
        value: text.get(start..).unwrap_or("").to_owned(),
        free_text: false,
    }
}

fn set(places: &mut [usize], at: usize, to: usize) {
    if let Some(slot) = places.get_mut(at) {
        *slot = to;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    pub(crate) fn plant(value: &str) -> Marked {
        Marked::planted(Plant {
            start: 0,
            end: 0,
            class: Class::A,
            kind: "password".to_owned(),
            locale: "-",
            encoding: Vec::new(),
            value: value.to_owned(),
            free_text: false,
        })
    }

    fn spans(marked: &Marked) -> Vec<&str> {
        let of = |p: &Plant| marked.text.get(p.start..p.end).unwrap();
        marked.plants.iter().map(of).collect()
    }

    #[test]
    fn plants_move_with_their_characters() {
        let all = Marked::fill("a=§0, b=§1!", &[&plant("x\"y"), &plant("zé")]);
        assert_eq!(all.text, "a=x\"y, b=zé!");
        assert_eq!(spans(&all), ["x\"y", "zé"]);
        let escaped = all.map(Encoding::Escape, |c, out| {
            if c == '"' {
                out.push('\\');
            }
            out.push(c);
        });
        assert_eq!(spans(&escaped), ["x\\\"y", "zé"]);
        let layers: Vec<usize> = escaped.plants.iter().map(|p| p.encoding.len()).collect();
        assert_eq!(
            layers,
            [1, 0],
            "the layer is told where it changed something"
        );
    }

    #[test]
    fn what_may_stay_is_marked_like_a_plant() {
        let all = Marked::fill("user=⟦app⟧ pw=§0", &[&plant("x9")]);
        assert_eq!(all.text, "user=app pw=x9");
        assert_eq!(spans(&all), ["app", "x9"]);
        assert_eq!(all.plants.first().unwrap().kind, EITHER_KIND);
    }

    #[test]
    fn what_is_cut_off_is_no_plant() {
        let all = Marked::fill("§0 and §1", &[&plant("secret"), &plant("other")]);
        assert_eq!(spans(&all.cut(4)), ["secr"]);
        assert_eq!(all.cut(4).plants.first().unwrap().value, "secr");
    }
}
