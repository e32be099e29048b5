//! Stack traces as the runtimes write them, and what is read of them.

use std::fmt::Write as _;

use crate::{Relation, Trace, parse_trace};

/// A trace in short: types and messages, and of each its frames, in-app ones with `*`.
fn check(text: &str, expected: &str) {
    let trace = parse_trace(text).unwrap_or_else(|| panic!("not a trace: {text}"));
    assert_eq!(short(&trace), expected.trim());
}

fn short(trace: &Trace) -> String {
    let mut out = trace.language.as_str().to_owned();
    for link in &trace.chain {
        let relation = link.relation.as_str();
        write!(
            out,
            "\n{relation} {}: {}",
            link.exception_type, link.message
        )
        .unwrap();
        for f in &link.frames {
            let star = if f.in_app { "*" } else { "" };
            let line = f.line.unwrap_or(0);
            write!(
                out,
                "\n {star}{}|{}|{}:{line}",
                f.module, f.function, f.file
            )
            .unwrap();
        }
    }
    out
}

const PYTHON: &str = r#"Traceback (most recent call last):
  File "/home/ada/projects/billing/billing/store.py", line 7, in load
    return rows[key]
           ~~~~^^^^^
KeyError: 'customer_id'

The above exception was the direct cause of the following exception:

Traceback (most recent call last):
  File "/usr/lib/python3.12/threading.py", line 1010, in run
    self._target(*self._args)
  File "/home/ada/projects/billing/billing/charge.py", line 31, in charge
    raise ChargeError("no customer") from e
billing.errors.ChargeError: no customer
second line
"#;

const PYTHON_SHORT: &str = "python
escaped billing.errors.ChargeError: no customer
second line
 *billing.charge|charge|billing/charge.py:31
 threading|run|threading.py:1010
cause KeyError: 'customer_id'
 *billing.store|load|billing/store.py:7";

#[test]
fn python_chain() {
    check(PYTHON, PYTHON_SHORT);
}

#[test]
fn python_with_a_prefix_on_every_line() {
    let prefixed = |(at, line)| format!("2024-01-02 03:04:{at:02},123 ERROR [main] {line}\n");
    let text = PYTHON
        .lines()
        .enumerate()
        .map(prefixed)
        .collect::<Vec<_>>()
        .concat();
    check(&text, PYTHON_SHORT);
}

#[test]
fn python_with_escaped_line_breaks() {
    check(&PYTHON.trim_end().replace('\n', "\\n"), PYTHON_SHORT);
}

#[test]
fn python_indented() {
    let text = format!("    {}", PYTHON.replace('\n', "\n    "));
    check(&text, PYTHON_SHORT);
}

#[test]
fn python_truncated_at_either_end() {
    let cut =
        "  File \"/app/a/b.py\", line 3, in f\n    g()\n  File \"/app/a/c.py\", line 9, in g\n";
    check(
        cut,
        "python\nescaped : \n *a.c|g|a/c.py:9\n *a.b|f|a/b.py:3",
    );
}

#[test]
fn python_exception_group() {
    let text = r#"  + Exception Group Traceback (most recent call last):
  |   File "/app/jobs.py", line 5, in run
  |     raise ExceptionGroup("two", errors)
  | ExceptionGroup: two (2 sub-exceptions)
  +-+---------------- 1 ----------------
    | Traceback (most recent call last):
    |   File "/app/jobs.py", line 2, in one
    |     int("x")
    | ValueError: bad
    +---------------- 2 ----------------
    | TypeError: worse
    +------------------------------------
"#;
    let trace = parse_trace(text).unwrap();
    assert_eq!(trace.exception_type(), "ExceptionGroup");
    assert_eq!(trace.frames()[0].function, "run");
    let members: Vec<_> = trace
        .chain
        .iter()
        .filter(|link| link.relation == Relation::Member)
        .map(|link| link.exception_type.as_str())
        .collect();
    assert_eq!(members, ["ValueError", "TypeError"]);
}

#[test]
fn java_causes_and_suppressed() {
    check(
        "2024-01-02 ERROR c.a.Api - request failed
Exception in thread \"main\" com.acme.ApiException: cannot charge
\tat com.acme.api.Api.charge(Api.java:42)
\tat com.acme.api.Api.lambda$run$3(Api.java:12)
\tat java.base/java.lang.Thread.run(Thread.java:833)
\tSuppressed: java.io.IOException: close
\t\tat com.acme.db.Pool.close(Pool.java:9)
Caused by: java.sql.SQLException: no rows
\tat com.acme.db.Query.one(Query.kt:77)
\tat org.postgresql.Driver.connect(Driver.java:1) ~[pg.jar:42.1]
\t... 2 more
",
        "java
escaped com.acme.ApiException: cannot charge
 *com.acme.api.Api|charge|com/acme/api/Api.java:42
 *com.acme.api.Api|lambda$run$3|com/acme/api/Api.java:12
 java.lang.Thread|run|java/lang/Thread.java:833
suppressed java.io.IOException: close
 *com.acme.db.Pool|close|com/acme/db/Pool.java:9
cause java.sql.SQLException: no rows
 *com.acme.db.Query|one|com/acme/db/Query.kt:77
 org.postgresql.Driver|connect|org/postgresql/Driver.java:1",
    );
}

#[test]
fn javascript_of_node() {
    check(
        "/app/src/charge.js:3
    throw new TypeError('x')
    ^

TypeError: Cannot read properties of undefined (reading 'id')
    at charge (/app/src/charge.js:3:11)
    at async Api.handle (file:///app/src/api.mjs:10:5)
    at /app/node_modules/express/lib/router.js:5:1
    at process.processTicksAndRejections (node:internal/process/task_queues:95:5) {
  [cause]: Error: low
      at low (/app/src/low.js:1:2)
}",
        "javascript
escaped TypeError: Cannot read properties of undefined (reading 'id')
 *charge|charge|src/charge.js:3
 *api|Api.handle|src/api.mjs:10
 express/lib/router||express/lib/router.js:5
 node:internal/process/task_queues|process.processTicksAndRejections|\
node:internal/process/task_queues:95
cause Error: low
 *low|low|src/low.js:1",
    );
}

#[test]
fn javascript_of_firefox() {
    check(
        "TypeError: x is undefined\n\
         charge@https://shop.test/js/main.3f2a1b9c.js:10:5\n\
         @https://shop.test/js/boot.js:1:1",
        "javascript
escaped TypeError: x is undefined
 *js/main|charge|js/main.js:10
 *js/boot||js/boot.js:1",
    );
}

#[test]
fn go_panic() {
    check(
        "panic: runtime error: index out of range [5] with length 3 [recovered]
\tpanic: runtime error: index out of range [5] with length 3

goroutine 18 [running]:
runtime/debug.Stack()
\t/usr/local/go/src/runtime/debug/stack.go:24 +0x65
panic({0x1004a3?, 0xc0001})
\t/usr/local/go/src/runtime/panic.go:884 +0x213
github.com/acme/shop/cart.(*Cart).Total(0xc00007e1e0, {0x1, 0x2})
\t/home/ada/shop/cart/cart.go:31 +0x1d
main.main.func1()
\t/home/ada/shop/main.go:9 +0x25
created by main.main in goroutine 1
\t/home/ada/shop/main.go:8 +0x30

goroutine 1 [sleep]:
time.Sleep(0x3b9aca00)
\t/usr/local/go/src/runtime/time.go:195 +0x135
",
        "go
escaped panic: runtime error: index out of range [5] with length 3
 *github.com/acme/shop/cart|(*Cart).Total|cart/cart.go:31
 *main|main.func1|main.go:9",
    );
}

#[test]
fn rust_panic_with_backtrace() {
    check(
        "thread 'main' (77) panicked at src/cart.rs:12:9:
index out of bounds: the len is 3 but the index is 5
stack backtrace:
   0: rust_begin_unwind
             at /rustc/9fc6b43126469e3858e2fe86cafb4f0f/library/std/src/panicking.rs:665:5
   1: core::panicking::panic_fmt
             at /rustc/9fc6b43126469e3858e2fe86cafb4f0f/library/core/src/panicking.rs:74:14
   2: shop::cart::Cart::total::{{closure}}
             at ./src/cart.rs:12:9
   3: shop::main::h0123456789abcdef
             at ./src/main.rs:4:5
   4: core::ops::function::FnOnce::call_once
             at /rustc/9fc6b43126469e3858e2fe86cafb4f0f/library/core/src/ops/function.rs:250:5
note: Some details are omitted",
        "rust
escaped panic: index out of bounds: the len is 3 but the index is 5
 *shop::cart::Cart|total::{{closure}}|src/cart.rs:12
 *shop|main|src/main.rs:4
 core::ops::function::FnOnce|call_once|library/core/src/ops/function.rs:250",
    );
}

#[test]
fn rust_panic_without_backtrace() {
    let short = "rust\nescaped panic: boom\n *||src/main.rs:2";
    check(
        "thread 'main' panicked at src/main.rs:2:5:\nboom\nnote: run with RUST_BACKTRACE=1",
        short,
    );
    check("thread 'main' panicked at 'boom', src/main.rs:2:5", short);
}

#[test]
fn prose_is_no_trace() {
    for text in [
        "",
        "charge failed for order 7",
        "meet me at noon (or at 12:30)",
        "look at the file (see a.b:12)",
        "panic: at the disco",
        "ada@example.test:1:2",
        "ValueError: bad",
    ] {
        assert_eq!(parse_trace(text), None, "{text}");
    }
}
