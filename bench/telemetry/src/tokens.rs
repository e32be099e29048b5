//! Providers' tokens from a table of their published forms.

use crate::check_digits::{base62, crc32};
use crate::draw::{ALNUM, BASE64, DIGITS, Draw, HEX, LOWER, UPPER};
use crate::made::{Made, secret};

/// A provider's form: its name, a name of a variable where the form alone tells nothing, the form.
struct Form {
    provider: &'static str,
    variable: &'static str,
    pattern: &'static str,
}

/// The forms of a part.
pub(crate) struct Tokens(Vec<Form>);

impl Tokens {
    /// A file of `provider|variable|form`, a line each.
    pub(crate) fn parse(file: &'static str) -> Self {
        let form = |line: &'static str| {
            let (provider, rest) = line.split_once('|')?;
            let (variable, pattern) = rest.split_once('|')?;
            Some(Form {
                provider,
                variable,
                pattern,
            })
        };
        Self(file.lines().filter_map(form).collect())
    }

    /// A token that its form tells, of a provider where one is named.
    pub(crate) fn bare(&self, draw: &mut Draw, provider: &str) -> Made {
        let fits = |form: &&Form| {
            form.variable.is_empty() && (provider.is_empty() || provider == form.provider)
        };
        let all: Vec<&Form> = self.0.iter().filter(fits).collect();
        let form = draw_one(draw, &all);
        of_form(draw, form)
    }

    /// The name of a variable and the token in it.
    pub(crate) fn named(&self, draw: &mut Draw) -> (&'static str, Made) {
        let all: Vec<&Form> = (self.0.iter())
            .filter(|form| !form.variable.is_empty())
            .collect();
        let form = draw_one(draw, &all);
        (form.variable, of_form(draw, form))
    }

    /// A token of every form, with its provider.
    #[cfg(test)]
    pub(crate) fn every(&self, draw: &mut Draw) -> Vec<(&'static str, String)> {
        let one = |form: &Form| (form.provider, of_form(draw, form).value);
        self.0.iter().map(one).collect()
    }
}

fn draw_one<'t>(draw: &mut Draw, all: &[&'t Form]) -> &'t Form {
    draw.row::<&Form>(all)
}

fn of_form(draw: &mut Draw, form: &Form) -> Made {
    secret(
        &format!("provider_token:{}", form.provider),
        grown(draw, form.pattern),
    )
}

/// A form with its `<an24>` grown to characters.
fn grown(draw: &mut Draw, form: &str) -> String {
    let mut out = String::new();
    for part in form.split('<') {
        let (class, literal) = part.split_once('>').unwrap_or(("", part));
        let name = class.trim_end_matches(|c: char| c.is_ascii_digit());
        let count = class
            .get(name.len()..)
            .and_then(|n| n.parse().ok())
            .unwrap_or(0);
        match name {
            "crc" => {
                let random = draw.string(ALNUM, count);
                out.push_str(&random);
                out.push_str(&base62(crc32(random.as_bytes())));
            }
            _ => out.push_str(&draw.string(&alphabet(name), count)),
        }
        out.push_str(literal);
    }
    out
}

fn alphabet(name: &str) -> String {
    match name {
        "an" => ALNUM.to_owned(),
        "lo" => format!("{LOWER}{DIGITS}"),
        "up" => format!("{UPPER}{DIGITS}"),
        "lt" => LOWER.to_owned(),
        "hx" => HEX.to_owned(),
        "hu" => "0123456789ABCDEF".to_owned(),
        "dg" => DIGITS.to_owned(),
        "nz" => "123456789".to_owned(),
        "bs" => BASE64.to_owned(),
        "bu" => format!("{ALNUM}-_"),
        "aw" => "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".to_owned(),
        _ => "x".to_owned(),
    }
}
