//! The registry's rules as scanners take them: keywords, and a regular expression.
//!
//! What a rule does beyond that (checksums, entropy, the words around a run) stays out, so that
//! the rivals do less than the engine for the same rule, never more.

use cordon_detect::rules::{Anchor, RuleSet};
use regex_syntax::hir::{Hir, HirKind};

/// Shortest keyword in bytes: what a head of a rule ends with may be a single sign.
const KEYWORD_BYTES_MIN: usize = 2;

/// One rule.
pub(crate) struct Pattern {
    /// One of these stands in whatever the expression matches. None: it is tried on every text.
    pub(crate) keywords: Vec<String>,
    /// Whether keywords are meant in this case of letters alone.
    pub(crate) exact: bool,
    /// Whether a keyword stands before the token, and is no part of it.
    #[cfg_attr(not(feature = "datadog"), expect(dead_code, reason = "one rival asks"))]
    pub(crate) before: bool,
    /// The expression; what its group `token` holds is what is replaced.
    pub(crate) expression: String,
    /// The token alone, without what stands before it.
    #[cfg_attr(not(feature = "datadog"), expect(dead_code, reason = "one rival asks"))]
    pub(crate) token: String,
}

/// The built-in rules.
pub(crate) fn rules() -> Vec<Pattern> {
    RuleSet::builtin()
        .rules()
        .iter()
        .map(|rule| of(&rule.anchor, rule.pattern.source()))
        .collect()
}

/// What the built-in rules say of themselves that they find: texts, and the token in each.
pub(crate) fn cases() -> Vec<(String, String)> {
    let set = RuleSet::builtin();
    let all = set.rules().iter().flat_map(|rule| {
        let [positives, ..] = rule.expanded();
        positives
    });
    all.map(|case| {
        let token = case.text[case.start..case.end].to_owned();
        (case.text, token)
    })
    .collect()
}

/// What assigns a value to a name: `key=`, `key: `, `"key":"`, `key => `.
const ASSIGNED: &str = r#"[\w .-]{0,20}['"]{0,2}\s{0,3}(?:=>|:=|=|:)\s{0,3}['"]?"#;

fn of(anchor: &Anchor, body: &str) -> Pattern {
    let escaped = |words: &[String]| {
        let all: Vec<String> = words
            .iter()
            .map(|word| regex_syntax::escape(word))
            .collect();
        all.join("|")
    };
    let pattern = |keywords: Vec<String>, token: String| Pattern {
        keywords,
        exact: true,
        before: false,
        expression: format!(r"\b(?P<token>{token})"),
        token,
    };
    match anchor {
        Anchor::Prefix(prefixes) => pattern(
            prefixes.clone(),
            format!("(?:{})(?:{body})", escaped(prefixes)),
        ),
        Anchor::Within(marks) => pattern(marks.clone(), format!("(?:{body})")),
        Anchor::Behind(head) => {
            let keyword = ending(head).filter(|word| word.len() >= KEYWORD_BYTES_MIN);
            pattern(
                keyword.into_iter().collect(),
                format!("(?:{head})(?:{body})"),
            )
        }
        Anchor::Near(words) => Pattern {
            keywords: words.clone(),
            exact: false,
            before: true,
            expression: format!(r"(?i:{}){ASSIGNED}(?P<token>{body})\b", escaped(words)),
            token: format!("(?:{body})"),
        },
    }
}

/// The literal that every match of an expression ends with.
fn ending(expression: &str) -> Option<String> {
    fn last(hir: &Hir) -> Option<&[u8]> {
        match hir.kind() {
            HirKind::Literal(literal) => Some(&literal.0),
            HirKind::Concat(parts) => last(parts.last()?),
            _ => None,
        }
    }
    let hir = regex_syntax::parse(expression).unwrap();
    last(&hir).map(|bytes| String::from_utf8_lossy(bytes).into_owned())
}

/// The four patterns that examples of log redaction are made of: a mail address, a card number, a
/// social security number, an IPv4 address.
pub(crate) const FOUR: [&str; 4] = [
    r"\b[A-Za-z0-9._%+-]+@[A-Za-z0-9.-]+\.[A-Za-z]{2,}\b",
    r"\b(?:[0-9][ -]?){12,18}[0-9]\b",
    r"\b[0-9]{3}-[0-9]{2}-[0-9]{4}\b",
    r"\b(?:[0-9]{1,3}\.){3}[0-9]{1,3}\b",
];

/// What a scanner adds to its issuers' rules in order to find what the engine finds in these logs:
/// values under a name that says credential, and the four patterns.
pub(crate) fn personal_and_named() -> Vec<Pattern> {
    let words = [
        "access",
        "api",
        "auth",
        "credential",
        "key",
        "pass",
        "pwd",
        "secret",
        "token",
    ];
    let token = r"[A-Za-z0-9_.~+/=-]{8,150}".to_owned();
    let named = Pattern {
        keywords: words.map(str::to_owned).to_vec(),
        exact: false,
        before: true,
        expression: format!(
            r"(?i:{}){ASSIGNED}(?i:bearer |basic )?(?P<token>{token})",
            words.join("|")
        ),
        token,
    };
    // Of the four only a mail address holds a literal to look for.
    let four = FOUR.map(|token| Pattern {
        keywords: token
            .contains('@')
            .then(|| "@".to_owned())
            .into_iter()
            .collect(),
        exact: true,
        before: false,
        expression: format!("(?P<token>{token})"),
        token: token.to_owned(),
    });
    std::iter::once(named).chain(four).collect()
}
