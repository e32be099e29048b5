//! Notations that carry fields: of data, of languages' printers, of queries and of files.

use crate::draw::Draw;
use crate::encode;
use crate::marked::Marked;

use super::fields::Field;
use super::noise::noise;

/// A way to write fields.
pub(crate) type Notation = fn(&mut Draw, &[Field]) -> Marked;

/// Notations of which the result is one JSON value.
pub(crate) const JSON: &[(&str, Notation)] = &[
    ("op_json_flat", |_, all| json(all)),
    ("op_json_nested", json_nested),
    ("op_json_attributes", json_attributes),
    ("op_json_pairs", json_pairs),
    ("op_json_argv", json_argv),
    ("op_json_otlp", json_otlp),
    ("op_json_before_after", json_before_after),
    ("op_json_graphql", json_graphql),
    ("op_json_typed", json_typed),
];

/// Notations of text.
pub(crate) const TEXT: &[(&str, Notation)] = &[
    ("op_logfmt", |_, all| logfmt(all)),
    ("op_colon_list", |_, all| {
        each(all, ", ", |f| fill(&format!("{}: §0", f.key), &f.value))
    }),
    ("op_semicolons", |_, all| {
        each(all, ";", |f| {
            fill(&format!("{}=§0", f.key), &plain(&f.value))
        })
    }),
    ("op_brackets", |_, all| {
        each(all, " ", |f| fill(&format!("[{}: §0]", f.key), &f.value))
    }),
    ("op_python_dict", |_, all| python(all)),
    ("op_python_dataclass", python_dataclass),
    ("op_python_bytes", |_, all| {
        braces("{", "}", all, ", ", |f| {
            fill(&format!("b'{}': b'§0'", f.key), &encode::single(&f.value))
        })
    }),
    ("op_python_pairs", |_, all| {
        braces("[", "]", all, ", ", |f| {
            fill(&format!("('{}', '§0')", f.key), &encode::single(&f.value))
        })
    }),
    ("op_go_plus_v", go_plus_v),
    ("op_go_map", |_, all| {
        braces("map[", "]", all, " ", |f| {
            fill(&format!("{}:§0", f.key), &f.value)
        })
    }),
    ("op_go_sharp_v", go_sharp_v),
    ("op_java_record", java_record),
    ("op_java_braces", java_braces),
    ("op_java_map", |_, all| {
        braces("{", "}", all, ", ", |f| {
            fill(&format!("{}=§0", f.key), &f.value)
        })
    }),
    ("op_kotlin", kotlin),
    ("op_scala_map", |_, all| {
        braces("Map(", ")", all, ", ", |f| {
            fill(&format!("{} -> §0", f.key), &f.value)
        })
    }),
    ("op_ruby_hash", |_, all| {
        braces("{", "}", all, ", ", |f| {
            fill(&format!("\"{}\"=>\"§0\"", f.key), &escaped(&f.value))
        })
    }),
    ("op_ruby_symbols", |_, all| {
        braces("{", "}", all, ", ", |f| {
            fill(&format!(":{}=>\"§0\"", f.key), &escaped(&f.value))
        })
    }),
    ("op_ruby_inspect", ruby_inspect),
    ("op_elixir_map", |_, all| {
        braces("%{", "}", all, ", ", |f| {
            fill(&format!("{}: \"§0\"", f.key), &escaped(&f.value))
        })
    }),
    ("op_elixir_strings", |_, all| {
        braces("%{", "}", all, ", ", |f| {
            fill(&format!("\"{}\" => \"§0\"", f.key), &escaped(&f.value))
        })
    }),
    ("op_erlang", |_, all| {
        braces("#{", "}", all, ",", |f| {
            fill(
                &format!("<<\"{}\">> => <<\"§0\">>", f.key),
                &escaped(&f.value),
            )
        })
    }),
    ("op_php_print_r", php_print_r),
    ("op_php_var_dump", php_var_dump),
    ("op_php_export", |_, all| {
        braces("array (", ")", all, " ", |f| {
            fill(&format!("'{}' => '§0',", f.key), &encode::single(&f.value))
        })
    }),
    ("op_php_serialize", php_serialize),
    ("op_rust_debug", rust_debug),
    ("op_csharp_record", csharp_record),
    ("op_js_inspect", |_, all| {
        braces("{ ", " }", all, ", ", |f| {
            fill(&format!("'{}': '§0'", f.key), &encode::single(&f.value))
        })
    }),
    ("op_swift", swift),
    ("op_dart_map", |_, all| {
        braces("{", "}", all, ", ", |f| {
            fill(&format!("{}: §0", f.key), &f.value)
        })
    }),
    ("op_sql_insert", sql_insert),
    ("op_sql_update", sql_update),
    ("op_sql_where", sql_where),
    ("op_rails_binds", |_, all| {
        braces("[", "]", all, ", ", |f| {
            fill(&format!("[\"{}\", \"§0\"]", f.key), &escaped(&f.value))
        })
    }),
    ("op_mongo_filter", |_, all| {
        braces("filter: { ", " }", all, ", ", |f| {
            fill(&format!("{}: \"§0\"", f.key), &escaped(&f.value))
        })
    }),
    ("op_redis_hset", redis_hset),
    ("op_query_string", query_string),
    ("op_form_body", |_, all| {
        each(all, "&", |f| {
            fill(&format!("{}=§0", f.key), &encode::percent(&f.value))
        })
    }),
    ("op_cookie_pairs", |_, all| {
        each(all, "; ", |f| {
            fill(&format!("{}=§0", f.key), &encode::percent(&f.value))
        })
    }),
    ("op_headers_inline", headers_inline),
    ("op_argv_flags", argv_flags),
    ("op_env", env),
    ("op_xml", xml),
    ("op_xml_attributes", xml_attributes),
    ("op_soap", soap),
    ("op_proto_text", |_, all| {
        each(all, " ", |f| {
            fill(&format!("{}: \"§0\"", f.key), &escaped(&f.value))
        })
    }),
    ("op_json_in_text", |_, all| json(all)),
    ("op_json_escaped", |_, all| encode::json(&json(all))),
    ("op_json_pretty", json_pretty),
];

/// Notations of several lines.
pub(crate) const LINES: &[(&str, Notation)] = &[
    ("op_yaml", |_, all| {
        each(all, "\n", |f| {
            fill(&format!("{}: §0", f.key), &yaml(&f.value))
        })
    }),
    ("op_yaml_env", |_, all| {
        each(all, "\n", |f| {
            fill(&format!("- name: {}\n  value: §0", f.key), &yaml(&f.value))
        })
    }),
    ("op_ini", |_, all| {
        each(all, "\n", |f| fill(&format!("{} = §0", f.key), &f.value))
    }),
    ("op_properties", |_, all| {
        each(all, "\n", |f| fill(&format!("{}=§0", f.key), &f.value))
    }),
    ("op_toml", |_, all| {
        each(all, "\n", |f| {
            fill(&format!("\"{}\" = \"§0\"", f.key), &escaped(&f.value))
        })
    }),
    ("op_hcl", |_, all| {
        each(all, "\n", |f| {
            fill(&format!("  + {} = \"§0\"", f.key), &escaped(&f.value))
        })
    }),
    ("op_dotenv_export", |_, all| {
        each(all, "\n", |f| {
            fill(&format!("export {}='§0'", f.key), &f.value)
        })
    }),
    ("op_headers", |_, all| {
        each(all, "\n", |f| fill(&format!("{}: §0", f.key), &f.value))
    }),
    ("op_diff", diff),
    ("op_csv", |_, all| table(all, ",")),
    ("op_tsv", |_, all| table(all, "\t")),
    ("op_psql", |_, all| {
        each(all, "\n", |f| {
            fill(&format!("{:<20} | §0", f.key), &f.value)
        })
    }),
    ("op_mysql_vertical", |_, all| {
        each(all, "\n", |f| fill(&format!("{:>24}: §0", f.key), &f.value))
    }),
    ("op_markdown", |_, all| {
        each(all, "\n", |f| {
            fill(&format!("| {} | §0 |", f.key), &f.value)
        })
    }),
    ("op_multipart", multipart),
    ("op_ldif", |_, all| {
        each(all, "\n", |f| {
            fill(&format!("{}: §0", f.key.replace('_', "")), &f.value)
        })
    }),
    ("op_plist", |_, all| {
        each(all, "\n", |f| {
            fill(
                &format!("<key>{}</key>\n<string>§0</string>", f.key),
                &encode::xml(&f.value),
            )
        })
    }),
];

fn fill(form: &str, value: &Marked) -> Marked {
    Marked::fill(form, &[value])
}

fn each(all: &[Field], between: &str, of: impl Fn(&Field) -> Marked) -> Marked {
    Marked::join(&all.iter().map(of).collect::<Vec<_>>(), between)
}

fn braces(
    open: &str,
    close: &str,
    all: &[Field],
    between: &str,
    of: impl Fn(&Field) -> Marked,
) -> Marked {
    fill(&format!("{open}§0{close}"), &each(all, between, of))
}

fn escaped(value: &Marked) -> Marked {
    encode::json(value)
}

/// A value without what would end it in a list of pairs.
fn plain(value: &Marked) -> Marked {
    if value.text.contains([';', ' ']) {
        fill("\"§0\"", value)
    } else {
        value.clone()
    }
}

fn yaml(value: &Marked) -> Marked {
    let is_odd = value
        .text
        .contains([':', '#', '\'', '{', '&', '*', '!', '%', '@']);
    if is_odd {
        fill("'§0'", &encode::doubled(value, '\''))
    } else {
        value.clone()
    }
}

fn json_value(field: &Field) -> Marked {
    if field.is_number {
        return field.value.clone();
    }
    fill("\"§0\"", &encode::json(&field.value))
}

fn json_pair(field: &Field) -> Marked {
    fill(&format!("\"{}\":§0", field.key), &json_value(field))
}

/// Fields as a JSON object.
pub(crate) fn json(all: &[Field]) -> Marked {
    braces("{", "}", all, ",", json_pair)
}

/// Fields as words with an equals sign, in quotes where they have to be.
pub(crate) fn logfmt(all: &[Field]) -> Marked {
    each(all, " ", |f| {
        let key = f.key.replace(' ', "_");
        if f.value.text.contains([' ', '"', '=']) {
            fill(&format!("{key}=\"§0\""), &escaped(&f.value))
        } else {
            fill(&format!("{key}=§0"), &f.value)
        }
    })
}

fn json_nested(draw: &mut Draw, all: &[Field]) -> Marked {
    let (msg, outer) = (
        noise(draw, "msg"),
        draw.of(&["request", "payload", "data", "context", "params", "form"]),
    );
    fill(
        &format!("{{\"msg\":\"{msg}\",\"{outer}\":{{\"body\":§0}}}}"),
        &json(all),
    )
}

fn json_attributes(draw: &mut Draw, all: &[Field]) -> Marked {
    let (ts, svc) = (noise(draw, "ts"), noise(draw, "svc"));
    fill(
        &format!("{{\"@timestamp\":\"{ts}\",\"service\":\"{svc}\",\"labels\":§0}}"),
        &json(all),
    )
}

fn json_pairs(_: &mut Draw, all: &[Field]) -> Marked {
    braces("{\"headers\":[", "]}", all, ",", |f| {
        fill(&format!("[\"{}\",\"§0\"]", f.key), &encode::json(&f.value))
    })
}

fn json_argv(draw: &mut Draw, all: &[Field]) -> Marked {
    let tool = draw.of(&["ledgerctl", "syncd", "importer", "./bin/migrate"]);
    let inner = each(all, ",", |f| {
        let key = f.key.replace('_', "-");
        fill(&format!("\"--{key}\",\"§0\""), &encode::json(&f.value))
    });
    fill(
        &format!("{{\"event\":\"exec\",\"argv\":[\"{tool}\",§0]}}"),
        &inner,
    )
}

fn json_otlp(draw: &mut Draw, all: &[Field]) -> Marked {
    let msg = noise(draw, "msg");
    let inner = each(all, ",", |f| {
        fill(
            &format!(
                "{{\"key\":\"{}\",\"value\":{{\"stringValue\":\"§0\"}}}}",
                f.key
            ),
            &encode::json(&f.value),
        )
    });
    let form = format!(
        "{{\"severityText\":\"INFO\",\"body\":{{\"stringValue\":\"{msg}\"}},\"attributes\":[§0]}}"
    );
    fill(&form, &inner)
}

fn json_before_after(draw: &mut Draw, all: &[Field]) -> Marked {
    let table = noise(draw, "table");
    fill(
        &format!(
            "{{\"op\":\"u\",\"source\":{{\"table\":\"{table}\"}},\"before\":null,\"after\":§0}}"
        ),
        &json(all),
    )
}

fn json_graphql(draw: &mut Draw, all: &[Field]) -> Marked {
    let operation = draw.of(&["UpdateContact", "SignIn", "CreateCustomer"]);
    fill(
        &format!("{{\"operationName\":\"{operation}\",\"variables\":{{\"input\":§0}}}}"),
        &json(all),
    )
}

fn json_typed(_: &mut Draw, all: &[Field]) -> Marked {
    braces("{\"fields\":[", "]}", all, ",", |f| {
        fill(
            &format!(
                "{{\"name\":\"{}\",\"value\":\"§0\",\"type\":\"string\"}}",
                f.key
            ),
            &encode::json(&f.value),
        )
    })
}

fn json_pretty(draw: &mut Draw, all: &[Field]) -> Marked {
    let route = noise(draw, "route");
    let inner = each(all, ", ", |f| {
        fill(&format!("\"{}\": \"§0\"", f.key), &encode::json(&f.value))
    });
    fill(&format!("{route} responded {{ §0 }}"), &inner)
}

fn python(all: &[Field]) -> Marked {
    braces("{", "}", all, ", ", |f| {
        if f.is_number {
            return fill(&format!("'{}': §0", f.key), &f.value);
        }
        fill(&format!("'{}': '§0'", f.key), &encode::single(&f.value))
    })
}

/// A name as an identifier of a programming language.
fn identifier(key: &str) -> String {
    key.replace(['-', '.', ' '], "_")
}

fn python_dataclass(draw: &mut Draw, all: &[Field]) -> Marked {
    let name = noise(draw, "type");
    let inner = each(all, ", ", |f| {
        fill(
            &format!("{}='§0'", identifier(&f.key)),
            &encode::single(&f.value),
        )
    });
    fill(&format!("{name}(§0)"), &inner)
}

fn go_name(key: &str) -> String {
    let capital = |word: &str| {
        let mut chars = word.chars();
        let head = chars.next().map(|c| c.to_uppercase().to_string());
        head.unwrap_or_default() + chars.as_str()
    };
    key.split(['_', '-', '.']).map(capital).collect()
}

fn go_plus_v(draw: &mut Draw, all: &[Field]) -> Marked {
    let open = draw.of(&["{", "&{"]);
    braces(open, "}", all, " ", |f| {
        fill(&format!("{}:§0", go_name(&f.key)), &f.value)
    })
}

fn go_sharp_v(draw: &mut Draw, all: &[Field]) -> Marked {
    let name = noise(draw, "type");
    let inner = each(all, ", ", |f| {
        fill(&format!("{}:\"§0\"", go_name(&f.key)), &escaped(&f.value))
    });
    fill(&format!("main.{name}{{§0}}"), &inner)
}

fn java_record(draw: &mut Draw, all: &[Field]) -> Marked {
    let name = noise(draw, "type");
    let inner = each(all, ", ", |f| {
        fill(&format!("{}=§0", identifier(&f.key)), &f.value)
    });
    let form = if draw.chance(50) {
        format!("{name}[§0]")
    } else {
        format!("{name}(§0)")
    };
    fill(&form, &inner)
}

fn java_braces(draw: &mut Draw, all: &[Field]) -> Marked {
    let name = noise(draw, "type");
    let inner = each(all, ", ", |f| {
        fill(&format!("{}='§0'", identifier(&f.key)), &f.value)
    });
    fill(&format!("{name}{{§0}}"), &inner)
}

fn kotlin(draw: &mut Draw, all: &[Field]) -> Marked {
    let name = noise(draw, "type");
    let inner = each(all, ", ", |f| {
        fill(&format!("{}=§0", identifier(&f.key)), &f.value)
    });
    fill(&format!("Success(value={name}(§0))"), &inner)
}

fn ruby_inspect(draw: &mut Draw, all: &[Field]) -> Marked {
    let (name, at) = (noise(draw, "type"), noise(draw, "h16"));
    let inner = each(all, ", ", |f| {
        fill(
            &format!("@{}=\"§0\"", identifier(&f.key)),
            &escaped(&f.value),
        )
    });
    fill(&format!("#<{name}:0x{at} §0>"), &inner)
}

fn php_print_r(_: &mut Draw, all: &[Field]) -> Marked {
    braces("Array ( ", " )", all, " ", |f| {
        fill(&format!("[{}] => §0", f.key), &f.value)
    })
}

fn php_var_dump(_: &mut Draw, all: &[Field]) -> Marked {
    let inner = each(all, " ", |f| {
        let count = f.value.text.len();
        fill(
            &format!("[\"{}\"]=> string({count}) \"§0\"", f.key),
            &f.value,
        )
    });
    fill(&format!("array({}) {{ §0 }}", all.len()), &inner)
}

fn php_serialize(_: &mut Draw, all: &[Field]) -> Marked {
    let inner = each(all, "", |f| {
        let (key, value) = (f.key.len(), f.value.text.len());
        fill(
            &format!("s:{key}:\"{}\";s:{value}:\"§0\";", f.key),
            &f.value,
        )
    });
    fill(&format!("a:{}:{{§0}}", all.len()), &inner)
}

fn rust_debug(draw: &mut Draw, all: &[Field]) -> Marked {
    let name = noise(draw, "type");
    let is_some = draw.chance(40);
    let inner = each(all, ", ", |f| {
        let form = if is_some { "Some(\"§0\")" } else { "\"§0\"" };
        fill(
            &format!("{}: {form}", identifier(&f.key)),
            &escaped(&f.value),
        )
    });
    fill(&format!("{name} {{ §0 }}"), &inner)
}

fn csharp_record(draw: &mut Draw, all: &[Field]) -> Marked {
    let name = noise(draw, "type");
    let inner = each(all, ", ", |f| {
        fill(&format!("{} = §0", go_name(&f.key)), &f.value)
    });
    fill(&format!("{name} {{ §0 }}"), &inner)
}

fn swift(draw: &mut Draw, all: &[Field]) -> Marked {
    let name = noise(draw, "type");
    let inner = each(all, ", ", |f| {
        fill(
            &format!("{}: Optional(\"§0\")", identifier(&f.key)),
            &escaped(&f.value),
        )
    });
    fill(&format!("{name}(§0)"), &inner)
}

fn sql_insert(draw: &mut Draw, all: &[Field]) -> Marked {
    let table = noise(draw, "table");
    let names: Vec<String> = all.iter().map(|f| identifier(&f.key)).collect();
    let inner = each(all, ", ", |f| {
        fill("'§0'", &encode::doubled(&f.value, '\''))
    });
    fill(
        &format!("INSERT INTO {table} ({}) VALUES (§0)", names.join(", ")),
        &inner,
    )
}

fn sql_update(draw: &mut Draw, all: &[Field]) -> Marked {
    let (table, id) = (noise(draw, "table"), noise(draw, "n5"));
    let inner = each(all, ", ", |f| {
        fill(
            &format!("\"{}\" = '§0'", identifier(&f.key)),
            &encode::doubled(&f.value, '\''),
        )
    });
    fill(
        &format!("UPDATE \"{table}\" SET §0 WHERE \"id\" = {id}"),
        &inner,
    )
}

fn sql_where(draw: &mut Draw, all: &[Field]) -> Marked {
    let table = noise(draw, "table");
    let inner = each(all, " AND ", |f| {
        fill(
            &format!("t.{} = '§0'", identifier(&f.key)),
            &encode::doubled(&f.value, '\''),
        )
    });
    fill(
        &format!("SELECT t.id FROM {table} t WHERE §0 LIMIT 1"),
        &inner,
    )
}

fn redis_hset(draw: &mut Draw, all: &[Field]) -> Marked {
    let (tss, n) = (noise(draw, "tss"), noise(draw, "n6"));
    let inner = each(all, " ", |f| {
        fill(&format!("\"{}\" \"§0\"", f.key), &escaped(&f.value))
    });
    fill(
        &format!("{tss}.{n} [0 unix:/run/redis.sock] \"HSET\" \"obj:{n}\" §0"),
        &inner,
    )
}

fn query_string(draw: &mut Draw, all: &[Field]) -> Marked {
    let (domain, route) = (noise(draw, "domain"), noise(draw, "route"));
    let inner = each(all, "&", |f| {
        fill(&format!("{}=§0", f.key), &encode::percent(&f.value))
    });
    fill(&format!("https://{domain}{route}?§0"), &inner)
}

fn headers_inline(_: &mut Draw, all: &[Field]) -> Marked {
    braces("Headers: [", "]", all, ", ", |f| {
        fill(&format!("{}:\"§0\"", f.key.replace('_', "-")), &f.value)
    })
}

fn argv_flags(draw: &mut Draw, all: &[Field]) -> Marked {
    let tool = draw.of(&[
        "/usr/local/bin/connector",
        "python3 -m loader",
        "java -jar sync.jar",
        "bin/console app:import",
    ]);
    let sign = draw.of(&["=", " "]);
    let inner = each(all, " ", |f| {
        let key = f.key.replace('_', "-");
        let quote = if f.value.text.contains([' ', '$', '&', ';', '*', '(', '!']) {
            "'"
        } else {
            ""
        };
        fill(
            &format!("--{key}{sign}{quote}§0{quote}"),
            &encode::single(&f.value),
        )
    });
    fill(&format!("{tool} §0"), &inner)
}

fn env(_: &mut Draw, all: &[Field]) -> Marked {
    braces("env ", " ./run.sh", all, " ", |f| {
        fill(
            &format!("{}='§0'", identifier(&f.key).to_uppercase()),
            &encode::single(&f.value),
        )
    })
}

fn xml(draw: &mut Draw, all: &[Field]) -> Marked {
    let name = noise(draw, "type");
    let inner = each(all, "", |f| {
        fill(
            &format!("<{0}>§0</{0}>", identifier(&f.key)),
            &encode::xml(&f.value),
        )
    });
    fill(&format!("<{name}>§0</{name}>"), &inner)
}

fn xml_attributes(draw: &mut Draw, all: &[Field]) -> Marked {
    let name = noise(draw, "type");
    let inner = each(all, " ", |f| {
        fill(
            &format!("{}=\"§0\"", identifier(&f.key)),
            &encode::xml(&f.value),
        )
    });
    fill(&format!("<{name} §0/>"), &inner)
}

fn soap(draw: &mut Draw, all: &[Field]) -> Marked {
    let name = noise(draw, "type");
    let inner = each(all, "", |f| {
        fill(
            &format!("<ns2:{0}>§0</ns2:{0}>", identifier(&f.key)),
            &encode::xml(&f.value),
        )
    });
    fill(
        &format!("<soapenv:Body><ns2:{name}>§0</ns2:{name}></soapenv:Body>"),
        &inner,
    )
}

fn diff(draw: &mut Draw, all: &[Field]) -> Marked {
    let file = draw.of(&["config/app.yml", "deploy/values.yaml", "settings/local.py"]);
    let inner = each(all, "\n", |f| {
        fill(&format!("+{}: §0", f.key), &yaml(&f.value))
    });
    fill(
        &format!("--- a/{file}\n+++ b/{file}\n@@ -1,3 +1,4 @@\n§0"),
        &inner,
    )
}

fn table(all: &[Field], sign: &str) -> Marked {
    let names: Vec<&str> = all.iter().map(|f| f.key.as_str()).collect();
    let inner = each(all, sign, |f| {
        if f.value.text.contains([',', '"']) {
            return fill("\"§0\"", &encode::doubled(&f.value, '"'));
        }
        f.value.clone()
    });
    fill(&format!("{}\n§0", names.join(sign)), &inner)
}

fn multipart(draw: &mut Draw, all: &[Field]) -> Marked {
    let bound = noise(draw, "h16");
    each(all, "\n", |f| {
        let form = format!(
            "--{bound}\nContent-Disposition: form-data; name=\"{}\"\n\n§0",
            f.key
        );
        fill(&form, &f.value)
    })
}
