//! Over all the readers that ask for a mark of their own: each takes its own language's traces
//! and no other's, and none panics on any text.

use std::path::Path;
use std::sync::OnceLock;

use proptest::prelude::*;

use crate::language::{beam, csharp, dart, kotlin, lua, native, php, ruby, swift};
use crate::limits::{CHAIN_COUNT_MAX, FRAMES_COUNT_MAX};
use crate::model::{ExceptionLink, Language, Trace};
use crate::{lines, parse_trace};

/// A reader, and the languages whose traces it takes.
type Reader = (fn(&[String]) -> Option<Trace>, &'static [Language]);

/// The readers and what each takes. Apple's reports of native code and lldb's of Swift share
/// their forms: there the files tell.
const READERS: [Reader; 9] = [
    (ruby::parse, &[Language::Ruby]),
    (csharp::parse, &[Language::CSharp]),
    (php::parse, &[Language::Php]),
    (dart::parse, &[Language::Dart]),
    (beam::parse, &[Language::Elixir, Language::Erlang]),
    (lua::parse, &[Language::Lua]),
    (kotlin::parse, &[Language::Kotlin]),
    (swift::parse, &[Language::Swift]),
    (
        native::parse,
        &[Language::C, Language::Cpp, Language::Swift],
    ),
];

/// The labelled traces: their language, name and text.
fn fixtures() -> &'static [(Language, String, String)] {
    static FIXTURES: OnceLock<Vec<(Language, String, String)>> = OnceLock::new();
    FIXTURES.get_or_init(|| {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/traces");
        let list = |path: &Path| -> Vec<_> {
            let entries = std::fs::read_dir(path).unwrap();
            let mut paths: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
            paths.sort();
            paths
        };
        let mut found = Vec::new();
        for folder in list(&root).into_iter().filter(|path| path.is_dir()) {
            let name = folder.file_name().unwrap().to_str().unwrap().to_owned();
            let language = Language::parse(&name).unwrap();
            for path in list(&folder) {
                let text = std::fs::read_to_string(&path).unwrap();
                let (_, text) = text.split_once("\n---\n").unwrap();
                let name = format!("{name}/{}", path.file_name().unwrap().display());
                found.push((language, name, text.replace("\\e", "\u{1b}")));
            }
        }
        found
    })
}

#[test]
fn no_reader_takes_a_trace_of_another_language() {
    let mut taken = Vec::new();
    for (language, name, text) in fixtures() {
        let lines = lines::split(text);
        for (read, own) in READERS {
            let found = read(&lines).map(|trace| trace.language);
            if let Some(found) = found
                && !own.contains(language)
            {
                taken.push(format!("{name} is read as {}", found.as_str()));
            }
        }
    }
    assert!(taken.is_empty(), "{taken:#?}");
}

#[test]
fn every_language_has_traces_of_its_own() {
    for language in Language::ALL {
        let count = fixtures()
            .iter()
            .filter(|(own, ..)| *own == language)
            .count();
        assert!(count > 0, "{}", language.as_str());
    }
}

/// A line of one of the labelled traces, cut and joined with others at random.
fn fragment() -> impl Strategy<Value = String> {
    let all: Vec<String> = fixtures()
        .iter()
        .flat_map(|(_, _, text)| text.lines().map(str::to_owned))
        .collect();
    let piece = (any::<prop::sample::Index>(), 0_usize..200, 0_usize..200);
    piece.prop_map(move |(at, from, length)| {
        let line = at.get(&all);
        line.chars()
            .skip(from % (line.len() + 1))
            .take(length + 1)
            .collect()
    })
}

/// Lines of all formats, with noise between and escaped breaks here and there.
fn mixture() -> impl Strategy<Value = String> {
    let noise = "[#*=:(){}\\[\\]<>'\"`.,/ 0-9a-fx-]{0,60}";
    let part = prop_oneof![4 => fragment(), 1 => "\\PC{0,40}", 1 => noise];
    let joint = prop_oneof![8 => Just("\n"), 1 => Just(""), 1 => Just("\\n")];
    prop::collection::vec((part, joint), 0..40).prop_map(|parts| {
        let pieces = parts
            .iter()
            .flat_map(|(part, joint)| [part.as_str(), *joint]);
        pieces.collect()
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn any_mixture_of_formats_is_read_within_the_limits(text in mixture()) {
        let lines = lines::split(&text);
        for (read, _) in READERS {
            if let Some(trace) = read(&lines) {
                prop_assert!(!trace.chain.is_empty());
            }
        }
        if let Some(trace) = parse_trace(&text) {
            prop_assert!(trace.chain.len() <= CHAIN_COUNT_MAX);
            let within = |link: &ExceptionLink| link.frames.len() <= FRAMES_COUNT_MAX;
            prop_assert!(trace.chain.iter().all(within));
        }
    }
}
