//! Stack traces as the runtimes write them, and what is read of them.

use std::fmt::Write as _;

use crate::{ExceptionLink, Relation, Trace, parse_trace};

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
 *js/main|charge|js/main.3f2a1b9c.js:10
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
fn a_trace_on_one_line_is_read() {
    check(
        "java.lang.IllegalStateException: boom at com.acme.Cart.total(Cart.java:12) at \
         com.acme.App.main(App.java:3) Caused by: java.io.IOException: x at a.B.c(B.java:1)",
        "java
escaped java.lang.IllegalStateException: boom
 *com.acme.Cart|total|com/acme/Cart.java:12
 *com.acme.App|main|com/acme/App.java:3
cause java.io.IOException: x
 *a.B|c|a/B.java:1",
    );
}

#[test]
fn a_log_goes_on_behind_a_message() {
    for next in [
        "ERROR:root:second",
        "[2024-05-01 10:00:00] x",
        "##[error]x",
        "INFO a.b: x",
    ] {
        let text = format!(
            "Traceback (most recent call last):\n  File \"/app/a.py\", line 3, in f\n    g()\n\
             ValueError: one\n{next}\n"
        );
        assert_eq!(parse_trace(&text).unwrap().message(), "one", "{next}");
    }
}

#[test]
fn projects_lie_anywhere() {
    for path in [
        "/home/user_k3abcdefghij234567xyz/app/shop/cart.py",
        "/home/runner/work/shop/shop/shop/cart.py",
        "/builds/acme/checkout/shop/cart.py",
        "/var/www/checkout/releases/20240501/shop/cart.py",
        "/srv/checkout/current/shop/cart.py",
        "C:\\Users\\ada\\source\\repos\\checkout\\shop\\cart.py",
        "D:\\a\\checkout\\checkout\\shop\\cart.py",
        "/private/var/folders/x1/y2/T/checkout/shop/cart.py",
        "/workspace/shop/cart.py",
        "./shop/cart.py",
    ] {
        let text = format!("  File \"{path}\", line 3, in f\n    g()\nValueError: one\n");
        assert_eq!(
            parse_trace(&text).unwrap().frames()[0].file,
            "shop/cart.py",
            "{path}"
        );
    }
}

#[test]
fn a_line_that_a_collector_cut_is_joined() {
    check(
        "2024-05-01T10:00:00.1Z stderr F java.lang.IllegalStateException: boom\n\
         2024-05-01T10:00:00.1Z stderr P \tat com.acme.Ca\n\
         2024-05-01T10:00:00.2Z stderr F rt.total(Cart.java:12)\n\
         2024-05-01T10:00:00.3Z stderr F \tat com.acme.App.main(App.java:3)\n",
        "java
escaped java.lang.IllegalStateException: boom
 *com.acme.Cart|total|com/acme/Cart.java:12
 *com.acme.App|main|com/acme/App.java:3",
    );
}

#[test]
fn what_is_no_cause_and_no_stack_is_left_out() {
    check(
        "a.BException: a\n\tat a.C.d(C.java:1)\nCaused by: [CIRCULAR REFERENCE: a.BException: a]\n",
        "java\nescaped a.BException: a\n *a.C|d|a/C.java:1",
    );
    check(
        "TypeError: x\n    at f (/app/f.js:1:2)\nEmitted 'error' event at:\n    \
         at g (/app/g.js:3:4)\n",
        "javascript\nescaped TypeError: x\n *f|f|f.js:1",
    );
    let remote = "pool.RemoteTraceback: \n\"\"\"\nTraceback (most recent call last):\n  \
                  File \"/app/a.py\", \
                  line 1, in f\n    x\nKeyError: 1\n\"\"\"\n";
    assert_eq!(parse_trace(remote).unwrap().message(), "1");
}

#[test]
fn of_several_readings_the_one_that_lacks_nothing_counts() {
    // The message field alone has frames and no type.
    let text = "{\"message\":\"    at f (/app/f.js:1:2)\\n    at g (/app/g.js:2:2)\",\
                \"stack\":\"TypeError: x\\n    at f (/app/f.js:1:2)\\n    at g (/app/g.js:2:2)\"}";
    assert_eq!(parse_trace(text).unwrap().exception_type(), "TypeError");
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

#[test]
fn a_page_loses_its_tags_and_a_message_keeps_them() {
    let page = "<html><body><h1>Error</h1><div>java.lang.IllegalStateException: no &lt;cart&gt;\n\
                \tat com.acme.shop.Cart.total(Cart.java:12)</div></body></html>";
    let read = parse_trace(page).unwrap();
    assert_eq!(read.exception_type(), "java.lang.IllegalStateException");
    assert_eq!(read.message(), "no <cart>");
    let quoted = "Traceback (most recent call last):\n  File \"/srv/app/shop/page.py\", line 3, in \
                  render\n    raise ValueError(\"<pre>\")\nValueError: <pre>bad</pre>\n";
    assert_eq!(parse_trace(quoted).unwrap().message(), "<pre>bad</pre>");
}

#[test]
fn throwables_in_json_are_a_chain() {
    let json = r#"{"context":{"exception":{"class":"App\\Empty","message":"outer","code":0,
        "file":"/srv/app/src/Cart.php:15","trace":["/srv/app/src/Shop.php:19"],"previous":{
        "class":"PDOException","message":"inner","file":"/srv/app/src/Store.php:3","trace":[]}}}}"#;
    let read = parse_trace(json).unwrap();
    let told = |link: &ExceptionLink| (link.exception_type.clone(), link.message.clone());
    let chain: Vec<_> = read.chain.iter().map(told).collect();
    let pair = |kind: &str, message: &str| (kind.to_owned(), message.to_owned());
    assert_eq!(
        chain,
        [pair("App\\Empty", "outer"), pair("PDOException", "inner")]
    );
}
