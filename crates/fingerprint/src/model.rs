//! What is read out of a stack trace.

/// Language whose runtime wrote a stack trace.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Language {
    /// Python.
    Python,
    /// Java, and what else prints as the JVM does and does not tell.
    Java,
    /// Kotlin, where its files tell.
    Kotlin,
    /// Scala, where its files tell.
    Scala,
    /// JavaScript and TypeScript, on Node or in a browser.
    JavaScript,
    /// Go.
    Go,
    /// Rust.
    Rust,
    /// C# and what else runs on .NET, Mono and Unity.
    CSharp,
    /// Ruby.
    Ruby,
    /// PHP.
    Php,
    /// Swift.
    Swift,
    /// Dart and Flutter.
    Dart,
    /// Elixir.
    Elixir,
    /// Erlang.
    Erlang,
    /// Lua.
    Lua,
    /// C.
    C,
    /// C++, and native code that does not tell.
    Cpp,
}

impl Language {
    /// Every language.
    pub const ALL: [Self; 17] = [
        Self::Python,
        Self::Java,
        Self::Kotlin,
        Self::Scala,
        Self::JavaScript,
        Self::Go,
        Self::Rust,
        Self::CSharp,
        Self::Ruby,
        Self::Php,
        Self::Swift,
        Self::Dart,
        Self::Elixir,
        Self::Erlang,
        Self::Lua,
        Self::C,
        Self::Cpp,
    ];

    /// Stable name, as printed and stored.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Python => "python",
            Self::Java => "java",
            Self::Kotlin => "kotlin",
            Self::Scala => "scala",
            Self::JavaScript => "javascript",
            Self::Go => "go",
            Self::Rust => "rust",
            Self::CSharp => "csharp",
            Self::Ruby => "ruby",
            Self::Php => "php",
            Self::Swift => "swift",
            Self::Dart => "dart",
            Self::Elixir => "elixir",
            Self::Erlang => "erlang",
            Self::Lua => "lua",
            Self::C => "c",
            Self::Cpp => "cpp",
        }
    }

    /// The language of that name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|language| language.as_str() == name)
    }
}

/// One call in a stack.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Frame {
    /// Function, method or closure, without its module; empty where unknown.
    pub function: String,
    /// Module, class or package, in the language's own notation; empty where unknown.
    pub module: String,
    /// File relative to the project (or to the root of the library it comes from), with `/`;
    /// empty where unknown.
    pub file: String,
    /// Line, from 1.
    pub line: Option<u32>,
    /// Whether the frame is the application's own code: neither runtime, nor library.
    pub in_app: bool,
}

/// How an exception hangs on the one before it in the chain.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Relation {
    /// The one that escaped: first in the chain.
    #[default]
    Escaped,
    /// Declared cause (`Caused by`, `raise … from …`, `[cause]`).
    Cause,
    /// Was being handled when the other was raised.
    Context,
    /// Suppressed in favour of the other.
    Suppressed,
    /// Member of an exception group.
    Member,
}

impl Relation {
    /// Stable name, as printed and stored.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Escaped => "escaped",
            Self::Cause => "cause",
            Self::Context => "context",
            Self::Suppressed => "suppressed",
            Self::Member => "member",
        }
    }
}

/// One exception of a chain.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct ExceptionLink {
    /// How it hangs on the one before it.
    pub relation: Relation,
    /// Type as written, with its module where the trace has it; `panic` for Go and Rust panics.
    pub exception_type: String,
    /// Message as written, all its lines.
    pub message: String,
    /// Frames, the one that raised first.
    pub frames: Vec<Frame>,
}

/// A stack trace that was read.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Trace {
    /// Language of the runtime that wrote it.
    pub language: Language,
    /// The exception that escaped, then what it hangs on, down to the root cause.
    /// INVARIANT: never empty.
    pub chain: Vec<ExceptionLink>,
}

/// The innermost in-app frame of the first exception that has one.
pub(crate) fn top_in_app(chain: &[ExceptionLink]) -> Option<&Frame> {
    chain
        .iter()
        .find_map(|link| link.frames.iter().find(|frame| frame.in_app))
}

impl Trace {
    /// Type of the exception that escaped.
    pub fn exception_type(&self) -> &str {
        self.chain.first().map_or("", |link| &link.exception_type)
    }

    /// Message of the exception that escaped.
    pub fn message(&self) -> &str {
        self.chain.first().map_or("", |link| &link.message)
    }

    /// Frames of the exception that escaped, the one that raised first.
    pub fn frames(&self) -> &[Frame] {
        self.chain.first().map_or(&[], |link| &link.frames)
    }

    /// The innermost in-app frame of the exception that escaped; where it has none, of the first in
    /// the chain that has one.
    pub fn top_in_app(&self) -> Option<&Frame> {
        top_in_app(&self.chain)
    }

    /// The last declared cause or context of the chain: where the trouble began.
    pub fn root(&self) -> Option<&ExceptionLink> {
        self.chain
            .iter()
            .rev()
            .find(|link| !matches!(link.relation, Relation::Suppressed | Relation::Member))
    }
}
