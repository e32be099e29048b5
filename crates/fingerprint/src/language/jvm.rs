//! Kotlin and Scala, which print as the JVM does: told by their files, or by the types of their
//! libraries; names that their compilers make, in readable and stable form.
//!
//! The first in-app frame of the exception that escaped decides, since it is what is shown.

use crate::model::{Frame, Language, Trace};

/// A trace that was read as Java's, in the language that wrote it.
pub(crate) fn refine(mut trace: Trace) -> Trace {
    if trace.language == Language::Java {
        trace.language = told(&trace);
    }
    let frames = trace.chain.iter_mut().flat_map(|link| &mut link.frames);
    match trace.language {
        Language::Kotlin => frames.for_each(kotlin),
        Language::Scala => frames.for_each(scala),
        _ => {}
    }
    if trace.language == Language::Scala {
        for link in &mut trace.chain {
            // A specialised method and the one it stands for are one call.
            link.frames.dedup();
        }
    }
    trace
}

/// Language of a trace of the JVM.
fn told(trace: &Trace) -> Language {
    let of_frame = |frame: &Frame| of_file(&frame.file).or_else(|| of_name(frame));
    let frames = || trace.chain.iter().flat_map(|link| &link.frames);
    let own = frames().find(|frame| frame.in_app);
    if let Some(frame) = own {
        return of_frame(frame).unwrap_or(Language::Java);
    }
    let of_type = |kind: &str| {
        let roots = [
            ("kotlin.", Language::Kotlin),
            ("kotlinx.", Language::Kotlin),
            ("scala.", Language::Scala),
        ];
        roots
            .into_iter()
            .find(|(root, _)| kind.starts_with(root))
            .map(|(_, language)| language)
    };
    of_type(trace.exception_type())
        .or_else(|| trace.frames().first().and_then(of_frame))
        .unwrap_or(Language::Java)
}

/// Language of a source file.
fn of_file(file: &str) -> Option<Language> {
    let (_, extension) = file.rsplit_once('.')?;
    match extension {
        "kt" | "kts" => Some(Language::Kotlin),
        "scala" | "sc" => Some(Language::Scala),
        _ => None,
    }
}

/// Language that a compiled name tells.
fn of_name(frame: &Frame) -> Option<Language> {
    if !frame.file.is_empty() {
        return None;
    }
    let class = frame.module.rsplit('.').next().unwrap_or_default();
    let scala = ["$anonfun$", "$mc", "$colon", "$u0020"];
    if scala
        .iter()
        .any(|mark| frame.function.contains(mark) || class.contains(mark))
    {
        Some(Language::Scala)
    } else if class.ends_with("Kt") || frame.function == "invokeSuspend" {
        Some(Language::Kotlin)
    } else {
        None
    }
}

/// Parts of a compiled name that compilers number.
fn unnumbered(name: &str) -> String {
    let parts = name.split('$').enumerate();
    let kept: Vec<&str> = parts
        .filter(|(at, part)| {
            *at == 0 || !(part.is_empty() || part.bytes().all(|b| b.is_ascii_digit()))
        })
        .map(|(_, part)| part)
        .collect();
    kept.join("$")
}

/// `CheckoutKt$main$1$job$1` is `CheckoutKt$main$job`; `total$default` is `total`.
fn kotlin(frame: &mut Frame) {
    if frame.module.contains('$') {
        frame.module = unnumbered(&frame.module);
    }
    let function = frame.function.as_str();
    let function = function.strip_suffix("$default").unwrap_or(function);
    // Functions with inline classes carry a hash: `total-impl` is kept, `total-WZ4Q5Ns` is not.
    let function = match function.rsplit_once('-') {
        Some((name, hash)) if hash.len() == 7 && !name.is_empty() => name,
        _ => function,
    };
    frame.function = function
        .strip_suffix("$suspendImpl")
        .unwrap_or(function)
        .to_owned();
}

/// `Cart$.$anonfun$total$1` and `Cart$$anonfun$total$1.apply$mcV$sp` are `Cart` and
/// `$anonfun$total`.
fn scala(frame: &mut Frame) {
    let specialised = frame
        .function
        .split_once("$mc")
        .map(|(name, _)| name.to_owned());
    if let Some(name) = specialised {
        frame.function = name;
    }
    if let Some((class, closure)) = frame.module.split_once("$$anonfun$")
        && frame.function.starts_with("apply")
    {
        frame.function = format!("$anonfun${}", unnumbered(closure).trim_start_matches('$'));
        frame.module = class.to_owned();
    }
    if frame.function.contains("$anonfun$") {
        let inner = unnumbered(&frame.function);
        frame.function = if inner.starts_with("anonfun") {
            format!("${inner}")
        } else {
            inner
        };
    }
    // `adapted` and `extension` are forwarders of the same name.
    for suffix in ["$adapted", "$extension"] {
        if let Some(name) = frame.function.strip_suffix(suffix) {
            frame.function = name.to_owned();
        }
    }
    frame.function = operators(&frame.function);
    frame.module = frame.module.trim_end_matches('$').replace("$package", "");
}

/// Names of operators as they were written: `$plus$eq` is `+=`.
fn operators(name: &str) -> String {
    const SIGNS: [(&str, &str); 18] = [
        ("$eq", "="),
        ("$greater", ">"),
        ("$less", "<"),
        ("$plus", "+"),
        ("$minus", "-"),
        ("$times", "*"),
        ("$div", "/"),
        ("$bang", "!"),
        ("$at", "@"),
        ("$hash", "#"),
        ("$percent", "%"),
        ("$up", "^"),
        ("$amp", "&"),
        ("$tilde", "~"),
        ("$qmark", "?"),
        ("$bar", "|"),
        ("$bslash", "\\"),
        ("$colon", ":"),
    ];
    if !name.starts_with('$') || name.starts_with("$anonfun") {
        return name.to_owned();
    }
    SIGNS.iter().fold(name.to_owned(), |name, (word, sign)| {
        name.replace(word, sign)
    })
}

#[cfg(test)]
mod tests {
    use crate::parse_trace;

    fn check(line: &str, language: &str, module: &str, function: &str) {
        let text = format!("java.lang.IllegalStateException: empty\n\tat {line}\n");
        let trace = parse_trace(&text).unwrap();
        let frame = &trace.frames()[0];
        assert_eq!(
            (
                trace.language.as_str(),
                frame.module.as_str(),
                frame.function.as_str()
            ),
            (language, module, function),
            "{line}"
        );
    }

    #[test]
    fn compiled_names_are_told_as_written() {
        check(
            "shop.CartKt.main(Cart.kt:3)",
            "kotlin",
            "shop.CartKt",
            "main",
        );
        check(
            "shop.CartKt$main$1$job$1.invokeSuspend(Cart.kt:9)",
            "kotlin",
            "shop.CartKt$main$job",
            "invokeSuspend",
        );
        check(
            "shop.Cart.total$default(Cart.kt:9)",
            "kotlin",
            "shop.Cart",
            "total",
        );
        check(
            "shop.Cart$.$anonfun$total$1(Cart.scala:9)",
            "scala",
            "shop.Cart",
            "$anonfun$total",
        );
        check(
            "shop.Cart$$anonfun$total$1.apply$mcV$sp(Cart.scala:9)",
            "scala",
            "shop.Cart",
            "$anonfun$total",
        );
        check(
            "shop.Cart$.main(Cart.scala:9)",
            "scala",
            "shop.Cart",
            "main",
        );
        check(
            "shop.Cart.$plus$eq(Cart.scala:9)",
            "scala",
            "shop.Cart",
            "+=",
        );
        check("shop.Cart.total(Cart.java:9)", "java", "shop.Cart", "total");
    }
}
