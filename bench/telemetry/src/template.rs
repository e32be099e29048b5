//! Templates of records as text files, and how their places are filled.
//!
//! A file holds sections, each headed `#! carrier shape format [bare]`, and in them templates that
//! blank lines part. `bare` forbids an envelope. In a template
//!
//! - `~name~` becomes harmless text, `~=a,b~` one of a list;
//! - `«slot:argument|filters»` becomes a planted value; a leading `!` says that nothing but prose
//!   tells what it is; a leading digit names the value, and `«1»` or the same slot with the same
//!   digit is that value once more;
//! - what stands in `⟦…⟧` may go or stay;
//! - `¶` is nothing, and keeps an empty line from parting a template; `␛` is an escape character.
//!
//! What words and values there are is each part's own ([`Filler`]).

use crate::draw::Draw;
use crate::encode;
use crate::marked::{EITHER_KIND, Marked};
use crate::record::{Class, Encoding, Format, Plant, Shape};

/// What the places of a part's templates are filled with.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Filler {
    /// Whether something between two tildes is the name of a place.
    pub(crate) is_name: fn(&str) -> bool,
    /// Harmless text by its name.
    pub(crate) noise: fn(&mut Draw, &str) -> String,
    /// A planted value by the name of its slot and an argument.
    pub(crate) slot: fn(&mut Draw, &str, &str) -> Marked,
}

/// Values of one record by their digit.
type Named = Vec<(char, Marked)>;

/// One form of a record.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Template {
    pub(crate) carrier: &'static str,
    pub(crate) shape: Shape,
    pub(crate) format: Format,
    /// Whether no envelope may be put around it.
    pub(crate) is_bare: bool,
    pub(crate) text: &'static str,
}

/// The templates of a file.
pub(crate) fn parse(file: &'static str) -> Vec<Template> {
    let mut all = Vec::new();
    for section in file.split("#! ").skip(1) {
        let (head, body) = section.split_once('\n').unwrap_or((section, ""));
        let mut words = head.split_whitespace();
        let carrier = words.next().unwrap_or("");
        let shape = match words.next() {
            Some("span") => Shape::Span,
            Some("error") => Shape::Error,
            _ => Shape::Log,
        };
        let format = match words.next() {
            Some("json") => Format::Json,
            _ => Format::Text,
        };
        let is_bare = words.next() == Some("bare");
        let texts = body.split("\n\n").map(|text| text.trim_matches('\n'));
        all.extend(texts.filter(|text| !text.is_empty()).map(|text| Template {
            carrier,
            shape,
            format,
            is_bare,
            text,
        }));
    }
    all
}

/// A template of a list: sections are drawn first in half of the cases, so that long ones do not
/// outweigh short ones.
pub(crate) fn chosen<'t>(draw: &mut Draw, all: &'t [Template]) -> &'t Template {
    if draw.chance(50) {
        return draw.row(all);
    }
    let mut carriers: Vec<&str> = all.iter().map(|template| template.carrier).collect();
    carriers.dedup();
    let carrier = draw.of(&carriers).to_owned();
    let all: Vec<&Template> = all.iter().filter(|of| of.carrier == carrier).collect();
    draw.row::<&Template>(&all)
}

/// A template with its places filled.
pub(crate) fn render(draw: &mut Draw, filler: &Filler, template: &str) -> Marked {
    let mut named = Named::new();
    let mut forms = String::new();
    let mut parts = Vec::new();
    let mut rest = template;
    while let Some(at) = rest.find(['~', '«', '¶', '␛']) {
        let (head, tail) = rest.split_at(at);
        forms.push_str(head);
        if let Some(behind) = tail.strip_prefix('¶') {
            rest = behind;
            continue;
        }
        if let Some(behind) = tail.strip_prefix('␛') {
            forms.push('\u{1b}');
            rest = behind;
            continue;
        }
        let is_slot = tail.starts_with('«');
        let body = tail.get(if is_slot { 2 } else { 1 }..).unwrap_or("");
        let end = if is_slot { '»' } else { '~' };
        match body.split_once(end) {
            Some((slot, behind)) if is_slot => {
                parts.push(Marked::from(std::mem::take(&mut forms)));
                parts.push(filled(draw, filler, &mut named, slot));
                rest = behind;
            }
            Some((name, behind)) if (filler.is_name)(name) => {
                forms.push_str(&(filler.noise)(draw, name));
                rest = behind;
            }
            _ => {
                forms.push_str(tail.get(..1).unwrap_or(""));
                rest = body;
            }
        }
    }
    forms.push_str(rest);
    parts.push(Marked::from(forms));
    spared(&Marked::join(&parts, ""))
}

/// Takes the signs `⟦` and `⟧` out and marks what stood in them.
fn spared(with_signs: &Marked) -> Marked {
    let mut text = String::with_capacity(with_signs.text.len());
    let mut places = vec![0; with_signs.text.len() + 1];
    let mut ranges: Vec<(usize, usize)> = Vec::new();
    for (at, c) in with_signs.text.char_indices() {
        for byte in at..at + c.len_utf8() {
            if let Some(place) = places.get_mut(byte) {
                *place = text.len();
            }
        }
        match (c, ranges.last_mut()) {
            ('⟦', _) => ranges.push((text.len(), text.len())),
            ('⟧', Some(range)) => range.1 = text.len(),
            _ => text.push(c),
        }
    }
    if let Some(place) = places.last_mut() {
        *place = text.len();
    }
    // No plant holds a sign, so that none gets the layer.
    let mut out = with_signs.moved(text, &places, Encoding::Escape);
    out.plants
        .extend(ranges.into_iter().map(|(start, end)| Plant {
            start,
            end,
            class: Class::B,
            kind: EITHER_KIND.to_owned(),
            locale: "-",
            encoding: Vec::new(),
            value: out.text.get(start..end).unwrap_or("").to_owned(),
            free_text: false,
        }));
    out
}

/// One place: `1!name:de|j`.
fn filled(draw: &mut Draw, filler: &Filler, named: &mut Named, slot: &str) -> Marked {
    let (slot, filters) = slot.split_once('|').unwrap_or((slot, ""));
    let digit = slot.chars().next().filter(char::is_ascii_digit);
    let slot = slot.get(usize::from(digit.is_some())..).unwrap_or("");
    let known = named.iter().find(|(of, _)| Some(*of) == digit);
    let marked = if let Some((_, known)) = known {
        known.clone()
    } else {
        let made = drawn(draw, filler, slot);
        named.extend(digit.map(|digit| (digit, made.clone())));
        made
    };
    filters
        .chars()
        .fold(marked, |marked, filter| filtered(draw, &marked, filter))
}

fn drawn(draw: &mut Draw, filler: &Filler, slot: &str) -> Marked {
    let (slot, is_free) = match slot.strip_prefix('!') {
        Some(slot) => (slot, true),
        None => (slot, false),
    };
    let (name, argument) = slot.split_once(':').unwrap_or((slot, ""));
    let mut marked = (filler.slot)(draw, name, argument);
    for plant in &mut marked.plants {
        plant.free_text |= is_free;
    }
    marked
}

/// One filter by its letter.
pub(crate) fn filtered(draw: &mut Draw, marked: &Marked, filter: char) -> Marked {
    match filter {
        'j' => encode::json(marked),
        'a' => encode::json_ascii(marked),
        'u' => encode::percent(marked),
        'U' => encode::percent_all(marked),
        'x' => encode::xml(marked),
        'X' => encode::html_all(draw, marked),
        'q' => encode::single(marked),
        'd' => encode::doubled(marked, '\''),
        'b' => encode::base64(marked),
        'B' => encode::base64_url(marked),
        'h' => encode::hex(draw, marked),
        'g' => encode::gzip64(marked),
        'n' => encode::unicode_all(marked),
        'Q' => encode::quoted(marked),
        'w' => encode::wrapped64(marked),
        _ => marked.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Places whose text is their own name.
    const PLAIN: Filler = Filler {
        is_name: |name| name.starts_with('n'),
        noise: |_, name| name.to_owned(),
        slot: |draw, name, argument| {
            let value = format!("{name}{argument}@{}", draw.digits(4).len() + 5);
            crate::made::secret(name, value).mark()
        },
    };

    #[test]
    fn places_are_filled_and_marked() {
        let form = "a=~n3~ ⟦svc⟧:«pw» ~ ¶«mail:x|u» «1a» «1» «!b»";
        let all = render(&mut Draw::new(1, 1), &PLAIN, form);
        assert_eq!(all.text, "a=n3 svc:pw@9 ~ mailx%409 a@9 a@9 b@9");
        let kinds: Vec<_> = all.plants.iter().map(|p| p.kind.as_str()).collect();
        assert_eq!(kinds, ["pw", "mail", "a", "a", "b", EITHER_KIND]);
        assert!(all.plants.iter().any(|plant| plant.free_text));
    }

    #[test]
    fn a_file_is_parted_at_heads_and_blank_lines() {
        let all = parse("#! a log text\none\ntwo\n\nthree\n#! b span json bare\n{}\n");
        let texts: Vec<_> = all.iter().map(|t| (t.carrier, t.text)).collect();
        assert_eq!(texts, [("a", "one\ntwo"), ("a", "three"), ("b", "{}")]);
        assert!(all.last().unwrap().is_bare);
    }
}
