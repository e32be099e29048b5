//! Tokens that carry their issuer in their first letters.
//!
//! One table: prefix, alphabet of the rest, its shortest and longest length. A candidate is a
//! place where a word may begin; the check is anchored there and bounded by `max`.

use std::sync::LazyLock;

use crate::Finding;
use crate::bytes::{alnum, at, before, cut, digit, entropy, mixed, opens, run, starts};

/// Alphabet of the part after the prefix.
type Alphabet = fn(u8) -> bool;

/// One issuer's token.
pub(crate) struct Rule {
    /// Stable rule id.
    pub(crate) id: &'static str,
    /// Literal beginning.
    pub(crate) prefix: &'static str,
    set: Alphabet,
    min: usize,
    max: usize,
    /// Whether the rest must hold a digit: prefixes that are also the beginning of words.
    digit: bool,
}

const fn rule(
    id: &'static str,
    prefix: &'static str,
    set: Alphabet,
    min: usize,
    max: usize,
) -> Rule {
    Rule {
        id,
        prefix,
        set,
        min,
        max,
        digit: false,
    }
}

const fn wordy(
    id: &'static str,
    prefix: &'static str,
    set: Alphabet,
    min: usize,
    max: usize,
) -> Rule {
    Rule {
        id,
        prefix,
        set,
        min,
        max,
        digit: true,
    }
}

fn upper(b: u8) -> bool {
    b.is_ascii_uppercase() || digit(b)
}
fn hex(b: u8) -> bool {
    b.is_ascii_hexdigit()
}
fn url(b: u8) -> bool {
    alnum(b) || matches!(b, b'_' | b'-')
}
fn dotted(b: u8) -> bool {
    url(b) || b == b'.'
}
fn word(b: u8) -> bool {
    alnum(b) || b == b'_'
}
fn base64(b: u8) -> bool {
    alnum(b) || matches!(b, b'+' | b'/' | b'=' | b'_' | b'-')
}
fn path(b: u8) -> bool {
    url(b) || matches!(b, b'/' | b'@' | b'.')
}

/// The table, one line an issuer's token form.
pub(crate) const RULES: &[Rule] = &[
    rule("aws_access_key_id", "AKIA", upper, 16, 16),
    rule("aws_access_key_id", "ASIA", upper, 16, 16),
    rule("aws_access_key_id", "ABIA", upper, 16, 16),
    rule("aws_access_key_id", "ACCA", upper, 16, 16),
    rule("aws_bedrock_key", "ABSK", base64, 80, 200),
    rule("github_pat", "ghp_", alnum, 30, 255),
    rule("github_oauth", "gho_", alnum, 30, 255),
    rule("github_user", "ghu_", alnum, 30, 255),
    rule("github_server", "ghs_", word, 30, 520),
    rule("github_refresh", "ghr_", alnum, 30, 255),
    rule("github_fine_grained", "github_pat_", word, 40, 255),
    rule("gitlab_pat", "glpat-", dotted, 16, 300),
    rule("gitlab_deploy", "gldt-", url, 16, 100),
    rule("gitlab_runner", "glrt-", dotted, 16, 100),
    rule("gitlab_job", "glcbt-", url, 16, 100),
    rule("gitlab_feed", "glft-", url, 16, 100),
    rule("gitlab_trigger", "glptt-", hex, 32, 64),
    rule("gitlab_oauth", "gloas-", url, 32, 100),
    rule("gitlab_runner", "GR1348941", url, 16, 40),
    rule("slack_bot", "xoxb-", url, 20, 250),
    rule("slack_user", "xoxp-", url, 20, 250),
    rule("slack_app", "xapp-", url, 20, 250),
    rule("slack_legacy", "xoxa-", url, 20, 250),
    rule("slack_legacy", "xoxr-", url, 20, 250),
    rule("slack_legacy", "xoxs-", url, 20, 250),
    rule("slack_cookie", "xoxc-", url, 20, 250),
    rule("slack_cookie", "xoxd-", |b| url(b) || b == b'%', 20, 400),
    rule("slack_rotating", "xoxe.", dotted, 30, 400),
    rule("slack_rotating", "xoxe-", url, 30, 400),
    rule("stripe_secret", "sk_live_", word, 16, 250),
    rule("stripe_secret", "sk_test_", word, 16, 250),
    rule("stripe_restricted", "rk_live_", word, 16, 250),
    rule("stripe_restricted", "rk_test_", word, 16, 250),
    rule("stripe_webhook", "whsec_", base64, 24, 120),
    rule("google_api_key", "AIza", url, 35, 35),
    rule("google_oauth_secret", "GOCSPX-", url, 24, 40),
    rule("google_access_token", "ya29.", dotted, 20, 2_048),
    rule("google_refresh_token", "1//0", url, 20, 200),
    rule("anthropic_key", "sk-ant-", url, 20, 250),
    rule("openai_key", "sk-proj-", url, 20, 250),
    rule("openai_key", "sk-svcacct-", url, 20, 250),
    rule("openai_key", "sk-admin-", url, 20, 250),
    rule("openrouter_key", "sk-or-", url, 32, 120),
    wordy("openai_key", "sk-", alnum, 32, 120),
    rule("npm_token", "npm_", alnum, 30, 60),
    rule("pypi_token", "pypi-AgE", url, 30, 1_024),
    rule("rubygems_token", "rubygems_", hex, 32, 64),
    rule("crates_token", "cio", alnum, 32, 32),
    rule(
        "nuget_key",
        "oy2",
        |b| matches!(b, b'a'..=b'z' | b'0'..=b'9'),
        43,
        43,
    ),
    rule("sendgrid_key", "SG.", dotted, 40, 100),
    rule("mailgun_key", "key-", hex, 32, 32),
    wordy("mailchimp_key", "md-", url, 22, 22),
    rule("twilio_key", "SK", hex, 32, 32),
    rule("twilio_account", "AC", hex, 32, 32),
    rule("digitalocean_pat", "dop_v1_", hex, 32, 64),
    rule("digitalocean_oauth", "doo_v1_", hex, 32, 64),
    rule("digitalocean_refresh", "dor_v1_", hex, 32, 64),
    rule("shopify_token", "shpat_", hex, 32, 32),
    rule("shopify_token", "shpca_", hex, 32, 32),
    rule("shopify_token", "shppa_", hex, 32, 32),
    rule("shopify_secret", "shpss_", hex, 32, 32),
    rule("huggingface_token", "hf_", alnum, 30, 60),
    rule("huggingface_token", "api_org_", alnum, 30, 60),
    rule("replicate_token", "r8_", alnum, 30, 60),
    rule("groq_key", "gsk_", alnum, 40, 80),
    rule("perplexity_key", "pplx-", alnum, 32, 80),
    rule("xai_key", "xai-", alnum, 60, 120),
    rule("databricks_token", "dapi", |b| hex(b) || b == b'-', 32, 40),
    rule("grafana_token", "glsa_", word, 32, 60),
    rule("grafana_cloud", "glc_", base64, 32, 400),
    rule("newrelic_key", "NRAK-", alnum, 20, 40),
    rule("newrelic_key", "NRJS-", hex, 16, 40),
    rule("sentry_token", "sntrys_", base64, 40, 400),
    rule("sentry_user", "sntryu_", hex, 40, 80),
    rule("hashicorp_vault", "hvs.", url, 20, 250),
    rule("hashicorp_vault", "hvb.", url, 20, 400),
    rule("terraform_cloud", "atlasv1.", url, 40, 100),
    rule("doppler_token", "dp.pt.", alnum, 32, 64),
    rule("doppler_token", "dp.st.", dotted, 32, 100),
    rule("linear_key", "lin_api_", alnum, 32, 60),
    rule("notion_key", "ntn_", alnum, 40, 60),
    rule("figma_token", "figd_", url, 32, 80),
    rule("postman_key", "PMAK-", url, 40, 80),
    rule("planetscale_token", "pscale_tkn_", dotted, 32, 80),
    rule("planetscale_password", "pscale_pw_", dotted, 32, 80),
    rule("supabase_key", "sbp_", hex, 32, 64),
    rule("supabase_secret", "sb_secret_", url, 20, 80),
    rule("fly_token", "fo1_", url, 32, 80),
    rule("fly_token", "fm2_", base64, 80, 4_096),
    rule("fly_token", "fm1a_", base64, 80, 4_096),
    rule("fly_token", "fm1r_", base64, 80, 4_096),
    rule("vercel_blob", "vercel_blob_rw_", word, 24, 80),
    rule("docker_pat", "dckr_pat_", url, 20, 60),
    rule("docker_pat", "dckr_oat_", url, 20, 60),
    rule("atlassian_token", "ATATT3", base64, 60, 400),
    rule("atlassian_token", "ATCTT3", base64, 60, 400),
    rule("bitbucket_token", "ATBB", base64, 28, 60),
    rule("dropbox_token", "sl.", url, 100, 2_048),
    rule("square_token", "EAAA", url, 56, 80),
    rule("square_secret", "sq0csp-", url, 40, 60),
    rule("square_token", "sq0atp-", url, 20, 40),
    rule("facebook_token", "EAAC", alnum, 80, 400),
    rule(
        "telegram_token",
        "bot",
        |b| digit(b) || b == b':' || url(b),
        40,
        60,
    ),
    rule(
        "discord_webhook",
        "https://discord.com/api/webhooks/",
        path,
        40,
        140,
    ),
    rule(
        "discord_webhook",
        "https://discordapp.com/api/webhooks/",
        path,
        40,
        140,
    ),
    rule("slack_webhook", "https://hooks.slack.com/", path, 30, 140),
    rule(
        "teams_webhook",
        "https://outlook.office.com/webhook/",
        path,
        40,
        200,
    ),
    rule("age_secret_key", "AGE-SECRET-KEY-1", upper, 50, 64),
    rule(
        "onepassword_secret",
        "A3-",
        |b| upper(b) || b == b'-',
        30,
        40,
    ),
    rule("onepassword_service", "ops_eyJ", base64, 100, 2_048),
    rule("alibaba_key_id", "LTAI", alnum, 16, 24),
    rule("tencent_key_id", "AKID", alnum, 32, 32),
    rule("easypost_key", "EZAK", alnum, 54, 54),
    rule("contentful_token", "CFPAT-", url, 40, 60),
    rule("dynatrace_token", "dt0c01.", dotted, 60, 110),
    rule("airtable_token", "pat", |b| alnum(b) || b == b'.', 79, 79),
    rule("typeform_token", "tfp_", dotted, 40, 80),
    rule("pulumi_token", "pul-", hex, 40, 40),
    rule("prefect_key", "pnu_", alnum, 36, 36),
    rule("readme_key", "rdme_", alnum, 60, 80),
    rule("shippo_token", "shippo_live_", hex, 40, 40),
    rule("flutterwave_key", "FLWSECK", url, 20, 60),
    rule("paystack_key", "sk_paystack_", word, 20, 60),
    rule("adafruit_key", "aio_", alnum, 28, 28),
    rule("clojars_token", "CLOJARS_", alnum, 60, 60),
    rule("heroku_key", "HRKU-", url, 36, 70),
    rule("intra42_token", "s-s4t2ud-", hex, 64, 64),
    rule("yandex_key", "AQVN", url, 35, 40),
    rule("langsmith_key", "lsv2_pt_", word, 32, 60),
    rule("langsmith_key", "lsv2_sk_", word, 32, 60),
];

/// The rules by the first byte of their prefix, in the order of the table.
static BY_FIRST: LazyLock<Vec<Vec<&'static Rule>>> = LazyLock::new(|| {
    let begins = |b: u8| {
        let found = RULES
            .iter()
            .filter(move |r| r.prefix.as_bytes().first() == Some(&b));
        found.collect()
    };
    (0_u8..=255).map(begins).collect()
});

/// For each pair of bytes, whether a prefix begins with it; `ey` of a JSON web token, too.
static BY_PAIR: LazyLock<Vec<u64>> = LazyLock::new(|| {
    let mut bits = vec![0_u64; (1 << 16) / 64];
    let prefixes = RULES.iter().map(|r| r.prefix).chain(["ey"]);
    for pair in prefixes.filter_map(|p| p.as_bytes().first_chunk::<2>()) {
        let n = usize::from(u16::from_le_bytes(*pair));
        if let Some(slot) = bits.get_mut(n / 64) {
            *slot |= 1 << (n % 64);
        }
    }
    bits
});

/// Whether a token of some issuer may begin at `i`, by its first bytes.
pub(crate) fn may_begin(bytes: &[u8], i: usize) -> bool {
    let n = usize::from(u16::from_le_bytes([at(bytes, i), at(bytes, i + 1)]));
    let pair = BY_PAIR
        .get(n / 64)
        .is_some_and(|bits| bits >> (n % 64) & 1 == 1);
    pair && (starts(bytes, i, b"eyJ")
        || BY_FIRST
            .get(usize::from(at(bytes, i)))
            .is_some_and(|rules| rules.iter().any(|r| starts(bytes, i, r.prefix.as_bytes()))))
}

/// The token that begins at `i`.
pub(crate) fn find(text: &str, i: usize) -> Option<Finding> {
    let bytes = text.as_bytes();
    if !opens(bytes, i) {
        return None;
    }
    BY_FIRST
        .get(usize::from(at(bytes, i)))?
        .iter()
        .filter(|r| starts(bytes, i, r.prefix.as_bytes()))
        .find_map(|r| {
            let body = i + r.prefix.len();
            let mut end = run(bytes, body, r.max, r.set);
            if end - body < r.min {
                end = wrapped(bytes, r, body, end)?;
            }
            let fixed = r.min == r.max;
            if fixed && (alnum(at(bytes, end)) || at(bytes, end) == b'_') {
                return None;
            }
            while end > body && matches!(before(bytes, end), b'.' | b'-') {
                end -= 1;
            }
            let rest = bytes.get(body..end).unwrap_or(&[]);
            let digits = rest.iter().any(u8::is_ascii_digit);
            if (r.digit && !digits) || end - body < r.min || entropy(rest) < 1.5 {
                return None;
            }
            Some(Finding::secret(r.id, i, end))
        })
}

/// A token that a terminal or mailer wrapped once: the run goes on in the next line.
fn wrapped(bytes: &[u8], r: &Rule, body: usize, end: usize) -> Option<usize> {
    let next = match (at(bytes, end), at(bytes, end + 1)) {
        (b'\n', _) => end + 1,
        (b'\r' | b'\\', b'\n') => end + 2,
        _ => return None,
    };
    let have = end - body;
    let more = run(bytes, next, 40, |b| b == b' ');
    let last = run(bytes, more, r.max.saturating_sub(have), r.set);
    let long = have >= 6 && have + (last - more) >= r.min;
    // The rest stands alone in its line: a word of the next sentence would not.
    let alone = matches!(at(bytes, last), 0 | b'\n' | b'\r' | b'"' | b'\'' | b' ');
    let rest = bytes.get(more..last).unwrap_or(&[]);
    (long && alone && rest.iter().any(u8::is_ascii_digit)).then_some(last)
}

/// Forty characters of base64 near an access key id: its secret, without a name.
pub(crate) fn aws_secret_near(text: &str, id_end: usize) -> Option<Finding> {
    let bytes = text.as_bytes();
    let limit = (id_end + 160).min(bytes.len());
    let mut i = id_end;
    while i < limit {
        let end = run(bytes, i, 64, |b| alnum(b) || matches!(b, b'+' | b'/'));
        if end == i {
            i += 1;
            continue;
        }
        if end - i == 40 && mixed(bytes.get(i..end).unwrap_or(&[])) && !cut(text, i, end).is_empty()
        {
            return Some(Finding::secret("aws_secret_key", i, end));
        }
        i = end;
    }
    None
}
