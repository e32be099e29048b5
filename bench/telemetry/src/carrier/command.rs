//! Command lines: arguments, environments, clients of databases.

use super::Style::{Kebab, Upper};
use super::http::{Line, filled};
use super::key;
use crate::draw::Draw;
use crate::encode;
use crate::marked::Marked;
use crate::noise::expand;
use crate::value::{self, Value};

/// All of them; text.
pub(crate) const LINES: &[(&str, Line)] = &[
    ("argv", argv),
    ("argv", argv),
    ("argv_list", argv_list),
    ("argv_equals", argv_equals),
    ("curl_u", curl_u),
    ("curl_header", curl_header),
    ("mysql_p", mysql_p),
    ("env_assignment", env_assignment),
    ("client_password", client_password),
    ("docker_run", docker_run),
    ("connection_string", connection_string),
    ("connection_string", connection_string),
    ("jdbc", jdbc),
    ("alter_role", alter_role),
    ("sql_parameters", sql_parameters),
    ("sql_values", sql_values),
    ("ldap_bind", ldap_bind),
    ("shell_trace", shell_trace),
    ("aws_pair", aws_pair),
];

fn named_secret(draw: &mut Draw) -> (String, Value) {
    loop {
        let value = value::secret(draw);
        let name = value.keys.first().map_or("token", |_| draw.of(value.keys));
        let fits = !value.text.contains([
            ' ', '\'', '"', '$', '&', '<', '>', '(', ';', '!', '\\', '*', '^', '#',
        ]);
        if name.is_ascii() && fits {
            return (name.to_owned(), value);
        }
    }
}

const PROGRAMS: &[&str] = &[
    "/usr/bin/{svc} serve",
    "python manage.py sync",
    "java -Xmx512m -jar {svc}.jar",
    "{svc}-cli import",
    "./deploy.sh",
    "node server.js",
    "helm upgrade {svc} ./chart",
    "terraform apply",
    "docker login",
    "vault login",
    "restic backup",
];
const RUN_FORMS: &[&str] = &[
    "¤",
    "exec: ¤",
    "+ ¤",
    "Running command: ¤",
    "CMD: ¤",
    "$ ¤",
    "ps: {i5} ?  Ssl 0:01 ¤",
    "ExecStart=¤",
    "process exited 1: ¤",
    "audit: type=EXECVE argc=4 ¤",
    "sudo: COMMAND=¤",
    "cron[{i4}]: (app) CMD (¤)",
];

fn command(draw: &mut Draw, rest: &str, parts: &[&Value]) -> Marked {
    let program = draw.of(PROGRAMS);
    let form = draw
        .of(RUN_FORMS)
        .replace('¤', &format!("{program} {rest}"));
    filled(draw, &form, parts)
}

fn argv(draw: &mut Draw) -> Marked {
    let (name, value) = named_secret(draw);
    let flag = key(Kebab, &name);
    let rest = draw.of(&[
        "--verbose --¤ §0 --region {region}",
        "--¤ §0",
        "--port {port} --¤ §0 --dry-run",
        "-f x --¤ '§0'",
    ]);
    command(draw, &rest.replace('¤', &flag), &[&value])
}

fn argv_equals(draw: &mut Draw) -> Marked {
    let (name, value) = named_secret(draw);
    let flag = key(Kebab, &name);
    let rest = draw.of(&[
        "--¤=§0",
        "--host={host} --¤=§0 --tls",
        "--¤=\"§0\" --once",
        "-D{a4}.¤=§0",
        "--set auth.¤=§0",
    ]);
    command(draw, &rest.replace('¤', &flag), &[&value])
}

fn argv_list(draw: &mut Draw) -> Marked {
    let (name, value) = named_secret(draw);
    let flag = key(Kebab, &name);
    let form = draw.of(&[
        "spawn [\"{svc}\",\"--¤\",\"§0\",\"--verbose\"]",
        "subprocess.run(['{svc}', '--¤', '§0'], check=True)",
        "execve(\"/usr/bin/{svc}\", [\"{svc}\", \"--¤\", \"§0\"], 0x7ff{h9})",
        "args: [\"--¤=§0\", \"--port\", \"{port}\"]",
        "Command '['{svc}', '--¤', '§0']' returned non-zero exit status 1.",
        "ENTRYPOINT [\"{svc}\", \"--¤\", \"§0\"]",
    ]);
    filled(draw, &form.replace('¤', &flag), &[&value])
}

fn curl_u(draw: &mut Draw) -> Marked {
    let (user, mut pass) = (value::user_name(draw), value::dsn_password(draw));
    "password".clone_into(&mut pass.kind);
    let form = draw.of(&[
        "curl -u ⟦¤⟧:§0 https://{svc}.internal{route}",
        "+ curl -sS --user ⟦¤⟧:§0 -X POST https://{svc}.internal{route}",
        "curl -u '⟦¤⟧:§0' -o /dev/null {svc}:8080/health",
        "sh -c \"curl --user=⟦¤⟧:§0 http://{svc}/metrics\"",
        "wget --user=⟦¤⟧ --password=§0 https://{svc}.internal/x.tgz",
        "http -a ⟦¤⟧:§0 GET {svc}.internal/api",
        "curl -k -u⟦¤⟧:§0 https://{host}:9200/_cat/indices",
        "curl --proxy-user ⟦¤⟧:§0 https://{svc}.internal",
    ]);
    filled(draw, &form.replace('¤', draw_name(&user)), &[&pass])
}

/// An account's name in a command is part of the notation here, not a plant: a machine's.
fn draw_name(user: &Value) -> &'static str {
    if user.text.len().is_multiple_of(2) {
        "deploy"
    } else {
        "svc-ci"
    }
}

fn curl_header(draw: &mut Draw) -> Marked {
    let value = value::secret(draw);
    let name = value
        .keys
        .first()
        .copied()
        .filter(|name| name.is_ascii())
        .unwrap_or("x api key");
    let name = key(super::Style::Header, name);
    let form = draw.of(&[
        "curl -H '¤: §0' https://{svc}.internal{route}",
        "curl -X POST --header \"¤: §0\" -d @body.json {svc}:8080{route}",
        "+ curl -fsS -H ¤:§0 {svc}.internal/v1",
        "wget --header='¤: §0' {svc}.internal/x",
        "http {svc}.internal ¤:§0",
        "curl {svc}.internal/login -d 'user=⟦ci⟧&¤=§0'",
        "curl {svc}.internal -d '{\"¤\":\"§0\"}'",
        "hey -n {i3} -H \"¤: §0\" {svc}",
    ]);
    filled(draw, &form.replace('¤', &name), &[&value])
}

fn mysql_p(draw: &mut Draw) -> Marked {
    let mut pass = value::dsn_password(draw);
    "password".clone_into(&mut pass.kind);
    let form = draw.of(&[
        "mysql -h {host} -u ⟦root⟧ -p§0 {table}",
        "+ mysqldump -u⟦root⟧ -p§0 --single-transaction {table}",
        "mysql --user=⟦app⟧ --password=§0 -e 'select 1'",
        "mysqladmin -p§0 ping",
        "mariadb -u ⟦app⟧ -p'§0' {table}",
        "sh: mysql -p§0 -h {host}: not found",
        "docker exec db mysql -u⟦root⟧ -p§0",
    ]);
    filled(draw, form, &[&pass])
}

fn env_assignment(draw: &mut Draw) -> Marked {
    let (name, value) = named_secret(draw);
    let name = key(Upper, &name);
    let form = draw.of(&[
        "¤=§0 ./run.sh",
        "export ¤=§0",
        "declare -x ¤=\"§0\"",
        "setenv ¤ §0",
        "set ¤=§0",
        "$env:¤ = \"§0\"",
        "¤='§0'",
        "ENV ¤ §0",
        "environment: ['PATH=/usr/bin', '¤=§0', 'LANG=C']",
        "\"Env\": [\"PATH=/bin\",\"¤=§0\"]",
        "Environment=¤=§0",
        "env: ¤=§0 HOME=/app",
        "container started with -e ¤=§0",
        "heroku config:set ¤=§0",
        "{\"name\":\"¤\",\"value\":\"§0\"}",
        "kubectl set env deploy/{svc} ¤=§0",
        "::set-output name=¤::§0",
    ]);
    filled(draw, &form.replace('¤', &name), &[&value])
}

fn client_password(draw: &mut Draw) -> Marked {
    let mut pass = value::dsn_password(draw);
    "password".clone_into(&mut pass.kind);
    let form = draw.of(&[
        "PGPASSWORD=§0 psql -h {host} -U ⟦app⟧",
        "redis-cli -h {host} -a §0 ping",
        "sshpass -p §0 ssh deploy@{host}",
        "mongosh --username ⟦app⟧ --password §0 --host {host}",
        "sqlcmd -S {host} -U ⟦sa⟧ -P §0 -Q 'select 1'",
        "docker login -u ⟦ci⟧ -p §0 registry.{svc}.internal",
        "smbclient //{host}/share -U ⟦app⟧%§0",
        "openssl pkcs12 -in c.p12 -passin pass:§0",
        "keytool -list -storepass §0 -keystore k.jks",
        "7z x a.7z -p§0",
        "ldapsearch -x -D cn=admin -w §0 -b dc=app",
        "az login --service-principal -u ⟦app⟧ -p §0",
        "echo §0 | sudo -S id",
        "htpasswd -b users ⟦ci⟧ §0",
        "net use Z: \\\\{host}\\s §0 /user:⟦app⟧",
        "AUTH §0",
        "CONFIG SET requirepass §0",
        "sqlplus ⟦app⟧/§0@{host}",
        "impala-shell -l -u ⟦app⟧ --ldap_password_cmd='echo -n §0'",
        "unzip -P §0 a.zip",
        "rclone config create r sftp pass §0",
        "snmpwalk -v3 -A §0 {host}",
        "influx -username ⟦app⟧ -password §0",
    ]);
    filled(draw, form, &[&pass])
}

fn docker_run(draw: &mut Draw) -> Marked {
    let (name, value) = named_secret(draw);
    let name = key(Upper, &name);
    let form = draw.of(&[
        "docker run -d -e ¤=§0 -p {port}:80 {svc}:{ver}",
        "docker run --env ¤=§0 {svc}",
        "podman run -e¤=§0 {svc}",
        "docker build --build-arg ¤=§0 -t {svc} .",
        "nerdctl run -e \"¤=§0\" {svc}",
    ]);
    filled(draw, &form.replace('¤', &name), &[&value])
}

fn connection_string(draw: &mut Draw) -> Marked {
    let mut pass = value::dsn_password(draw);
    if draw.chance(25) {
        pass.text = value::strong(draw).replace([';', '"', '\'', '<', '>', '&', '='], "x");
    }
    let form = draw.of(&[
        "Server=tcp:{host},1433;Database={table};User ID=⟦app⟧;Password=§0;Encrypt=True;",
        "Data Source={host};Initial Catalog={table};User Id=⟦sa⟧;Password=§0",
        "host={host} \
         port=5432 user=⟦app⟧ password=§0 dbname={table}",
        "Host={host};Username=⟦app⟧;Password=§0;Database={table}",
        "Driver={ODBC Driver \
         18};Server={host};UID=⟦app⟧;PWD=§0;",
        "user id=⟦app⟧;password=§0;server={host}",
        "{host}:6379,password=§0,ssl=True,abortConnect=F\
         alse",
        "Endpoint=sb://{svc}.servicebus.windows.net/;SharedAccessKeyName=Root;SharedAccessKey=§0",
        "DefaultEndpointsProtocol=https;AccountName=acct{d2};AccountKey=§0;EndpointSuffix=core.wind\
         ows.net",
        "⟦app⟧:§0@tcp({host}:3306)/{table}?parseTime=true",
        "HostName={svc}.azure-devices.net;Devic\
         eId=d{i3};SharedAccessKey=§0",
        "Uid=⟦app⟧;Pwd=§0;Host={host}",
        "SERVER={host};DSN=main;UID=⟦app⟧;PWD=§0",
        "Instrumentation\
         Key={uuid};ApiKey=§0",
    ]);
    let is_key = form.contains("Key=§0");
    if is_key {
        pass.text = expand(draw, "{b43}=");
    }
    let around = draw.of(&[
        "¤",
        "connection string: ¤",
        "ConnectionStrings__Main=¤",
        "{exc}: ¤",
        "opening ¤",
        "\"Default\": \"¤\"",
        "<add name=\"Main\" connectionString=\"¤\"/>",
        "pgx: ¤: {err}",
        "{msg} dsn='¤'",
    ]);
    let form = around.replace('¤', form);
    filled(draw, &form, &[&pass])
}

fn jdbc(draw: &mut Draw) -> Marked {
    let pass = value::dsn_password(draw);
    let form = draw.of(&[
        "jdbc:postgresql://{host}:5432/{table}?user=⟦app⟧&password=§0&ssl=true",
        "jdbc:mysql://{host}/{table}?user=⟦app⟧&password=§0",
        "jdbc:sqlserver://{host}:1433;databaseName={table};user=⟦sa⟧;password=§0;",
        "jdbc:oracle:thin:⟦app⟧/§0@{host}:1521:XE",
        "jdbc:mariadb://⟦app⟧:§0@{host}/{table}",
        "jdbc:redshift://{host}:5439/dev?UID=⟦app⟧&PWD=§0",
        "jdbc:db2://{host}:50000/s:user=a;password=§0;",
        "jdbc:snowflake://x.snowflakecomputing.com/?user=⟦app⟧&password=§0&warehouse=wh",
    ]);
    let around = draw.of(&[
        "¤",
        "HikariPool-1 - jdbcUrl ¤",
        "Failed to obtain connection ¤: {err}",
        "url=¤",
        "pool for ¤ started",
    ]);
    filled(draw, &around.replace('¤', form), &[&pass])
}

fn alter_role(draw: &mut Draw) -> Marked {
    let mut pass = value::dsn_password(draw);
    "password".clone_into(&mut pass.kind);
    let form = draw.of(&[
        "LOG:  statement: ALTER ROLE ⟦app⟧ PASSWORD '§0'",
        "CREATE USER '⟦app⟧'@'%' IDENTIFIED BY '§0'",
        "ALTER USER ⟦app⟧ WITH ENCRYPTED PASSWORD '§0';",
        "SET PASSWORD FOR '⟦root⟧'@'localhost' = PASSWORD('§0')",
        "CREATE LOGIN ⟦app⟧ WITH PASSWORD = N'§0';",
        "GRANT ALL ON *.* TO '⟦app⟧'@'%' IDENTIFIED BY '§0' WITH GRANT OPTION",
        "CREATE ROLE ⟦svc⟧ LOGIN PASSWORD '§0' VALID UNTIL '2027-01-01'",
        "statement: create user ⟦app⟧ with password '§0'",
        "CREATE USER MAPPING FOR app SERVER s OPTIONS (user '⟦app⟧', password '§0')",
        "dblink_connect('host={host} password=§0')",
        "ALTER LOGIN ⟦sa⟧ WITH PASSWORD='§0' OLD_PASSWORD='x'",
        "CREATE SECRET s (TYPE S3, KEY_ID 'k', SECRET '§0')",
        "SELECT crypt('§0', gen_salt('bf'))",
        "CHANGE MASTER TO MASTER_USER='⟦r⟧', MASTER_PASSWORD='§0'",
        "ACL SETUSER ⟦app⟧ on >§0 ~* +@all",
    ]);
    filled(draw, form, &[&pass])
}

fn sql_parameters(draw: &mut Draw) -> Marked {
    let value = value::bare(draw);
    let form = draw.of(&[
        "DETAIL:  parameters: $1 = '{i4}', $2 = '§0'",
        "binding parameter [2] as [VARCHAR] - [§0]",
        "[parameters: ('§0', {i3}, None)]",
        "==> Parameters: §0(String), {i2}(Integer)",
        "Key (contact)=(§0) already exists.",
        "params: [\"§0\", {i4}]",
        "  User Load (0.{i1}ms)  SELECT * FROM t WHERE c = $1  [[\"c\", \"§0\"]]",
        "Duplicate entry '§0' for key 'users.contact'",
        "Executed DbCommand ({ms}ms) [Parameters=[@p0='§0'], CommandType='Text']",
    ]);
    filled(draw, form, &[&value])
}

fn sql_values(draw: &mut Draw) -> Marked {
    let (value, mut pass) = (value::email(draw), value::dsn_password(draw));
    "password".clone_into(&mut pass.kind);
    let form = draw.of(&[
        "INSERT INTO users (email, password) VALUES ('§0', '§1')",
        "LOG: statement: insert into t(mail,pwd) values ('§0','§1');",
        "REPLACE INTO accounts (email, passwd, active) VALUES ('§0', '§1', 1)",
        "UPDATE users SET password='§1' WHERE email='§0'",
        "SELECT 1 FROM users WHERE email = '§0' AND password = '§1'",
        "CALL register('§0', password => '§1')",
    ]);
    filled(draw, form, &[&value, &pass])
}

fn ldap_bind(draw: &mut Draw) -> Marked {
    let mut pass = value::dsn_password(draw);
    "password".clone_into(&mut pass.kind);
    let form = draw.of(&[
        "ldap bind dn=cn=svc,ou=apps,dc=corp credentials=§0",
        "LDAP simple bind: bindDN=\"cn=svc,dc=corp\", bindPassword=\"§0\"",
        "ldap.bind_pw: §0",
        "userPassword: §0",
        "java.naming.security.credentials=§0",
        "BIND dn=\"uid=svc\" method=128 password=§0",
    ]);
    filled(draw, form, &[&pass])
}

fn shell_trace(draw: &mut Draw) -> Marked {
    let (name, value) = named_secret(draw);
    let name = key(Upper, &name);
    let marked = encode::single(&value.mark());
    let form = draw.of(&[
        "+ ¤='§0'\n+ ./deploy.sh --wait",
        "+ export ¤=§0\n+ ¤=§0",
        "deploy@{host}:~$ export ¤='§0'",
        "root@{host}:/# echo $¤\n§0\n¤=§0",
        "{i3}  export ¤=§0",
        "bash: ¤=§0: command not found",
    ]);
    let text = expand(draw, &form.replace('¤', &name));
    Marked::fill(&text, &[&marked])
}

fn aws_pair(draw: &mut Draw) -> Marked {
    let (id, secret) = (expand(draw, "AKIA{T16}"), expand(draw, "{b40}"));
    let id = Value::secret("provider_token:aws key id", id);
    let secret = Value::secret("aws_secret", secret);
    let form = draw.of(&[
        "credentials §0 §1 {region}",
        "aws configure set aws_access_key_id §0 && aws configure set aws_secret_access_key §1",
        "§0:§1",
        "new BasicAWSCredentials(\"§0\", \"§1\")",
        "aws_access_key_id = §0\naws_secret_access_key = §1",
        "s3://§0:§1@bucket/path",
        "key=§0 secret=§1",
        "User name,Access key ID,Secret access key\nci,§0,§1",
        "('§0', '§1', None)",
        "Credentials(AccessKeyId=§0, SecretAccessKey=§1)",
    ]);
    filled(draw, form, &[&id, &secret])
}
