//! Files that turn up in logs: `.netrc`, kubeconfig, Docker's, private keys.

use super::http::{Line, filled};
use crate::draw::{ALNUM, BASE64, Draw};
use crate::encode;
use crate::marked::Marked;
use crate::noise::expand;
use crate::value::{self, Value};

/// All of them; text.
pub(crate) const LINES: &[(&str, Line)] = &[
    ("netrc", netrc),
    ("pgpass", pgpass),
    ("npmrc", npmrc),
    ("pypirc", pypirc),
    ("kubeconfig", kubeconfig),
    ("docker_auths", docker_auths),
    ("kube_secret", kube_secret),
    ("htpasswd", htpasswd),
    ("shadow", shadow),
    ("maven_settings", maven_settings),
    ("pem", pem),
    ("pem", pem),
    ("pem_escaped", pem_escaped),
    ("pem_truncated", pem_truncated),
    ("pem_prefixed", pem_prefixed),
    ("pem_base64", pem_base64),
    ("service_account", service_account),
    ("jwk", jwk),
    ("ppk", ppk),
    ("wireguard", wireguard),
    ("home_path", home_path),
    ("home_path", home_path),
];

fn netrc(draw: &mut Draw) -> Marked {
    let mut pass = value::dsn_password(draw);
    "password".clone_into(&mut pass.kind);
    let form = draw.of(&[
        "machine {svc}.internal login ⟦ci⟧ password §0",
        "machine {svc}.internal\n  login ⟦ci⟧\n  password §0",
        "default login ⟦anonymous⟧ password §0",
        "machine api.heroku.com\n\tlogin ⟦ci⟧\n\tpassword §0\nmachine x",
    ]);
    filled(draw, form, &[&pass])
}

fn pgpass(draw: &mut Draw) -> Marked {
    let mut pass = value::dsn_password(draw);
    "password".clone_into(&mut pass.kind);
    let form = draw.of(&[
        "{host}:5432:{table}:⟦app⟧:§0",
        "localhost:5432:*:⟦postgres⟧:§0",
        "reading .pgpass: {host}:5432:{table}:⟦app⟧:§0",
        "*:*:*:⟦app⟧:§0",
    ]);
    filled(draw, form, &[&pass])
}

fn npmrc(draw: &mut Draw) -> Marked {
    let (form, held) = *draw.row(&[
        ("//registry.npmjs.org/:_authToken=§0", "{uuid}"),
        ("//npm.{svc}.internal/:_authToken=§0", "{w40}"),
        ("_auth=§0", "{b40}"),
        ("//npm.{svc}.internal/:_password=§0", "{b24}"),
        ("always-auth=true\n_authToken=§0", "{w36}"),
    ]);
    let text = expand(draw, held);
    filled(draw, form, &[&Value::secret("api_key", text)])
}

fn pypirc(draw: &mut Draw) -> Marked {
    let mut pass = value::dsn_password(draw);
    "password".clone_into(&mut pass.kind);
    let form = draw.of(&[
        "[pypi]\nusername = ⟦__token__⟧\npassword = §0",
        "[distutils]\nindex-servers=x\n[x]\nusername: ⟦ci⟧\npassword: §0",
        "[client]\nuser=⟦root⟧\npassword=\"§0\"",
        "[smb]\nusername=⟦app⟧\npassword=§0\ndomain=CORP",
        "<server><id>x</id><password>§0</password></server>",
    ]);
    filled(draw, form, &[&pass])
}

fn kubeconfig(draw: &mut Draw) -> Marked {
    let (form, held) = *draw.row(&[
        (
            "users:\n- name: admin\n  user:\n    token: §0",
            "eyJhbGciOiJSUzI1NiIsImtpZCI6{w12}.eyJpc3MiOiJr{w80}.{x86}",
        ),
        (
            "- name: ci\n  user:\n    client-key-data: §0",
            "LS0tLS1CRUdJTiBSU0EgUFJJVkFURSBLRVktLS0tLQo{b200}=",
        ),
        ("user:\n  username: ⟦admin⟧\n  password: §0", "{w24}"),
        (
            "    auth-provider:\n      config:\n        access-token: §0\n        expiry: {ts}",
            "ya29.{x80}",
        ),
    ]);
    let text = expand(draw, held);
    filled(draw, form, &[&Value::secret("kubeconfig", text)])
}

fn docker_auths(draw: &mut Draw) -> Marked {
    let mut pass = value::dsn_password(draw);
    "docker_auth".clone_into(&mut pass.kind);
    let inner = encode::base64(&Marked::fill("⟦ci⟧:§0", &[&pass.mark()]));
    let form = draw.of(&[
        "{\"auths\":{\"registry.{svc}.internal\":{\"auth\":\"§0\"}}}",
        ".dockerconfigjson: {\"auths\":{\"ghcr.io\":{\"username\":\"⟦ci⟧\",\"auth\":\"§0\"}}}",
        "{\"auths\": {\"https://index.docker.io/v1/\": {\"auth\": \"§0\"}}, \"credsStore\": \"\"}",
    ]);
    let text = expand(draw, form);
    let file = Marked::fill(&text, &[&inner]);
    if draw.chance(25) && !file.text.starts_with('.') {
        let outer = encode::base64(&file);
        return Marked::fill("data:\n  .dockerconfigjson: §0", &[&outer]);
    }
    file
}

fn kube_secret(draw: &mut Draw) -> Marked {
    let mut pass = value::dsn_password(draw);
    "password".clone_into(&mut pass.kind);
    let inner = encode::base64(&pass.mark());
    let form = draw.of(&[
        "apiVersion: v1\nkind: Secret\nmetadata:\n  name: db\ndata:\n  password: §0",
        "kind: Secret\ndata:\n  DB_PASSWORD: §0\ntype: Opaque",
        "{\"kind\":\"Secret\",\"apiVersion\":\"v1\",\"data\":{\"password\":\"§0\"}}",
    ]);
    Marked::fill(form, &[&inner])
}

fn htpasswd(draw: &mut Draw) -> Marked {
    let form = draw.of(&["$apr1${w8}${w22}", "$2y$10${w53}", "{SHA}{b27}="]);
    let text = expand(draw, form);
    filled(draw, "⟦ci⟧:§0", &[&Value::secret("password_hash", text)])
}

fn shadow(draw: &mut Draw) -> Marked {
    let form = draw.of(&["$6${w16}${w86}", "$y$j9T${w22}${w43}", "$5${w16}${w43}"]);
    let text = expand(draw, form);
    filled(
        draw,
        "⟦app⟧:§0:19{i3}:0:99999:7:::",
        &[&Value::secret("password_hash", text)],
    )
}

fn maven_settings(draw: &mut Draw) -> Marked {
    let mut pass = value::dsn_password(draw);
    "password".clone_into(&mut pass.kind);
    filled(
        draw,
        "<server><id>{svc}</id><username>⟦ci⟧</username><password>§0</password></server>",
        &[&pass],
    )
}

fn pem(draw: &mut Draw) -> Marked {
    let value = value::pem(draw);
    let form = draw.of(&[
        "§0",
        "loaded key:\n§0\nok",
        "{msg}\n§0",
        "writing key file\n§0",
        "tls.key: |\n§0",
        "cat id_rsa\n§0\n$",
    ]);
    filled(draw, form, &[&value])
}

fn pem_escaped(draw: &mut Draw) -> Marked {
    let inner = encode::json(&value::pem(draw).mark());
    let form = draw.of(&[
        "private_key=\"§0\\n\"",
        "\"private_key\":\"§0\\n\"",
        "key '§0\\n' rejected",
        "PRIVATE_KEY=§0",
        "{msg} §0",
        "parsed: {:key=>\"§0\"}",
    ]);
    let text = expand(draw, form);
    Marked::fill(&text, &[&inner])
}

fn pem_truncated(draw: &mut Draw) -> Marked {
    let mut value = value::pem(draw);
    let count = value.text.len();
    let left = draw.between(count as u64 / 2, count as u64 - 40) as usize;
    value.text.truncate(left);
    let text = value.text.trim_end().to_owned();
    value.text = text;
    let head = draw.of(&["key: ", "", "loaded ", "{ts} DEBUG "]);
    let inner = if draw.chance(50) {
        encode::json(&value.mark())
    } else {
        value.mark()
    };
    let text = expand(draw, &format!("{head}§0"));
    Marked::fill(&text, &[&inner])
}

/// A key of which every line got the logger's prefix: each line is a plant of its own.
fn pem_prefixed(draw: &mut Draw) -> Marked {
    let value = value::pem(draw);
    let form = draw.of(&[
        "2026-03-01T10:00:{i2}.{d3}Z stdout F ",
        "Mar  1 10:00:{i2} {host} {svc}[{i4}]: ",
        "{svc}-1  | ",
        "2026-03-01 10:00:{i2},{d3} INFO  ",
        "[{svc}] ",
        "I0301 10:00:{i2}.{d6} {i5} key.go:{i2}] ",
    ]);
    let prefix = expand(draw, form);
    let mut out = Marked::default();
    for (n, line) in value.text.lines().enumerate() {
        out.add(if n > 0 { "\n" } else { "" }).add(&prefix);
        if line.starts_with("-----") {
            out.push(&Marked::fill(&format!("⟦{line}⟧"), &[]));
        } else {
            out.push(&Value::secret("private_key", line.to_owned()).mark());
        }
    }
    out
}

fn pem_base64(draw: &mut Draw) -> Marked {
    let inner = encode::base64(&value::pem(draw).mark());
    let form = draw.of(&[
        "tls.key: §0",
        "\"key\":\"§0\"",
        "SSH_KEY_B64=§0",
        "{msg} payload=§0",
    ]);
    let text = expand(draw, form);
    Marked::fill(&text, &[&inner])
}

fn service_account(draw: &mut Draw) -> Marked {
    let key = encode::json(&value::pem(draw).mark());
    let id = Value::secret("private_key", expand(draw, "{h40}"));
    let text = expand(
        draw,
        "{\"type\":\"service_account\",\"project_id\":\"p-{i5}\",\"private_key_id\":\"§1\",\
         \"private_key\":\"§0\\n\",\"client_id\":\"\"}",
    );
    let mut out = Marked::fill(&text, &[&key, &id.mark()]);
    out.plants.sort_by_key(|plant| plant.start);
    // The identifier of a key is no secret by itself; the key is.
    out.plants.retain(|plant| plant.value.len() > 40);
    out
}

fn jwk(draw: &mut Draw) -> Marked {
    let (form, held) = *draw.row(&[
        (
            "{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"{x43}\",\"y\":\"{x43}\",\"d\":\"§0\"}",
            "{x43}",
        ),
        (
            "{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\"{x43}\",\"d\":\"§0\"}",
            "{x43}",
        ),
        ("{\"kty\":\"oct\",\"alg\":\"HS256\",\"k\":\"§0\"}", "{x86}"),
        (
            "{\"kty\":\"RSA\",\"n\":\"{x342}\",\"e\":\"AQAB\",\"d\":\"§0\"}",
            "{x342}",
        ),
    ]);
    let text = expand(draw, held);
    filled(draw, form, &[&Value::secret("jwk", text)])
}

fn ppk(draw: &mut Draw) -> Marked {
    let lines: Vec<String> = (0..4).map(|_| draw.string(BASE64, 64)).collect();
    let mac = draw.string("0123456789abcdef", 64);
    let value = Value::secret("private_key", lines.join("\n"));
    let head = "⟦PuTTY-User-Key-File-3: ssh-ed25519\nEncryption: none\nComment: ci\n";
    filled(
        draw,
        &format!("{head}Private-Lines: 4\n⟧§0⟦\nPrivate-MAC: {mac}⟧"),
        &[&value],
    )
}

fn wireguard(draw: &mut Draw) -> Marked {
    let text = draw.string(ALNUM, 43) + "=";
    filled(
        draw,
        "[Interface]\nPrivateKey = §0\nListenPort = {port}",
        &[&Value::secret("encryption_key", text)],
    )
}

fn home_path(draw: &mut Draw) -> Marked {
    let mut user = value::user_name(draw);
    user.text = user.text.replace('.', "");
    let form = draw.of(&[
        "open /home/§0/app/config.yaml: {err}",
        "File \"/Users/§0/dev/{svc}/main.py\", line {i3}, in {func}",
        "C:\\Users\\§0\\AppData\\Local\\{svc}\\log.txt not found",
        "cwd=/home/§0 pid={i5}",
        "at Object.<anonymous> (/Users/§0/{svc}/index.js:{i2}:{i2})",
        "reading /home/§0/.ssh/config",
        "\"path\":\"/home/§0/data/{i4}.csv\"",
        "\"C:\\\\Users\\\\§0\\\\Desktop\\\\x.log\"",
        "panic at /home/§0/src/{svc}/src/main.rs:{i3}",
        "file:///Users/§0/Documents/report.pdf",
        "HOME=/home/§0 SHELL=/bin/bash",
    ]);
    filled(draw, form, &[&user])
}
