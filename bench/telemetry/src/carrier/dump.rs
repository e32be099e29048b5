//! How languages show a value to a programmer: reprs, `%+v`, `toString()`, `Debug`, dumps.

use super::Style::{Camel, Pascal, Snake};
use super::{Carrier, Field, around, each, in_quotes, key, style};
use crate::draw::Draw;
use crate::encode;
use crate::marked::Marked;
use crate::noise::expand;

/// All of them; text.
pub(crate) const DUMPS: &[(&str, Carrier)] = &[
    ("python_dict", python_dict),
    ("python_repr", python_repr),
    ("python_locals", python_locals),
    ("python_bytes", python_bytes),
    ("go_plus_v", go_plus_v),
    ("go_sharp_v", go_sharp_v),
    ("go_map", go_map),
    ("java_to_string", java_to_string),
    ("java_record", java_record),
    ("java_map", java_map),
    ("kotlin_data", kotlin_data),
    ("ruby_hash", ruby_hash),
    ("ruby_symbols", ruby_symbols),
    ("ruby_inspect", ruby_inspect),
    ("rails_parameters", rails_parameters),
    ("elixir_map", elixir_map),
    ("elixir_struct", elixir_struct),
    ("erlang_proplist", erlang_proplist),
    ("php_var_dump", php_var_dump),
    ("php_print_r", php_print_r),
    ("php_array", php_array),
    ("php_serialize", php_serialize),
    ("rust_debug", rust_debug),
    ("rust_some", rust_some),
    ("rust_pretty", rust_pretty),
    ("csharp_record", csharp_record),
    ("js_inspect", js_inspect),
    ("swift_struct", swift_struct),
    ("perl_dumper", perl_dumper),
    ("clojure_map", clojure_map),
    ("lua_table", lua_table),
    ("haskell_record", haskell_record),
];

/// Names of things that hold fields.
const TYPES: &[&str] = &[
    "User",
    "LoginRequest",
    "Config",
    "Customer",
    "PaymentRequest",
    "Account",
    "DbSettings",
    "Session",
    "CreateUserCommand",
    "Profile",
    "ConnectionOptions",
    "Order",
    "Patient",
    "SignupForm",
];

fn head(draw: &mut Draw) -> String {
    let form = draw.of(&[
        "{msg}: ",
        "{msg} ",
        "{class} - {msg}: ",
        "",
        "[{svc}] {msg}: ",
        "dump: ",
        "got ",
        "handling ",
        "{func}() called with ",
        "invalid request ",
    ]);
    expand(draw, form)
}

fn quoted_single(field: &Field) -> Marked {
    if field.is_number {
        return field.value.clone();
    }
    if field.value.text.contains('\'') {
        // repr() changes quotes rather than escape.
        return in_quotes("\"", &encode::json(&field.value));
    }
    in_quotes("'", &encode::single(&field.value))
}

fn quoted_double(field: &Field) -> Marked {
    if field.is_number {
        field.value.clone()
    } else {
        in_quotes("\"", &encode::json(&field.value))
    }
}

fn always_double(field: &Field) -> Marked {
    in_quotes("\"", &encode::json(&field.value))
}

fn unquoted(field: &Field) -> Marked {
    if field.value.has_lines() {
        encode::json(&field.value)
    } else {
        field.value.clone()
    }
}

fn python_dict(draw: &mut Draw, fields: &[Field]) -> Marked {
    let style = style(draw, &[Snake, Snake, Camel]);
    let inside = each(fields, ", ", |field| {
        around(
            &format!("'{}': ", key(style, &field.key)),
            &quoted_single(field),
            "",
        )
    });
    around(&format!("{}{{", head(draw)), &inside, "}")
}

fn python_repr(draw: &mut Draw, fields: &[Field]) -> Marked {
    let inside = each(fields, ", ", |field| {
        around(
            &format!("{}=", key(Snake, &field.key)),
            &quoted_single(field),
            "",
        )
    });
    let (head, name) = (head(draw), draw.of(TYPES));
    around(&format!("{head}{name}("), &inside, ")")
}

fn python_locals(draw: &mut Draw, fields: &[Field]) -> Marked {
    let inside = each(fields, "\n", |field| {
        around(
            &format!("        {} = ", key(Snake, &field.key)),
            &quoted_single(field),
            "",
        )
    });
    let head = expand(
        draw,
        "Traceback (most recent call last):\n  File \"/app/{svc}/views.py\", line {i3}, in \
         {func}\n",
    );
    around(&head, &inside, &expand(draw, "\n{exc}: {err}"))
}

fn python_bytes(draw: &mut Draw, fields: &[Field]) -> Marked {
    let inside = each(fields, ", ", |field| {
        let value = in_quotes("'", &encode::single(&field.value));
        around(&format!("(b'{}', b", key(Snake, &field.key)), &value, ")")
    });
    around(&format!("{}[", head(draw)), &inside, "]")
}

fn go_plus_v(draw: &mut Draw, fields: &[Field]) -> Marked {
    let inside = each(fields, " ", |field| {
        around(
            &format!("{}:", key(Pascal, &field.key)),
            &unquoted(field),
            "",
        )
    });
    let open = draw.of(&["{", "&{", "{"]);
    around(&format!("{}{open}", head(draw)), &inside, "}")
}

fn go_sharp_v(draw: &mut Draw, fields: &[Field]) -> Marked {
    let inside = each(fields, ", ", |field| {
        around(
            &format!("{}:", key(Pascal, &field.key)),
            &quoted_double(field),
            "",
        )
    });
    let (head, name) = (head(draw), draw.of(TYPES));
    around(&format!("{head}main.{name}{{"), &inside, "}")
}

fn go_map(draw: &mut Draw, fields: &[Field]) -> Marked {
    let inside = each(fields, " ", |field| {
        around(
            &format!("{}:[", key(Snake, &field.key)),
            &unquoted(field),
            "]",
        )
    });
    around(&format!("{}map[", head(draw)), &inside, "]")
}

fn java_to_string(draw: &mut Draw, fields: &[Field]) -> Marked {
    let inside = each(fields, ", ", |field| {
        let value = if field.is_number {
            field.value.clone()
        } else {
            in_quotes("'", &unquoted(field))
        };
        around(&format!("{}=", key(Camel, &field.key)), &value, "")
    });
    let (head, name) = (head(draw), draw.of(TYPES));
    around(&format!("{head}{name}{{"), &inside, "}")
}

fn java_record(draw: &mut Draw, fields: &[Field]) -> Marked {
    let inside = each(fields, ", ", |field| {
        around(
            &format!("{}=", key(Camel, &field.key)),
            &unquoted(field),
            "",
        )
    });
    let (head, name) = (head(draw), draw.of(TYPES));
    around(&format!("{head}{name}["), &inside, "]")
}

fn java_map(draw: &mut Draw, fields: &[Field]) -> Marked {
    let inside = each(fields, ", ", |field| {
        around(
            &format!("{}=", key(Camel, &field.key)),
            &unquoted(field),
            "",
        )
    });
    around(&format!("{}{{", head(draw)), &inside, "}")
}

fn kotlin_data(draw: &mut Draw, fields: &[Field]) -> Marked {
    let inside = each(fields, ", ", |field| {
        around(
            &format!("{}=", key(Camel, &field.key)),
            &unquoted(field),
            "",
        )
    });
    let (head, name) = (head(draw), draw.of(TYPES));
    around(&format!("{head}{name}("), &inside, ")")
}

fn ruby_hash(draw: &mut Draw, fields: &[Field]) -> Marked {
    let symbol = draw.chance(50);
    let inside = each(fields, ", ", |field| {
        let name = key(Snake, &field.key);
        let name = if symbol {
            format!(":{name}=>")
        } else {
            format!("\"{name}\"=>")
        };
        around(&name, &quoted_double(field), "")
    });
    around(&format!("{}{{", head(draw)), &inside, "}")
}

fn ruby_symbols(draw: &mut Draw, fields: &[Field]) -> Marked {
    let inside = each(fields, ", ", |field| {
        around(
            &format!("{}: ", key(Snake, &field.key)),
            &quoted_double(field),
            "",
        )
    });
    around(&format!("{}{{", head(draw)), &inside, "}")
}

fn ruby_inspect(draw: &mut Draw, fields: &[Field]) -> Marked {
    let inside = each(fields, ", ", |field| {
        around(
            &format!("@{}=", key(Snake, &field.key)),
            &quoted_double(field),
            "",
        )
    });
    let (head, name) = (head(draw), draw.of(TYPES));
    around(
        &expand(draw, &format!("{head}#<{name}:0x0000{{h12}} ")),
        &inside,
        ">",
    )
}

fn rails_parameters(draw: &mut Draw, fields: &[Field]) -> Marked {
    let inside = each(fields, ", ", |field| {
        around(
            &format!("\"{}\"=>", key(Snake, &field.key)),
            &always_double(field),
            "",
        )
    });
    let head = expand(draw, "  Parameters: {\"utf8\"=>\"✓\", \"user\"=>{");
    around(&head, &inside, "}, \"commit\"=>\"Save\"}")
}

fn elixir_map(draw: &mut Draw, fields: &[Field]) -> Marked {
    let is_atom = draw.chance(60);
    let inside = each(fields, ", ", |field| {
        let name = key(Snake, &field.key);
        let name = if is_atom {
            format!("{name}: ")
        } else {
            format!("\"{name}\" => ")
        };
        around(&name, &quoted_double(field), "")
    });
    around(&format!("{}%{{", head(draw)), &inside, "}")
}

fn elixir_struct(draw: &mut Draw, fields: &[Field]) -> Marked {
    let inside = each(fields, ", ", |field| {
        around(
            &format!("{}: ", key(Snake, &field.key)),
            &quoted_double(field),
            "",
        )
    });
    let name = draw.of(TYPES);
    around(&format!("[debug] State: %MyApp.{name}{{"), &inside, "}")
}

fn erlang_proplist(draw: &mut Draw, fields: &[Field]) -> Marked {
    let inside = each(fields, ",", |field| {
        around(
            &format!("{{{},<<", key(Snake, &field.key)),
            &always_double(field),
            ">>}",
        )
    });
    around(&format!("{}[", head(draw)), &inside, "]")
}

fn php_var_dump(_: &mut Draw, fields: &[Field]) -> Marked {
    let inside = each(fields, "\n", |field| {
        let count = field.value.text.len();
        let head = format!("  [\"{}\"]=>\n  string({count}) \"", key(Snake, &field.key));
        around(&head, &field.value, "\"")
    });
    around(&format!("array({}) {{\n", fields.len()), &inside, "\n}")
}

fn php_print_r(_: &mut Draw, fields: &[Field]) -> Marked {
    let inside = each(fields, "\n", |field| {
        around(
            &format!("    [{}] => ", key(Snake, &field.key)),
            &field.value,
            "",
        )
    });
    around("Array\n(\n", &inside, "\n)")
}

fn php_array(draw: &mut Draw, fields: &[Field]) -> Marked {
    let inside = each(fields, ", ", |field| {
        let value = in_quotes("'", &encode::single(&field.value));
        around(&format!("'{}' => ", key(Snake, &field.key)), &value, "")
    });
    around(&format!("{}array(", head(draw)), &inside, ")")
}

fn php_serialize(draw: &mut Draw, fields: &[Field]) -> Marked {
    let inside = each(fields, "", |field| {
        let name = key(Snake, &field.key);
        let (n, count) = (name.len(), field.value.text.len());
        around(
            &format!("s:{n}:\"{name}\";s:{count}:\""),
            &field.value,
            "\";",
        )
    });
    around(
        &format!("{}a:{}:{{", head(draw), fields.len()),
        &inside,
        "}",
    )
}

fn rust_debug(draw: &mut Draw, fields: &[Field]) -> Marked {
    let inside = each(fields, ", ", |field| {
        around(
            &format!("{}: ", key(Snake, &field.key)),
            &quoted_double(field),
            "",
        )
    });
    let (head, name) = (head(draw), draw.of(TYPES));
    around(&format!("{head}{name} {{ "), &inside, " }")
}

fn rust_some(draw: &mut Draw, fields: &[Field]) -> Marked {
    let inside = each(fields, ", ", |field| {
        around(
            &format!("{}: Some(", key(Snake, &field.key)),
            &quoted_double(field),
            ")",
        )
    });
    let (head, name) = (head(draw), draw.of(TYPES));
    around(&format!("{head}{name} {{ "), &inside, " }")
}

fn rust_pretty(draw: &mut Draw, fields: &[Field]) -> Marked {
    let inside = each(fields, "\n", |field| {
        around(
            &format!("    {}: ", key(Snake, &field.key)),
            &quoted_double(field),
            ",",
        )
    });
    let (head, name) = (head(draw), draw.of(TYPES));
    around(&format!("{head}{name} {{\n"), &inside, "\n}")
}

fn csharp_record(draw: &mut Draw, fields: &[Field]) -> Marked {
    let inside = each(fields, ", ", |field| {
        around(
            &format!("{} = ", key(Pascal, &field.key)),
            &unquoted(field),
            "",
        )
    });
    let (head, name) = (head(draw), draw.of(TYPES));
    around(&format!("{head}{name} {{ "), &inside, " }")
}

fn js_inspect(draw: &mut Draw, fields: &[Field]) -> Marked {
    let between = draw.of(&[", ", ",\n  "]);
    let inside = each(fields, between, |field| {
        around(
            &format!("{}: ", key(Camel, &field.key)),
            &quoted_single(field),
            "",
        )
    });
    around(&format!("{}{{ ", head(draw)), &inside, " }")
}

fn swift_struct(draw: &mut Draw, fields: &[Field]) -> Marked {
    let is_optional = draw.chance(30);
    let inside = each(fields, ", ", |field| {
        let name = key(Camel, &field.key);
        if is_optional {
            around(&format!("{name}: Optional("), &always_double(field), ")")
        } else {
            around(&format!("{name}: "), &quoted_double(field), "")
        }
    });
    let (head, name) = (head(draw), draw.of(TYPES));
    around(&format!("{head}{name}("), &inside, ")")
}

fn perl_dumper(_: &mut Draw, fields: &[Field]) -> Marked {
    let inside = each(fields, ",\n", |field| {
        let value = in_quotes("'", &encode::single(&field.value));
        around(
            &format!("          '{}' => ", key(Snake, &field.key)),
            &value,
            "",
        )
    });
    around("$VAR1 = {\n", &inside, "\n        };")
}

fn clojure_map(draw: &mut Draw, fields: &[Field]) -> Marked {
    let inside = each(fields, ", ", |field| {
        around(
            &format!(":{} ", key(super::Style::Kebab, &field.key)),
            &quoted_double(field),
            "",
        )
    });
    around(&format!("{}{{", head(draw)), &inside, "}")
}

fn lua_table(draw: &mut Draw, fields: &[Field]) -> Marked {
    let inside = each(fields, ", ", |field| {
        around(
            &format!("{} = ", key(Snake, &field.key)),
            &quoted_double(field),
            "",
        )
    });
    around(&format!("{}{{ ", head(draw)), &inside, " }")
}

fn haskell_record(draw: &mut Draw, fields: &[Field]) -> Marked {
    let inside = each(fields, ", ", |field| {
        around(
            &format!("{} = ", key(Camel, &field.key)),
            &quoted_double(field),
            "",
        )
    });
    let (head, name) = (head(draw), draw.of(TYPES));
    around(&format!("{head}{name} {{"), &inside, "}")
}
