//! What of a key's meaning the digits around it could change: of a line of a known shape, only that
//! is asked again.

use super::{Says, key_before, says, together, value_start};
use crate::shape::Open;
use crate::{member, pair};

/// Whether [`super::may_say`], false of the separator at `i`, is so whatever stands where `open`
/// says that something else may.
pub(crate) fn is_settled(text: &str, i: usize, open: &dyn Fn(usize) -> Open) -> bool {
    let Some(key) = key_before(text, i) else {
        return false;
    };
    if key.text.bytes().any(|b| b.is_ascii_digit()) {
        return false;
    }
    let fixed = |mut part: std::ops::Range<usize>| part.all(|n| open(n) == Open::No);
    let alone = || {
        let end = key.start + key.text.len();
        together(text, &key).is_none_or(|both| fixed(end - both.len()..end))
    };
    match says(key.text) {
        // Of the words before an account's `id`, `user` alone counts.
        Says::Nothing | Says::Account => true,
        Says::Together | Says::Half => alone(),
        Says::Name => {
            let value = || pair::plain_value(text, value_start(text.as_bytes(), i));
            alone() && !member::is_private(key.text) && value().is_some_and(fixed)
        }
        Says::Private | Says::Number | Says::Something => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_that_change_nothing_are_not_asked_again() {
        for (line, expected) in [
            ("cache miss key=order:12 shard=3", true),
            ("processed batch id=12 rows=3", true),
            ("batch 7 id=12", true),
            ("took ms=12", true),
            // The number itself, or a name with one in it, may say something.
            ("cache miss key=12 shard=3", false),
            ("cache miss key=b2 shard=3", false),
            ("shop 7 key=order:12", false),
            ("took ms2=12", false),
            ("cache miss key=Anna:12", false),
        ] {
            let sign = line.find('=').unwrap();
            let digit = |n: usize| match line.as_bytes()[n] {
                b'0'..=b'9' => Open::Digit,
                _ => Open::No,
            };
            assert_eq!(is_settled(line, sign, &digit), expected, "{line}");
        }
        // An identifier in hex has letters where another has digits.
        let hex = |n: usize| if n >= 4 { Open::Hex } else { Open::No };
        assert!(!is_settled("key=12345abcdef", 3, &hex));
    }
}
