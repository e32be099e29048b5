"""What technical text is made of: names of software, classes, services, identifiers, dates."""

TECH = (
    "Kafka Jenkins Jackson Django Flask Celery Cassandra Redis Postgres PostgreSQL MySQL MariaDB "
    "Oracle Elasticsearch Kibana Logstash Grafana Prometheus Jaeger Zipkin Consul Vault Nomad "
    "Terraform Ansible Puppet Chef Salt Vagrant Packer Docker Kubernetes Helm Istio Envoy Linkerd "
    "Traefik Nginx Apache Tomcat Jetty Netty Undertow Hibernate Spring Guice Dagger Struts Camel "
    "Hadoop Spark Flink Beam Storm Hive Pig Presto Trino Druid Pinot Airflow Luigi Dagster Prefect "
    "Ruby Rails Sinatra Puma Unicorn Sidekiq Python Perl Java Kotlin Scala Groovy Clojure Haskell "
    "Erlang Elixir Phoenix Julia Ada Pascal Crystal Rust Swift Dart Nim Zig Lua Gradle Maven Ant "
    "Bazel Buck Ninja Meson Yarn Bower Grunt Gulp Webpack Rollup Vite Babel Svelte Angular React "
    "Ember Backbone Vue Nuxt Next Gatsby Hugo Jekyll Debian Ubuntu Fedora Alpine Arch Gentoo "
    "Jessie Stretch Buster Bullseye Bookworm Wheezy Focal Jammy Bionic Xenial Darwin Catalina "
    "Monterey Ventura Sonoma Sierra Mojave Yosemite Windows Chrome Firefox Safari Opera Edge "
    "Travis Hudson Bamboo Drone Argo Tekton Flux Rancher Harbor Quay Calico Cilium Flannel Weave "
    "Ceph Gluster Rook Longhorn Velero Dapr Falco Kyverno Knative Skaffold Tilt Mercurial Git "
    "Bitbucket Gitlab Github Slack Jira Confluence Trello Zendesk Salesforce Stripe Twilio "
    "Sendgrid Mailgun Datadog Sentry Splunk Dynatrace Pagerduty Lambda Fargate Aurora Kinesis "
    "Athena Glue Redshift Cognito Azure Bigtable Spanner Firestore Dataflow Dataproc Turing "
    "Ampere Pascal Kepler Maxwell Fermi Tesla Volta Hopper Euler Gauss Newton Jacobi Cholesky "
    "Bluetooth Ethernet Unicode Markdown Postfix Dovecot Exim Sendmail Squid Varnish Haproxy Bind "
    "Samba Kerberos Chrony Snort Suricata Wireshark Valgrind Cypress Selenium Mocha Jasmine Karma "
    "Jest Cucumber Robot Pytest Tox Black Ruff Sphinx Doxygen Swagger Postman Insomnia Bruno "
    "Titan Atlas Apollo Hermes Mercury Zeus Athena Poseidon Thor Odin Loki Tempo Mimir Fluentd "
    "Vector Cortex Thanos Victoria Metrics Nagios Zabbix Icinga Cacti Munin Lucene Solr Nutch Tika "
    "Mahout Zeppelin Jupyter Pandas Keras Caffe Theano Torch Gensim Dora Sid Qt Gtk Wayland Mesa "
    "Vulkan Metal Carbon Cocoa Rosetta Boost Eigen Armadillo Doctrine Symfony Laravel Eloquent "
    "Magento Drupal Joomla Wordpress Moodle Plone Zope Twisted Tornado Bottle Falcon Sanic Hug "
    "Quart Poetry Conda Anaconda Miniconda Hatch Rye Sonatype Nexus Artifactory Sonar Checkstyle "
    "Lombok Mockito Wiremock Hamcrest Karate Serenity Gatling Locust Vegeta Wrk Cordova Ionic "
    "Flutter Capacitor Electron Tauri Unity Unreal Godot Blender Maya Houdini Illustrator Photoshop"
).split()
STEMS = (
    "User Order Payment Session Account Customer Invoice Token Cache Index Block Task Worker Job "
    "Config Request Response Message Event Stream Thread Pool Query Table Column Schema Cluster "
    "Node Shard Replica Partition Topic Offset Consumer Producer Broker Gateway Proxy Router "
    "Handler Filter Listener Reader Writer Parser Loader Builder Factory Manager Service Client "
    "Server Controller Repository Context Registry Resolver Provider Adapter Mapper Validator "
    "Data File Memory Disk Network Socket Channel Buffer Frame Packet Header Name Address City "
    "Person Employee Patient Street Company Team Member Owner Author Contact Profile"
).split()
TAILS = (
    "Exception Error Service Manager Handler Controller Impl Test Factory Repository Client Task "
    "Listener Filter Util Adapter Info Status"
).split()
WORDS = (
    "orders users payments sessions admin root test guest backup deploy worker queue cache index "
    "default main master staging prod events audit name city owner address customer john_doe "
    "timeout retries enabled payload checkout billing search upload feature release hotfix"
).split()
ZONES = (
    "Europe/Berlin Europe/London Europe/Paris America/New_York America/Los_Angeles Asia/Tokyo "
    "Asia/Kolkata Australia/Sydney UTC eu-west-1 us-east-2 ap-southeast-1 europe-west3 "
    "germanywestcentral francecentral uksouth CET Asia/Shanghai Africa/Cairo America/Sao_Paulo"
).split()
MONTHS = "January February March April May June July August September October November December"
DAYS = "Monday Tuesday Wednesday Thursday Friday Saturday Sunday"
KINDS = "Pod Deployment Service ConfigMap Secret Ingress StatefulSet DaemonSet Node Namespace"


def hexes(dice, count):
    """Hex digits."""
    return "".join(dice.choice("0123456789abcdef") for _ in range(count))


def date(dice):
    """A date or time in one of many forms."""
    y, m, d = dice.randint(2005, 2026), dice.randint(1, 12), dice.randint(1, 28)
    clock = f"{dice.randint(0, 23):02}:{dice.randint(0, 59):02}:{dice.randint(0, 59):02}"
    month, day = MONTHS.split()[m - 1], dice.choice(DAYS.split())
    return dice.choice([
        f"{y}-{m:02}-{d:02}", f"{d:02}.{m:02}.{y}", f"{m:02}/{d:02}/{y}", f"{d} {month} {y}",
        f"{month} {d}, {y}", f"{month[:3]} {d:>2} {clock}", f"{y}-{m:02}-{d:02}T{clock}Z",
        f"{y}-{m:02}-{d:02} {clock},{dice.randint(0, 999):03}", day, f"{day[:3]} {month[:3]} {d}",
        f"{day}, {month} {d}", clock, f"{d}/{m}/{y} {clock[:5]}",
    ])


def fill(dice, slot):
    """The value of a technical slot."""
    cls = dice.choice(STEMS) + dice.choice(["", dice.choice(STEMS)]) + dice.choice(TAILS)
    svc = f"{dice.choice(WORDS)}-{dice.choice(['api', 'service', 'worker', 'db', 'gateway'])}"
    one = dice.choice(WORDS)
    return {
        "n": lambda: str(dice.choice([dice.randint(0, 9), dice.randint(10, 999), dice.randint(1000, 99999)])),
        "id": lambda: dice.choice([
            f"#{dice.randint(100, 99999)}", f"ORD-{dice.randint(1000, 99999)}", hexes(dice, 12),
            f"INC{dice.randint(10000, 99999)}", f"{dice.randint(10**6, 10**8)}", f"T-{dice.randint(1, 999)}",
        ]),
        "mail": lambda: f"{one}{dice.randint(1, 99)}@example.com",
        "date": lambda: date(dice),
        "cls": lambda: dice.choice([cls, cls, "com.example." + one + "." + cls, "org.apache." + one + "." + cls]),
        "svc": lambda: svc,
        "fn": lambda: dice.choice(["get", "set", "load", "find", "handle"]) + dice.choice(STEMS) + dice.choice(["", "ById", "s"]),
        "path": lambda: "/" + "/".join(dice.choice(WORDS) for _ in range(dice.randint(1, 4))) + dice.choice(["", ".log", ".py", ".json"]),
        "tech": lambda: dice.choice(TECH),
        "ip": lambda: ".".join(str(dice.randint(1, 254)) for _ in range(4)),
        "amount": lambda: dice.choice([f"{dice.randint(1, 999)}.{dice.randint(10, 99)} EUR", f"${dice.randint(1, 9999)}", f"{dice.randint(1, 999)},{dice.randint(10, 99)} €"]),
        "hex": lambda: hexes(dice, dice.choice([4, 8, 16])),
        "word": lambda: one,
        "host": lambda: f"{dice.choice(['web', 'db', 'node', 'ip', 'combo', 'prod'])}-{dice.randint(1, 99)}" + dice.choice(["", ".internal", ".example.com"]),
        "zone": lambda: dice.choice(ZONES),
        "k8s": lambda: dice.choice(KINDS.split()),
    }[slot]()
