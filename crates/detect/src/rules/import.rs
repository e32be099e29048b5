//! Rules of other catalogues: one regular expression around a secret becomes an anchor, a bounded
//! pattern and cases, or a reason why not.
//!
//! What other tools put around the secret (the words before it, the sign that ends it) is left
//! behind: the engine bounds tokens and looks for keywords itself. What is imported is in shadow
//! until somebody has read its counts.

use regex_syntax::hir::{Hir, HirKind};

use super::RuleSet;
use super::error::{Fault, RuleError};
use super::hash::Draw;
use super::pattern::{class_bytes, parse, token_byte};
use super::sample::template;

/// Prefixes that one imported rule may have.
const PREFIXES_MAX: usize = 32;
/// Bytes of a class that are tried one by one at the beginning of a token.
const CHOICE_MAX: usize = 4;

/// A rule as another catalogue has it.
#[derive(Clone, Debug, Default)]
pub struct Foreign {
    /// Id, such as `gitleaks.github_pat`.
    pub id: String,
    /// Who issues what it finds.
    pub provider: String,
    /// What it finds.
    pub description: String,
    /// Regular expression; the secret is the capture group `group`, or all of it where that is 0
    /// and there is none.
    pub regex: String,
    /// Number of the capture group that holds the secret; 0 for the first one.
    pub group: u32,
    /// Words that stand before it.
    pub keywords: Vec<String>,
    /// Least entropy in bits per byte.
    pub entropy_min: Option<f64>,
    /// Kind of its pseudonyms, for class B; a secret of class A where there is none.
    pub kind: Option<String>,
}

/// The rule in the form of our packs, with cases that hold; or why it cannot be held.
pub fn import(foreign: &Foreign) -> Result<String, Fault> {
    // The context is not kept, so only what is kept has to be bounded.
    let whole = parse(&foreign.regex)?;
    let secret = match capture(&whole, foreign.group.max(1)) {
        Some(hir) => hir,
        None if foreign.group == 0 => &whole,
        None => return Err(Fault::Missing("secret group")),
    };
    let parts = trimmed(secret);
    if let Some((prefixes, rest)) = prefixed(&parts) {
        return proven(foreign, &prefixes, &[], &Hir::concat(rest.to_vec()));
    }
    if let Some(texts) = by_ways(foreign, &parts) {
        return texts;
    }
    let keywords = words(&foreign.keywords);
    if keywords.is_empty() {
        return Err(Fault::Anchor);
    }
    let hir = Hir::concat(parts);
    let sample = template(&hir, &mut Draw::new(&[&foreign.id])).to_ascii_lowercase();
    if keywords.iter().all(|word| sample.contains(word)) {
        let reason = "its keywords are part of the token, which does not begin with a literal";
        return Err(Fault::Pattern(reason.to_owned()));
    }
    proven(foreign, &[], &keywords, &hir)
}

/// The usable prefixes of a token, and what is behind them.
fn prefixed(parts: &[Hir]) -> Option<(Vec<String>, &[Hir])> {
    let (prefixes, rest) = beginnings(parts);
    let usable = |p: &String| {
        let first = p.bytes().next().is_some_and(|b| b.is_ascii_alphanumeric());
        (2..=64).contains(&p.len()) && first && p.bytes().all(token_byte)
    };
    (!prefixes.is_empty() && prefixes.iter().all(usable)).then_some((prefixes, rest))
}

/// A rule for each way in which a token may begin, where each has a prefix: `A3T[A-Z]|AKIA`.
fn by_ways(foreign: &Foreign, parts: &[Hir]) -> Option<Result<String, Fault>> {
    let (first, rest) = parts.split_first()?;
    let HirKind::Alternation(ways) = first.kind() else {
        return None;
    };
    let mut all = Vec::new();
    for way in ways.iter().take(PREFIXES_MAX) {
        let mut parts = Vec::new();
        flatten(way, &mut parts);
        parts.extend(rest.iter().cloned());
        let (prefixes, rest) = prefixed(&parts)?;
        all.push((prefixes, Hir::concat(rest.to_vec())));
    }
    let numbered = (1..).zip(all).map(|(n, (prefixes, hir))| {
        let id = format!("{}.{n}", foreign.id);
        let foreign = Foreign {
            id,
            ..foreign.clone()
        };
        proven(&foreign, &prefixes, &[], &hir)
    });
    Some(numbered.collect())
}

/// The rule as text, if it can be held and its cases come out.
fn proven(
    foreign: &Foreign,
    prefixes: &[String],
    keywords: &[String],
    hir: &Hir,
) -> Result<String, Fault> {
    if hir.properties().maximum_len().is_none() {
        return Err(Fault::Unbounded);
    }
    let text = written(foreign, prefixes, keywords, hir);
    let pack = format!("pack = \"import\"\n{text}");
    let set = RuleSet::load(&[&pack]).map_err(fault_of)?;
    let faults = set.verify().into_iter().next();
    faults.map_or(Ok(text), |error| Err(fault_of(error)))
}

fn fault_of(error: RuleError) -> Fault {
    match error {
        RuleError::Rule { fault, .. } => fault,
        RuleError::Case {
            kind, index, fault, ..
        } => Fault::Pattern(format!("its made {kind} {index} does not hold: {fault}")),
        other => Fault::Pattern(other.to_string()),
    }
}

/// The capture group of that number.
fn capture(hir: &Hir, number: u32) -> Option<&Hir> {
    match hir.kind() {
        HirKind::Capture(held) if held.index == number => Some(&held.sub),
        HirKind::Capture(held) => capture(&held.sub, number),
        HirKind::Repetition(repetition) => capture(&repetition.sub, number),
        HirKind::Concat(parts) | HirKind::Alternation(parts) => {
            parts.iter().find_map(|part| capture(part, number))
        }
        _ => None,
    }
}

/// The parts of a pattern in a row, without groups, and without boundaries at either end.
fn trimmed(hir: &Hir) -> Vec<Hir> {
    let mut parts = Vec::new();
    flatten(hir, &mut parts);
    // A choice between a boundary and a sign is a boundary: `(?:[^a-z]|$)`.
    let look = |part: &Hir| match part.kind() {
        HirKind::Look(_) => true,
        HirKind::Alternation(ways) => ways.iter().any(|w| matches!(w.kind(), HirKind::Look(_))),
        _ => false,
    };
    let first = parts.iter().position(|p| !look(p)).unwrap_or(parts.len());
    parts.drain(..first);
    let last = parts.iter().rposition(|p| !look(p)).map_or(0, |i| i + 1);
    parts.truncate(last);
    parts
}

fn flatten(hir: &Hir, out: &mut Vec<Hir>) {
    match hir.kind() {
        HirKind::Capture(held) => flatten(&held.sub, out),
        HirKind::Concat(parts) => parts.iter().for_each(|part| flatten(part, out)),
        _ => out.push(hir.clone()),
    }
}

/// The literals that the parts begin with, and the parts behind them. What ignores case begins
/// with all small or all large letters.
fn beginnings(parts: &[Hir]) -> (Vec<String>, &[Hir]) {
    let mut heads: Vec<(String, Option<bool>)> = vec![(String::new(), None)];
    for (i, part) in parts.iter().enumerate() {
        let Some(next) = choices(part) else {
            return (told(heads), parts.get(i..).unwrap_or(&[]));
        };
        let grown: Vec<(String, Option<bool>)> = heads
            .iter()
            .flat_map(|(head, large)| {
                next.iter()
                    .filter(move |(_, case)| large.is_none() || case.is_none() || case == large)
                    .map(move |(more, case)| (format!("{head}{more}"), large.or(*case)))
            })
            .collect();
        if grown.len() > PREFIXES_MAX {
            return (told(heads), parts.get(i..).unwrap_or(&[]));
        }
        heads = grown;
    }
    (told(heads), &[])
}

fn told(heads: Vec<(String, Option<bool>)>) -> Vec<String> {
    let mut out: Vec<String> = heads.into_iter().map(|(head, _)| head).collect();
    out.sort();
    out.dedup();
    out
}

/// The few texts that a part may be, each with its case where the part ignores case.
fn choices(part: &Hir) -> Option<Vec<(String, Option<bool>)>> {
    match part.kind() {
        HirKind::Literal(literal) => {
            let text = String::from_utf8(literal.0.to_vec()).ok()?;
            Some(vec![(text, None)])
        }
        HirKind::Class(class) => {
            let bytes = class_bytes(class).list();
            let pair =
                matches!(*bytes, [a, b] if a.is_ascii_uppercase() && b == a.to_ascii_lowercase());
            let case = |b: &u8| pair.then(|| b.is_ascii_uppercase());
            let texts = bytes.iter().map(|b| (char::from(*b).to_string(), case(b)));
            (bytes.len() <= CHOICE_MAX).then(|| texts.collect())
        }
        HirKind::Alternation(parts) => {
            let mut out = Vec::new();
            for part in parts {
                let (heads, rest) = match part.kind() {
                    HirKind::Concat(inner) => beginnings(inner),
                    _ => beginnings(std::slice::from_ref(part)),
                };
                if !rest.is_empty() {
                    return None;
                }
                out.extend(heads.into_iter().map(|head| (head, None)));
            }
            Some(out)
        }
        HirKind::Capture(held) => {
            let mut parts = Vec::new();
            flatten(&held.sub, &mut parts);
            let (heads, rest) = beginnings(&parts);
            rest.is_empty()
                .then(|| heads.into_iter().map(|head| (head, None)).collect())
        }
        HirKind::Empty => Some(vec![(String::new(), None)]),
        _ => None,
    }
}

/// Keywords as ours are: small letters, and no sign at either end.
fn words(given: &[String]) -> Vec<String> {
    let inside = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b" _-.".contains(&b);
    let clean = given.iter().map(|word| {
        let lower = word.to_ascii_lowercase();
        lower
            .trim_matches(|c: char| !c.is_ascii_alphanumeric())
            .to_owned()
    });
    let mut out: Vec<String> = clean
        .filter(|word| (2..=32).contains(&word.len()) && word.bytes().all(inside))
        .collect();
    out.sort();
    out.dedup();
    out
}

fn quoted(text: &str) -> String {
    let plain: String = text.chars().filter(|c| !c.is_control()).collect();
    format!("\"{}\"", plain.replace('\\', "\\\\").replace('"', "\\\""))
}

fn list(texts: &[String]) -> String {
    let texts: Vec<String> = texts.iter().map(|text| quoted(text)).collect();
    format!("[{}]", texts.join(", "))
}

fn written(foreign: &Foreign, prefixes: &[String], keywords: &[String], hir: &Hir) -> String {
    let mut draw = Draw::new(&[&foreign.id]);
    let body = |draw: &mut Draw| template(hir, draw);
    let (positives, misses) = match (prefixes.first(), keywords.first()) {
        (Some(prefix), _) => {
            let positives = [body(&mut draw), body(&mut draw)].map(|b| format!("{prefix}{b}"));
            let misses = [
                format!("{prefix} {}", body(&mut draw)),
                format!("{prefix}!!!"),
            ];
            (positives, misses)
        }
        (None, word) => {
            let word = word.map_or("", String::as_str);
            let before = [format!("{word} key: "), format!("{word}_token=")];
            let positives = before.map(|b| format!("{b}«{}»", body(&mut draw)));
            let alone = format!("build {}", body(&mut draw));
            let glued = format!("{word} key: {}_{}", body(&mut draw), body(&mut draw));
            (positives, [alone, glued])
        }
    };
    let mut out = format!(
        "\n[[rule]]\nid = {}\nversion = 1\nprovider = {}\ndescription = {}\n",
        quoted(&foreign.id),
        quoted(&foreign.provider),
        quoted(&foreign.description)
    );
    match &foreign.kind {
        Some(kind) => out.push_str(&format!(
            "class = \"B\"\naction = \"pseudonym\"\nkind = {}\n",
            quoted(kind)
        )),
        None => out.push_str("class = \"A\"\naction = \"remove\"\n"),
    }
    let (key, anchors) = if prefixes.is_empty() {
        ("keywords", keywords)
    } else {
        ("prefix", prefixes)
    };
    out.push_str(&format!("{key} = {}\n", list(anchors)));
    out.push_str(&format!("pattern = '''{}'''\n", printed(hir)));
    if let Some(entropy) = foreign.entropy_min {
        out.push_str(&format!("entropy_min = {entropy:?}\n"));
    }
    out.push_str("stage = \"shadow\"\n");
    out.push_str(&format!("positives = {}\n", list(&positives)));
    out.push_str(&format!("near_misses = {}\n", list(&misses)));
    out
}

/// A pattern in the syntax that packs use.
fn printed(hir: &Hir) -> String {
    match hir.kind() {
        HirKind::Empty | HirKind::Look(_) => String::new(),
        HirKind::Literal(literal) => literal.0.iter().map(|b| one(*b)).collect(),
        HirKind::Class(class) => ranges(&class_bytes(class).list()),
        HirKind::Repetition(repetition) => {
            let (min, max) = (repetition.min, repetition.max.unwrap_or(repetition.min));
            let times = match (min, max) {
                (0, 1) => "?".to_owned(),
                (min, max) if min == max => format!("{{{min}}}"),
                (min, max) => format!("{{{min},{max}}}"),
            };
            let lazy = if repetition.greedy { "" } else { "?" };
            let sub = printed(&repetition.sub);
            match repetition.sub.kind() {
                HirKind::Class(_) => format!("{sub}{times}{lazy}"),
                _ => format!("(?:{sub}){times}{lazy}"),
            }
        }
        HirKind::Capture(held) => printed(&held.sub),
        HirKind::Concat(parts) => parts.iter().map(printed).collect(),
        HirKind::Alternation(parts) => {
            let parts: Vec<String> = parts.iter().map(printed).collect();
            format!("(?:{})", parts.join("|"))
        }
    }
}

fn one(b: u8) -> String {
    if b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'/' | b':' | b'=' | b'%' | b'~') {
        char::from(b).to_string()
    } else {
        format!("\\x{b:02x}")
    }
}

/// Bytes in order as a class of ranges.
fn ranges(bytes: &[u8]) -> String {
    let mut spans: Vec<(u8, u8)> = Vec::new();
    for b in bytes {
        match spans.last_mut().filter(|(_, last)| *last + 1 == *b) {
            Some((_, last)) => *last = *b,
            None => spans.push((*b, *b)),
        }
    }
    let inside = |b: u8| if b == b'-' { "\\-".to_owned() } else { one(b) };
    let spans = spans.into_iter().map(|(a, z)| match z - a {
        0 => inside(a),
        1 => format!("{}{}", inside(a), inside(z)),
        _ => format!("{}-{}", inside(a), inside(z)),
    });
    format!("[{}]", spans.collect::<String>())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(regex: &str, keywords: &[&str]) -> Result<String, Fault> {
        import(&Foreign {
            id: "gitleaks.test".to_owned(),
            provider: "Test".to_owned(),
            description: "A \"test\" token.".to_owned(),
            regex: regex.to_owned(),
            keywords: keywords.iter().map(|word| (*word).to_owned()).collect(),
            ..Foreign::default()
        })
    }

    #[test]
    fn a_literal_beginning_becomes_the_prefix() {
        let text = check(r#"\b(dop_v1_[a-f0-9]{64})(?:['"\s;]|$)"#, &["dop_v1_"]).unwrap();
        assert!(text.contains("prefix = [\"dop_v1_\"]"), "{text}");
        assert!(text.contains("pattern = '''[0-9a-f]{64}'''"), "{text}");
        let text = check(r"\b((?:A3T[A-Z0-9]|AKIA|ASIA)[A-Z2-7]{16})\b", &["akia"]).unwrap();
        assert!(text.contains("id = \"gitleaks.test.3\""), "{text}");
        assert!(
            text.contains("prefix = [\"A3T\"]") && !text.contains("keywords"),
            "{text}"
        );
        let text = check(r"acme_[a-f0-9]{32}(?:[^a-f0-9]|\z)", &[]).unwrap();
        assert!(text.contains("pattern = '''[0-9a-f]{32}'''\n"), "{text}");
        let text = check("(?i)figd_[A-Z0-9_-]{38,42}", &[]).unwrap();
        assert!(text.contains("prefix = [\"FIGD_\", \"figd_\"]"), "{text}");
        let text = check(r"\b((?:sk|rk)_(?:test|live)_[a-zA-Z0-9]{10,99})", &[]).unwrap();
        assert!(
            text.contains("\"rk_live_\", \"rk_test_\", \"sk_live_\", \"sk_test_\""),
            "{text}"
        );
    }

    #[test]
    fn what_stands_around_a_secret_becomes_keywords() {
        let regex = concat!(
            r#"(?i)[\w.-]{0,50}?(?:adafruit)(?:[ \t\w.-]{0,20})[\s'"]{0,3}(?:=|>|:{1,"#,
            r#"3}=)[\x60'"\s=]{0,5}([a-z0-9_-]{32})(?:\\?['"\x60]|[\s;]|$)"#
        );
        let text = check(regex, &["Adafruit"]).unwrap();
        assert!(text.contains("keywords = [\"adafruit\"]"), "{text}");
        assert!(text.contains("{32}'''"), "{text}");
    }

    #[test]
    fn what_cannot_be_held_says_why() {
        assert_eq!(
            check(r"xoxb-[0-9]{10,13}-[a-zA-Z0-9-]*", &[]),
            Err(Fault::Unbounded)
        );
        assert!(matches!(check(r"(ab)\1", &["ab"]), Err(Fault::Pattern(_))));
        assert!(matches!(
            check(r"(?<=key)[a-z]{20}", &["key"]),
            Err(Fault::Pattern(_))
        ));
        assert_eq!(check("[a-z0-9]{32}", &[]), Err(Fault::Anchor));
        let own = check(r"((?:[0-9]{4}x|AKIA)[A-Z2-7]{16}AKIA)", &["akia"]);
        assert!(matches!(own, Err(Fault::Pattern(_))));
        assert!(matches!(
            check(r"key-[0-9]{3}", &[]),
            Err(Fault::Run { .. })
        ));
    }
}
