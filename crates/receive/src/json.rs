//! JSON text becomes a [`Value`]: bounded in depth and memory, tolerant where senders are sloppy.
//!
//! *Why not a library.* Python's `json.dumps` writes bare `NaN` and `Infinity` and lone
//! surrogates; duplicate keys must all be kept, since a secret may hide in either; and depth and
//! memory must be counted while parsing, under limits that are ours.
//!
//! Beyond RFC 8259: the words `NaN`, `Infinity`, `-Infinity`; a lone surrogate escape becomes
//! U+FFFD; raw control characters in strings are taken. An integer beyond 64 bits is kept as text.

use cordon_event::Value;

use crate::error::Code;
use crate::meter::Meter;

/// Parses one JSON value that fills `text`. Nesting over `depth_max` is [`Code::Depth`].
pub(crate) fn parse(text: &[u8], depth_max: usize, meter: &mut Meter<'_>) -> Result<Value, Code> {
    let text = std::str::from_utf8(text).map_err(|_| Code::InvalidUtf8)?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut parser = Parser {
        text,
        at: 0,
        depth_left: depth_max,
        meter,
    };
    let value = parser.value()?;
    parser.space();
    if parser.at == text.len() {
        Ok(value)
    } else {
        Err(Code::JsonMalformed)
    }
}

struct Parser<'t, 'm, 'c> {
    text: &'t str,
    at: usize,
    depth_left: usize,
    meter: &'m mut Meter<'c>,
}

impl Parser<'_, '_, '_> {
    fn rest(&self) -> &[u8] {
        self.text.as_bytes().get(self.at..).unwrap_or_default()
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn space(&mut self) {
        let blank = |b: &u8| matches!(b, b' ' | b'\t' | b'\n' | b'\r');
        self.at += self.rest().iter().take_while(|b| blank(b)).count();
    }

    fn eat(&mut self, byte: u8) -> bool {
        let found = self.peek() == Some(byte);
        self.at += usize::from(found);
        found
    }

    fn need(&mut self, byte: u8) -> Result<(), Code> {
        if self.eat(byte) {
            Ok(())
        } else {
            Err(Code::JsonMalformed)
        }
    }

    fn value(&mut self) -> Result<Value, Code> {
        self.space();
        match self.peek().ok_or(Code::JsonMalformed)? {
            b'{' => self.nested(Self::object),
            b'[' => self.nested(Self::array),
            b'"' => self.string().map(Value::String),
            b't' => self.word("true", Value::Bool(true)),
            b'f' => self.word("false", Value::Bool(false)),
            b'n' => self.word("null", Value::Null),
            b'N' => self.word("NaN", Value::Double(f64::NAN)),
            b'I' => self.word("Infinity", Value::Double(f64::INFINITY)),
            b'-' if self.rest().starts_with(b"-I") => {
                self.word("-Infinity", Value::Double(f64::NEG_INFINITY))
            }
            b'-' | b'0'..=b'9' => self.number(),
            _ => Err(Code::JsonMalformed),
        }
    }

    fn word(&mut self, word: &str, value: Value) -> Result<Value, Code> {
        if !self.rest().starts_with(word.as_bytes()) {
            return Err(Code::JsonMalformed);
        }
        self.at += word.len();
        Ok(value)
    }

    fn nested(&mut self, read: fn(&mut Self) -> Result<Value, Code>) -> Result<Value, Code> {
        self.depth_left = self.depth_left.checked_sub(1).ok_or(Code::Depth)?;
        self.at += 1;
        self.space();
        let value = read(self)?;
        self.depth_left += 1;
        Ok(value)
    }

    fn object(&mut self) -> Result<Value, Code> {
        let mut pairs = Vec::new();
        if self.eat(b'}') {
            return Ok(Value::Map(pairs));
        }
        loop {
            self.space();
            let key = self.string()?;
            self.space();
            self.need(b':')?;
            let value = self.value()?;
            self.meter.spend_slot::<(String, Value)>()?;
            pairs.push((key, value));
            self.space();
            if !self.eat(b',') {
                self.need(b'}')?;
                return Ok(Value::Map(pairs));
            }
        }
    }

    fn array(&mut self) -> Result<Value, Code> {
        let mut items = Vec::new();
        if self.eat(b']') {
            return Ok(Value::Array(items));
        }
        loop {
            let value = self.value()?;
            self.meter.spend_slot::<Value>()?;
            items.push(value);
            self.space();
            if !self.eat(b',') {
                self.need(b']')?;
                return Ok(Value::Array(items));
            }
        }
    }

    fn string(&mut self) -> Result<String, Code> {
        self.need(b'"')?;
        let mut out = String::new();
        loop {
            let run = self.rest().iter().position(|b| matches!(b, b'"' | b'\\'));
            let run = run.ok_or(Code::JsonMalformed)?;
            self.meter.spend(run)?;
            out.push_str(self.text.get(self.at..self.at + run).unwrap_or_default());
            self.at += run;
            if self.eat(b'"') {
                return Ok(out);
            }
            self.at += 1;
            self.meter.spend(4)?;
            out.push(self.escape()?);
        }
    }

    fn escape(&mut self) -> Result<char, Code> {
        let byte = self.peek().ok_or(Code::JsonMalformed)?;
        self.at += 1;
        Ok(match byte {
            b'"' | b'\\' | b'/' => char::from(byte),
            b'b' => '\u{8}',
            b'f' => '\u{c}',
            b'n' => '\n',
            b'r' => '\r',
            b't' => '\t',
            b'u' => return self.unicode(),
            _ => return Err(Code::JsonMalformed),
        })
    }

    fn unicode(&mut self) -> Result<char, Code> {
        let first = self.hex4()?;
        if !(0xd800..0xdc00).contains(&first) || !self.rest().starts_with(b"\\u") {
            return Ok(char::from_u32(first).unwrap_or(char::REPLACEMENT_CHARACTER));
        }
        let before = self.at;
        self.at += 2;
        let second = self.hex4()?;
        if !(0xdc00..0xe000).contains(&second) {
            self.at = before;
            return Ok(char::REPLACEMENT_CHARACTER);
        }
        let joined = 0x1_0000 + ((first - 0xd800) << 10) + (second - 0xdc00);
        Ok(char::from_u32(joined).unwrap_or(char::REPLACEMENT_CHARACTER))
    }

    fn hex4(&mut self) -> Result<u32, Code> {
        let digits = self
            .text
            .get(self.at..self.at + 4)
            .ok_or(Code::JsonMalformed)?;
        if !digits.bytes().all(|b| b.is_ascii_hexdigit()) {
            return Err(Code::JsonMalformed);
        }
        self.at += 4;
        u32::from_str_radix(digits, 16).map_err(|_| Code::JsonMalformed)
    }

    fn digits(&mut self) -> usize {
        let count = self
            .rest()
            .iter()
            .take_while(|b| b.is_ascii_digit())
            .count();
        self.at += count;
        count
    }

    fn number(&mut self) -> Result<Value, Code> {
        let start = self.at;
        self.eat(b'-');
        let zero = self.peek() == Some(b'0');
        let whole = self.digits();
        if whole == 0 || (zero && whole > 1) {
            return Err(Code::JsonMalformed);
        }
        let mut integer = true;
        if self.eat(b'.') {
            integer = false;
            if self.digits() == 0 {
                return Err(Code::JsonMalformed);
            }
        }
        if self.eat(b'e') || self.eat(b'E') {
            integer = false;
            let _signed = self.eat(b'+') || self.eat(b'-');
            if self.digits() == 0 {
                return Err(Code::JsonMalformed);
            }
        }
        let text = self.text.get(start..self.at).unwrap_or_default();
        if !integer {
            return text
                .parse()
                .map(Value::Double)
                .map_err(|_| Code::JsonMalformed);
        }
        if let Ok(n) = text.parse() {
            return Ok(Value::Int(n));
        }
        self.meter.spend(text.len())?;
        Ok(Value::String(text.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::meter::{Charge, Ledger};

    fn check(text: &[u8], depth_max: usize) -> Result<Value, Code> {
        let ledger = Ledger::new(64 << 20);
        let mut charge = Charge::new(&ledger);
        parse(text, depth_max, &mut Meter::new(&mut charge, 32 << 20))
    }

    fn of_serde(value: &serde_json::Value) -> Value {
        match value {
            serde_json::Value::Null => Value::Null,
            serde_json::Value::Bool(b) => Value::Bool(*b),
            serde_json::Value::Number(n) => match (n.as_i64(), n.as_u64()) {
                (Some(n), _) => Value::Int(n),
                (None, Some(n)) => Value::String(n.to_string()),
                (None, None) => Value::Double(n.as_f64().unwrap()),
            },
            serde_json::Value::String(s) => Value::String(s.clone()),
            serde_json::Value::Array(items) => Value::Array(items.iter().map(of_serde).collect()),
            serde_json::Value::Object(map) => {
                Value::Map(map.iter().map(|(k, v)| (k.clone(), of_serde(v))).collect())
            }
        }
    }

    fn json() -> impl Strategy<Value = serde_json::Value> {
        let leaf = prop_oneof![
            Just(serde_json::Value::Null),
            any::<bool>().prop_map(serde_json::Value::from),
            any::<i64>().prop_map(serde_json::Value::from),
            any::<u64>().prop_map(serde_json::Value::from),
            // Exact in few digits: the oracle's own parsing is off in the last place.
            any::<i32>().prop_map(|n| serde_json::Value::from(f64::from(n) / 4.0)),
            any::<String>().prop_map(serde_json::Value::from),
        ];
        leaf.prop_recursive(6, 64, 6, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..6).prop_map(serde_json::Value::from),
                prop::collection::vec((any::<String>(), inner), 0..6)
                    .prop_map(|pairs| serde_json::Value::Object(pairs.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn agrees_with_serde_json(doc in json()) {
            let text = serde_json::to_vec_pretty(&doc).unwrap();
            let expect = of_serde(&serde_json::from_slice(&text).unwrap());
            prop_assert_eq!(check(&text, 32), Ok(expect));
        }

        #[test]
        fn takes_nothing_that_serde_json_refuses(text in r#"[\[\]{}:,"0-9a-z\\ eE.+-]{0,24}"#) {
            if check(text.as_bytes(), 32).is_ok() {
                prop_assert!(serde_json::from_str::<serde_json::Value>(&text).is_ok(), "{}", text);
            }
        }
    }

    #[test]
    fn takes_what_python_writes() {
        let value = check(
            br#"[NaN, Infinity, -Infinity, "\ud800x", 123456789012345678901]"#,
            4,
        );
        let Ok(Value::Array(items)) = value else {
            panic!("not taken")
        };
        assert!(matches!(items[0], Value::Double(n) if n.is_nan()));
        assert_eq!(items[1], Value::Double(f64::INFINITY));
        assert_eq!(items[2], Value::Double(f64::NEG_INFINITY));
        assert_eq!(items[3], Value::from("\u{fffd}x"));
        assert_eq!(items[4], Value::from("123456789012345678901"));
    }

    #[test]
    fn keeps_duplicate_keys() {
        let value = check(br#"{"a":1,"a":2}"#, 4).unwrap();
        assert_eq!(
            value,
            Value::Map(vec![("a".into(), 1.into()), ("a".into(), 2.into())])
        );
    }

    #[test]
    fn stops_at_the_depth() {
        assert!(check(b"[[[[]]]]", 4).is_ok());
        assert_eq!(check(b"[[[[[]]]]]", 4), Err(Code::Depth));
        assert_eq!(check(&vec![b'['; 10 << 20], 160), Err(Code::Depth));
    }

    #[test]
    fn stops_at_the_memory() {
        let ledger = Ledger::new(1 << 20);
        let mut charge = Charge::new(&ledger);
        let body = [b"[".as_slice(), &b"0,".repeat(100_000), b"0]"].concat();
        let result = parse(&body, 4, &mut Meter::new(&mut charge, 1 << 19));
        assert_eq!(result, Err(Code::DecodedTooLarge));
    }

    #[test]
    fn refuses_broken_text() {
        for bad in [
            "",
            "[",
            "[1,]",
            "{\"a\"}",
            "01",
            "1.",
            "\"\\x\"",
            "\"a",
            "nul",
            "1 2",
            "\"\\u12\"",
        ] {
            assert_eq!(check(bad.as_bytes(), 8), Err(Code::JsonMalformed), "{bad}");
        }
        assert_eq!(check(b"\"\xff\"", 8), Err(Code::InvalidUtf8));
    }
}
