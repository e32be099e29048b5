//! Providers' tokens of this half.

use std::sync::LazyLock;

use crate::draw::Draw;
use crate::made::Made;
use crate::tokens::Tokens;

static FORMS: LazyLock<Tokens> = LazyLock::new(|| Tokens::parse(include_str!("tokens.txt")));

/// A token that its form tells, of a provider where one is named.
pub(crate) fn bare(draw: &mut Draw, provider: &str) -> Made {
    FORMS.bare(draw, provider)
}

/// The name of a variable and the token in it.
pub(crate) fn named(draw: &mut Draw) -> (&'static str, Made) {
    FORMS.named(draw)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn there_are_many_providers_and_each_form_grows() {
        let all = FORMS.every(&mut Draw::new(3, 3));
        let providers: BTreeSet<&str> = all.iter().map(|(provider, _)| *provider).collect();
        assert!(providers.len() >= 100, "{}", providers.len());
        for (_, token) in all {
            assert!(!token.contains(['<', '>']) && token.len() >= 16, "{token}");
        }
    }
}
