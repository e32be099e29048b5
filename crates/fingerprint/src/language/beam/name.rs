//! Names of functions on the BEAM, and which applications are not one's own.

use crate::language::anchor::{bracketed, digits};

/// Applications of the platform and common packages.
const APPLICATIONS: [&str; 74] = [
    "absinthe",
    "absinthe_plug",
    "amqp",
    "asn1",
    "bandit",
    "broadway",
    "brod",
    "bypass",
    "cachex",
    "castore",
    "compiler",
    "cowboy",
    "cowboy_telemetry",
    "cowlib",
    "credo",
    "crypto",
    "db_connection",
    "decimal",
    "dialyzer",
    "ecto",
    "ecto_sql",
    "eex",
    "eldap",
    "elixir",
    "erts",
    "eunit",
    "ex_unit",
    "exqlite",
    "finch",
    "floki",
    "gen_stage",
    "gettext",
    "gun",
    "hackney",
    "hpax",
    "httpoison",
    "iex",
    "inets",
    "jason",
    "kernel",
    "lager",
    "logger",
    "mime",
    "mint",
    "mix",
    "mnesia",
    "mox",
    "myxql",
    "nimble_options",
    "nimble_pool",
    "oban",
    "observer",
    "phoenix",
    "phoenix_ecto",
    "phoenix_html",
    "phoenix_live_view",
    "phoenix_pubsub",
    "phoenix_template",
    "plug",
    "plug_cowboy",
    "poison",
    "poolboy",
    "postgrex",
    "public_key",
    "ranch",
    "redix",
    "req",
    "runtime_tools",
    "sasl",
    "ssl",
    "stdlib",
    "swoosh",
    "telemetry",
    "tesla",
];

/// Modules of Erlang's own applications and common packages, by how they begin.
const ERLANG: [&str; 62] = [
    "lists",
    "gen_server",
    "gen_statem",
    "gen_event",
    "gen_fsm",
    "gen",
    "gen_tcp",
    "gen_udp",
    "proc_lib",
    "sys",
    "supervisor",
    "application",
    "application_controller",
    "application_master",
    "shell",
    "erlang",
    "maps",
    "ets",
    "dets",
    "io",
    "io_lib",
    "file",
    "filelib",
    "filename",
    "code",
    "code_server",
    "init",
    "timer",
    "string",
    "binary",
    "unicode",
    "re",
    "rpc",
    "erpc",
    "global",
    "mnesia",
    "ssl",
    "tls_connection",
    "inet",
    "inet_tcp",
    "httpc",
    "httpc_handler",
    "crypto",
    "error_handler",
    "escript",
    "user",
    "group",
    "logger",
    "queue",
    "dict",
    "orddict",
    "sets",
    "proplists",
    "calendar",
    "array",
    "gb_trees",
    "rand",
    "os",
    "eunit_proc",
    "eunit_test",
    "ct",
    "test_server",
];

/// How the names of modules of Erlang's own and of common packages begin.
const ERLANG_PREFIXES: [&str; 14] = [
    "erl_",
    "prim_",
    "logger_",
    "mnesia_",
    "cowboy",
    "cow_",
    "ranch",
    "hackney",
    "eunit_",
    "test_server_",
    "supervisor_",
    "erts_",
    "elixir",
    "lager_",
];

/// Modules of Elixir's standard library, for frames that do not name their application.
const ELIXIR: [&str; 41] = [
    "Access",
    "Agent",
    "Application",
    "Base",
    "Calendar",
    "Code",
    "Date",
    "DateTime",
    "DynamicSupervisor",
    "EEx",
    "Ecto",
    "Enum",
    "Enumerable",
    "ExUnit",
    "File",
    "Float",
    "GenServer",
    "IEx",
    "IO",
    "Inspect",
    "Integer",
    "Jason",
    "Kernel",
    "Keyword",
    "List",
    "Logger",
    "Macro",
    "Map",
    "MapSet",
    "Mix",
    "Module",
    "Path",
    "Phoenix",
    "Plug",
    "Process",
    "Range",
    "Regex",
    "Stream",
    "String",
    "Supervisor",
    "Task",
];

/// Whether an application is the platform's or a common package.
pub(super) fn is_library(application: &str) -> bool {
    APPLICATIONS.binary_search(&application).is_ok()
}

/// Whether a module is the platform's or a common package's.
pub(super) fn of_library(module: &str) -> bool {
    let root = module.split('.').next().unwrap_or(module);
    if root.starts_with(char::is_uppercase) {
        return ELIXIR.binary_search(&root).is_ok();
    }
    ERLANG.contains(&root)
        || ERLANG_PREFIXES
            .iter()
            .any(|prefix| root.starts_with(prefix))
}

/// Module and function of `Shop.Cart.total/1`, `:lists.foldl/3`, `anonymous fn/2 in Shop.Cart.f/1`.
pub(super) fn call(text: &str) -> Option<(String, String)> {
    if text == "(file)" || text.starts_with("(module)") || text.starts_with("(stdin)") {
        return Some((String::new(), text.to_owned()));
    }
    if let Some(module) = text
        .strip_suffix(" (module)")
        .or_else(|| text.strip_suffix(".__MODULE__/0"))
    {
        return Some((module.to_owned(), "(module)".to_owned()));
    }
    // A function without a name is part of the one that it stands in.
    let text = text
        .strip_prefix("anonymous fn")
        .and_then(|rest| rest.split_once(" in "))
        .map_or(text, |(_, inner)| inner);
    let (whole, arity) = counted(text)?;
    let (module, function) = whole
        .rsplit_once('.')
        .map_or(("", whole), |(module, name)| {
            // Operators have dots of their own: `Kernel../2`.
            if name.is_empty() {
                (module.trim_end_matches('.'), ".")
            } else {
                (module, name)
            }
        });
    // What a macro or a comprehension made of a function is that function.
    let function = function.trim_matches('"');
    let function = fun(function).unwrap_or_else(|| format!("{function}/{arity}"));
    let module = module.trim_start_matches(':').trim_start_matches("Elixir.");
    (!module.is_empty() || !whole.contains(' ')).then(|| (module.to_owned(), function))
}

/// What `-total/1-fun-0-` and `-total/1-lc$^0/1-0-` were made in.
pub(super) fn fun(name: &str) -> Option<String> {
    let inner = name
        .trim_matches(['"', '\''])
        .strip_prefix('-')?
        .strip_suffix('-')?;
    let slash = inner.find('/')?;
    let end = inner.get(slash..)?.find('-').map(|at| slash + at)?;
    Some(inner.get(..end)?.trim_start_matches('-').to_owned())
}

/// Whether a line is a call with its arguments or arity, and nothing else: `:erlang.hd([])`,
/// `Shop.Cart.total(1)`.
pub(super) fn is_call(text: &str) -> bool {
    let end = text.find(['(', '/']).unwrap_or(0);
    let Some((head, tail)) = text.split_at_checked(end) else {
        return false;
    };
    let Some((module, function)) = head.rsplit_once('.') else {
        return false;
    };
    let module = module.strip_prefix(':').map_or_else(
        || {
            module
                .split('.')
                .all(|part| part.starts_with(|c: char| c.is_ascii_uppercase()))
        },
        |atom| atom.starts_with(|c: char| c.is_ascii_lowercase()),
    ) && module
        .chars()
        .all(|c| c.is_alphanumeric() || matches!(c, '.' | '_' | ':'));
    let function = function.starts_with(|c: char| c.is_alphabetic() || c == '_')
        && function
            .chars()
            .all(|c| c.is_alphanumeric() || matches!(c, '_' | '?' | '!'));
    let whole = tail.ends_with(')') || tail.strip_prefix('/').is_some_and(digits);
    module && function && whole
}

/// The name without its arity or arguments, and how many they are.
fn counted(text: &str) -> Option<(&str, usize)> {
    if let Some((name, arity)) = text.rsplit_once('/')
        && digits(arity)
        && !name.is_empty()
        && !name.ends_with('(')
    {
        return Some((name, arity.parse().ok()?));
    }
    let open = text.find('(')?;
    let (name, rest) = text.split_at_checked(open)?;
    // Arguments are printed as they are, cut where they are long.
    let inner =
        bracketed(rest, '(', ')').map_or_else(|| rest.get(1..).unwrap_or_default(), |r| r.0);
    let call = !name.is_empty() && !name.contains(' ') && name.contains('.');
    call.then(|| (name, arguments(inner)))
}

/// How many terms are in a list of them.
pub(super) fn arguments(inner: &str) -> usize {
    if inner.trim().is_empty() {
        return 0;
    }
    let mut depth = 0_i32;
    let mut count = 1;
    let mut quote = None;
    let mut escaped = false;
    let mut before = ' ';
    for c in inner.chars() {
        // `=>`, `->`, `>=`, `=<` are no brackets.
        let arrow =
            matches!(std::mem::replace(&mut before, c), '=' | '-') && matches!(c, '<' | '>');
        match (quote, c) {
            (None, _) if arrow => {}
            _ if escaped => escaped = false,
            (_, '\\') => escaped = true,
            (Some(open), _) if c == open => quote = None,
            (None, '"' | '\'') => quote = Some(c),
            // Also binaries, `<<1, 2>>`.
            (None, '(' | '[' | '{' | '<') => depth += 1,
            (None, ')' | ']' | '}') => depth -= 1,
            (None, '>') if depth > 0 => depth -= 1,
            (None, ',') if depth == 0 => count += 1,
            _ => {}
        }
    }
    count
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, module: &str, function: &str) {
        let found = call(text).unwrap();
        assert_eq!(
            (found.0.as_str(), found.1.as_str()),
            (module, function),
            "{text}"
        );
    }

    #[test]
    fn functions_have_an_arity() {
        check("Shop.Cart.total/1", "Shop.Cart", "total/1");
        check(":lists.foldl/3", "lists", "foldl/3");
        check(
            "Shop.Cart.total(%{a: [1, 2]}, \"a, b\")",
            "Shop.Cart",
            "total/2",
        );
        check(
            "anonymous fn/2 in Shop.Cart.total/1",
            "Shop.Cart",
            "total/1",
        );
        check("Shop.Cart.\"-total/1-fun-0-\"/2", "Shop.Cart", "total/1");
        check("Shop.Cart.empty?()", "Shop.Cart", "empty?/0");
        check("(file)", "", "(file)");
    }

    #[test]
    fn tables_are_sorted() {
        assert!(APPLICATIONS.is_sorted() && ELIXIR.is_sorted());
    }
}
