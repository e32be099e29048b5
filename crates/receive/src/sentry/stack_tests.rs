//! What is printed is read back by the grouping: type, message, functions, innermost first.

use cordon_fingerprint::parse_trace;

use super::*;
use crate::json;
use crate::meter::{Charge, Ledger, Meter};

fn value(text: &str) -> Value {
    let ledger = Ledger::new(64 << 20);
    let mut charge = Charge::new(&ledger);
    json::parse(text.as_bytes(), 32, &mut Meter::new(&mut charge, 32 << 20)).unwrap()
}

fn told(platform: &str, list: &str) -> Told {
    let Value::Array(items) = value(list) else {
        panic!("no list")
    };
    read(&items, platform).unwrap()
}

/// Type of an exception, and its functions with their lines and whether they are the application's.
type Row<'r> = (&'r str, &'r [(&'r str, u32, bool)]);

/// Language, then the exceptions, the one that escaped first.
fn check(platform: &str, list: &str, language: &str, expect: &[Row<'_>]) {
    let told = told(platform, list);
    let text = told.text.unwrap();
    let trace = parse_trace(&text).unwrap_or_else(|| panic!("not read: {text}"));
    assert_eq!(trace.language.as_str(), language, "{text}");
    let links: Vec<_> = trace
        .chain
        .iter()
        .map(|link| {
            let frames = link.frames.iter();
            let frames = frames.map(|f| (f.function.as_str(), f.line.unwrap_or(0), f.in_app));
            (link.exception_type.as_str(), frames.collect::<Vec<_>>())
        })
        .collect();
    let want: Vec<_> = expect.iter().map(|(k, f)| (*k, f.to_vec())).collect();
    assert_eq!(links, want, "{text}");
}

#[test]
fn python_is_read_back() {
    check(
        "python",
        r#"[
          {"type":"KeyError","value":"'sku'","module":null,"mechanism":{"type":"chained",
"source":"__cause__","exception_id":1,"parent_id":0},
           "stacktrace":{"frames":[{"function":"total","filename":"shop/cart.py",
"abs_path":"/srv/shop/cart.py","lineno":9,"context_line":"    return cart['sku']",
"in_app":true}]}},
          {"type":"CartError","value":"no sku","module":"shop.errors","mechanism":{
"type":"logging","exception_id":0},
           "stacktrace":{"frames":[
             {"function":"call","filename":"flask/app.py",
"abs_path":"/usr/lib/python3.12/site-packages/flask/app.py","lineno":80,"in_app":false},
             {"function":"post","filename":"shop/api.py","lineno":3,"module":"shop.api",
"in_app":true}]}}]"#,
        "python",
        &[
            (
                "shop.errors.CartError",
                &[("post", 3, true), ("call", 80, false)],
            ),
            ("KeyError", &[("total", 9, true)]),
        ],
    );
}

#[test]
fn a_python_group_is_read_back() {
    check(
        "python",
        r#"[
          {"type":"ValueError","value":"two","mechanism":{"source":"exceptions[1]",
"exception_id":2,"parent_id":0},
           "stacktrace":{"frames":[{"function":"second","filename":"a.py","lineno":2,
"in_app":true}]}},
          {"type":"TypeError","value":"one","mechanism":{"source":"exceptions[0]",
"exception_id":1,"parent_id":0},
           "stacktrace":{"frames":[{"function":"first","filename":"a.py","lineno":1,
"in_app":true}]}},
          {"type":"ExceptionGroup","value":"both (2 sub-exceptions)","mechanism":{
"is_exception_group":true,"exception_id":0},
           "stacktrace":{"frames":[{"function":"run","filename":"a.py","lineno":9,
"in_app":true}]}}]"#,
        "python",
        &[
            ("ExceptionGroup", &[("run", 9, true)]),
            ("TypeError", &[("first", 1, true)]),
            ("ValueError", &[("second", 2, true)]),
        ],
    );
}

#[test]
fn javascript_is_read_back() {
    check(
        "node",
        r#"[
          {"type":"TypeError","value":"no rows","stacktrace":{"frames":[
             {"function":"query","filename":"/app/db.js","lineno":4,"colno":2,"in_app":true}]}},
          {"type":"Error","value":"cannot charge","stacktrace":{"frames":[
             {"function":"node:internal/x","filename":"node:internal/modules/run_main","lineno":1,
"colno":1,"in_app":false},
             {"filename":"/app/node_modules/express/lib/router.js","lineno":7,"colno":1,
"in_app":false},
             {"function":"charge","filename":"/app/pay.js","lineno":12,"colno":11,
"in_app":true}]}}]"#,
        "javascript",
        &[
            (
                "Error",
                &[
                    ("charge", 12, true),
                    ("", 7, false),
                    ("node:internal/x", 1, false),
                ],
            ),
            ("TypeError", &[("query", 4, true)]),
        ],
    );
}

#[test]
fn java_is_read_back() {
    check(
        "java",
        r#"[
          {"type":"SQLException","module":"java.sql","value":"closed","stacktrace":{"frames":[
             {"function":"open","module":"com.shop.Db","filename":"Db.java","lineno":4,
"in_app":true}]}},
          {"type":"IllegalStateException","module":"java.lang","value":"no cart","stacktrace":{
"frames":[
             {"function":"run","module":"java.lang.Thread","filename":"Thread.java","lineno":829,
"in_app":false},
             {"function":"total","module":"com.shop.Cart","filename":"Cart.java","lineno":83,
"in_app":true}]}}]"#,
        "java",
        &[
            (
                "java.lang.IllegalStateException",
                &[("total", 83, true), ("run", 829, false)],
            ),
            ("java.sql.SQLException", &[("open", 4, true)]),
        ],
    );
}

/// Platform, type, function, module and file; the language that is read, and the function.
type One = (
    &'static str,
    &'static str,
    &'static str,
    &'static str,
    &'static str,
    &'static str,
    &'static str,
);

const ONES: [One; 11] = [
    (
        "csharp",
        "System.InvalidOperationException",
        "Total",
        "Shop.Cart",
        "/src/Cart.cs",
        "csharp",
        "Total",
    ),
    (
        "php",
        "RuntimeException",
        "total",
        "",
        "/srv/src/cart.php",
        "php",
        "total",
    ),
    (
        "ruby",
        "ArgumentError",
        "total",
        "",
        "/srv/lib/cart.rb",
        "ruby",
        "total",
    ),
    (
        "go",
        "*errors.errorString",
        "Total",
        "example.com/shop/cart",
        "/src/cart.go",
        "go",
        "Total",
    ),
    (
        "go",
        "panic",
        "Total",
        "example.com/shop/cart",
        "/src/cart.go",
        "go",
        "Total",
    ),
    (
        "rust",
        "panic",
        "shop::cart::total",
        "",
        "src/cart.rs",
        "rust",
        "total",
    ),
    (
        "rust",
        "ShopError",
        "shop::cart::total",
        "",
        "src/cart.rs",
        "rust",
        "total",
    ),
    (
        "elixir",
        "ArgumentError",
        "Shop.Cart.total/1",
        "",
        "lib/cart.ex",
        "elixir",
        "total/1",
    ),
    (
        "dart",
        "StateError",
        "Cart.total",
        "",
        "package:shop/cart.dart",
        "dart",
        "Cart.total",
    ),
    (
        "native",
        "SIGSEGV",
        "shop::Cart::total",
        "",
        "src/cart.cc",
        "cpp",
        "total",
    ),
    ("other", "E", "total", "", "cart.py", "python", "total"),
];

#[test]
fn other_languages_are_read_back() {
    let one = |kind: &str, function: &str, module: &str, file: &str| {
        format!(
            r#"[{{"type":"{kind}","value":"no cart","stacktrace":{{"frames":[
              {{"function":"main","module":"{module}","filename":"{file}","lineno":1,
"in_app":true}},
              {{"function":"{function}","module":"{module}","filename":"{file}","lineno":83,
"colno":3,"in_app":true}}]}}}}]"#
        )
    };
    for (platform, kind, function, module, file, language, want) in ONES {
        let told = told(platform, &one(kind, function, module, file));
        let text = told.text.unwrap();
        let trace = parse_trace(&text).unwrap_or_else(|| panic!("not read: {text}"));
        assert_eq!(trace.language.as_str(), language, "{text}");
        let first = trace.chain[0].frames.first().map(|f| f.function.as_str());
        assert_eq!(first, Some(want), "{platform}: {text}");
        assert_eq!(told.message, "no cart");
    }
}

#[test]
fn hostile_exceptions_are_bounded() {
    let long = "x".repeat(100_000);
    let frame = format!(r#"{{"function":"{long}","filename":"{long}","lineno":1}}"#);
    let frames = vec![frame; 40].join(",");
    let one =
        format!(r#"{{"type":"{long}","value":"{long}","stacktrace":{{"frames":[{frames}]}}}}"#);
    let told = told("python", &format!("[{}]", [one.clone(), one].join(",")));
    assert!(told.text.unwrap().len() <= TEXT_BYTES_MAX);
    for odd in [
        "[null]",
        "[1]",
        "[{}]",
        r#"[{"stacktrace":{"frames":[1,{}]}}]"#,
    ] {
        for platform in [
            "python", "node", "java", "csharp", "php", "ruby", "go", "rust", "elixir", "dart", "",
        ] {
            let Value::Array(items) = value(odd) else {
                panic!()
            };
            let _told = read(&items, platform);
        }
    }
}

#[test]
fn no_beginning_of_a_word_is_left_in_a_message() {
    let token = "qwvzkxjh".repeat(8);
    let long = format!("{}{token} rest", "a b ".repeat(MESSAGE_BYTES_MAX / 4 - 5));
    let code = format!("{}{token} rest", "a b ".repeat(PART_BYTES_MAX / 4 - 5));
    let list = format!(
        r#"[{{"type":"E","value":"{long}","stacktrace":{{"frames":[{{"function":"f",
        "filename":"a.py","lineno":1,"context_line":"{code}"}}]}}}}]"#
    );
    let told = told("python", &list);
    let text = told.text.unwrap();
    assert!(!told.message.contains("qwvz") && !text.contains("qwvz"));
    assert!(text.contains("a b a b"));
}
