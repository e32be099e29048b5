//! Conditions of the OpenTelemetry Transformation Language, over one span or one span event.
//!
//! The subset: paths of span, resource, scope and span event; literals, lists, enums; arithmetic;
//! comparisons; `and`, `or`, `not`, parentheses; the converters of [`parse`]. What is not in it is
//! a problem of the configuration that names it.
//!
//! *Source:* `pkg/ottl` README and grammar, `contexts/ottlspan`, `contexts/ottlspanevent`,
//! `ottlfuncs` README, opentelemetry-collector-contrib.
//!
//! *Limits:* [`crate::limits::CONDITION_BYTES_MAX`], [`crate::limits::CONDITION_DEPTH_MAX`].

mod eval;
mod lex;
mod parse;

use crate::pattern::Pattern;

pub(crate) use eval::{Context, holds};
pub(crate) use parse::parse;

/// What a condition is asked of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum About {
    Span,
    SpanEvent,
}

/// A condition.
#[derive(Debug)]
pub(crate) enum Condition {
    Any(Vec<Condition>),
    All(Vec<Condition>),
    Not(Box<Condition>),
    Compare(Comparison, Expression, Expression),
    /// An expression that is a truth value.
    Truth(Expression),
}

/// How two values are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Comparison {
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    More,
    MoreOrEqual,
}

/// Something with a value.
#[derive(Debug)]
pub(crate) enum Expression {
    Nil,
    Bool(bool),
    Int(i64),
    Float(f64),
    Text(String),
    Duration(i64),
    List(Vec<Expression>),
    Path(Path, Vec<Step>),
    Math(Sign, Box<Expression>, Box<Expression>),
    Call(Converter, Vec<Expression>),
    Match(Box<Expression>, Pattern),
}

/// A place in a span or its surroundings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Path {
    Attributes,
    ResourceAttributes,
    ScopeAttributes,
    ScopeName,
    ScopeVersion,
    Name,
    Kind,
    KindText,
    StatusCode,
    StatusMessage,
    TraceState,
    TraceId,
    SpanId,
    ParentSpanId,
    StartNs,
    EndNs,
    Start,
    End,
    EventNs,
    EventTime,
}

/// One index into a map or list.
#[derive(Debug)]
pub(crate) enum Step {
    Key(String),
    Index(usize),
}

/// A sign between numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Sign {
    Add,
    Subtract,
    Multiply,
    Divide,
}

/// A function without effects.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Converter {
    IsString,
    IsInt,
    IsDouble,
    IsBool,
    IsMap,
    IsList,
    IsRootSpan,
    HasPrefix,
    HasSuffix,
    ContainsValue,
    Len,
    Int,
    Double,
    String,
    Concat,
    Substring,
    ToLowerCase,
    ToUpperCase,
    Nanoseconds,
    Microseconds,
    Milliseconds,
    Seconds,
    Minutes,
    Hours,
    UnixNano,
    UnixMicro,
    UnixMilli,
    UnixSeconds,
}
