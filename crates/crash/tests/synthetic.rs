//! Dumps of every system and processor: what is said of them, before and after stripping, against
//! the reference implementation; and that none of their values is left.

#![expect(clippy::unwrap_used, reason = "a test says what it needs by failing")]

mod support;

use std::collections::HashMap;

use cordon_crash::{Report, Thread};
use support::synthetic::{FUNCTIONS, KINDS, Kind, VALUES, dump};
use support::{examine, found};

/// How the first frames of the crashing thread are found.
const TRUST: [&str; 4] = ["context", "cfi", "cfi", "frame_pointer"];

fn trusts(thread: &Thread) -> Vec<&str> {
    thread
        .frames
        .iter()
        .map(|frame| frame.trust.as_str())
        .collect()
}

fn check(kind: Kind) -> Report {
    let raw = dump(kind);
    let symbols = [kind.symbols()];
    let before = examine(&raw, &symbols, true).unwrap();
    let report = before.report.get().clone();
    let stripped = before.stripped.unwrap();
    let after = examine(stripped.as_bytes(), &symbols, true).unwrap();
    assert_eq!(after.report.get(), &report, "{kind:?}");
    // Stripping what is stripped changes nothing.
    let again = after.stripped.unwrap();
    assert!(again.as_bytes() == stripped.as_bytes(), "{kind:?}");
    assert_eq!(found(stripped.as_bytes(), &VALUES), [""; 0], "{kind:?}");
    for text in [report.to_json(), report.to_text()] {
        assert_eq!(found(text.as_bytes(), &VALUES), [""; 0], "{kind:?}");
    }
    assert!(!found(&raw, &VALUES).is_empty());
    report
}

#[test]
fn every_kind_says_the_same_before_and_after_and_holds_no_value() {
    for kind in KINDS {
        let report = check(kind);
        assert_eq!(
            (report.os.as_str(), report.cpu.as_str()),
            (kind.os, kind.cpu)
        );
        let reason = report.reason.as_deref().unwrap();
        let expected = match kind.os {
            "windows" => "EXCEPTION_ACCESS_VIOLATION_WRITE",
            "linux" => "SIGSEGV / SEGV_MAPERR",
            _ => "EXC_BAD_ACCESS / KERN_INVALID_ADDRESS",
        };
        assert_eq!(reason, expected, "{kind:?}");
        let address = report.address.unwrap().unwrap();
        assert_eq!(address & 0xffff, 0x18, "{kind:?}: {address:x}");
        assert_eq!(report.crashing_thread, Some(0));
        assert_eq!(trusts(&report.threads[0])[..4], TRUST, "{kind:?}");
        if kind.cpu == "amd64" {
            let waiting = trusts(&report.threads[1]);
            assert_eq!(waiting, ["context", "scan"], "{kind:?}");
        }
        let frames = &report.threads[0].frames;
        let functions: Vec<_> = frames
            .iter()
            .filter_map(|f| f.function.as_deref())
            .collect();
        assert_eq!(functions, FUNCTIONS, "{kind:?}");
        let place = |at: usize| {
            (
                frames[at].file.as_deref().unwrap(),
                frames[at].line.unwrap(),
            )
        };
        assert_eq!(
            (place(0), place(1)),
            (("src/cart.cc", 41), ("src/main.cc", 7))
        );
        // The program's name is technical; the library is called after its user.
        let names: Vec<&str> = report.modules.iter().map(|m| m.name.as_str()).collect();
        let program = if kind.os == "windows" {
            "shop.exe"
        } else {
            "shop"
        };
        assert_eq!(names, [program, "module-1"]);
    }
}

/// Symbols for the reference, by path as it wants them.
struct Reference(tempfile::TempDir);

impl Reference {
    fn process(&self, bytes: &[u8]) -> minidump_processor::ProcessState {
        let dump = minidump::Minidump::read(bytes).unwrap();
        let paths = vec![self.0.path().to_owned()];
        let supplier = breakpad_symbols::SimpleSymbolSupplier::new(paths);
        let symbolizer = breakpad_symbols::Symbolizer::new(supplier);
        let processed = minidump_processor::process_minidump(&dump, &symbolizer);
        let runtime = tokio::runtime::Builder::new_current_thread()
            .build()
            .unwrap();
        runtime.block_on(processed).unwrap()
    }
}

#[test]
fn the_reference_finds_the_same_frames() {
    for kind in KINDS {
        let (raw, symbols) = (dump(kind), kind.symbols());
        let dir = tempfile::tempdir().unwrap();
        let leaf = if kind.os == "windows" {
            "shop.pdb"
        } else {
            "shop"
        };
        let folder = dir.path().join(leaf).join(kind.debug_id());
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(folder.join("shop.sym"), &symbols).unwrap();
        let state = Reference(dir).process(&raw);
        let report = examine(&raw, &[symbols], false)
            .unwrap()
            .report
            .into_inner();
        let exception = state.exception_info.unwrap();
        assert_eq!(report.reason.unwrap(), exception.reason.to_string());
        assert_eq!(report.address.unwrap().unwrap(), exception.address.0);
        assert_eq!(report.crashing_thread, state.requesting_thread);
        for (own, theirs) in report.threads.iter().zip(&state.threads) {
            let own: Vec<_> = own
                .frames
                .iter()
                .map(|frame| {
                    let at = frame.at.unwrap();
                    (
                        frame.module,
                        at,
                        frame.function.clone(),
                        frame.line,
                        frame.trust.clone(),
                    )
                })
                .collect();
            let bases: HashMap<u64, usize> = state
                .modules
                .iter()
                .enumerate()
                .map(|(place, module)| (module.raw.base_of_image, place))
                .collect();
            let theirs: Vec<_> = theirs
                .frames
                .iter()
                .map(|frame| {
                    let base = frame.module.as_ref().map(|module| module.raw.base_of_image);
                    let at = frame.instruction - base.unwrap_or_default();
                    let trust = frame.trust.as_str().to_owned();
                    let place = base.map(|base| bases[&base]);
                    (
                        place,
                        at,
                        frame.function_name.clone(),
                        frame.source_line,
                        trust,
                    )
                })
                .collect();
            assert_eq!(own, theirs, "{kind:?}");
        }
    }
}
