//! One pass over a text: which rule family is asked at which byte, and up to where each family
//! has looked.
//!
//! *Limits:* a family that takes a value goes on behind it, and what it reads before it takes or
//! leaves one is bounded by a constant of its own; so a pass is linear in the text.

use crate::bytes::{alnum, at, before, digit, opens};
use crate::{
    Finding, TokenKind, account, auth, call, command, device, dsn, email, hash, iban, ident, keyed,
    marker, markup, member, net, number, pair, pem, person, positional, prose, query, rules, shell,
    street, table, tool, url,
};

/// The state of one pass: what was found, and up to where each family has looked.
pub(crate) struct Pass<'t> {
    text: &'t str,
    rules: &'t rules::RuleSet,
    /// What was found.
    pub(crate) out: Vec<Finding>,
    keyed: usize,
    token: usize,
    digits: usize,
    rows: usize,
    query: usize,
    spoken: usize,
    marked: usize,
    table: usize,
}

impl<'t> Pass<'t> {
    /// A pass at its beginning.
    pub(crate) fn new(text: &'t str, rules: &'t rules::RuleSet) -> Self {
        Self {
            text,
            rules,
            out: Vec::new(),
            keyed: 0,
            token: 0,
            digits: 0,
            rows: 0,
            query: 0,
            spoken: 0,
            marked: 0,
            table: 0,
        }
    }

    fn add(&mut self, found: Option<Finding>) -> Option<usize> {
        let end = found.map(|f| f.end);
        self.out.extend(found);
        end
    }

    /// Punctuation that governs or joins.
    pub(crate) fn sign(&mut self, i: usize, b: u8) {
        let text = self.text;
        let bytes = text.as_bytes();
        self.unsigned(i, b);
        match b {
            b':' | b'=' | b',' if i >= self.keyed => {
                if b == b':' && at(bytes, i + 1) == b'/' && at(bytes, i + 2) == b'/' {
                    url::userinfo(text, i, &mut self.out);
                }
                if let Some(end) = keyed::at_separator(text, i, &mut self.out) {
                    self.keyed = end;
                }
            }
            b':' if at(bytes, i + 1) == b'/' && at(bytes, i + 2) == b'/' => {
                url::userinfo(text, i, &mut self.out);
            }
            b'>' | b'|' => self.parting(i, b),
            b'<' => {
                markup::tag(text, i, &mut self.out);
                self.add(email::spelled(text, i));
            }
            b'@' => {
                self.address(i);
            }
            b'$' => {
                let found = hash::crypt(text, i);
                self.hashed(found, i);
            }
            b';' => {
                let end = self.add(pair::serialized(text, i));
                self.keyed = self.keyed.max(end.unwrap_or(0));
            }
            b'?' if i >= self.query => self.query = query::query(text, i, &mut self.out),
            b'(' | b'[' | b'{' => {
                self.add(email::spelled(text, i));
                if b == b'(' {
                    self.number(i);
                } else if b == b'[' {
                    self.add(account::access_log(text, i));
                } else if b == b'{' {
                    let found = hash::directory(text, i);
                    self.hashed(found, i);
                }
            }
            b'+' => self.number(i),
            0xe2 if i >= self.marked
                && let Some((found, end)) = marker::at(text, i) =>
            {
                self.add(found);
                self.marked = end;
            }
            0xc3.. => {
                self.add(auth::one_time_code(text, i));
                self.prose(i);
            }
            b'-' => self.dash(i),
            b'/' | b'\\' => self.folder(i, b),
            _ => {}
        }
        if b == b':' && at(bytes, i + 1) == b':' && !alnum(before(bytes, i)) {
            self.add(net::ipv6(text, i));
        }
    }

    /// A hash whose notation begins at `i`, and whose it is.
    fn hashed(&mut self, found: Option<Finding>, i: usize) {
        if found.is_some() {
            self.add(account::hashed(self.text, i));
        }
        self.add(found);
    }

    /// A separator of a path.
    fn folder(&mut self, i: usize, b: u8) {
        let text = self.text;
        self.add(net::home(text, i));
        if net::may_follow_home(text.as_bytes(), i + 1) {
            account::entry(text, i, &mut self.out);
        }
        if b == b'/' {
            self.add(query::route(text, i));
            self.add(account::segment(text, i));
        }
    }

    /// What its position says, behind a sign that begins a field.
    fn placed(&mut self, i: usize, b: u8) {
        match b {
            b':' | b'=' => {
                positional::at_separator(self.text, i, &mut self.out);
                tool::at_separator(self.text, i, &mut self.out);
            }
            b'<' | b';' | b'%' | b'[' | b'(' => positional::at_sign(self.text, i, &mut self.out),
            _ => {}
        }
    }

    /// An address, and whose it is; or an account at a host.
    fn address(&mut self, i: usize) {
        let text = self.text;
        if let Some(found) = email::find(text, i) {
            self.add(person::display(text, found.start));
            self.out.push(found);
        } else {
            self.add(email::at_host(text, i));
        }
        self.add(account::database(text, i).or_else(|| account::remote(text, i)));
        account::slow_log(text, i, &mut self.out);
        dsn::go(text, i, &mut self.out);
    }

    /// What has no sign of its own between name and value: quotes, lines, the colons of a line.
    fn unsigned(&mut self, i: usize, b: u8) {
        let text = self.text;
        self.placed(i, b);
        if matches!(b, b'"' | b'\'' | b'\\') && i >= self.keyed {
            let end = self.add(member::spaced(text, i));
            self.keyed = self.keyed.max(end.unwrap_or(0));
        }
        if b == b':' && i >= self.keyed {
            let end = dsn::pgpass(text, i, &mut self.out);
            self.keyed = self.keyed.max(end.unwrap_or(0));
        }
        if matches!(b, b'\n' | b'\\') && i >= self.table {
            self.table = table::below(text, i, &mut self.out).unwrap_or(0);
            self.add(table::single_below(text, i));
            self.add(table::reply_below(text, i));
        }
    }

    /// A sign between a name and its value in a printed map or a table.
    fn parting(&mut self, i: usize, b: u8) {
        let end = match b {
            b'>' if i >= self.keyed => keyed::at_separator(self.text, i, &mut self.out),
            b'|' if i >= self.keyed.max(self.table) => self.add(table::row(self.text, i)),
            _ => None,
        };
        self.keyed = self.keyed.max(end.unwrap_or(0));
    }

    fn dash(&mut self, i: usize) {
        let text = self.text;
        if i < self.token {
            return;
        }
        if let Some(end) = self.add(pem::find(text, i)) {
            self.token = end;
            self.keyed = self.keyed.max(end);
            return;
        }
        if i >= self.keyed {
            let end = self
                .add(shell::flag(text, i))
                .or_else(|| shell::short_option(text, i, &mut self.out))
                .or_else(|| command::option(text, i, &mut self.out));
            self.keyed = self.keyed.max(end.unwrap_or(0));
        }
    }

    /// The first character of a word, or any character of it where a rule may begin inside.
    pub(crate) fn word(&mut self, i: usize, b: u8) {
        let text = self.text;
        let bytes = text.as_bytes();
        if !opens(bytes, i) {
            return;
        }
        if i >= self.token {
            if let Some(found) = self.rules.find(text, i) {
                self.token = found.end;
                if found.rule == "aws_access_key_id" {
                    self.add(rules::aws_secret_near(text, found.end));
                }
                self.out.push(found);
            } else if let Some(end) = self.add(self.rules.find_cut(text, i)) {
                self.token = end;
            }
            if let Some(end) = self.add(auth::jwt(text, i)) {
                self.token = end;
            }
        }
        if digit(b) {
            self.number(i);
            self.add(auth::one_time_code(text, i));
        }
        if b.is_ascii_hexdigit() {
            self.add(net::ipv6(text, i));
            self.add(net::mac(text, i).or_else(|| net::mac_dotted(text, i)));
        }
        // One letter alone leads to nothing.
        let next = at(bytes, i + 1);
        let single = !(alnum(next) || next == b'_' || next >= 0x80);
        if b.is_ascii_alphabetic() && !single {
            self.add(auth::scheme(text, i));
            self.add(iban::iban(text, i));
            if i >= self.digits
                && let Some(end) = self.add(ident::find(text, i))
            {
                self.digits = end;
            }
            self.spoken(i, b);
        }
    }

    /// A word that leads to something.
    fn spoken(&mut self, i: usize, b: u8) {
        let text = self.text;
        match b.to_ascii_lowercase() {
            b'p' | b'i' | b's' if i >= self.keyed => {
                let end = self.add(shell::sql_password(text, i));
                self.keyed = self.keyed.max(end.unwrap_or(0));
            }
            b'v' if i >= self.keyed.max(self.rows) => {
                self.rows = shell::sql_values(text, i, &mut self.out);
            }
            b'm' => dsn::netrc(text, i, &mut self.out),
            b'l' => account::radius(text, i, &mut self.out),
            b'd' => {
                self.add(email::spoken(text, i));
                dsn::netrc(text, i, &mut self.out);
                self.add(pair::duplicate(text, i));
                auth::digest(text, i, &mut self.out);
            }
            b'a' => {
                self.add(dsn::sasl(text, i));
            }
            _ => {}
        }
        if matches!(b.to_ascii_lowercase(), b'j' | b's' | b'e' | b'i' | b'r') {
            dsn::oracle(text, i, &mut self.out);
        }
        if b == b'R' && i >= self.table {
            self.table = table::expanded(text, i, &mut self.out).unwrap_or(0);
        }
        if b == b'P' {
            self.add(pem::find(text, i));
        }
        let found = hash::framework(text, i);
        self.hashed(found, i);
        self.add(auth::one_time_code(text, i));
        self.add(person::find(text, i));
        self.out.extend(call::find(text, i).into_iter().flatten());
        device::find(text, i, &mut self.out);
        self.add(street::find(text, i));
        self.add(account::find(text, i));
        command::run_at(text, i, &mut self.out);
        positional::at_word(text, i, &mut self.out);
        tool::find(text, i, &mut self.out);
        self.prose(i);
    }

    fn prose(&mut self, i: usize) {
        if i >= self.keyed.max(self.spoken) {
            let end = prose::spoken(self.text, i, &mut self.out);
            self.spoken = end.unwrap_or(0);
        }
    }

    fn number(&mut self, i: usize) {
        let text = self.text;
        if i < self.digits {
            return;
        }
        positional::in_hex(text, i, &mut self.out);
        let found = number::card(text, i)
            .or_else(|| number::ssn(text, i))
            .or_else(|| ident::find(text, i))
            .or_else(|| number::phone(text, i))
            .or_else(|| net::ipv4(text, i));
        if let Some(found) = found {
            if found.kind == TokenKind::Ip {
                self.add(account::before_client(text, i));
            } else if found.kind == TokenKind::Card {
                positional::behind_card(text, found.end, &mut self.out);
            }
            self.digits = found.end;
            self.out.push(found);
        }
    }
}
