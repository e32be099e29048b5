//! Accounts under which services run, as distributions and images create them. Data only.

/// Lower case, parted by blanks.
pub(super) const SERVICES: &[&str] = &[
    // Systems and images.
    "bin sys sync games man lp mail news uucp proxy backup irc gnats operator adm halt shutdown",
    "pi debian core vagrant ubuntu fedora centos rocky alma arch alpine opc azureuser cloud-user",
    "polkitd rtkit uuidd tss landscape pollinate usbmux lxd colord saned geoclue cups lightdm gdm",
    "sddm pulse avahi chrony ntp nscd sssd nslcd dbus messagebus tcpdump _apt libvirt qemu kvm",
    "ceph gluster etcd iscsi rpc rpcuser statd nfsnobody setroubleshoot cockpit abrt unbound",
    // Databases, search, queues.
    "elastic elasticsearch opensearch kibana logstash solr lucene cassandra scylla clickhouse",
    "mssql",
    "oracle grid db2inst sybase informix mariadb mongodb mongod couchdb neo4j influxdb memcached",
    "memcache valkey rabbitmq kafka zookeeper activemq artemis nats mosquitto emqx hdfs hadoop",
    "yarn",
    "hive hbase spark flink airflow superset druid trino presto minio timescale pgbouncer proxysql",
    "patroni barman",
    // Web, proxies, names, telephony.
    "haproxy tomcat jetty jboss wildfly weblogic websphere glassfish caddy traefik envoy varnish",
    "squid tinyproxy privoxy lighttpd httpd bind named dnsmasq powerdns pdns knot nsd coredns",
    "asterisk freeswitch kamailio opensips coturn turnserver wordpress drupal moodle joomla",
    "magento",
    "odoo openerp redmine nextcloud owncloud mattermost synapse keycloak",
    // Mail, directories, networks.
    "postfix dovecot dovenull exim debian-exim opendkim opendmarc postgrey amavis clamav mailman",
    "sympa cyrus courier vmail spamd spamassassin slapd openldap freerad radiusd openvpn",
    "strongswan",
    "stunnel tor toranon debian-tor wireguard",
    // Watching, building, delivering.
    "zabbix nagios icinga munin sensu cacti netdata collectd graphite carbon telegraf grafana loki",
    "tempo jaeger zipkin fluentd fluent fluentbit td-agent filebeat metricbeat splunk ossec wazuh",
    "datadog dd-agent newrelic puppet chef salt ansible teamcity sonar sonarqube nexus artifactory",
    "harbor gitlab gogs gitea forgejo gerrit drone concourse argocd vault consul nomad spinnaker",
    "tekton buildkite bamboo bitbucket jira confluence hubot istio linkerd kube kubernetes",
];
