//! The recorded arguments: JSON of positional and named values.

use serde_json::{Map, Value as Json, json};

use crate::limits::{ARGUMENTS_BYTES_MAX, ARGUMENTS_DEPTH_MAX};
use crate::python::is_identifier;

/// Reads recorded arguments into `{"args": [..], "kwargs": {..}}`.
///
/// What arrives is an object of arguments by name, that very shape, or an array of positional
/// arguments. `None` for anything else, and where a name is not an identifier.
pub(crate) fn parse(text: &str) -> Option<Json> {
    if text.len() > ARGUMENTS_BYTES_MAX {
        return None;
    }
    let json: Json = serde_json::from_str(text).ok()?;
    let (args, kwargs) = match json {
        Json::Array(items) => (items, Map::new()),
        Json::Object(members) => split(members)?,
        _ => return None,
    };
    let named = kwargs.keys().all(|key| is_identifier(key));
    let both = json!({ "args": args, "kwargs": kwargs });
    (named && depth(&both) <= ARGUMENTS_DEPTH_MAX).then_some(both)
}

fn split(mut members: Map<String, Json>) -> Option<(Vec<Json>, Map<String, Json>)> {
    let positional = members.get("args").is_some_and(Json::is_array);
    let both = members.keys().all(|key| key == "args" || key == "kwargs");
    if !positional || !both {
        return Some((Vec::new(), members));
    }
    let Some(Json::Array(args)) = members.remove("args") else {
        return None;
    };
    match members.remove("kwargs") {
        None | Some(Json::Null) => Some((args, Map::new())),
        Some(Json::Object(kwargs)) => Some((args, kwargs)),
        Some(_) => None,
    }
}

fn depth(json: &Json) -> usize {
    let deepest = match json {
        Json::Array(items) => items.iter().map(depth).max(),
        Json::Object(members) => members.values().map(depth).max(),
        _ => return 0,
    };
    1 + deepest.unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_the_three_shapes() {
        let named = parse(r#"{"a": 1}"#).unwrap();
        assert_eq!(named, json!({"args": [], "kwargs": {"a": 1}}));
        let both = parse(r#"{"args": [1], "kwargs": {"b": 2}}"#).unwrap();
        assert_eq!(both, json!({"args": [1], "kwargs": {"b": 2}}));
        assert_eq!(
            parse("[1, 2]").unwrap(),
            json!({"args": [1, 2], "kwargs": {}})
        );
    }

    #[test]
    fn refuses_what_cannot_be_arguments() {
        for bad in [
            "",
            "1",
            "{\"a b\": 1}",
            "{\"x=1);import os;f(y\": 1}",
            "NaN",
        ] {
            assert_eq!(parse(bad), None, "{bad}");
        }
    }
}
