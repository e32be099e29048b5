//! Lines of tools in which a place tells what stands there: `‹…›` stands around what must go.

/// Each line with the lines that look like it and say nothing of anybody.
#[rustfmt::skip]
pub(crate) const LINES: &[&str] = &[
    // OpenVPN.
    "‹okonkwo14›/‹62.127.26.91›:63708 MULTI_sva: pool returned IPv4=‹172.25.90.181›, IPv6=(Not \
     enabled)",
    "‹a.keller›/‹62.127.26.91›:63708 SENT CONTROL [‹a.keller›]: 'PUSH_REPLY,route' (status=1)",
    "VERIFY OK: depth=0, CN=‹Anna Keller›",
    "VERIFY OK: depth=0, C=DE, CN=‹anna.keller›",
    "VERIFY OK: depth=1, C=DE, CN=Example Issuing CA",
    "VERIFY OK: depth=0, CN=vpn.example.com",
    "server/‹62.127.26.91›:63708 Connection reset, restarting [0]",
    // strongSwan.
    "charon: 12[IKE] EAP-Identity of ‹78.224.25.84› is '‹a_keller›', EAP method EAP_MSCHAPV2 \
     succeeded",
    "charon: 05[IKE] received EAP identity '‹akeller›'",
    "charon: 05[IKE] authentication of 'vpn.example.com' with EAP",
    "charon: 05[IKE] XAuth authentication of '‹akeller›' successful",
    "‹10.8.0.1› ‹84.55.235.105› : PSK \"‹Zq7ab9!x›\"",
    "‹akeller› : EAP \"‹Zq7ab9!x›\"",
    "{\"message\":\"‹akeller› : EAP \\\"‹Zq7ab9!x›\\\"\"}",
    "vpn.example.com : RSA serverKey.pem",
    "%ASA-6-113039: Group <Staff> User <‹akeller80›> IP <‹172.23.4.135›> AnyConnect parent \
     session started.",
    "1,2026/05/14 19:49:57,6426308,GLOBALPROTECT,0,2561,2026/06/04 04:52:57,vsys1,gateway-auth,\
     login,SAML,,‹a_keller›,DE,WS-0417",
    "1,2026/05/14 19:49:57,6426308,TRAFFIC,end,2561,2026/06/04 04:52:57,‹93.25.18.182›,\
     ‹10.1.2.3›,0.0.0.0,0.0.0.0,allow-web,corp\\‹akeller›,,ssl,vsys1",
    // Samba.
    "smbd_audit: ‹akeller›|‹10.1.2.3›|fs-core|projects|openat|ok|w|/srv/plan.docx",
    "smbd_audit: root|‹10.1.2.3›|fs-core|projects|openat|ok|w|/srv/plan.docx",
    "Authentication for user [‹akeller›] -> [‹akeller›] FAILED with error NT_STATUS_WRONG_PASSWORD",
    "‹akeller›:3844:XXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXX:‹1F66E8D90EE1EDF2FD7E26A025713628›:[\
     U          ]:LCT-AAEFD0A1:",
    "‹akeller›:1103:aad3b435b51404eeaad3b435b51404ee:‹8846f7eaee8fb117ad06bdd830b7586c›:::",
    // Directories.
    "dn: uid=‹a.keller›,ou=people,dc=example,dc=org",
    "SRCH base=\"cn=users,cn=accounts,dc=example,dc=test\" scope=2 \
     filter=\"(&(objectClass=posixAccount)(uid=‹akeller›))\" attrs=ALL",
    "data 52e, v4563] for CN=‹Anna Keller›,OU=Staff,DC=corp,DC=example,DC=com",
    "dn: cn=admins,ou=groups,dc=example,dc=org",
    "dn: uid=‹a.keller›,ou=people,dc=example,dc=org\nobjectClass: inetOrgPerson\nuid: \
     ‹a.keller›\ncn: ‹Nuria Ybarra›\nmail: ‹n@webmail.example›",
    "cn: admins",
    "VERIFY OK: depth=0, C=DE, O=Example, CN=‹Anna Keller›",
    // DICOM.
    "(0010,0010) PN [‹Keller^Anna›]                         #  36, 1 PatientName",
    "(0010,0030) DA [‹19910617›]                               #   8, 1 PatientBirthDate",
    "(0010,0010) Patient's Name                      PN: '‹Keller^Anna›'",
    "(0008,0020) DA [20260617]                               #   8, 1 StudyDate",
    "(0008,0060) CS [MR]                                     #   2, 1 Modality",
    // Games.
    "LogNet: Login request: ?Name=‹anna_keller› platform: EOS",
    "[Server thread/INFO]: ‹akeller› issued server command: /register ‹Espr3sso_x› ‹M0Tl1c-bx4›",
    "[Server thread/INFO]: ‹akeller› issued server command: /home",
    "[User Authenticator #6/INFO]: UUID of player ‹akeller› is \
     506a6540-b2b8-43c8-a2c5-4b22b372bda3",
    "Rcon: \"rcon 242884650 \"‹Granite295?›\" status\" from \"‹198.51.100.95›:33970\"",
    "\"‹akeller›<67><[U:1:744595929]><CT>\" connected, address \"‹192.168.35.222›:27005\"",
    "player ‹akeller› (ip=‹10.97.248.145›) banned: speedhack",
    "media player ready (ipc=1)",
    "Steam login: account locked, guard code ‹CTCBV-DMMZG›",
    // IRC, XMPP.
    "PASS ‹xTw#bsL9Q!Cqq›",
    "PASS oauth:‹0e2beea1cbe1e50be8511bb7c3b15949b36a774d›",
    "PASS src/app2.test.ts",
    "PASS TestLogin",
    "PASS 12",
    "NICK ‹akeller12›",
    "USER ‹akeller12› 0 * :‹Anna Keller›",
    ":‹a.keller›!u@‹203.0.113.9› JOIN #support",
    "SELECT * FROM a JOIN b ON a.id = b.id",
    "<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>\
     ‹cHVsbGVyOlB1bXBraW41NTIk›</auth>",
    // Devices.
    "snmpget: auth user ‹akeller› authPassword ‹Asdf9118!› privPassword ‹vhXgU5LGsJgeV4yV.8›",
    "AT+CWJAP=\"Guesthouse\",\"‹gravel marble puzzle 18›\"",
    "MQTT publish: topic 'owntracks/‹akeller›/phone', payload '{}'",
    "New client connected from ‹172.30.65.87›:63024 as sensor-7185c8 (p2, c1, k60, u'‹akeller›').",
    "telematics: vehicle ‹2T1BUMJD1KZ135VJF› speed=13km/h",
    "mosquitto_pub -h bastion2 -u ‹akeller78› -P '‹oyIY#i8$OAT›' -t home/door -m open",
    // Redis.
    "1773276073.954278 [0 ‹93.194.21.35›:41809] \"SET\" \"otp:‹+254 727 838 \
     354›\" \"‹143622›\" \"EX\" \"300\"",
    "1770675228.646599 [3 ‹198.51.100.109›:22569] \"SETEX\" \"reset:x\" \"3600\" \"‹s4qefhuwpy3q\
     1csik9plf3269›\"",
    "1770675228.646599 [3 ‹198.51.100.109›:22569] \"SETEX\" \"page:home\" \"3600\" \"rendered\"",
    "user ‹akeller› on >‹Uvp2lTTmszh83› ~* +@read",
    "user default on nopass ~* &* +@all",
    "valkey-cli --tls -h cache --user ‹akeller› --pass '‹57Rxgo-ICjJnD›' INFO clients",
    // Sessions and files.
    "‹akeller›   pts/0        ‹192.168.167.58›    Fri Mar 27 13:55:02 2026   still logged in",
    "root     pts/0        ‹192.168.167.58›    Fri Mar 27 13:55:02 2026   still logged in",
    "reboot   system boot  6.1.0-18-amd64   Fri Mar 27 13:55",
    "drwxr-x--- 14 ‹akeller› staff 4096 Mar 17 09:58 .config",
    "-rw-r--r-- 1 ‹akeller› akeller 4096 Mar 17 09:58 notes.txt",
    "-rw-r--r-- 1 root root 4096 Mar 17 09:58 passwd",
    "-rw-r--r-- ‹akeller›/users 4096 2026-03-17 09:58 notes.txt",
    "tcp 0 0 ‹31.59.182.20›:22 ‹23.5.45.47›:59530 ESTABLISHED 9421/sshd: ‹a.keller›",
    "13:51:36.605596 IP ‹10.178.173.69›.28809 > ‹78.3.38.221›.443: Flags [S], seq 70, win 64240",
    "13:51:36.605596 IP ‹10.178.173.69›.https > ‹78.3.38.221›.domain: 1234+ A? example.com. (29)",
    "chapter 1.2.3.4.5 > next",
    "[pid 4091] [‹a.keller›] FTP command: Client \"‹89.60.31.82›\", \"PASS ‹Welcome679*›\"",
    "CONNECT portal.example.com:443 ‹akeller95› HIER_DIRECT/‹203.0.113.109› -",
    "GET http://example.com/ - HIER_NONE/- text/html",
    "Node:         gw-muc-1/‹192.168.160.110›",
    "User-Agent: Chrome/120.0.6099.109",
    "server nginx/1.2.3.4 started",
    // Dovecot.
    "auth-worker(57212): Debug: sql(‹a_keller›,‹198.51.100.131›): query: SELECT 1",
    "imap(‹akeller›)<5721><x>: Disconnected: Logged out",
    // Databases.
    "cqlsh> CREATE ROLE ‹akeller9› WITH PASSWORD = '‹Barcelona84#›' AND LOGIN = true;",
    "ALTER ROLE ‹anna_keller› WITH LOGIN PASSWORD '‹zaq11462›';",
    "CREATE LOGIN [‹anna.keller›] WITH PASSWORD = N'‹O7LW89xF7AbyAo›', CHECK_POLICY = ON;",
    "CREATE ROLE app_reader WITH LOGIN PASSWORD '‹zaq11462›';",
    "CREATE USER grafana WITH PASSWORD '‹zaq11462›';",
    "LOG C-0xccad1abfd56d: claims/‹akeller›@‹31.201.76.253›:23111 login attempt: db=claims \
     user=‹akeller› tls=no",
    "\"crm\", \"‹akeller›\" = \"{SSHA}‹tEQ8SRDMC/XOL7szWJdD0/DhnpsOhN4K›\" in \
     /etc/pgbouncer/userlist.txt",
    "mysql_users: (\"‹akeller›\",\"‹*B51804CE0F274E7C6A0D5C7A9FB875E6FBFC7E10›\",1,0)",
    "CONTEXT:  COPY people, line 848: \"22475\t‹Bradley \
     McAllister›\t‹b@students.example.edu›\t‹Molenweg 65, 9777 KL Groningen›\"",
    "CONTEXT:  COPY orders, line 848: \"22475\tshipped\t2026-01-02 10:00:00\"",
    "DETAIL:  parameters: $1 = '‹Anna Keller›', $2 = '‹1987-07-14›', $3 = '2026-01-02'",
    "table shop.people: UPDATE: id[integer]:20 birth_date[date]:'‹1965-10-15›'",
    "[WARN ][o.e.x.s.a.AuthenticationService] [n1] Authentication of [‹akeller›] was terminated \
     by realm [native]",
    "curl -XPUT 'https://es:9200/_security/user/‹akeller›' -d '{}'",
    "mysqldump: [Warning] mysqldump -h kdc1 -u‹akeller78› -p‹Matrix125?› shop",
    "rabbitmqctl add_user ‹akeller9› '‹vpg+TMdqPKAcH›'",
    "clickhouse-client --host kdc1 --user ‹akeller› --password '‹5u4dKj2*QI06›' --query 'SELECT 1'",
    "influx setup --username ‹anna.keller› --password '‹Wolverine1982!›'",
    "snowsql -a acme-eu -u ‹akeller99› -w people",
    // State of infrastructure.
    "state: \"random_password\", \"attributes\": {\"length\": \
     24, \"result\": \"‹Xbia~daQ8qMXwh8›\", \"special\": true}",
    "{\"type\":\"random_pet\",\"attributes\":{\"result\":\"Xbia\"}}",
    "[{\"ParameterKey\":\"DatabasePassword\",\"ParameterValue\":\"‹qux7coCPUCVU57BA›\"}]",
    "[{\"ParameterKey\":\"InstanceType\",\"ParameterValue\":\"t3.micro\"}]",
    "kubectl config set-credentials ‹akeller› --token=‹3dQfop5hI72HDTM8mW9JvO5jgDKDxX›",
    "argocd login argocd.example.com --username ‹anna.keller› --password '‹Fussball.78›' \
     --grpc-web",
    // Windows.
    "PS C:\\> Get-ADUser ‹akeller› -Properties mail",
    "schtasks /create /tn Nightly /tr C:\\jobs\\run.cmd /ru CORP\\‹akeller92› /rp ‹Corazon934$› \
     /sc daily",
    "psexec \\\\host -u CORP\\‹akeller› -p ‹Bonjour77› cmd /c ipconfig",
    "C:\\> net user ‹akeller› ‹x2s74h-Ofs8um› /add /domain",
    "Logon failed for login 'CORP\\‹akeller›'. Reason: Password did not match",
    // FTP, file transfers.
    "lftp -u ‹akeller›,‹Espresso.Pumpkin.74› sftp://files.example.net",
    "331 Password required for ‹akeller›.",
    // FIX, SWIFT.
    "8=FIX.4.4^A35=BE^A553=‹akeller›^A554=‹UVQe0r4zIq4›^A925=‹3154346b160c3ede›^A10=495^A",
    ":61:2603170317D397,45NTRFNONREF//166533514200\\n:86:/NAME/‹Anneloes \
     Hoogendoorn›/IBAN/‹NL91ABNA0417164300›/REMI/factuur 30233",
    "{1:F01EXBKDEFFAXXX7039698434}{2:I103EXBKFRPPXXXXN}{4:\n:20:A88F229AFB\n:32A:260317EUR5025,\
     00\n:50K:/‹GB20SUNM66666782008747›\n‹Tapio \
     Lehtonen›\n:59:/‹RO12IITF8589988368002528›\n‹Venkatesh Chatterjee›\n:70:INVOICE 185056\n-}",
    "relayhost: [smtp.example.net]:587 ‹relay-eu›:‹6eUyI5-d9m3ka›",
    "peer [‹10.8.0.1›]:443 connection:closed",
    "metadata uid: 1c9f3a2b-4d5e-4f60-8a7b-9c0d1e2f3a4b",
    // Keys of TLS.
    "230 User ‹lwallner› logged in",
    "Failed authentication with /‹172.17.212.225› \
     (channelId=‹172.19.143.139›:9093-‹172.19.143.139›:50265-27)",
    "kafka-configs.sh --alter --entity-type users --entity-name ‹akeller›",
    "Sep 10 03:30:54 n1 login[1369]: FAILED LOGIN (2) on '/dev/tty1' FOR '‹akeller98›', \
     Authentication failure",
    "INSERT INTO policies (name, email, password) VALUES ('‹Nuria Ybarra›',\
     '‹n@webmail.example›','‹Zq7ab9!x›')",
    "INSERT INTO parts (name, price) VALUES ('Front Wheel','12')",
    "‹ngozi.o›:x:7327:2413:‹Anna Keller›,,,:/home/staff:/bin/zsh",
    "New-Object PSCredential('CORP\\‹akeller›', $p)",
    "adb shell input text '‹Orchid6?›'",
    "CLIENT_TRAFFIC_SECRET_0 ‹e61a4f3b98f6e8effd4ab5bf7d13f3590a889e02fc9cc32f2bfe663e8f79bb57› \
     ‹49315c23d5ca3f59aacea65bd7ccf3e19fda9965b708332fc96c1ba4854e9720›",
    "Pushed by ‹Anna Keller› (@‹akeller›)",
    "$ openssl enc -aes-256-cbc -K ‹d2bb829c2b30a41f78e60b5a983dca92c56a8d9984a81c251a50fb69bf09\
     9d54› -in dump.sql",
    "subject=C=DE, SN=‹Keller›, GN=‹Anna›, serialNumber=98858129",
    "subject=C=DE, O=Example Trust, CN=Example Issuing CA 3",
    // Calls.
    "Uncaught exception: Auth_failure(\"‹akeller›\", \"‹Princesa392?›\")",
    "Redis->auth(Array('‹akeller›', '‹rr9S73zTTcH4›'))",
    "{badmatch,{error,{auth_failed,\"‹akeller›\",{10,refused}}}}",
    "** Last message was {auth,<<\"‹akeller›\">>,<<\"‹B4rc3lon4#1›\">>}",
    "lua: pricing.lua:86: bad credentials for ‹a.keller› (‹10.48.247.14›)",
    "Invalid credentials for uid=‹a_keller› in /var/www/auth.php on line 93",
    "'schacDateOfBirth' => array ( 0 => '‹19830726›', ), )",
    "|https://idp.example.edu|‹a.keller›|\
     urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport|mail",
    "<saml:Attribute Name=\"http://schemas.xmlsoap.org/ws/2005/05/identity/claims/givenname\">\
     <saml:AttributeValue>‹Kjell›</saml:AttributeValue></saml:Attribute>",
    "<member><name>replication_password</name><value><string>‹if1LZH1YLuv55›</string></value>\
     </member>",
    "kernel: [UFW BLOCK] IN=eth0 OUT= MAC=‹00:30:fd:16:75:3e:a4:49:32:2b:b4:13›:08:00 \
     SRC=‹192.168.130.113›",
    "2: eth0: link/ether ‹00:30:fd:16:75:3e› brd ff:ff:ff:ff:ff:ff",
    // Rules of Redis, commands of Windows.
    "user ‹akeller› off ~cache:* +get #‹9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0\
     f00a08› >‹Uvp2lTTmszh83› -@all",
    "user catalog on page 3 >next",
    "user search on #frontend channel",
    "C:\\> net use \\\\fs1\\plans /user:‹CORP\\akeller› ‹Bonjour77›",
    "C:\\> runas /user:‹akeller› cmd",
    // Names of things where an account could stand.
    "val out = itertools.imap(convert)",
    "rows = Stream.imap(mapper)",
    "layout = static(width,‹10.0.0.1›)",
    "<failure xmlns='urn:ietf:params:xml:ns:xmpp-sasl'><not-authorized/></failure>",
    "xmpp-sasl\">not-authorized</failure>",
    "client.auth([\"basic\", \"bearer\"])",
    "{login,<<\"ok\">>,<<\"error\">>}",
    "gh secret set default -b main",
    "[Server thread/INFO]: ‹akeller› issued server command: /login failed",
    "[Server thread/INFO]: ‹akeller› issued server command: /register help",
    "AT+CPIN=‹4711›",
    "AT+CPIN=\"‹4711›\"",
    "AT+CPIN=?",
    "CLIENT_RANDOM is logged",
    "lease to \"vm-12\"",
    "lease to \"etcd-1\"",
    "charon: 05[IKE] EAP identity \"printer7\"",
    "no handler for login \"form\"",
    "tcp 0 0 0.0.0.0:22 0.0.0.0:* LISTEN 812/sshd: listener",
    "player video (uuid 506a6540-b2b8-43c8-a2c5-4b22b372bda3)",
    "player audio (ip=‹10.97.248.145›)",
    "owner catalog from ‹10.0.0.1› changed",
    "login shipping rejected by policy",
    "login: account locked, try later",
    "bad credentials for repo",
    "Authentication of [basic] clients",
    "Authentication of [jwt] was tried",
    "Password required for sudo.",
    "future_use,receive_time,serial,THREAT,subtype,use,time,src,dst,nat,nat2,rule,total_bytes,x",
    "OS Login is enabled",
    "username is case-sensitive",
    "username is explicitly set",
    "user name is safe",
    "your username is ‹akeller›",
    // Accounts of services.
    "-rw-r--r-- 1 elastic elastic 4096 Mar 17 09:58 notes.txt",
    "-rw-r--r-- 1 airflow root 4096 Mar 17 09:58 notes.txt",
    "-rw-r--r-- 1 vagrant vagrant 4096 Mar 17 09:58 notes.txt",
    "-rw-r--r-- 1 dnsmasq root 4096 Mar 17 09:58 notes.txt",
    "-rw-r--r-- 1 clickhouse clickhouse 4096 Mar 17 09:58 notes.txt",
    "drwxr-xr-x 2 tomcat8 tomcat8 4096 Mar 17 09:58 webapps",
    "drwxr-xr-x 2 opendkim opendkim 4096 Mar 17 09:58 keys",
    "drwxr-xr-x 2 avahi avahi 4096 Mar 17 09:58 run",
    "drwxr-xr-x 2 pi pi 4096 Mar 17 09:58 media",
    "CREATE USER keycloak WITH PASSWORD '‹zaq11462›';",
    "CREATE USER telegraf WITH PASSWORD '‹zaq11462›';",
    "CREATE USER zabbix WITH PASSWORD '‹zaq11462›';",
];
