//! What an id does not depend on, for any failure.

use std::fmt::Write as _;

use proptest::prelude::*;

use crate::{group_trace, parse_trace};

/// Where a failure was, as each machine tells it.
#[derive(Debug)]
struct Scene {
    root: &'static str,
    /// Added to every line number.
    drift: u32,
    /// Address, thread and process.
    number: u64,
    version: &'static str,
    host: &'static str,
    /// In-app frames that are left.
    kept: usize,
}

/// A stack of functions, the innermost last.
fn render(language: &str, kind: &str, functions: &[String], scene: &Scene) -> String {
    let Scene {
        root,
        drift,
        number,
        version,
        host,
        ..
    } = scene;
    let from = functions.len() - scene.kept.clamp(1, functions.len());
    let kept = || functions.iter().enumerate().skip(from);
    let mut out = String::new();
    match language {
        "python" => {
            out.push_str("Traceback (most recent call last):\n");
            for (at, function) in kept() {
                let line = 10 + at as u32 + drift;
                write!(
                    out,
                    "  File \"/usr/lib/python{version}/runpy.py\", line {line}, in run\n    x\n  \
                     File \"{root}shop/cart.py\", line {line}, in {function}\n    y\n"
                )
                .unwrap();
            }
            writeln!(out, "shop.{kind}: <Cart at {number:#x}> on {host}").unwrap();
        }
        "java" => {
            writeln!(
                out,
                "Exception in thread \"pool-{number}\" a.{kind}: {number} {host}"
            )
            .unwrap();
            for (at, function) in kept().rev() {
                let line = 10 + at as u32 + drift;
                write!(
                    out,
                    "\tat com.acme.Cart.{function}(Cart.java:{line}) ~[shop-{version}.jar:{version}]\n\
                     \tat java.base/java.util.ArrayList.forEach(ArrayList.java:{line})\n"
                )
                .unwrap();
            }
            out.push_str("\t... 23 more\n");
        }
        "javascript" => {
            writeln!(out, "{kind}: {host} {number}").unwrap();
            for (at, function) in kept().rev() {
                let line = 10 + at as u32 + drift;
                write!(
                    out,
                    "    at {function} ({root}shop/cart.js:{line}:7)\n    at next \
                     ({root}node_modules/express@{version}/lib/router.js:{line}:3)\n"
                )
                .unwrap();
            }
        }
        _ => {
            let dump = |id: u64, state: &str| format!("goroutine {id} [{state}]:\n");
            let other = dump(number + 1, "select, 3 minutes")
                + "github.com/acme/shop/queue.poll(0x1)\n\t/go/x/queue/poll.go:3 +0x1\n\n";
            let mut own = dump(*number, "running");
            own.push_str("panic({0x1, 0x2})\n\t/usr/local/go/src/runtime/panic.go:884 +0x1\n");
            for (at, function) in kept().rev() {
                let line = 10 + at as u32 + drift;
                write!(
                    own,
                    "github.com/acme/shop/cart.{function}({number:#x})\n\
                     \t{root}cart/cart.go:{line} +{number:#x}\n"
                )
                .unwrap();
            }
            own.push('\n');
            let (first, second) = if number % 2 == 0 {
                (own, other)
            } else {
                (other, own)
            };
            write!(out, "panic: main.{kind}\n\n{first}{second}").unwrap();
        }
    }
    out
}

fn scene() -> impl Strategy<Value = Scene> {
    let root = prop::sample::select(vec![
        "/app/",
        "/home/user_k3abcdefghij234567xyz/work/checkout/",
        "/srv/checkout/",
        "/builds/acme/checkout/",
        "/var/www/checkout/releases/20240501100000/",
        "/private/var/folders/x1/y2/T/checkout/",
    ]);
    let version = prop::sample::select(vec!["3.9", "3.12", "1.2"]);
    let host = prop::sample::select(vec!["web-1", "ip-10-0-0-7", "db.internal"]);
    (root, 0..500_u32, 1..9_999_u64, version, host, 1..9_usize).prop_map(
        |(root, drift, number, version, host, kept)| Scene {
            root,
            drift,
            number,
            version,
            host,
            kept,
        },
    )
}

fn id(text: &str) -> String {
    let trace = parse_trace(text).unwrap_or_else(|| panic!("not read: {text}"));
    group_trace(&trace).id
}

proptest! {
    #[test]
    fn one_failure_keeps_its_id_and_another_has_its_own(
        language in prop::sample::select(vec!["python", "java", "javascript", "go"]),
        functions in prop::collection::vec("[a-e]_step", 1..6),
        kind in prop::sample::select(vec!["CartError", "RateError"]),
        scenes in (scene(), scene()),
    ) {
        let first = id(&render(language, kind, &functions, &scenes.0));
        let second = render(language, kind, &functions, &scenes.1);
        prop_assert_eq!(&first, &id(&second), "{}", second);
        // Raised in another function, or of another type where the language has types.
        let mut other = functions.clone();
        *other.last_mut().unwrap() = "z_step".to_owned();
        prop_assert_ne!(&first, &id(&render(language, kind, &other, &scenes.1)));
        if language != "go" {
            let kind = if kind == "CartError" { "RateError" } else { "CartError" };
            prop_assert_ne!(&first, &id(&render(language, kind, &functions, &scenes.1)));
        }
    }

    /// Twice the text is at most about twice the work: what is made of it is bounded by it.
    #[test]
    fn what_is_read_is_no_larger_than_the_text(text in "[ -~\\n\\t\"\\\\{}\\[\\]]{0,600}") {
        if let Some(trace) = parse_trace(&text) {
            let bytes: usize = trace
                .chain
                .iter()
                .map(|l| l.exception_type.len() + l.message.len() + l.frames.len())
                .sum();
            prop_assert!(bytes <= 2 * text.len() + 16);
        }
    }
}

#[test]
fn thread_dumps_in_any_order_have_one_id() {
    let threads = [
        "\"pool-1\" #12 prio=5 tid=0x7f01 nid=0x1 waiting on condition\n   \
         java.lang.Thread.State: WAITING (parking)\n\tat com.acme.Queue.take(Queue.java:3)\n\n",
        "\"main\" #1 prio=5 tid=0x7f02 nid=0x2 waiting for monitor entry\n   \
         java.lang.Thread.State: BLOCKED (on object monitor)\n\tat com.acme.Db.lock(Db.java:9)\n\n",
        "\"gc\" #3 prio=9 tid=0x7f03 nid=0x3 runnable\n   \
         java.lang.Thread.State: RUNNABLE\n\tat java.lang.ref.Finalizer.run(Finalizer.java:1)\n\n",
    ];
    let [a, b, c] = threads;
    let dump = |order: [&str; 3]| format!("Full thread dump:\n\n{}", order.concat());
    let first = id(&dump([a, b, c]));
    for order in [[a, c, b], [b, a, c], [b, c, a], [c, a, b], [c, b, a]] {
        assert_eq!(id(&dump(order)), first);
    }
    let trace = parse_trace(&dump([c, a, b])).unwrap();
    assert_eq!(trace.frames()[0].function, "lock");
}

#[test]
fn names_that_compilers_make_do_not_count() {
    let java = |frame: &str| format!("a.b.CError: x\n\tat {frame}\n\tat a.b.D.main(D.java:3)\n");
    let js = |frame: &str| format!("TypeError: x\n    at {frame}\n    at main (/app/m.js:1:1)\n");
    let go = |name: &str| {
        format!("panic: x\n\ngoroutine 1 [running]:\na.test/s/c.{name}()\n\t/app/c/c.go:3 +0x1\n")
    };
    for (a, b) in [
        (java("a.b.D.lambda$run$0(D.java:1)"), java("a.b.D.lambda$run$17(D.java:2)")),
        (
            java("a.b.D$$EnhancerBySpringCGLIB$$1a2b.run(<generated>)"),
            java("a.b.D$$EnhancerBySpringCGLIB$$9f8e.run(<generated>)"),
        ),
        (java("a.b.D$$Lambda$14/0x01.run(Unknown Source)"), java("a.b.D$$Lambda/0x02.run(D.java)")),
        (js("f (https://x.test/main.3f2a1b9c.js:1:2)"), js("f (https://x.test/main.0a1b2c3d.js:1:9)")),
        (js("f (https://x.test/a/index-B3xk9a2c.js:1:2)"), js("f (https://x.test/a/index-Zz81kQ0d.js:1:9)")),
        (js("Object.f (/app/c.js:1:2)"), js("f (/app/c.js:3:2)")),
        (go("Run.func1.2"), go("Run.func3.1")),
        (
            "thread 'a' panicked at src/c.rs:1:2:\nx\nstack backtrace:\n   0: s::c::f::h0123456789abcdef\n".to_owned(),
            "thread 'b' panicked at src/c.rs:9:2:\nx\nstack backtrace:\n   0: s::c::f::hfedcba9876543210\n".to_owned(),
        ),
    ] {
        assert_eq!(id(&a), id(&b), "{a}\n{b}");
    }
}

#[test]
fn helpers_that_only_raise_do_not_throw_failures_together() {
    let of = |caller: &str, helper: &str| {
        id(&format!(
            "Traceback (most recent call last):\n  File \"/app/a.py\", line 1, in {caller}\n    x\n  \
             File \"/app/b.py\", line 2, in {helper}\n    y\nValueError: z\n"
        ))
    };
    for helper in ["raise_for_status", "require_user", "_fail", "<lambda>"] {
        assert_ne!(of("pay", helper), of("ship", helper), "{helper}");
    }
    assert_eq!(of("pay", "total"), of("ship", "total"));
}

#[test]
fn numbers_in_a_message_count_in_no_locale() {
    let of = |number: &str| {
        let text = format!("thread 'a' panicked at src/c.rs:1:2:\nlimit is {number} bytes\n");
        id(&text)
    };
    assert_eq!(of("1,234.5"), of("1.234,5"));
    assert_eq!(of("1,234,567"), of("17"));
}
