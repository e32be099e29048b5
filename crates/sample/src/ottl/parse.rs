//! Tokens become a condition; what is not supported is named.

use super::lex::{Token, tokens};
use super::{About, Comparison, Condition, Converter, Expression, Path, Sign, Step};
use crate::config::read::{choose, nanoseconds, unknown, words};
use crate::limits::{CONDITION_BYTES_MAX, CONDITION_DEPTH_MAX};
use crate::pattern::Pattern;

/// Reads a condition; the message says what is wrong with it.
pub(crate) fn parse(text: &str, about: About) -> Result<Condition, String> {
    if text.len() > CONDITION_BYTES_MAX {
        return Err(format!(
            "the condition is longer than {CONDITION_BYTES_MAX} bytes"
        ));
    }
    let mut parser = Parser {
        tokens: tokens(text)?,
        at: 0,
        depth: 0,
        about,
    };
    let condition = parser.any()?;
    match parser.peek() {
        None => Ok(condition),
        Some(_) => Err(parser.fail("nothing more is expected")),
    }
}

/// Converters with how many arguments they take.
const CONVERTERS: [(&str, (Converter, usize)); 28] = [
    ("IsString", (Converter::IsString, 1)),
    ("IsInt", (Converter::IsInt, 1)),
    ("IsDouble", (Converter::IsDouble, 1)),
    ("IsBool", (Converter::IsBool, 1)),
    ("IsMap", (Converter::IsMap, 1)),
    ("IsList", (Converter::IsList, 1)),
    ("IsRootSpan", (Converter::IsRootSpan, 0)),
    ("HasPrefix", (Converter::HasPrefix, 2)),
    ("HasSuffix", (Converter::HasSuffix, 2)),
    ("ContainsValue", (Converter::ContainsValue, 2)),
    ("Len", (Converter::Len, 1)),
    ("Int", (Converter::Int, 1)),
    ("Double", (Converter::Double, 1)),
    ("String", (Converter::String, 1)),
    ("Concat", (Converter::Concat, 2)),
    ("Substring", (Converter::Substring, 3)),
    ("ToLowerCase", (Converter::ToLowerCase, 1)),
    ("ToUpperCase", (Converter::ToUpperCase, 1)),
    ("Nanoseconds", (Converter::Nanoseconds, 1)),
    ("Microseconds", (Converter::Microseconds, 1)),
    ("Milliseconds", (Converter::Milliseconds, 1)),
    ("Seconds", (Converter::Seconds, 1)),
    ("Minutes", (Converter::Minutes, 1)),
    ("Hours", (Converter::Hours, 1)),
    ("UnixNano", (Converter::UnixNano, 1)),
    ("UnixMicro", (Converter::UnixMicro, 1)),
    ("UnixMilli", (Converter::UnixMilli, 1)),
    ("UnixSeconds", (Converter::UnixSeconds, 1)),
];

/// Names of numbers (`trace.proto`, `Status.StatusCode` and `Span.SpanKind`).
const ENUMS: [(&str, i64); 9] = [
    ("STATUS_CODE_UNSET", 0),
    ("STATUS_CODE_OK", 1),
    ("STATUS_CODE_ERROR", 2),
    ("SPAN_KIND_UNSPECIFIED", 0),
    ("SPAN_KIND_INTERNAL", 1),
    ("SPAN_KIND_SERVER", 2),
    ("SPAN_KIND_CLIENT", 3),
    ("SPAN_KIND_PRODUCER", 4),
    ("SPAN_KIND_CONSUMER", 5),
];

const SURROUNDINGS: [(&str, Path); 7] = [
    ("resource.attributes", Path::ResourceAttributes),
    ("instrumentation_scope.attributes", Path::ScopeAttributes),
    ("instrumentation_scope.name", Path::ScopeName),
    ("instrumentation_scope.version", Path::ScopeVersion),
    ("scope.attributes", Path::ScopeAttributes),
    ("scope.name", Path::ScopeName),
    ("scope.version", Path::ScopeVersion),
];

const OF_SPAN: [(&str, Path); 21] = [
    ("attributes", Path::Attributes),
    ("name", Path::Name),
    ("kind", Path::Kind),
    ("kind.string", Path::KindText),
    ("status.code", Path::StatusCode),
    ("status.message", Path::StatusMessage),
    ("trace_state", Path::TraceState),
    ("trace_id", Path::TraceId),
    ("trace_id.string", Path::TraceId),
    ("span_id", Path::SpanId),
    ("span_id.string", Path::SpanId),
    ("parent_span_id", Path::ParentSpanId),
    ("parent_span_id.string", Path::ParentSpanId),
    ("start_time_unix_nano", Path::StartNs),
    ("end_time_unix_nano", Path::EndNs),
    ("start_time", Path::Start),
    ("end_time", Path::End),
    ("resource.attributes", Path::ResourceAttributes),
    ("instrumentation_scope.attributes", Path::ScopeAttributes),
    ("instrumentation_scope.name", Path::ScopeName),
    ("instrumentation_scope.version", Path::ScopeVersion),
];

const OF_EVENT: [(&str, Path); 4] = [
    ("attributes", Path::Attributes),
    ("name", Path::Name),
    ("time_unix_nano", Path::EventNs),
    ("time", Path::EventTime),
];

struct Parser {
    tokens: Vec<(usize, Token)>,
    at: usize,
    depth: usize,
    about: About,
}

impl Parser {
    fn peek(&self) -> Option<&Token> {
        self.tokens.get(self.at).map(|(_, token)| token)
    }

    fn is_next(&self, mark: &str) -> bool {
        matches!(self.peek(), Some(Token::Mark(next)) if *next == mark)
    }

    fn take(&mut self, mark: &str) -> bool {
        let is_next = self.is_next(mark);
        self.at += usize::from(is_next);
        is_next
    }

    fn word(&mut self, word: &str) -> bool {
        let is_next = matches!(self.peek(), Some(Token::Word(next)) if next == word);
        self.at += usize::from(is_next);
        is_next
    }

    fn expect(&mut self, mark: &str) -> Result<(), String> {
        if self.take(mark) {
            return Ok(());
        }
        Err(self.fail(&format!("`{mark}` is expected")))
    }

    fn fail(&self, message: &str) -> String {
        match self.tokens.get(self.at) {
            Some((at, _)) => format!("{message} at {at}"),
            None => format!("{message} at the end"),
        }
    }

    fn deeper(&mut self) -> Result<(), String> {
        self.depth += 1;
        if self.depth > CONDITION_DEPTH_MAX {
            return Err(format!("nested deeper than {CONDITION_DEPTH_MAX}"));
        }
        Ok(())
    }

    fn any(&mut self) -> Result<Condition, String> {
        self.deeper()?;
        let mut terms = vec![self.all()?];
        while self.word("or") {
            terms.push(self.all()?);
        }
        self.depth -= 1;
        Ok(one_or(terms, Condition::Any))
    }

    fn all(&mut self) -> Result<Condition, String> {
        let mut terms = vec![self.term()?];
        while self.word("and") {
            terms.push(self.term()?);
        }
        Ok(one_or(terms, Condition::All))
    }

    fn term(&mut self) -> Result<Condition, String> {
        if self.word("not") {
            self.deeper()?;
            let inner = self.term()?;
            self.depth -= 1;
            return Ok(Condition::Not(Box::new(inner)));
        }
        // A parenthesis opens a condition or a number; the condition is tried first.
        if self.is_next("(") {
            let before = (self.at, self.depth);
            self.at += 1;
            let inner = self.any();
            let is_whole = inner.is_ok() && self.take(")") && !self.is_operator();
            if is_whole {
                return inner;
            }
            (self.at, self.depth) = before;
            if let Err(message) = inner
                && self.depth + 1 >= CONDITION_DEPTH_MAX
            {
                return Err(message);
            }
        }
        let left = self.sum()?;
        let comparison = match self.peek() {
            Some(Token::Mark("==")) => Comparison::Equal,
            Some(Token::Mark("!=")) => Comparison::NotEqual,
            Some(Token::Mark("<")) => Comparison::Less,
            Some(Token::Mark("<=")) => Comparison::LessOrEqual,
            Some(Token::Mark(">")) => Comparison::More,
            Some(Token::Mark(">=")) => Comparison::MoreOrEqual,
            _ if is_truth(&left) => return Ok(Condition::Truth(left)),
            _ => return Err(self.fail("a comparison is expected")),
        };
        self.at += 1;
        Ok(Condition::Compare(comparison, left, self.sum()?))
    }

    fn is_operator(&self) -> bool {
        let marks = ["==", "!=", "<", "<=", ">", ">=", "+", "-", "*", "/"];
        marks.iter().any(|mark| self.is_next(mark))
    }

    fn sum(&mut self) -> Result<Expression, String> {
        let mut left = self.product()?;
        loop {
            let sign = match self.peek() {
                Some(Token::Mark("+")) => Sign::Add,
                Some(Token::Mark("-")) => Sign::Subtract,
                _ => return Ok(left),
            };
            self.at += 1;
            left = Expression::Math(sign, Box::new(left), Box::new(self.product()?));
        }
    }

    fn product(&mut self) -> Result<Expression, String> {
        let mut left = self.value()?;
        loop {
            let sign = match self.peek() {
                Some(Token::Mark("*")) => Sign::Multiply,
                Some(Token::Mark("/")) => Sign::Divide,
                _ => return Ok(left),
            };
            self.at += 1;
            left = Expression::Math(sign, Box::new(left), Box::new(self.value()?));
        }
    }

    fn value(&mut self) -> Result<Expression, String> {
        self.deeper()?;
        let value = self.value_within()?;
        self.depth -= 1;
        Ok(value)
    }

    fn value_within(&mut self) -> Result<Expression, String> {
        if self.take("(") {
            let inner = self.sum()?;
            self.expect(")")?;
            return Ok(inner);
        }
        if self.take("-") {
            return match self.value()? {
                Expression::Int(n) => Ok(Expression::Int(-n)),
                Expression::Float(n) => Ok(Expression::Float(-n)),
                other => {
                    let zero = Box::new(Expression::Int(0));
                    Ok(Expression::Math(Sign::Subtract, zero, Box::new(other)))
                }
            };
        }
        if self.take("[") {
            return Ok(Expression::List(self.arguments("]")?));
        }
        let token = self.peek().cloned();
        let Some(token) = token else {
            return Err(self.fail("a value is expected"));
        };
        self.at += 1;
        match token {
            Token::Text(text) => Ok(Expression::Text(text)),
            Token::Int(n) => Ok(Expression::Int(n)),
            Token::Float(n) => Ok(Expression::Float(n)),
            Token::Word(word) => self.named(&word),
            Token::Mark(_) => {
                self.at -= 1;
                Err(self.fail("a value is expected"))
            }
        }
    }

    fn arguments(&mut self, end: &str) -> Result<Vec<Expression>, String> {
        let mut items = Vec::new();
        if self.take(end) {
            return Ok(items);
        }
        loop {
            items.push(self.sum()?);
            if self.take(end) {
                return Ok(items);
            }
            self.expect(",")?;
        }
    }

    fn named(&mut self, word: &str) -> Result<Expression, String> {
        match word {
            "nil" => return Ok(Expression::Nil),
            "true" => return Ok(Expression::Bool(true)),
            "false" => return Ok(Expression::Bool(false)),
            _ => {}
        }
        if self.take("(") {
            let arguments = self.arguments(")")?;
            return self.call(word, arguments);
        }
        if word.starts_with(|c: char| c.is_ascii_uppercase()) {
            let value = choose(word, &ENUMS).map(Expression::Int);
            return value.ok_or_else(|| unknown(word, &words(&ENUMS)));
        }
        let mut path = word.to_owned();
        while self.take(".") {
            let Some(Token::Word(next)) = self.peek().cloned() else {
                return Err(self.fail("a name is expected"));
            };
            self.at += 1;
            path = format!("{path}.{next}");
        }
        let path = self.path(&path)?;
        let mut steps = Vec::new();
        while self.take("[") {
            let step = match self.peek().cloned() {
                Some(Token::Text(key)) => Step::Key(key),
                Some(Token::Int(n)) => Step::Index(usize::try_from(n).unwrap_or(usize::MAX)),
                _ => return Err(self.fail("a key or an index is expected")),
            };
            self.at += 1;
            self.expect("]")?;
            steps.push(step);
        }
        Ok(Expression::Path(path, steps))
    }

    fn path(&self, path: &str) -> Result<Path, String> {
        let (own, table) = match self.about {
            About::Span => ("span.", OF_SPAN.as_slice()),
            About::SpanEvent => ("spanevent.", OF_EVENT.as_slice()),
        };
        if self.about == About::SpanEvent && path.starts_with("span.") {
            let why = "an exception is an event of its own here, without its span";
            return Err(format!("`{path}` is not supported in `spanevent`: {why}"));
        }
        let short = path.strip_prefix(own).unwrap_or(path);
        let found = choose(short, table).or_else(|| choose(path, &SURROUNDINGS));
        found.ok_or_else(|| {
            let known: Vec<&str> = words(table)
                .into_iter()
                .chain(words(&SURROUNDINGS))
                .collect();
            format!("path {}", unknown(path, &known))
        })
    }

    fn call(&self, word: &str, mut arguments: Vec<Expression>) -> Result<Expression, String> {
        if word == "IsMatch" {
            let Some((Expression::Text(pattern), 2)) =
                arguments.pop().map(|last| (last, arguments.len() + 1))
            else {
                return Err("`IsMatch` takes a value and a pattern, which is a text".to_owned());
            };
            let target = arguments.pop().unwrap_or(Expression::Nil);
            return Ok(Expression::Match(Box::new(target), Pattern::new(&pattern)?));
        }
        if word == "Duration" {
            let ns = match arguments.as_slice() {
                [Expression::Text(text)] => nanoseconds(text),
                _ => None,
            };
            let ns = ns.ok_or("`Duration` takes a text as \"1m30s\"")?;
            return Ok(Expression::Duration(i64::try_from(ns).unwrap_or(i64::MAX)));
        }
        let Some((converter, count)) = choose(word, &CONVERTERS) else {
            let mut known = words(&CONVERTERS);
            known.extend(["IsMatch", "Duration"]);
            return Err(format!("function {}", unknown(word, &known)));
        };
        if arguments.len() != count {
            return Err(self.fail(&format!("`{word}` takes {count} arguments, before")));
        }
        if converter == Converter::IsRootSpan && self.about == About::SpanEvent {
            return Err("`IsRootSpan` is not supported in `spanevent`".to_owned());
        }
        Ok(Expression::Call(converter, arguments))
    }
}

fn one_or(mut terms: Vec<Condition>, many: fn(Vec<Condition>) -> Condition) -> Condition {
    match terms.pop() {
        Some(only) if terms.is_empty() => only,
        Some(last) => {
            terms.push(last);
            many(terms)
        }
        None => many(terms),
    }
}

/// Whether an expression may stand for a condition: a literal or a converter that yields one.
fn is_truth(expression: &Expression) -> bool {
    use Converter as C;
    match expression {
        Expression::Bool(_) | Expression::Match(..) => true,
        Expression::Call(converter, _) => matches!(
            converter,
            C::IsString
                | C::IsInt
                | C::IsDouble
                | C::IsBool
                | C::IsMap
                | C::IsList
                | C::IsRootSpan
                | C::HasPrefix
                | C::HasSuffix
                | C::ContainsValue
        ),
        _ => false,
    }
}
