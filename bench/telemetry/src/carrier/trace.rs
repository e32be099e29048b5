//! Exceptions: messages that quote what was passed, stack traces with locals, panics.

use super::http::{Line, filled};
use crate::draw::Draw;
use crate::marked::Marked;
use crate::value::{self, Value};

/// All of them; text, of several lines.
pub(crate) const LINES: &[(&str, Line)] = &[
    ("trace_python", trace_python),
    ("trace_java", trace_java),
    ("trace_node", trace_node),
    ("trace_go", trace_go),
    ("trace_dotnet", trace_dotnet),
    ("trace_ruby", trace_ruby),
    ("trace_php", trace_php),
    ("trace_rust", trace_rust),
    ("exception_message", exception_message),
    ("exception_message", exception_message),
];

/// What an exception says of a value that tells what it is.
fn message(draw: &mut Draw) -> (String, Value) {
    let value = value::bare(draw);
    let form = draw.of(&[
        "invalid value '§0'",
        "could not parse \"§0\"",
        "unexpected token in §0",
        "no handler for §0",
        "KeyError: '§0'",
        "invalid literal for int() with base 10: '§0'",
        "rejected by upstream: §0",
        "§0 is not a valid identifier",
        "duplicate entry §0",
        "lookup failed for §0: not found",
        "expected number, got §0",
        "bad credential §0",
        "constraint violated by (§0)",
        "recipient §0 refused",
        "cannot cast §0 to type uuid",
        "input was §0",
    ]);
    (form.to_owned(), value)
}

fn trace_python(draw: &mut Draw) -> Marked {
    let (text, value) = message(draw);
    let form = format!(
        "Traceback (most recent call last):\n  File \"/app/{{svc}}/views.py\", line {{i3}}, in \
         {{func}}\n    \
         result = client.call(payload)\n  File \"/usr/lib/python3.12/json/decoder.py\", line \
         {{i3}}, in decode\n\
         {{exc}}: {text}"
    );
    filled(draw, &form, &[&value])
}

fn trace_java(draw: &mut Draw) -> Marked {
    let (text, value) = message(draw);
    let form = format!(
        "Exception in thread \"{{thread}}\" java.lang.IllegalArgumentException: {text}\n\tat \
         {{class}}.{{func}}\
         (Service.java:{{i3}})\n\tat java.base/java.lang.Thread.run(Thread.java:840)\nCaused by: \
         java.io.IOException: {{err}}\n\t... {{i2}} more"
    );
    filled(draw, &form, &[&value])
}

fn trace_node(draw: &mut Draw) -> Marked {
    let (text, value) = message(draw);
    let form = format!(
        "TypeError: {text}\n    at {{func}} (/app/{{file}}:{{i3}}:{{i2}})\n    at \
         process.processTicksAndRejections \
         (node:internal/process/task_queues:95:5)"
    );
    filled(draw, &form, &[&value])
}

fn trace_go(draw: &mut Draw) -> Marked {
    let (text, value) = message(draw);
    let form = format!(
        "panic: {text}\n\ngoroutine {{i3}} [running]:\nmain.{{func}}(0xc000{{h6}}, \
         0x{{i1}})\n\t/app/{{file}}:{{i3}} \
         +0x{{h3}}\nexit status 2"
    );
    filled(draw, &form, &[&value])
}

fn trace_dotnet(draw: &mut Draw) -> Marked {
    let (text, value) = message(draw);
    let form = format!(
        "Unhandled exception. System.InvalidOperationException: {text}\n   at \
         Shop.Services.OrderService.Run(String \
         arg) in /src/Services/OrderService.cs:line {{i3}}\n   at Program.Main(String[] args)"
    );
    filled(draw, &form, &[&value])
}

fn trace_ruby(draw: &mut Draw) -> Marked {
    let (text, value) = message(draw);
    let form = format!(
        "app/models/order.rb:{{i3}}:in `{{func}}': {text} (ArgumentError)\n\tfrom \
         lib/worker.rb:{{i2}}:in `block in run'\n\
         \tfrom /usr/lib/ruby/3.3.0/monitor.rb:{{i3}}:in `synchronize'"
    );
    filled(draw, &form, &[&value])
}

/// PHP prints the arguments of each frame.
fn trace_php(draw: &mut Draw) -> Marked {
    let mut pass = value::dsn_password(draw);
    "password".clone_into(&mut pass.kind);
    filled(
        draw,
        "PHP Fatal error:  Uncaught PDOException: SQLSTATE[HY000] [2002] {err} in \
         /var/www/db.php:{i2}\nStack trace:\n\
         #0 /var/www/db.php({i2}): PDO->__construct('mysql:host={host}', '⟦app⟧', '§0')\n#1 \
         {main}\n  thrown in /var/www/db.php",
        &[&pass],
    )
}

fn trace_rust(draw: &mut Draw) -> Marked {
    let (text, value) = message(draw);
    let form = format!(
        "thread '{{thread}}' panicked at src/main.rs:{{i3}}:{{i2}}:\ncalled `Result::unwrap()` on \
         an `Err` value: \
         Parse(\"{text}\")\nstack backtrace:\n   0: rust_begin_unwind\n   1: \
         core::panicking::panic_fmt"
    );
    let form = if text.contains('"') {
        form.replace("(\"", "(").replace("\")", ")")
    } else {
        form
    };
    filled(draw, &form, &[&value])
}

fn exception_message(draw: &mut Draw) -> Marked {
    let (text, value) = message(draw);
    let head = draw.of(&[
        "{exc}: ",
        "ERROR {class} - ",
        "error=",
        "unhandled {exc} in {func}: ",
        "[{svc}] {func} failed: ",
        "{svc}: ",
    ]);
    filled(draw, &format!("{head}{text}"), &[&value])
}
