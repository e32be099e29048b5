//! Values that their key gives away: JSON (also escaped), `k=v`, YAML, headers, cookies, query
//! strings, Python and Rust and Go and Ruby printing, XML elements, argument lists.
//!
//! The trigger is the separator; the key is looked for before it, within [`KEY_BYTES_MAX`] bytes.

use crate::bytes::{alnum, at, before, blank, ceil, cut, digit, run, run_back};
use crate::fit::{fits, is_auth, is_made, is_signature};
use crate::form::is_state;
use crate::key::{KEY_BYTES_MAX, KeyVerdict, LABELLED, is_telling, verdict};
use crate::value::{
    self, BRIEF_BYTES_MAX, Extent, VALUE_BYTES_MAX, extent, is_prose, says_nothing, taken,
};
use crate::{
    Finding, TokenKind, account, auth, block, header, ident, identity, member, net, pair, query,
};

mod doubt;
mod listed;
mod personal;
mod settled;

use doubt::{
    has_parameters, is_assembly, is_code, is_file, is_no_value, is_object, is_reference, is_said,
    is_working_directory, names_another, names_resource, parser_speaks,
};
pub(crate) use listed::is_arrow;
use listed::{entry, listed};
pub(crate) use personal::may_name;
use personal::{is_kind, personal, within_angles};
pub(crate) use settled::is_settled;

/// Longest value in bytes that names somebody.
const PERSONAL_BYTES_MAX: usize = 256;

/// Most blanks between a key and its separator.
const ALIGNED_BYTES_MAX: usize = 40;

/// Bytes behind an opening parenthesis that tell code from a value.
const CALL_BYTES_MAX: usize = 32;

fn key_byte(b: u8) -> bool {
    alnum(b) || matches!(b, b'_' | b'-' | b'.' | b'$' | b'[') || b >= 0x80
}

/// End of the name of an object's member as PHP prints it, whose scope ends at `end`:
/// `[password:protected] => x`, `[password:Account:private] => x`.
pub(crate) fn unscoped(bytes: &[u8], end: usize) -> usize {
    let head = bytes.get(..end).unwrap_or(&[]);
    if let Some(name) = head.strip_suffix(b":protected") {
        return name.len();
    }
    let Some(class) = head.strip_suffix(b":private") else {
        return end;
    };
    let member = |b: u8| alnum(b) || matches!(b, b'_' | b'\\') || b >= 0x80;
    let start = run_back(class, class.len(), KEY_BYTES_MAX, member);
    if before(class, start) == b':' {
        start - 1
    } else {
        class.len()
    }
}

/// Whether the key before the `=` at `i` is the parameter of a function: `(token) => token.kind`.
fn is_parameter(text: &str, key: &Key<'_>, i: usize) -> bool {
    let bytes = text.as_bytes();
    if !key.spaced || at(bytes, i + 1) != b'>' || before(bytes, key.start) != b'(' {
        return false;
    }
    let start = run(bytes, i + 2, 4, blank);
    let name = |b: u8| alnum(b) || matches!(b, b'_' | b'$');
    let end = run(bytes, start, KEY_BYTES_MAX, name);
    let called = end > start && matches!(at(bytes, end), b'.' | b'(' | b'[');
    called || matches!(at(bytes, start), b'{' | b'(') || cut(text, start, end) == key.text
}

/// Whether the colon at `i` stands before the scope of a member that PHP prints.
fn is_scope(bytes: &[u8], i: usize) -> bool {
    let inside = |b: u8| alnum(b) || matches!(b, b'_' | b'\\' | b':') || b >= 0x80;
    let end = run(bytes, i, KEY_BYTES_MAX, inside);
    let scope = bytes.get(i..end).unwrap_or(&[]);
    let named = scope.ends_with(b":protected") || scope.ends_with(b":private");
    named && crate::bytes::starts(bytes, end, b"] =")
}

/// The key that ends before a separator.
struct Key<'t> {
    text: &'t str,
    start: usize,
    quoted: bool,
    /// Whether blanks stood between key and separator.
    spaced: bool,
}

/// The key before the separator at `i`.
fn key_before(text: &str, i: usize) -> Option<Key<'_>> {
    let bytes = text.as_bytes();
    // Terraform and its like align the signs.
    let blanks = run_back(bytes, i, ALIGNED_BYTES_MAX, blank);
    let mut end = run_back(bytes, blanks, 8, |b| matches!(b, b']' | b')'));
    // Perl's hashes: `$config{password} = …`.
    if before(bytes, end) == b'}' {
        let open = run_back(bytes, end - 1, KEY_BYTES_MAX, |b| {
            key_byte(b) || matches!(b, b'"' | b'\'')
        });
        end -= usize::from(before(bytes, open) == b'{');
    }
    // Erlang's binary: `<<"password">> => …`.
    if end >= 2 && crate::bytes::starts(bytes, end - 2, b">>") {
        end -= 2;
    }
    if before(bytes, end + 1) == b')' && has_parameters(text, end) {
        return None;
    }
    if end < blanks {
        end = unscoped(bytes, end);
    }
    // Markdown: `**password**: x`.
    if end >= 2 && matches!(bytes.get(end - 2..end), Some(b"**" | b"__")) && end == blanks {
        end -= 2;
    }
    let quotes = run_back(bytes, end, 32, |b| matches!(b, b'"' | b'\'' | b'\\' | b'`'));
    let in_quotes = quotes < end;
    end = quotes;
    let start = run_back(bytes, end, KEY_BYTES_MAX, key_byte);
    let start = ceil(text, start);
    // `in `load_token': no such file`: a frame of a Ruby trace.
    if at(bytes, end) == b'\'' && before(bytes, start) == b'`' {
        return None;
    }
    // `app::load_token: no such file`: the path of a function.
    if before(bytes, start) == b':' && start >= 2 && at(bytes, start - 2) == b':' && !in_quotes {
        return None;
    }
    // `\npassword: x` in escaped text: the `n` belongs to the escape.
    let start = match (before(bytes, start), at(bytes, start)) {
        (b'\\', b'n' | b'r' | b't') => start + 1,
        _ => start,
    };
    // `[removed:key.token]: …`: one of our own markers is no key.
    if before(bytes, start) == b':' && cut(text, 0, start - 1).ends_with("[removed") {
        return None;
    }
    let key = cut(text, start, end);
    let key = key.rsplit('[').next().unwrap_or(key);
    let start = end - key.len();
    let marker = key == "removed" && before(bytes, start) == b'[';
    (!key.is_empty() && !marker).then_some(Key {
        text: key,
        start,
        quoted: in_quotes,
        spaced: blanks < i,
    })
}

/// Whether the colon parts hours and minutes: two digits, behind nothing that a key may hold or
/// behind the letter that parts time from date. The digits of a time are no key.
pub(crate) fn is_time(bytes: &[u8], i: usize) -> bool {
    let digits = i >= 2 && digit(before(bytes, i)) && digit(at(bytes, i - 2));
    if !digits || !digit(at(bytes, i + 1)) {
        return false;
    }
    let prior = before(bytes, i - 2);
    let named = alnum(prior) || b"_+-./$%&".contains(&prior) || prior >= 0x80;
    !named || prior.is_ascii_uppercase() && i >= 4 && digit(at(bytes, i - 4))
}

/// Words that end a key of a family of its own: pairs, forms, signatures, Docker's files.
pub(crate) fn words_known() -> impl Iterator<Item = &'static str> {
    let own = [
        "code",
        "signature",
        "auth",
        "authstring",
        "lon",
        "lng",
        "long",
    ];
    let names = pair::NAMES.iter().chain(pair::KINDS).copied();
    names
        .chain(own)
        .chain(account::IDS.iter().copied())
        .chain(member::words_known())
}

/// What a key alone tells the screen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Says {
    /// Nothing, together with no word before it.
    #[default]
    Nothing,
    /// Nothing, but together with the word before it perhaps something.
    Together,
    /// The field holds another one's name.
    Name,
    /// The field may be a private member of a key.
    Private,
    /// In quotes, something together with a member beside it.
    Half,
    /// An account's number, and its name in brackets behind it.
    Number,
    /// Behind the word `user`, its account.
    Account,
    /// Something.
    Something,
}

/// What a key tells.
pub(crate) fn says(key: &str) -> Says {
    match verdict(key) {
        KeyVerdict::Secret(_) | KeyVerdict::Personal(..) => Says::Something,
        _ if pair::names(key) || pair::says_kind(key) => Says::Name,
        _ if member::is_private(key) => Says::Private,
        _ if account::IDS.contains(&key) => Says::Number,
        _ if is_signature(key) || is_auth(key) || key == "code" => Says::Something,
        _ if crate::key::coordinate(key) == Some("longitude") => Says::Half,
        KeyVerdict::Unknown if crate::key::may_pair(key) => Says::Together,
        KeyVerdict::Safe if key.eq_ignore_ascii_case("id") => Says::Account,
        _ => Says::Nothing,
    }
}

/// Whether the key before the separator at `i` governs something, as far as the key can tell, or
/// for a pair's name, the name.
pub(crate) fn may_say(text: &str, i: usize, told: &mut impl FnMut(&str) -> Says) -> bool {
    let Some(key) = key_before(text, i) else {
        return false;
    };
    let say = told(key.text);
    let bytes = text.as_bytes();
    let opened = run(bytes, i + 1, ALIGNED_BYTES_MAX, |b| b.is_ascii_whitespace());
    let nested = matches!(at(bytes, opened), b'{' | b'[') || opened - i > ALIGNED_BYTES_MAX;
    if nested && key.quoted && crate::key::owns(key.text) {
        return true;
    }
    let mut together = || {
        let both = together(text, &key);
        both.is_some_and(|both| told(both) == Says::Something)
    };
    let from = value_start(bytes, i);
    let private = || member::is_private(key.text) && member::private(text, from).is_some();
    match say {
        Says::Something if key.text == "code" => {
            let form = || {
                let code = query::form_code(text, from).or_else(|| query::bare_code(text, from));
                at(bytes, i) == b'=' && code.is_some()
            };
            together() || form() || key.quoted && query::made_code(text, from, true).is_some()
        }
        Says::Something => true,
        Says::Together => together(),
        Says::Name => together() || private() || pair::may_name(text, from),
        Says::Private => together() || private(),
        Says::Number => together() || account::numbered(text, key.start, from).is_some(),
        Says::Half => key.quoted || together(),
        Says::Account => at(bytes, i) == b'=' && is_user_id(text, &key),
        Says::Nothing => false,
    }
}

/// Where the value behind the separator at `i` may begin.
fn value_start(bytes: &[u8], i: usize) -> usize {
    i + 1 + usize::from(matches!(at(bytes, i + 1), b'>' | b'='))
}

/// The key together with the word before it.
fn together<'t>(text: &'t str, key: &Key<'_>) -> Option<&'t str> {
    let bytes = text.as_bytes();
    if key.quoted || before(bytes, key.start) != b' ' {
        return None;
    }
    let word = |i: usize| run_back(bytes, i, 24, |b| alnum(b) || b >= 0x80);
    let mut start = word(key.start - 1);
    // `Unseal Key 1: x`: the number says nothing.
    if key.text.bytes().all(digit) && before(bytes, start) == b' ' {
        start = word(start - 1);
    }
    Some(cut(text, ceil(text, start), key.start + key.text.len()))
}

/// Adds what the separator at `i` gives away. Returns how far the value went.
pub(crate) fn at_separator(text: &str, i: usize, out: &mut Vec<Finding>) -> Option<usize> {
    let bytes = text.as_bytes();
    let sign = at(bytes, i);
    if sign == b',' {
        return listed(text, i, out);
    }
    if sign == b'>' && !is_arrow(bytes, i) {
        return None;
    }
    let doubled = sign == b'=' && at(bytes, i + 1) == b'=' || before(bytes, i) == b'=';
    // `://` is an address, `::` a path of a language.
    let address = at(bytes, i + 1) == b'/' && at(bytes, i + 2) == b'/';
    let other = address || at(bytes, i + 1) == b':' || is_time(bytes, i);
    if doubled || sign == b':' && other {
        return None;
    }
    // `[password:protected] => x`: the scope of a member, as PHP prints it.
    if sign == b':' && is_scope(bytes, i) {
        return None;
    }
    let key = key_before(text, i - usize::from(sign == b'>'))?;
    if sign == b'=' && is_parameter(text, &key, i) {
        return None;
    }
    // `//host-psk-2:1433`: a port, whatever the host is called.
    // `//x-access-token:…@host`: an address's account, which has a family of its own.
    if sign == b':' && cut(text, 0, key.start).ends_with("//") {
        let end = run(bytes, i + 1, VALUE_BYTES_MAX, |b| {
            b > b' ' && !b"\"'@/".contains(&b)
        });
        if digit(at(bytes, i + 1)) || at(bytes, end) == b'@' {
            return None;
        }
    }
    let rule = match verdict(key.text) {
        KeyVerdict::Unknown if sign == b':' || sign == b'=' => spaced_verdict(text, &key),
        KeyVerdict::Safe if sign == b'=' && is_user_id(text, &key) => {
            KeyVerdict::Personal("key.user", TokenKind::User)
        }
        other => other,
    };
    let from = match (sign, at(bytes, i + 1)) {
        (b'=', b'>') | (b':', b'=') => i + 2,
        _ => i + 1,
    };
    // A line break after `key:` begins a YAML block or the next record, unless it is `=>`.
    let arrow = from == i + 2 && sign == b'=';
    match rule {
        KeyVerdict::Secret(_) | KeyVerdict::Personal(..) if sign == b'>' => {
            entry(text, &key, from, out)
        }
        KeyVerdict::Secret(rule) => secret(text, &key, rule, (from, arrow), out),
        // `uid=1000(bob)`, `uid=bob,ou=people`.
        KeyVerdict::Personal("key.login", _)
            if account::IDS.contains(&key.text)
                && account::numbered(text, key.start, from).is_some() =>
        {
            unnamed(text, &key, from, arrow || key.quoted, out)
        }
        KeyVerdict::Personal(rule, kind) => {
            let found = within_angles(text, kind, from)
                .or_else(|| extent(text, from, arrow || key.quoted, PERSONAL_BYTES_MAX))?;
            personal(text, &key, rule, kind, found, out)
        }
        _ if sign == b'>' => None,
        _ => unnamed(text, &key, from, arrow || key.quoted, out),
    }
}

/// Keys that say nothing by themselves: `name` of a pair, `auth` of a Docker or npm file.
fn unnamed(
    text: &str,
    key: &Key<'_>,
    from: usize,
    line_breaks: bool,
    out: &mut Vec<Finding>,
) -> Option<usize> {
    if key.quoted
        && member::is_private(key.text)
        && let Some(found) = member::private(text, from)
    {
        let end = found.end;
        out.push(found);
        return Some(end);
    }
    if pair::names(key.text) {
        return pair::named(text, from, line_breaks, out);
    }
    if pair::says_kind(key.text) && key.quoted {
        return pair::typed(text, (key.text, from), line_breaks, out);
    }
    if key.text == "code" {
        let assigned = before(text.as_bytes(), from) == b'=';
        let found = query::form_code(text, from).filter(|_| assigned);
        let found = found.or_else(|| query::made_code(text, from, line_breaks && key.quoted));
        let found = found.or_else(|| query::bare_code(text, from).filter(|_| assigned))?;
        let end = found.end;
        out.push(found);
        return Some(end);
    }
    if account::IDS.contains(&key.text) {
        let found = account::numbered(text, key.start, from)?;
        let end = found.end.max(from);
        out.push(found);
        return Some(end);
    }
    if is_signature(key.text) {
        let found = taken(text, from, line_breaks, |value, _| {
            fits("key.signature", value)
        })?;
        out.push(Finding::secret("key.signature", found.start, found.end));
        return Some(found.end);
    }
    if !is_auth(key.text) {
        return None;
    }
    let found = taken(text, from, line_breaks, |value, _| {
        auth::user_password(value) || key.text == "_auth" && is_made(value)
    })?;
    out.push(Finding::secret("auth.basic", found.start, found.end));
    Some(found.end)
}

/// Whether the key is the account's in a connection string: `User Id=bob;`.
fn is_user_id(text: &str, key: &Key<'_>) -> bool {
    let both = together(text, key);
    key.text.eq_ignore_ascii_case("id")
        && both.is_some_and(|both| both.eq_ignore_ascii_case("user id"))
}

/// Verdict on the word before together with this one: `credit card: …`, `User Id=…`.
fn spaced_verdict(text: &str, key: &Key<'_>) -> KeyVerdict {
    // `addr 0.0.0.0:8080`: a host, whose port follows.
    let sign = key.start + key.text.len();
    let host = key.text.matches('.').count() == 3 && at(text.as_bytes(), sign) == b':';
    if host && digit(at(text.as_bytes(), sign + 1)) {
        return KeyVerdict::Unknown;
    }
    match together(text, key).map(verdict) {
        None | Some(KeyVerdict::Safe) => KeyVerdict::Unknown,
        Some(other) => other,
    }
}

/// What stands where a value could.
enum Within {
    /// Values in a block or a list, up to here.
    Taken(usize),
    /// An object, a list, or code.
    None,
    /// A value.
    Value,
}

/// The values of a secret's key in a block below it or in a list behind it.
fn within_container(
    text: &str,
    key: &Key<'_>,
    rule: &'static str,
    from: usize,
    out: &mut Vec<Finding>,
) -> Within {
    let bytes = text.as_bytes();
    let first = key.start - usize::from(key.quoted && key.start > 0);
    let bare = at(bytes, key.start + key.text.len()) == b':';
    if at(bytes, from - 1) == b':'
        && (bare || key.quoted)
        && let Some(end) = block::below(text, first, from, rule, out)
    {
        return Within::Taken(end);
    }
    let opened = run(bytes, from, 8, blank);
    if at(bytes, opened) == b'{'
        && let Some(found) = pair::member_value(text, opened)
    {
        out.push(Finding::secret(rule, found.start, found.end));
        return Within::Taken(found.end);
    }
    if at(bytes, opened) == b'['
        && let Some(end) = block::flow(text, opened, rule, out)
            .or_else(|| block::printed(text, (from, opened), rule, out))
    {
        return Within::Taken(end);
    }
    let list = at(bytes, opened) == b'[' && !matches!(at(bytes, opened + 1), b'"' | b'\'' | b'\\');
    if list || at(bytes, opened) == b'{' && !matches!(at(bytes, opened + 1), b'{' | b'}') {
        return Within::None;
    }
    // `token=(a, b)` is code, and is known for it without reading on.
    let call = bytes.get(opened..opened + CALL_BYTES_MAX).unwrap_or(&[]);
    if call.starts_with(b"(") && at(bytes, from - 1) == b'=' && !call.iter().any(u8::is_ascii_digit)
    {
        return Within::None;
    }
    Within::Value
}

/// The value of a secret's key, which begins at or behind `from`.
fn secret(
    text: &str,
    key: &Key<'_>,
    rule: &'static str,
    (from, arrow): (usize, bool),
    out: &mut Vec<Finding>,
) -> Option<usize> {
    let bytes = text.as_bytes();
    match within_container(text, key, rule, from, out) {
        Within::Taken(end) => return Some(end),
        Within::None => return None,
        Within::Value => {}
    }
    let brief = extent(text, from, arrow || key.quoted, BRIEF_BYTES_MAX)?;
    if is_other(text, key, brief) {
        return None;
    }
    if says_nothing(text, brief) {
        return Some(changed(text, rule, brief, out).unwrap_or(brief.end));
    }
    let value = cut(text, brief.start, brief.end);
    let sign = at(bytes, from - 1);
    let phrase = || rule == "key.password" && value::words_end(text, brief).is_some();
    let said = || is_said(rule, sign, value) && !phrase();
    let other = || {
        let stands_for = is_file(rule, value) || is_reference(rule, value);
        is_object(rule, value) || stands_for || is_assembly(key.text, value)
    };
    if !brief.quoted && (said() || other() || names_resource(text, key.start)) {
        return None;
    }
    if rule == "key.cookie"
        && matches!(
            key.text.to_ascii_lowercase().as_str(),
            "cookie" | "set-cookie" | "set_cookie"
        )
    {
        return Some(header::cookies(text, brief, out));
    }
    if rule == "key.authorization" {
        return Some(header::authorization(text, brief.start, out));
    }
    if !fits(rule, value) {
        return changed(text, rule, brief, out);
    }
    if rule == "key.token" && parser_speaks(text, key.start) {
        return None;
    }
    if !brief.quoted && (names_another(value, at(bytes, brief.end)) || is_code(text, key, brief)) {
        return None;
    }
    if !brief.quoted && is_no_value(key, rule, at(bytes, from - 1), value) {
        return None;
    }
    let found = entire(text, rule, key, (from, arrow || key.quoted), brief)?;
    if rule == "key.credential"
        && let Some(end) = parted(text, found, out)
    {
        return Some(end);
    }
    out.push(Finding::secret(rule, found.start, found.end));
    Some(changed(text, rule, found, out).unwrap_or(found.end))
}

/// Whether what stands behind a secret's key is no value: the end of a text whose quote follows
/// the colon (`{"message":"Password: "}`), the working directory of a process, or a key of the
/// keyboard (`accesskey="u"`).
fn is_other(text: &str, key: &Key<'_>, found: Extent) -> bool {
    let value = cut(text, found.start, found.end);
    let closed = matches!(at(text.as_bytes(), found.end), b'"' | b'\'' | b'`');
    let ended = matches!(value, "}," | "},{") || !closed && matches!(value, "}" | "}]" | "]");
    let accelerator = key.text.eq_ignore_ascii_case("accesskey") && value.len() <= 1;
    found.quoted && ended || accelerator || is_working_directory(key.text, value)
}

/// `creds: user / password`: who and the secret, parted by a slash.
fn parted(text: &str, first: Extent, out: &mut Vec<Finding>) -> Option<usize> {
    let bytes = text.as_bytes();
    if first.quoted || !crate::bytes::starts(bytes, first.end, b" / ") {
        return None;
    }
    let second = extent(text, first.end + 3, false, PERSONAL_BYTES_MAX)?;
    let user = cut(text, first.start, first.end);
    let said = cut(text, second.start, second.end);
    if says_nothing(text, second) || is_state(said) || is_telling(said) {
        return None;
    }
    if !net::is_service(user) && !user.contains('@') {
        let kind = TokenKind::User;
        out.push(Finding::personal("key.user", kind, first.start, first.end));
    }
    out.push(Finding::secret("key.credential", second.start, second.end));
    Some(second.end)
}

/// `password = "old" -> "new"`, as Terraform plans a change: the value behind the first.
fn changed(text: &str, rule: &'static str, first: Extent, out: &mut Vec<Finding>) -> Option<usize> {
    let next = becomes(text, first)?;
    if says_nothing(text, next) || !fits(rule, cut(text, next.start, next.end)) {
        return None;
    }
    out.push(Finding::secret(rule, next.start, next.end));
    Some(next.end)
}

/// The value in quotes behind the arrow behind a value in quotes.
fn becomes(text: &str, first: Extent) -> Option<Extent> {
    let bytes = text.as_bytes();
    let behind = run(bytes, first.end, 2, |b| matches!(b, b'\\' | b'"'));
    let arrows = [b" -> ", b" => "];
    let changed = arrows
        .iter()
        .any(|arrow| crate::bytes::starts(bytes, behind, *arrow));
    if !first.quoted || !changed {
        return None;
    }
    extent(text, behind + 4, false, VALUE_BYTES_MAX).filter(|next| next.quoted)
}

/// The value read to its end, of which `brief` is the beginning; a mnemonic is several words.
fn entire(
    text: &str,
    rule: &str,
    key: &Key<'_>,
    (from, line_breaks): (usize, bool),
    brief: Extent,
) -> Option<Extent> {
    if rule == "key.seed" && !brief.quoted {
        let end = value::phrase_end(text, brief.start).unwrap_or(brief.end);
        return Some(Extent { end, ..brief });
    }
    if matches!(rule, "key.answer" | "key.recovery") && !brief.quoted {
        let end = match rule {
            "key.answer" => value::clause_end(text, brief.end),
            _ => value::list_end(text, brief),
        };
        return Some(Extent { end, ..brief });
    }
    if rule == "key.password"
        && !brief.quoted
        && let Some(end) = value::member_end(text, key.start, brief)
            .or_else(|| {
                let told = at(text.as_bytes(), from - 1) == b':';
                let alone = told || value::begins_line(text, key.start);
                alone.then(|| value::words_end(text, brief)).flatten()
            })
            .or_else(|| value::line_end(text, key.text, key.start, brief))
    {
        return Some(Extent { end, ..brief });
    }
    if brief.cut_at(BRIEF_BYTES_MAX) {
        return extent(text, from, line_breaks, VALUE_BYTES_MAX);
    }
    Some(brief)
}

/// The finding of a value whose name stands elsewhere than before a separator.
pub(crate) fn governed(key: &str, value: &str, found: Extent) -> Option<Finding> {
    if crate::is_placeholder(value) {
        return None;
    }
    match verdict(key) {
        KeyVerdict::Secret(rule) if fits(rule, value) && !is_prose(value) => {
            Some(Finding::secret(rule, found.start, found.end))
        }
        KeyVerdict::Personal(LABELLED, _) if value.len() <= PERSONAL_BYTES_MAX => {
            Some(shifted(ident::named(key, value)?, found.start))
        }
        KeyVerdict::Personal(rule, kind)
            if value.len() <= PERSONAL_BYTES_MAX && is_kind(kind, value, found.quoted) =>
        {
            let formed = identity::has_form(rule, value) != Some(false);
            formed.then(|| Finding::personal(rule, kind, found.start, found.end))
        }
        _ => None,
    }
}

/// A finding of a value as one of the text in which the value begins at `start`.
fn shifted(found: Finding, start: usize) -> Finding {
    Finding {
        start: found.start + start,
        end: found.end + start,
        ..found
    }
}

/// Whether the word that governs the place `i` is a technical identifier: `order_id=`,
/// `offset: `. Numbers there are neither cards nor phones.
pub(crate) fn governed_safe(text: &str, i: usize) -> bool {
    let bytes = text.as_bytes();
    let quote = run_back(bytes, i, 4, |b| {
        matches!(b, b'"' | b'\'' | b'\\' | b'#' | b'(')
    });
    let blanks = run_back(bytes, quote, 4, blank);
    let sign = before(bytes, blanks);
    let end = if matches!(sign, b':' | b'=') {
        blanks - 1
    } else {
        blanks
    };
    let Some(key) = key_before(text, end) else {
        return false;
    };
    is_safe(key.text)
}

/// Whether a key is that of a technical identifier.
pub(crate) fn is_safe(key: &str) -> bool {
    let words = crate::key::words(key);
    let last = words.last().map_or("", String::as_str);
    verdict(key) == KeyVerdict::Safe && !matches!(last, "number" | "no" | "in" | "at" | "code")
        || words.iter().any(|w| {
            matches!(
                w.as_str(),
                "order"
                    | "offset"
                    | "isbn"
                    | "invoice"
                    | "snowflake"
                    | "batch"
                    | "tracking"
                    | "shipment"
                    | "parcel"
                    | "waybill"
                    | "sku"
                    | "ean"
                    | "gtin"
                    | "barcode"
            )
        })
}
