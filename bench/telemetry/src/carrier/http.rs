//! HTTP: authorisation headers, cookies, signed URLs, access logs, user information in URLs.

use super::Style::{Header, Snake};
use super::{around, key};
use crate::draw::Draw;
use crate::encode;
use crate::marked::Marked;
use crate::noise::expand;
use crate::value::{self, Value};

/// Writes a line of its own.
pub(crate) type Line = fn(&mut Draw) -> Marked;

/// All of them; text.
pub(crate) const LINES: &[(&str, Line)] = &[
    ("authorization_bearer", bearer),
    ("authorization_bearer", bearer),
    ("authorization_basic", basic),
    ("authorization_basic", basic),
    ("authorization_other", other_scheme),
    ("api_key_header", api_key_header),
    ("cookie", cookie),
    ("cookie", cookie),
    ("set_cookie", set_cookie),
    ("header_map", header_map),
    ("grpc_metadata", grpc_metadata),
    ("url_userinfo", url_userinfo),
    ("url_userinfo", url_userinfo),
    ("url_userinfo_at", url_userinfo_at),
    ("url_token_userinfo", url_token_userinfo),
    ("signed_url", signed_url),
    ("signed_url", signed_url),
    ("url_query_secret", url_query_secret),
    ("oauth_callback", oauth_callback),
    ("access_log", access_log),
    ("access_log", access_log),
    ("proxy_log", proxy_log),
    ("forwarded_for", forwarded_for),
    ("url_path_person", url_path_person),
];

pub(crate) fn filled(draw: &mut Draw, template: &str, parts: &[&Value]) -> Marked {
    let text = expand(draw, template);
    let marks: Vec<Marked> = parts.iter().map(|value| value.mark()).collect();
    Marked::fill(&text, &marks.iter().collect::<Vec<_>>())
}

fn bearer(draw: &mut Draw) -> Marked {
    let value = match draw.below(3) {
        0 => value::jwt(draw),
        1 => value::provider_token(draw),
        _ => {
            let text = expand(draw, "{x40}");
            Value::secret("bearer_token", text)
        }
    };
    let form = draw.of(&[
        "> Authorization: Bearer §0",
        "authorization: Bearer §0",
        "\"Authorization\": \"Bearer §0\"",
        "request failed headers={Authorization=[Bearer §0], Accept=[*/*]} status=401",
        "sending header 'Authorization: Bearer §0' to {svc}",
        "Authorization=Bearer §0",
        "headers: Authorization:Bearer §0 Content-Type:application/json",
        "{msg}: retrying with Bearer §0 against {svc}",
        "Proxy-Authorization: Bearer §0",
        "auth header was \"Bearer §0\", expected none",
        "http.request.header.authorization=[\"Bearer §0\"]",
    ]);
    filled(draw, form, &[&value])
}

fn basic(draw: &mut Draw) -> Marked {
    let user = value::user_name(draw);
    let mut pass = value::dsn_password(draw);
    "basic_auth".clone_into(&mut pass.kind);
    let inner = Marked::fill("§1:§0", &[&pass.mark(), &user.mark()]);
    let form = draw.of(&[
        "Authorization: Basic §0",
        "> authorization: Basic §0",
        "\"Authorization\":\"Basic §0\"",
        "Proxy-Authorization: Basic §0",
        "headers={'Authorization': 'Basic §0'}",
        "auth=Basic §0 status=401",
        "{msg} authorization=\"Basic §0\"",
        "-H 'Authorization: Basic §0'",
    ]);
    let text = expand(draw, form);
    Marked::fill(&text, &[&encode::base64(&inner)])
}

fn other_scheme(draw: &mut Draw) -> Marked {
    let (form, held) = *draw.row(&[
        ("Authorization: Token §0", "{h40}"),
        ("Authorization: token §0", "{h40}"),
        ("Authorization: ApiKey §0", "{b54}=="),
        ("Authorization: Key §0", "{w32}"),
        ("Authorization: SharedKey ⟦account{d2}⟧:§0", "{b43}="),
        (
            "Authorization: GenieKey \
        §0",
            "{uuid}",
        ),
        ("Authorization: SSWS §0", "00{x40}"),
        (
            "Authorization: \
        PVEAPIToken=⟦root@pam!ci⟧=§0",
            "{uuid}",
        ),
        (
            "Authorization: AWS4-HMAC-SHA256 Credential=svc/20260301/us-east-1/s3/aws4_request, \
             SignedHeaders=host;x-amz-date, Signature=§0",
            "{h64}",
        ),
        (
            "Authorization: OAuth oauth_version=\"1.0\", oauth_token=\"§0\", \
             oauth_nonce=\"⟦{i8}⟧\"",
            "{w40}",
        ),
        ("Authorization: Negotiate §0", "YII{b120}=="),
        (
            "Authorization: Digest realm=\"api\", nonce=\"⟦{h16}⟧\", uri=\"{route}\", \
             response=\"§0\"",
            "{h32}",
        ),
    ]);
    let text = expand(draw, held);
    filled(draw, form, &[&Value::secret("auth_header", text)])
}

fn api_key_header(draw: &mut Draw) -> Marked {
    let name = draw.of(&[
        "X-Api-Key",
        "x-api-key",
        "X-Auth-Token",
        "Ocp-Apim-Subscription-Key",
        "X-Vault-Token",
        "PRIVATE-TOKEN",
        "X-Amz-Security-Token",
        "X-Goog-Api-Key",
        "X-CSRF-Token",
        "apikey",
        "X-Access-Token",
        "DD-API-KEY",
        "X-Shopify-Access-Token",
        "X-Figma-Token",
        "Api-Key",
        "X-Gitlab-Token",
        "X-Consul-Token",
        "X-Functions-Key",
        "X-Webhook-Secret",
        "X-Rundeck-Auth-Token",
    ]);
    let form = draw.of(&["{w32}", "{h40}", "{uuid}", "{x43}"]);
    let text = expand(draw, form);
    let value = Value::secret("api_key", text);
    let around = draw.of(&[
        "> ¤: §0",
        "¤: §0",
        "-H \"¤: §0\"",
        "\"¤\":\"§0\"",
        "header ¤=§0",
        "¤=[§0]",
    ]);
    filled(draw, &around.replace('¤', name), &[&value])
}

fn session(draw: &mut Draw) -> (&'static str, Value) {
    let (name, form) = *draw.row(&[
        ("sessionid", "{n32}"),
        ("PHPSESSID", "{n26}"),
        ("JSESSIONID", "{H32}"),
        ("connect.sid", "s%3A{x32}.{w43}"),
        ("_session_id", "{h32}"),
        ("laravel_session", "eyJpdiI6{w80}"),
        ("ASP.NET_SessionId", "{n24}"),
        ("__Host-sid", "{x22}"),
        ("auth_token", "{w40}"),
        ("remember_user_token", "{w60}"),
        ("sid", "{w24}"),
        ("csrftoken", "{w32}"),
        (".AspNetCore.Cookies", "CfDJ8{x90}"),
        ("XSRF-TOKEN", "{uuid}"),
        ("wordpress_logged_in_{h32}", "admin%7C{epoch}%7C{w43}"),
        ("refresh_token", "{x64}"),
        ("next-auth.session-token", "{uuid}"),
        ("grafana_session", "{h32}"),
        ("__Secure-1PSID", "g.a000{x70}"),
    ]);
    let text = expand(draw, form);
    (name, Value::secret("session_cookie", text))
}

fn cookie(draw: &mut Draw) -> Marked {
    let (name, value) = session(draw);
    let form = draw.of(&[
        "Cookie: theme=⟦dark⟧; ¤=§0; lang=⟦en⟧",
        "cookie: ¤=§0",
        "> Cookie: _ga=⟦GA1.2.{i9}.{epoch}⟧; ¤=§0",
        "cookies={'¤': '§0', 'locale': '⟦en⟧'}",
        "request cookies [¤=§0; consent=⟦1⟧]",
        "\"Cookie\": \"¤=§0; tz=⟦UTC⟧\"",
        "--cookie \"¤=§0\"",
        "http.request.header.cookie=¤=§0",
    ]);
    filled(draw, &form.replace('¤', name), &[&value])
}

fn set_cookie(draw: &mut Draw) -> Marked {
    let (name, value) = session(draw);
    let form = draw.of(&[
        "Set-Cookie: ¤=§0; Path=/; HttpOnly; Secure; SameSite=Lax",
        "< set-cookie: ¤=§0; Max-Age=3600; Path=/",
        "response header Set-Cookie=[¤=§0; Domain=example.org; Path=/]",
    ]);
    filled(draw, &form.replace('¤', name), &[&value])
}

fn header_map(draw: &mut Draw) -> Marked {
    let value = value::secret(draw);
    let name = if value.keys.is_empty() {
        "token"
    } else {
        draw.of(value.keys)
    };
    let name = key(Header, name);
    let form = draw.of(&[
        "map[Accept:[*/*] ¤:[§0] User-Agent:[Go-http-client/1.1]]",
        "{'Host': '{svc}', '¤': '§0', 'Accept': '*/*'}",
        "[[\"Host\",\"{svc}\"],[\"¤\",\"§0\"],[\"Accept\",\"*/*\"]]",
        "HttpHeaders [Accept:\"application/json\", ¤:\"§0\", Content-Length:\"{i3}\"]",
        "Headers { host: '{svc}', '¤': '§0' }",
        "%{\"host\" => \"{svc}\", \"¤\" => \"§0\"}",
        "[(b'host', b'{svc}'), (b'¤', b'§0')]",
    ]);
    filled(
        draw,
        &format!("{{msg}} {}", form.replace('¤', &name)),
        &[&value],
    )
}

fn grpc_metadata(draw: &mut Draw) -> Marked {
    let value = value::jwt(draw);
    let form = draw.of(&[
        "grpc call /shop.v1.Orders/Get metadata=map[:authority:[{svc}] authorization:[Bearer §0]]",
        "Metadata(user-agent=grpc-java/1.66.0,authorization=Bearer §0,grpc-accept-encoding=gzip)",
        "[('authorization', 'Bearer §0'), ('x-request-id', '{uuid}')]",
        "baggage: userSession=§0,region={region}",
        "tracestate: vendor=⟦t:{h8}⟧, authorization=§0",
    ]);
    filled(draw, form, &[&value])
}

const SCHEMES: &[(&str, &str)] = &[
    ("postgres", "{host}:5432/{table}?sslmode=require"),
    ("postgresql", "{host}/{svc}"),
    ("mysql", "{host}:3306/{table}"),
    (
        "mongodb+srv",
        "cluster{i1}.{a5}.mongodb.net/{table}?retryWrites=true",
    ),
    (
        "mongodb",
        "{host}:27017,{host}:27018/{table}?replicaSet=rs0",
    ),
    ("redis", "{host}:6379/0"),
    ("rediss", "{host}:6380"),
    ("amqp", "{host}:5672/%2F"),
    ("amqps", "{host}/{svc}"),
    ("https", "git.{svc}.internal/team/repo.git"),
    ("ftp", "{host}/pub"),
    ("smtp", "{host}:587"),
    ("jdbc:oracle:thin", "{host}:1521/XE"),
    ("mssql+pyodbc", "{host}/{table}"),
    ("ldap", "{host}:389"),
    ("clickhouse", "{host}:9000/default"),
    ("snowflake", "ab12345.eu-west-1/db/schema"),
    ("nats", "{host}:4222"),
    ("http", "proxy.{svc}.internal:3128"),
    ("sftp", "{host}:22/upload"),
    ("cockroachdb", "{host}:26257/defaultdb"),
    ("socks5", "{host}:1080"),
    ("rtsp", "{host}:554/stream1"),
    ("elasticsearch", "{host}:9200"),
];

const URL_FORMS: &[&str] = &[
    "DATABASE_URL=¤",
    "connecting to ¤",
    "could not connect to ¤: {err}",
    "using broker ¤",
    "dsn=\"¤\" pool={i2}",
    "fatal: unable to access '¤': {err}",
    "{msg} url=¤",
    "url: ¤",
    "export BACKEND=¤",
    "dial ¤ failed after {ms}ms",
    "sqlalchemy.exc.OperationalError: (¤) {err}",
    "spring.datasource.url=¤",
    "Cloning from ¤",
    "cache → ¤",
    "\"connectionString\":\"¤\"",
    "<url>¤</url>",
    "proxy=¤",
    "healthcheck ¤ ok",
];

fn url_of(draw: &mut Draw, userinfo: &str, parts: &[&Marked]) -> Marked {
    let (scheme, rest) = *draw.row(SCHEMES);
    let url = format!("{scheme}://{userinfo}@{rest}");
    let form = draw.of(URL_FORMS).replace('¤', &url);
    let text = expand(draw, &form);
    Marked::fill(&text, parts)
}

fn url_userinfo(draw: &mut Draw) -> Marked {
    let pass = value::dsn_password(draw);
    let user = draw.of(&[
        "svc_{a4}", "admin", "app", "root", "{a5}_rw", "", "deploy", "user",
    ]);
    url_of(draw, &format!("⟦{user}⟧:§0"), &[&pass.mark()])
}

fn url_userinfo_at(draw: &mut Draw) -> Marked {
    let mut pass = value::dsn_password(draw);
    let between = draw.of(&["@", "@", "#", ":", "/"]);
    pass.text = format!("{}{between}{}", pass.text, draw.string("abcXYZ123", 3));
    let is_encoded = draw.chance(50);
    let marked = if is_encoded || between == "/" || between == "#" {
        encode::percent(&pass.mark())
    } else {
        pass.mark()
    };
    url_of(draw, "⟦app⟧:§0", &[&marked])
}

fn url_token_userinfo(draw: &mut Draw) -> Marked {
    let token = value::provider_token(draw);
    let marked = encode::percent(&token.mark());
    let user = draw.of(&[
        "⟦x-access-token⟧:§0",
        "⟦oauth2⟧:§0",
        "§0",
        "§0:⟦x-oauth-basic⟧",
        "⟦ci⟧:§0",
    ]);
    let form = draw.of(&[
        "fatal: Authentication failed for 'https://¤@git.{svc}.internal/team/repo.git/'",
        "Cloning into 'repo' from https://¤@git.{svc}.internal/team/repo.git",
        "remote origin https://¤@git.{svc}.internal/team/repo.git (fetch)",
        "pip install --index-url https://¤@pypi.{svc}.internal/simple {svc}",
        "npm config registry https://¤@npm.{svc}.internal/",
    ]);
    let text = expand(draw, &form.replace('¤', user));
    Marked::fill(&text, &[&marked])
}

fn signed_url(draw: &mut Draw) -> Marked {
    let (form, held) = *draw.row(&[
        (
            "https://bucket.s3.amazonaws.com/{svc}/{i4}.pdf?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-\
             Date=\
             20260301T101500Z&X-Amz-Expires=3600&X-Amz-SignedHeaders=host&X-Amz-Signature=§0",
            "{h64}",
        ),
        ("https://acct.blob.core.windows.net/c/{i4}.csv?sv=2022-11-02&se=2026-04-01&sr=b&sp=r&sig=\
        §0", "{w42}%3D"),
        (
            "https://storage.googleapis.com/b/{i4}.png?X-Goog-Algorithm=GOOG4-RSA-SHA256&X-Goog-Exp\
             ires=900\
             &X-Goog-Signature=§0",
            "{h128}",
        ),
        ("https://d{n13}.cloudfront.net/v/{i4}.m3u8?Expires={epoch}&Signature=§0&Key-Pair-Id=K\
        {N13}", "{x120}"),
        ("https://bucket.s3.amazonaws.com/o/{i4}?AWSAccessKeyId=X&Expires={epoch}&Signature=\
        §0", "{w26}%3D"),
        ("https://bucket.oss-cn-hangzhou.aliyuncs.com/{i4}.jpg?Expires={epoch}&Signature=\
        §0", "{w26}%3D"),
        (
            "https://prod-{d2}.westeurope.logic.azure.com/workflows/{h32}/triggers/manual/paths/inv\
             oke\
             ?api-version=2016-10-01&sp=%2Ftriggers&sv=1.0&sig=§0",
            "{x43}",
        ),
        ("https://files.{svc}.internal/d/{uuid}?expires={epoch}&token=§0", "{w40}"),
        ("https://files.{svc}.internal/d/{i6}?e={epoch}&hmac=§0", "{h64}"),
    ]);
    let text = expand(draw, held);
    let value = Value::secret("signed_url", text);
    let around = draw.of(&[
        "download ¤",
        "{msg} url=¤",
        "GET ¤ 200 {ms}ms",
        "redirecting to ¤",
        "presigned: ¤",
        "\"url\":\"¤\"",
        "upload target ¤ ready",
        "fetch failed for ¤: {err}",
        "curl -fsSL '¤'",
    ]);
    filled(draw, &around.replace('¤', form), &[&value])
}

fn url_query_secret(draw: &mut Draw) -> Marked {
    let value = value::secret(draw);
    let name = if value.keys.is_empty() {
        "token"
    } else {
        draw.of(value.keys)
    };
    let name = encode::percent(&Marked::from(key(Snake, name))).text;
    let form = draw.of(&[
        "GET {route}?page={i1}&¤=§0&sort=asc HTTP/1.1",
        "POST https://{svc}.internal{route}?¤=§0",
        "\"GET {route}?¤=§0 HTTP/2.0\" 200 {i4}",
        "wss://{svc}.internal/socket?¤=§0&v=2",
        "{method} {route}?¤=§0 401",
        "callback https://{svc}.internal/cb#¤=§0&state=⟦{n10}⟧",
        "http.target={route}?¤=§0",
        "Referer: https://{svc}.internal/?¤=§0",
    ]);
    let text = expand(draw, &form.replace('¤', &name));
    Marked::fill(&text, &[&encode::percent(&value.mark())])
}

fn oauth_callback(draw: &mut Draw) -> Marked {
    let form = draw.of(&["4/0A{x60}", "{w40}", "{h40}"]);
    let text = expand(draw, form);
    let value = Value::secret("oauth_code", text);
    let form = draw.of(&[
        "GET /oauth/callback?code=§0&state=⟦{n16}⟧ 302",
        "/auth/callback?state=⟦{n16}⟧&code=§0 HTTP/1.1",
        "exchanging grant_type=authorization_code&code=§0&client_id={svc}",
        "POST /oauth/token grant_type=refresh_token&refresh_token=§0",
        "https://{svc}.internal/cb#access_token=§0&token_type=bearer&expires_in=3600",
        "SAMLResponse=§0&RelayState=⟦{n12}⟧",
        "id_token_hint=§0&post_logout_redirect_uri=%2F",
        "magic link https://{svc}.internal/login?token=§0",
        "reset link /password/reset/confirm?reset_token=§0",
    ]);
    let text = expand(draw, form);
    Marked::fill(&text, &[&encode::percent(&value.mark())])
}

fn ip(draw: &mut Draw) -> Value {
    value::ip(draw)
}

fn access_log(draw: &mut Draw) -> Marked {
    let (address, user) = (ip(draw), value::user_name(draw));
    let form = draw.of(&[
        "§0 - - [{dom}/{month}/2026:{time} +0000] \"{method} {route} HTTP/1.1\" {status} {bytes} \
         \"-\" \"{ua}\"",
        "§0 - §1 [{dom}/{month}/2026:{time} +0000] \"{method} {route} HTTP/1.1\" {status} {bytes}",
        "{ts} §0 {method} {route} {status} {ms}ms",
        "time={ts} remote_addr=§0 status={status} \
         request_time=0.{d3}",
        "[{ts}] \"{method} {route} HTTP/2\" {status} - via_upstream - \"§0\" \"{ua}\" \"{uuid}\"",
        "{epoch}.{d3} {ms} §0 TCP_MISS/{status} {bytes} {method} http://{svc}.internal{route} - \
         DIRECT/- text/html",
        "§0 - - [{tso}] \"{method} {route}\" {status} rt={msf}",
        "haproxy[{i4}]: §0:{port} [{dom}/{month}/2026:{time}.{d3}] web~ {svc}/{host} \
         0/0/1/{i2}/{i3} {status} {i5}",
    ]);
    filled(draw, form, &[&address, &user])
}

fn proxy_log(draw: &mut Draw) -> Marked {
    let (address, other) = (ip(draw), ip(draw));
    let form = draw.of(&[
        "nginx: {tsp} [error] {i5}#0: *{i6} {err}, client: §0, server: {svc}.internal, request: \
         \"{method} {route}\"",
        "traefik: §0 - - \"{method} {route} HTTP/1.1\" {status} \"{svc}@docker\" {ms}ms",
        "sshd[{i5}]: Connection closed by §0 port {port} [preauth]",
        "sshd[{i5}]: Received disconnect from §0 port {port}:11: Bye Bye",
        "kernel: [UFW BLOCK] IN=eth0 OUT= SRC=§0 DST=§1 LEN=40 TTL={i2} ID={i5} PROTO=TCP \
         SPT={port} DPT=22",
        "postfix/smtpd[{i5}]: connect from unknown[§0]",
        "vpn: peer §0:{port} handshake completed",
        "named[{i4}]: client @0x7f{h10} §0#{port} (example.org): query (cache) denied",
        "blocked \
         §0 after {i1} attempts",
        "dial tcp §0:5432: {err}",
        "ActiveMQ transport connected tcp://§0:{port}",
        "Got connect \
         from (§0) on eth{i1}",
        "PeerAddr=§0 bytes={bytes} rule={i3}",
        "rate limited §0 ({i3} req/min)",
        "accepted \
         connection §0:{port} -> {svc}",
        "dhcpd: DHCPACK on §0 to {host}",
        "fail2ban.actions: NOTICE [sshd] Ban §0",
        "geoip lookup \
         §0 took {ms} ms",
    ]);
    filled(draw, form, &[&address, &other])
}

fn forwarded_for(draw: &mut Draw) -> Marked {
    let (one, two) = (ip(draw), ip(draw));
    let form = draw.of(&[
        "X-Forwarded-For: §0, §1",
        "x-real-ip: §0",
        "Forwarded: for=\"[§0]\";proto=https;by={svc}",
        "CF-Connecting-IP: §0",
        "\"x_forwarded_for\":\"§0,§1\"",
        "client_ip=§0 lb_ip=§1",
        "True-Client-IP: §0",
    ]);
    filled(draw, form, &[&one, &two])
}

fn url_path_person(draw: &mut Draw) -> Marked {
    let value = value::email(draw);
    let form = draw.of(&[
        "GET /users/§0/orders {status}",
        "PUT /api/v1/contacts?email=§0&sync=1 {status}",
        "DELETE /mailboxes/§0 {status} {ms}ms",
        "POST /subscribe?list={i2}&email=§0",
        "https://{svc}.internal/unsubscribe/§0",
        "mailto:§0?subject=hello",
    ]);
    let text = expand(draw, form);
    let marked = if draw.chance(60) {
        encode::percent(&value.mark())
    } else {
        value.mark()
    };
    around("", &Marked::fill(&text, &[&marked]), "")
}
