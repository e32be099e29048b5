//! Data languages: JSON, YAML, XML, key-value lines, tables, queries.

use super::Style::{self, Camel, Dotted, Header, Kebab, Pascal, Snake, Upper};
use super::{Carrier, Field, around, each, in_quotes, key, style};
use crate::draw::Draw;
use crate::encode;
use crate::marked::Marked;
use crate::noise::expand;

/// Carriers whose output is one JSON value on one line.
pub(crate) const JSON: &[(&str, Carrier)] = &[
    ("json", json),
    ("json", json),
    ("json", json),
    ("json_spaced", json_spaced),
    ("json_ascii", json_ascii),
    ("json_object", json_object),
    ("json_pairs", json_pairs),
    ("json_name_value", json_name_value),
    ("json_array", json_array),
    ("graphql", graphql),
];

/// Carriers of text.
pub(crate) const TEXT: &[(&str, Carrier)] = &[
    ("logfmt", logfmt),
    ("logfmt", logfmt),
    ("kv_comma", kv_comma),
    ("kv_colon", kv_colon),
    ("kv_semicolon", kv_semicolon),
    ("yaml", yaml),
    ("yaml_inline", yaml_inline),
    ("yaml_env", yaml_env),
    ("xml", xml),
    ("xml_attributes", xml_attributes),
    ("html_form", html_form),
    ("toml", toml),
    ("ini", ini),
    ("properties", properties),
    ("dotenv", dotenv),
    ("csv", csv),
    ("tsv", tsv),
    ("psql_expanded", psql_expanded),
    ("ascii_table", ascii_table),
    ("diff", diff),
    ("hcl", hcl),
    ("protobuf_text", protobuf_text),
    ("multipart", multipart),
    ("query_string", query_string),
    ("form_body", form_body),
    ("sql_insert", sql_insert),
    ("sql_update", sql_update),
    ("sql_where", sql_where),
    ("mongo_shell", mongo_shell),
    ("redis", redis),
    ("header_lines", header_lines),
    ("metric_labels", metric_labels),
    ("baggage", baggage),
];

const NAMES: &[Style] = &[Snake, Camel, Snake, Camel, Kebab, Dotted, Pascal];

fn json_with(
    draw: &mut Draw,
    fields: &[Field],
    parts: [&str; 4],
    escape: fn(&Marked) -> Marked,
) -> Marked {
    let style = style(draw, NAMES);
    let [open, colon, between, close] = parts;
    let inside = each(fields, between, |field| {
        let name = around("\"", &escape(&key(style, &field.key).into()), "\"");
        let value = if field.is_number {
            field.value.clone()
        } else {
            in_quotes("\"", &escape(&field.value))
        };
        Marked::join(&[name, value], colon)
    });
    around(open, &inside, close)
}

pub(crate) fn json(draw: &mut Draw, fields: &[Field]) -> Marked {
    json_with(draw, fields, ["{", ":", ",", "}"], encode::json)
}

fn json_spaced(draw: &mut Draw, fields: &[Field]) -> Marked {
    json_with(draw, fields, ["{", ": ", ", ", "}"], encode::json)
}

fn json_ascii(draw: &mut Draw, fields: &[Field]) -> Marked {
    json_with(draw, fields, ["{", ": ", ", ", "}"], encode::json_ascii)
}

fn json_object(draw: &mut Draw, fields: &[Field]) -> Marked {
    let outer = draw.of(&[
        "user", "params", "request", "config", "data", "env", "metadata", "args",
    ]);
    let head = expand(draw, r#"{"ts":"{ts}","level":"{lvl}","msg":"{msg}","#);
    let inner = json(draw, fields);
    Marked::fill(&format!("{head}\"{outer}\":§0}}"), &[&inner])
}

fn json_pairs(draw: &mut Draw, fields: &[Field]) -> Marked {
    let style = style(draw, &[Snake, Camel, Header]);
    let inside = each(fields, ",", |field| {
        let name = key(style, &field.key);
        Marked::fill(
            &format!("[\"{name}\",\"§0\"]"),
            &[&encode::json(&field.value)],
        )
    });
    let head = expand(draw, r#"{"event":"{msg}","#);
    let name = draw.of(&["headers", "params", "env", "labels", "metadata"]);
    around(&format!("{head}\"{name}\":["), &inside, "]}")
}

fn json_name_value(draw: &mut Draw, fields: &[Field]) -> Marked {
    let style = style(draw, &[Snake, Camel, Upper]);
    let (name, value) = *draw.row(&[
        ("name", "value"),
        ("key", "value"),
        ("Name", "Value"),
        ("k", "v"),
    ]);
    let inside = each(fields, ",", |field| {
        let held = key(style, &field.key);
        let template = format!("{{\"{name}\":\"{held}\",\"{value}\":\"§0\"}}");
        Marked::fill(&template, &[&encode::json(&field.value)])
    });
    let list = draw.of(&["env", "tags", "attributes", "parameters", "settings"]);
    let head = expand(draw, r#"{"level":"{lvl}","#);
    around(&format!("{head}\"{list}\":["), &inside, "]}")
}

fn json_array(draw: &mut Draw, fields: &[Field]) -> Marked {
    let inner = json(draw, fields);
    let head = expand(draw, r#"{"batch":{i4},"records":[{"id":{i3},"ok":true},"#);
    around(&head, &inner, "]}")
}

fn graphql(draw: &mut Draw, fields: &[Field]) -> Marked {
    let inner = json_with(draw, fields, ["{", ":", ",", "}"], encode::json);
    let head = r#"{"query":"mutation Save($input: Input!) { save(input: $input) { id } }","#;
    around(&format!("{head}\"variables\":{{\"input\":"), &inner, "}}")
}

/// A value that is quoted where its signs ask for it.
fn loose(field: &Field) -> Marked {
    let text = &field.value.text;
    let is_plain = !text.is_empty()
        && text
            .chars()
            .all(|c| c.is_alphanumeric() || "-_./:+@%$".contains(c));
    if is_plain {
        field.value.clone()
    } else {
        in_quotes("\"", &encode::json(&field.value))
    }
}

fn message(draw: &mut Draw) -> String {
    expand(draw, "{msg}")
}

pub(crate) fn logfmt(draw: &mut Draw, fields: &[Field]) -> Marked {
    let style = style(draw, &[Snake, Camel, Dotted, Kebab]);
    let form = head(draw);
    let head = expand(draw, form);
    let inside = each(fields, " ", |field| {
        around(&format!("{}=", key(style, &field.key)), &loose(field), "")
    });
    around(&head, &inside, "")
}

fn head(draw: &mut Draw) -> &'static str {
    draw.of(&[
        "level={lvl} msg=\"{msg}\" ",
        "ts={ts} level={lvl} caller={func} msg=\"{msg}\" ",
        "",
        "time=\"{ts}\" level={lvl} msg=\"{msg}\" component={svc} ",
        "{msg} ",
        "event=\"{msg}\" ",
    ])
}

fn kv_comma(draw: &mut Draw, fields: &[Field]) -> Marked {
    let style = style(draw, &[Snake, Camel]);
    let inside = each(fields, ", ", |field| {
        around(&format!("{}=", key(style, &field.key)), &loose(field), "")
    });
    around(&format!("{}: ", message(draw)), &inside, "")
}

fn kv_colon(draw: &mut Draw, fields: &[Field]) -> Marked {
    let style = style(draw, &[Snake, Camel, Pascal]);
    let inside = each(fields, ", ", |field| {
        around(&format!("{}: ", key(style, &field.key)), &loose(field), "")
    });
    around(&format!("{} - ", message(draw)), &inside, "")
}

fn kv_semicolon(draw: &mut Draw, fields: &[Field]) -> Marked {
    let style = style(draw, &[Pascal, Snake]);
    let inside = each(fields, ";", |field| {
        around(&format!("{}=", key(style, &field.key)), &loose(field), "")
    });
    around(&format!("{} [", message(draw)), &inside, "]")
}

/// A YAML scalar: bare where it may be, else in quotes of either kind.
fn scalar(draw: &mut Draw, field: &Field) -> Marked {
    let text = &field.value.text;
    let is_plain = !text.contains('\n')
        && text
            .chars()
            .all(|c| c.is_alphanumeric() || "-_./+=".contains(c))
        && text.starts_with(char::is_alphanumeric);
    if is_plain && draw.chance(80) {
        field.value.clone()
    } else if text.contains('\n') || draw.chance(50) {
        in_quotes("\"", &encode::json(&field.value))
    } else {
        in_quotes("'", &encode::doubled(&field.value, '\''))
    }
}

fn yaml(draw: &mut Draw, fields: &[Field]) -> Marked {
    let style = style(draw, &[Snake, Camel, Kebab]);
    let head = draw.of(&[
        "config:\n  ",
        "spec:\n  settings: on\n  ",
        "---\n",
        "data:\n  ",
    ]);
    let indent = if head.ends_with("  ") { "\n  " } else { "\n" };
    let inside = each(fields, indent, |field| {
        around(
            &format!("{}: ", key(style, &field.key)),
            &scalar(draw, field),
            "",
        )
    });
    around(head, &inside, "")
}

fn yaml_inline(draw: &mut Draw, fields: &[Field]) -> Marked {
    let style = style(draw, &[Snake, Camel]);
    let inside = each(fields, ", ", |field| {
        let value = in_quotes("\"", &encode::json(&field.value));
        around(&format!("{}: ", key(style, &field.key)), &value, "")
    });
    around(&format!("{} {{", message(draw)), &inside, "}")
}

fn yaml_env(draw: &mut Draw, fields: &[Field]) -> Marked {
    let inside = each(fields, "\n", |field| {
        let head = format!("  - name: {}\n    value: ", key(Upper, &field.key));
        around(&head, &in_quotes("\"", &encode::json(&field.value)), "")
    });
    around(&expand(draw, "name: {svc}\nenv:\n"), &inside, "")
}

fn xml(draw: &mut Draw, fields: &[Field]) -> Marked {
    let style = style(draw, &[Camel, Pascal, Snake]);
    let between = draw.of(&["", "", "\n  "]);
    let prefix = draw.of(&["", "", "ns1:", "wsse:"]);
    let inside = each(fields, between, |field| {
        let name = key(style, &field.key);
        around(
            &format!("<{prefix}{name}>"),
            &encode::xml(&field.value),
            &format!("</{prefix}{name}>"),
        )
    });
    let root = draw.of(&["request", "soap:Body", "Login", "record", "customer"]);
    around(
        &format!("<{root}>{between}"),
        &inside,
        &format!("</{root}>"),
    )
}

fn xml_attributes(draw: &mut Draw, fields: &[Field]) -> Marked {
    let style = style(draw, &[Camel, Snake, Kebab]);
    let inside = each(fields, " ", |field| {
        around(
            &format!("{}=\"", key(style, &field.key)),
            &encode::xml(&field.value),
            "\"",
        )
    });
    let root = draw.of(&["add", "user", "connection", "param", "entry"]);
    around(&format!("<{root} "), &inside, "/>")
}

fn html_form(draw: &mut Draw, fields: &[Field]) -> Marked {
    let style = style(draw, &[Snake, Camel]);
    let inside = each(fields, "", |field| {
        let head = format!("<input name=\"{}\" value=\"", key(style, &field.key));
        around(&head, &encode::xml(&field.value), "\">")
    });
    around("<form method=\"post\">", &inside, "</form>")
}

fn toml(draw: &mut Draw, fields: &[Field]) -> Marked {
    let inside = each(fields, "\n", |field| {
        let value = in_quotes("\"", &encode::json(&field.value));
        around(&format!("{} = ", key(Snake, &field.key)), &value, "")
    });
    around(
        draw.of(&["[server]\n", "[auth.upstream]\n", ""]),
        &inside,
        "",
    )
}

fn one_line(field: &Field) -> Marked {
    if field.value.has_lines() {
        encode::json(&field.value)
    } else {
        field.value.clone()
    }
}

fn ini(draw: &mut Draw, fields: &[Field]) -> Marked {
    let inside = each(fields, "\n", |field| {
        around(
            &format!("{} = ", key(Snake, &field.key)),
            &one_line(field),
            "",
        )
    });
    around(
        draw.of(&["[default]\n", "[client]\n", "; settings\n"]),
        &inside,
        "",
    )
}

fn properties(draw: &mut Draw, fields: &[Field]) -> Marked {
    let prefix = draw.of(&["spring.datasource.", "app.", "quarkus.", ""]);
    let style = style(draw, &[Dotted, Kebab, Camel]);
    each(fields, "\n", |field| {
        around(
            &format!("{prefix}{}=", key(style, &field.key)),
            &one_line(field),
            "",
        )
    })
}

fn dotenv(draw: &mut Draw, fields: &[Field]) -> Marked {
    let export = draw.of(&["", "", "export ", "+ export ", "ENV "]);
    each(fields, "\n", |field| {
        around(
            &format!("{export}{}=", key(Upper, &field.key)),
            &loose(field),
            "",
        )
    })
}

fn columns(style: Style, fields: &[Field], between: &str) -> String {
    let names: Vec<String> = fields.iter().map(|field| key(style, &field.key)).collect();
    names.join(between)
}

fn csv(draw: &mut Draw, fields: &[Field]) -> Marked {
    let style = style(draw, &[Snake, Camel]);
    let between = draw.of(&[",", ",", ";"]);
    let row = each(fields, between, |field| {
        if field.value.text.contains([',', ';', '"', '\n']) {
            in_quotes("\"", &encode::doubled(&one_line(field), '"'))
        } else {
            field.value.clone()
        }
    });
    around(&format!("{}\n", columns(style, fields, between)), &row, "")
}

fn tsv(_: &mut Draw, fields: &[Field]) -> Marked {
    let row = each(fields, "\t", one_line);
    around(&format!("{}\n", columns(Snake, fields, "\t")), &row, "")
}

fn psql_expanded(_: &mut Draw, fields: &[Field]) -> Marked {
    let rows = each(fields, "\n", |field| {
        around(
            &format!("{:<22} | ", key(Snake, &field.key)),
            &one_line(field),
            "",
        )
    });
    around("-[ RECORD 1 ]----------+----------------\n", &rows, "")
}

fn ascii_table(_: &mut Draw, fields: &[Field]) -> Marked {
    let row = each(fields, " | ", one_line);
    around(
        &format!("| {} |\n| ", columns(Snake, fields, " | ")),
        &row,
        " |",
    )
}

fn diff(draw: &mut Draw, fields: &[Field]) -> Marked {
    let head = expand(
        draw,
        "--- a/{file}\n+++ b/{file}\n@@ -{i2},{i1} +{i2},{i1} @@\n",
    );
    let rows = each(fields, "\n", |field| {
        let sign = draw.of(&["+", "-", " "]);
        around(
            &format!("{sign}{}: ", key(Snake, &field.key)),
            &loose(field),
            "",
        )
    });
    around(&head, &rows, "")
}

fn hcl(draw: &mut Draw, fields: &[Field]) -> Marked {
    let sign = draw.of(&["  ", "  ", "+ ", "~ "]);
    let rows = each(fields, "\n", |field| {
        let value = in_quotes("\"", &encode::json(&field.value));
        around(
            &format!("  {sign}{:<18} = ", key(Snake, &field.key)),
            &value,
            "",
        )
    });
    around("resource \"aws_db_instance\" \"main\" {\n", &rows, "\n}")
}

fn protobuf_text(draw: &mut Draw, fields: &[Field]) -> Marked {
    let rows = each(fields, " ", |field| {
        let value = in_quotes("\"", &encode::json(&field.value));
        around(&format!("{}: ", key(Snake, &field.key)), &value, "")
    });
    around(&format!("{}: request {{ ", message(draw)), &rows, " }")
}

fn multipart(draw: &mut Draw, fields: &[Field]) -> Marked {
    let line = expand(draw, "------WebKitFormBoundary{w16}");
    let rows = each(fields, "\n", |field| {
        let name = key(Snake, &field.key);
        let head = format!("{line}\nContent-Disposition: form-data; name=\"{name}\"\n\n");
        around(&head, &field.value, "")
    });
    around("", &rows, &format!("\n{line}--"))
}

fn query(draw: &mut Draw, fields: &[Field]) -> Marked {
    let style = style(draw, &[Snake, Camel, Snake]);
    each(fields, "&", |field| {
        let name = encode::percent(&key(style, &field.key).into());
        Marked::join(&[name, encode::percent(&field.value)], "=")
    })
}

fn query_string(draw: &mut Draw, fields: &[Field]) -> Marked {
    let head = draw.of(&[
        "GET https://api.{svc}.internal{route}?",
        "{method} {route}?",
        "fetching http://{svc}:8080{route}?",
        "redirect to https://{svc}.internal/callback?",
        "\"{method} {route}?",
        "url={route}?",
    ]);
    let tail = if head.starts_with('"') {
        " HTTP/1.1\" 200 512"
    } else {
        ""
    };
    let (head, query) = (expand(draw, head), query(draw, fields));
    around(&head, &query, tail)
}

fn form_body(draw: &mut Draw, fields: &[Field]) -> Marked {
    let head = expand(
        draw,
        "POST {route} content-type=application/x-www-form-urlencoded body=",
    );
    let query = query(draw, fields);
    around(&head, &query, "")
}

fn sql_text(field: &Field) -> Marked {
    if field.is_number {
        field.value.clone()
    } else {
        in_quotes("'", &encode::doubled(&one_line(field), '\''))
    }
}

fn sql_insert(draw: &mut Draw, fields: &[Field]) -> Marked {
    let head = sql_head(draw);
    let values = each(fields, ", ", sql_text);
    let names = columns(Snake, fields, ", ");
    around(
        &format!("{head}INSERT INTO users ({names}) VALUES ("),
        &values,
        ")",
    )
}

fn sql_head(draw: &mut Draw) -> String {
    let form = draw.of(&[
        "",
        "Executing: ",
        "slow query ({ms} ms): ",
        "LOG:  statement: ",
        "[{i5}] STATEMENT:  ",
        "sqlalchemy.engine INFO ",
        "Hibernate: ",
    ]);
    expand(draw, form)
}

fn sql_update(draw: &mut Draw, fields: &[Field]) -> Marked {
    let head = sql_head(draw);
    let sets = each(fields, ", ", |field| {
        around(
            &format!("{} = ", key(Snake, &field.key)),
            &sql_text(field),
            "",
        )
    });
    around(
        &format!("{head}UPDATE accounts SET "),
        &sets,
        &expand(draw, " WHERE id = {i5}"),
    )
}

fn sql_where(draw: &mut Draw, fields: &[Field]) -> Marked {
    let head = sql_head(draw);
    let tests = each(fields, " AND ", |field| {
        around(
            &format!("{} = ", key(Snake, &field.key)),
            &sql_text(field),
            "",
        )
    });
    around(
        &format!("{head}SELECT id FROM users WHERE "),
        &tests,
        " LIMIT 1",
    )
}

fn mongo_shell(draw: &mut Draw, fields: &[Field]) -> Marked {
    let inside = each(fields, ", ", |field| {
        let value = in_quotes("\"", &encode::json(&field.value));
        around(&format!("{}: ", key(Camel, &field.key)), &value, "")
    });
    let call = draw.of(&[
        "db.users.insertOne({ ",
        "db.accounts.findOne({ ",
        "command: update { q: { ",
    ]);
    around(call, &inside, " })")
}

fn redis(draw: &mut Draw, fields: &[Field]) -> Marked {
    let inside = each(fields, " ", |field| {
        let value = in_quotes("\"", &encode::json(&field.value));
        around(&format!("\"{}\" ", key(Snake, &field.key)), &value, "")
    });
    around(
        &expand(draw, "{epoch}.{d6} [0 client] \"HSET\" \"cart:{i5}\" "),
        &inside,
        "",
    )
}

fn header_lines(draw: &mut Draw, fields: &[Field]) -> Marked {
    let inside = each(fields, "\n", |field| {
        let name = key(Header, &field.key);
        let name = if name.starts_with("X-") {
            name
        } else {
            format!("X-{name}")
        };
        around(&format!("{name}: "), &one_line(field), "")
    });
    around(&expand(draw, "> {method} {route} HTTP/1.1\n"), &inside, "")
}

fn metric_labels(draw: &mut Draw, fields: &[Field]) -> Marked {
    let inside = each(fields, ",", |field| {
        let name = key(Snake, &field.key).replace(['.', '-'], "_");
        around(&format!("{name}=\""), &encode::json(&field.value), "\"")
    });
    let head = draw.of(&["http_requests_total{{", "{svc}_errors{{", "rpc_calls{{"]);
    let head = expand(draw, head).replace("{{", "{");
    around(&head, &inside, &expand(draw, "} {i3} {epochms}"))
}

fn baggage(draw: &mut Draw, fields: &[Field]) -> Marked {
    let style = style(draw, &[Camel, Snake, Dotted]);
    let inside = each(fields, ",", |field| {
        let name = encode::percent(&key(style, &field.key).into());
        Marked::join(&[name, encode::percent(&field.value)], "=")
    });
    around(
        draw.of(&["baggage: ", "Baggage: ", "baggage="]),
        &inside,
        "",
    )
}
