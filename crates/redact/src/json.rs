//! JSON text as a tree of places, so that it can be rewritten in place: order, duplicate keys,
//! spacing and the text of numbers stay as they were.

/// Deepest nesting that is read as JSON; a deeper text is scanned as plain text.
pub(crate) const JSON_DEPTH_MAX: usize = 64;

/// A range of bytes.
pub(crate) type Place = (usize, usize);

/// One JSON value and where it stands.
pub(crate) enum Node {
    /// A string, quotes included.
    Text(Place),
    /// A number.
    Number(Place),
    /// `true`, `false`, `null`.
    Literal,
    /// Items.
    Array(Vec<Node>),
    /// An object's place, and its members: place of the key, quotes included, and value.
    Object(Place, Vec<(Place, Node)>),
}

/// Reads a whole text as one JSON value.
pub(crate) fn parse(text: &str) -> Option<Node> {
    let mut reader = Reader {
        bytes: text.as_bytes(),
        i: 0,
    };
    let node = reader.value(0)?;
    reader.blanks();
    (reader.i == reader.bytes.len()).then_some(node)
}

/// Whether a line is a JSON value that is a record: an object, a list, a plain string.
pub(crate) fn opens(line: &str) -> bool {
    may_be(line) && parse(line).is_some()
}

/// Whether a line begins and ends as such a record does. A time in brackets begins so as well.
pub(crate) fn may_be(line: &str) -> bool {
    let line = line.trim();
    let ends = match line.as_bytes().first() {
        Some(b'{') => '}',
        Some(b'[') => ']',
        Some(b'"') => '"',
        _ => return false,
    };
    line.ends_with(ends)
}

struct Reader<'t> {
    bytes: &'t [u8],
    i: usize,
}

impl Reader<'_> {
    fn peek(&self) -> u8 {
        self.bytes.get(self.i).copied().unwrap_or(0)
    }

    fn blanks(&mut self) {
        while matches!(self.peek(), b' ' | b'\t' | b'\n' | b'\r') {
            self.i += 1;
        }
    }

    fn eat(&mut self, b: u8) -> Option<()> {
        self.blanks();
        (self.peek() == b).then(|| self.i += 1)
    }

    fn value(&mut self, depth: usize) -> Option<Node> {
        if depth > JSON_DEPTH_MAX {
            return None;
        }
        self.blanks();
        match self.peek() {
            b'"' => self.string().map(Node::Text),
            b'{' => self.object(depth),
            b'[' => self.array(depth),
            b'-' | b'0'..=b'9' => {
                let start = self.i;
                while matches!(self.peek(), b'-' | b'+' | b'.' | b'e' | b'E' | b'0'..=b'9') {
                    self.i += 1;
                }
                let number = std::str::from_utf8(self.bytes.get(start..self.i)?).ok()?;
                let valid = serde_json::from_str::<serde_json::Value>(number);
                (valid.is_ok() || number.parse::<f64>().is_ok())
                    .then_some(Node::Number((start, self.i)))
            }
            _ => self.literal(),
        }
    }

    fn literal(&mut self) -> Option<Node> {
        let rest = self.bytes.get(self.i..)?;
        let words: [&[u8]; 3] = [b"true", b"false", b"null"];
        let word = words.iter().find(|word| rest.starts_with(word))?;
        self.i += word.len();
        Some(Node::Literal)
    }

    fn string(&mut self) -> Option<Place> {
        let start = self.i;
        self.i += 1;
        loop {
            match self.peek() {
                b'"' => break,
                b'\\' => self.i += 2,
                b if b < 0x20 => return None,
                _ => self.i += 1,
            }
        }
        self.i += 1;
        Some((start, self.i))
    }

    fn array(&mut self, depth: usize) -> Option<Node> {
        self.i += 1;
        let mut items = Vec::new();
        if self.eat(b']').is_some() {
            return Some(Node::Array(items));
        }
        loop {
            items.push(self.value(depth + 1)?);
            if self.eat(b']').is_some() {
                return Some(Node::Array(items));
            }
            self.eat(b',')?;
        }
    }

    fn object(&mut self, depth: usize) -> Option<Node> {
        let start = self.i;
        self.i += 1;
        let mut members = Vec::new();
        if self.eat(b'}').is_some() {
            return Some(Node::Object((start, self.i), members));
        }
        loop {
            self.blanks();
            if self.peek() != b'"' {
                return None;
            }
            let key = self.string()?;
            self.eat(b':')?;
            members.push((key, self.value(depth + 1)?));
            if self.eat(b'}').is_some() {
                return Some(Node::Object((start, self.i), members));
            }
            self.eat(b',')?;
        }
    }
}

/// The text of a string literal.
pub(crate) fn unquote(literal: &str) -> Option<String> {
    let inner = literal.strip_prefix('"').and_then(|l| l.strip_suffix('"'));
    let itself = |b: u8| b >= b' ' && b != b'"' && b != b'\\';
    // Nearly every text stands for itself.
    match inner.filter(|inner| inner.bytes().all(itself)) {
        Some(inner) => Some(inner.to_owned()),
        None => serde_json::from_str(literal).ok(),
    }
}

/// A string literal of a text.
pub(crate) fn quote(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}
