//! Many lines become shapes, and shapes become templates.
//!
//! A shape is what one line alone gives; a template is what the shapes of all lines give together.
//! [`Miner::add`] is the fast way for many lines: a line whose like was seen before costs one pass
//! over its bytes and one look-up.
//!
//! **Invariant:** which template a line belongs to depends on the set of the lines that were
//! added: not on their order, not on how often each came.
//!
//! *Limits:* [`SHAPES_COUNT_MAX`] different shapes. Where there are more, all of them, earlier and
//! later ones alike, are made coarser by a step, until they fit: so that order does not count even
//! then.

use std::collections::HashMap;
use std::hash::BuildHasherDefault;

use crate::hash::TextHasher;
use crate::header::{FormNo, Headers, Read};
use crate::limits::{SHAPES_COUNT_MAX, TEXT_BYTES_MAX};
use crate::lines::head;
use crate::template::{Template, settle_masked};
use crate::{coarse, mask, merge};

/// Masked texts whose shapes are remembered; of further ones the shape is found anew each time.
const KNOWN_COUNT_MAX: usize = 4 * SHAPES_COUNT_MAX;

type Map<K, V> = HashMap<K, V, BuildHasherDefault<TextHasher>>;

/// The number of a line's shape in one [`Miner`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ShapeNo(pub u32);

/// Takes lines, and gives templates when all were seen.
#[derive(Clone)]
pub struct Miner {
    /// Shapes of texts as one pass masks them.
    known: Map<Box<[u8]>, ShapeNo>,
    /// The first number of each shape, by its text.
    numbers: Map<Box<str>, ShapeNo>,
    /// For each number given, the place of its shape.
    places: Vec<u32>,
    /// Shapes, as coarse as they are now.
    shapes: Vec<Box<str>>,
    /// How coarse.
    level: usize,
    /// Reads the headers of lines, and the shapes of the lines of each of its forms.
    headers: Headers,
    of_forms: Vec<Option<ShapeNo>>,
    /// What the pass writes to.
    buffer: Vec<u8>,
    /// Different shapes that are kept.
    shapes_max: usize,
}

impl Default for Miner {
    fn default() -> Self {
        Self::with_shapes_max(SHAPES_COUNT_MAX)
    }
}

impl Miner {
    /// A miner that has seen nothing.
    pub fn new() -> Self {
        Self::default()
    }

    /// A miner that keeps so many different shapes.
    fn with_shapes_max(shapes_max: usize) -> Self {
        Self {
            known: Map::default(),
            numbers: Map::default(),
            places: Vec::new(),
            shapes: Vec::new(),
            level: 0,
            headers: Headers::new(),
            of_forms: Vec::new(),
            buffer: Vec::new(),
            shapes_max,
        }
    }

    /// The shape of a line; its header does not count.
    pub fn add(&mut self, line: &str) -> ShapeNo {
        let mut headers = std::mem::take(&mut self.headers);
        let shape = self.add_read(&headers.read(head(line, TEXT_BYTES_MAX)));
        self.headers = headers;
        shape
    }

    /// As [`Self::add`], of a line whose header was read: all of them by the same [`Headers`], and
    /// none by [`Self::add`].
    pub fn add_read(&mut self, read: &Read<'_>) -> ShapeNo {
        let Some(FormNo(form)) = read.form else {
            return self.shape(read.header.content);
        };
        let form = form as usize;
        if let Some(shape) = self.of_forms.get(form).copied().flatten() {
            return shape;
        }
        let shape = self.shape(read.header.content);
        self.of_forms
            .resize(self.of_forms.len().max(form + 1), None);
        if let Some(slot) = self.of_forms.get_mut(form) {
            *slot = Some(shape);
        }
        shape
    }

    /// The shape of a message.
    fn shape(&mut self, content: &str) -> ShapeNo {
        let mut buffer = std::mem::take(&mut self.buffer);
        mask::pass(head(content, TEXT_BYTES_MAX), &mut buffer);
        let number = match self.known.get(buffer.as_slice()) {
            Some(number) => *number,
            None => self.learn(&buffer),
        };
        self.buffer = buffer;
        number
    }

    /// How many different shapes there are.
    pub fn shapes_count(&self) -> usize {
        self.shapes.len()
    }

    fn learn(&mut self, masked: &[u8]) -> ShapeNo {
        let mut shape = settle_masked(masked);
        for level in 0..self.level {
            shape = coarse::step(&shape, level);
        }
        let number = self.number(shape);
        if self.known.len() < KNOWN_COUNT_MAX {
            self.known.insert(masked.into(), number);
        }
        while self.shapes.len() > self.shapes_max && self.level < coarse::LEVELS_COUNT {
            self.coarsen();
        }
        number
    }

    fn number(&mut self, shape: String) -> ShapeNo {
        let shape = shape.into_boxed_str();
        if let Some(number) = self.numbers.get(&shape) {
            return *number;
        }
        let number = ShapeNo(self.places.len() as u32);
        self.places.push(self.shapes.len() as u32);
        self.shapes.push(shape.clone());
        self.numbers.insert(shape, number);
        number
    }

    /// Makes every shape coarser by a step.
    fn coarsen(&mut self) {
        let level = self.level;
        self.level += 1;
        let old = std::mem::take(&mut self.shapes);
        self.numbers.clear();
        let mut found: Map<Box<str>, u32> = Map::default();
        let mut moved = Vec::with_capacity(old.len());
        for shape in &old {
            let shape = coarse::step(shape, level).into_boxed_str();
            let next = self.shapes.len() as u32;
            let place = *found.entry(shape.clone()).or_insert(next);
            if place == next {
                self.shapes.push(shape);
            }
            moved.push(place);
        }
        for (number, place) in self.places.iter_mut().enumerate() {
            *place = moved.get(*place as usize).copied().unwrap_or(0);
            if let Some(shape) = self.shapes.get(*place as usize) {
                self.numbers
                    .entry(shape.clone())
                    .or_insert(ShapeNo(number as u32));
            }
        }
    }

    /// The templates of all lines that were added.
    pub fn merge(self) -> Merged {
        let shapes: Vec<&str> = self.shapes.iter().map(|shape| &**shape).collect();
        let texts = merge::templates(&shapes);
        let mut numbers: Map<String, u32> = Map::default();
        let mut templates = Vec::new();
        let mut of_place = Vec::with_capacity(texts.len());
        for text in texts {
            let next = templates.len() as u32;
            let number = *numbers.entry(text.clone()).or_insert(next);
            if number == next {
                templates.push(Template::of_text(text));
            }
            of_place.push(number);
        }
        let of = |place: &u32| of_place.get(*place as usize).copied().unwrap_or(0);
        Merged {
            of: self.places.iter().map(of).collect(),
            templates,
            none: Template::default(),
        }
    }
}

/// The templates of lines.
#[derive(Clone, Debug, Default)]
pub struct Merged {
    /// For each number of a shape, the place of its template.
    of: Vec<u32>,
    templates: Vec<Template>,
    none: Template,
}

impl Merged {
    /// The template of a shape's lines.
    pub fn of(&self, shape: ShapeNo) -> &Template {
        self.place(shape)
            .and_then(|place| self.templates.get(place))
            .unwrap_or(&self.none)
    }

    /// Which of [`Self::templates`] a shape's lines belong to; none for a number that another
    /// miner gave.
    pub fn place(&self, shape: ShapeNo) -> Option<usize> {
        self.of.get(shape.0 as usize).map(|place| *place as usize)
    }

    /// Every template.
    pub fn templates(&self) -> &[Template] {
        &self.templates
    }
}

#[cfg(test)]
mod tests;
