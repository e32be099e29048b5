//! Ordinary lines in the manner of well-known software, without anybody in them.

pub(crate) const STYLES: &[(&str, &str)] = &[
    (
        "hdfs",
        "081109 {d6} {i3} INFO dfs.DataNode$PacketResponder: PacketResponder {i1} for block \
         blk_{i18} terminating",
    ),
    (
        "hdfs",
        "081110 {d6} {i2} INFO dfs.FSNamesystem: BLOCK* NameSystem.delete: blk_-{i18} is added to \
         invalidSet",
    ),
    (
        "hdfs",
        "{tsc} WARN org.apache.hadoop.hdfs.server.namenode.FSNamesystem: Get corrupt file blocks \
         returned error: {err}",
    ),
    (
        "spark",
        "26/03/01 {time} INFO executor.Executor: Finished task {i1}.0 in stage {i1}.0 (TID {i3}). \
         {i4} bytes result sent to driver",
    ),
    (
        "spark",
        "26/03/01 {time} INFO storage.BlockManager: Found block rdd_{i2}_{i1} locally",
    ),
    (
        "spark",
        "26/03/01 {time} WARN TaskSetManager: Lost task {i2}.0 in stage {i1}.0: {exc}: {err}",
    ),
    (
        "zookeeper",
        "{tsc} [myid:{i1}] - INFO  [CommitProcessor:{i1}:ZooKeeperServer@{i3}] - Established \
         session 0x{h15} with negotiated timeout 10000",
    ),
    (
        "zookeeper",
        "{tsc} - WARN  [RecvWorker:{i15}:QuorumCnxManager$RecvWorker@{i3}] - Interrupting \
         SendWorker",
    ),
    (
        "zookeeper",
        "{tsc} - INFO  [NIOServerCxn.Factory] - caught end of stream exception",
    ),
    (
        "apache",
        "[{dow} {month} {dom} {time} 2026] [notice] jk2_init() Found child {i4} in scoreboard slot \
         {i1}",
    ),
    (
        "apache",
        "[{dow} {month} {dom} {time} 2026] [error] mod_jk child workerEnv in error state {i1}",
    ),
    (
        "apache",
        "[{dow} {month} {dom} {time}.{d6} 2026] [mpm_event:notice] [pid {i5}:tid {i15}] AH00489: \
         Apache/2.4.58 (Unix) configured -- resuming normal operations",
    ),
    ("nginx", "{tsp} [notice] {i5}#{i5}: signal process started"),
    (
        "nginx",
        "{tsp} [warn] {i4}#0: *{i6} an upstream response is buffered to a temporary file \
         /var/cache/nginx/proxy_temp/{i1}/{d2}/{d10}",
    ),
    (
        "nginx",
        "{tsp} [emerg] {i3}#0: host not found in upstream \"{svc}\"",
    ),
    (
        "nginx",
        "nginx: configuration file /etc/nginx/nginx.conf test is successful",
    ),
    (
        "sshd",
        "{month} {dom} {time} {host} sshd[{i5}]: Server listening on port 22.",
    ),
    (
        "sshd",
        "{month} {dom} {time} {host} sshd[{i5}]: error: kex_exchange_identification: Connection \
         closed by remote host",
    ),
    (
        "sshd",
        "{month} {dom} {time} {host} sshd[{i5}]: fatal: Timeout before authentication",
    ),
    (
        "sshd",
        "{month} {dom} {time} {host} sshd[{i4}]: Received signal 15; terminating.",
    ),
    (
        "android",
        "03-17 {time}.{d3}  {i4}  {i4} D PowerManagerService: acquire lock=233570404, flags=0x1, \
         tag=\"View Lock\", name=com.android.systemui, ws=null",
    ),
    (
        "android",
        "03-17 {time}.{d3}  {i4}  {i4} I ActivityManager: Displayed com.shop.app/.MainActivity: \
         +{i3}ms",
    ),
    (
        "android",
        "03-17 {time}.{d3}  {i4}  {i4} V WindowManager: logNotificationVisibilityChanges rank={i2}",
    ),
    (
        "android",
        "03-17 {time}.{d3}  {i4} {i5} W art     : Long monitor contention with owner \
         Binder:{i4}_{i1}",
    ),
    (
        "windows_cbs",
        "{day} {time}, Info                  CBS    Loaded Servicing Stack v6.1.7601.{i5} with \
         Core: C:\\Windows\\winsxs\\amd64_microsoft-windows-servicingstack_31bf3856ad364e35_6.1.760\
         1.{i5}_none_{h16}\\cbscore.dll",
    ),
    (
        "windows_cbs",
        "{day} {time}, Info                  CSI    {d8}@{day}:{time}.{d3} WcpInitialize (wcp.dll) \
         called",
    ),
    (
        "windows_cbs",
        "{day} {time}, Info                  CBS    Warning: Unrecognized packageExtended \
         attribute.",
    ),
    (
        "windows_event",
        "Event[{i4}]: Log Name: System Source: Service Control Manager Event ID: 7036 Level: \
         Information The Windows Update service entered the running state.",
    ),
    (
        "openstack",
        "nova-compute.log.1 {tsp} {i4} INFO nova.compute.manager [req-{uuid}] [instance: {uuid}] \
         VM Started (Lifecycle Event)",
    ),
    (
        "openstack",
        "{tsp} {i5} INFO nova.virt.libvirt.imagecache [req-{uuid} - - - - -] image {uuid} at \
         (/var/lib/nova/instances/_base/{h40}): checking",
    ),
    (
        "openstack",
        "{tsp} {i4} DEBUG oslo_concurrency.lockutils [-] Lock \"compute_resources\" released :: \
         held 0.{d3}s",
    ),
    (
        "kubernetes",
        "I0301 {time}.{d6}       1 controller.go:{i3}] Starting workers",
    ),
    (
        "kubernetes",
        "W0301 {time}.{d6} {i5} reflector.go:{i3}] watch of *v1.ConfigMap ended with: too old \
         resource version: {i8} ({i8})",
    ),
    (
        "kubernetes",
        "E0301 {time}.{d6}    {i4} kubelet.go:{i4}] \"Error syncing pod, skipping\" err=\"failed \
         to \\\"StartContainer\\\" for \\\"{svc}\\\" with CrashLoopBackOff\" pod=\"{ns}/{pod}\" \
         podUID=\"{uuid}\"",
    ),
    (
        "kubernetes",
        "Normal  Pulled  {i1}m  kubelet  Container image \"{svc}:{ver}\" already present on \
         machine",
    ),
    (
        "postgres",
        "{tsp} UTC [{i5}] LOG:  checkpoint complete: wrote {i4} buffers ({pct}%); 0 WAL file(s) \
         added, 0 removed, {i1} recycled; write={msf} s, sync=0.{d3} s, total={msf} s",
    ),
    (
        "postgres",
        "{tsp} UTC [{i4}] ERROR:  duplicate key value violates unique constraint \"{table}_pkey\"",
    ),
    (
        "postgres",
        "{tsp} UTC [{i4}] LOG:  duration: {msf} ms  statement: SELECT {col} FROM {table} WHERE id \
         = {i4}",
    ),
    (
        "postgres",
        "{tsp} UTC [{i4}] FATAL:  remaining connection slots are reserved for non-replication \
         superuser connections",
    ),
    (
        "postgres",
        "{tsp} UTC [{i4}] LOG:  automatic vacuum of table \"shop.public.{table}\": index scans: \
         {i1}",
    ),
    (
        "mysql",
        "{ts} {i1} [Note] InnoDB: Buffer pool(s) load completed at 26{d4} {time}",
    ),
    (
        "mysql",
        "{ts} 0 [System] [MY-010931] [Server] /usr/sbin/mysqld: ready for connections. Version: \
         '8.0.{i2}'  socket: '/var/run/mysqld/mysqld.sock'  port: 3306",
    ),
    (
        "mysql",
        "# Query_time: {i1}.{d6}  Lock_time: 0.{d6} Rows_sent: {i3}  Rows_examined: {i6}",
    ),
    (
        "mysql",
        "{ts} {i2} [Warning] [MY-013360] [Server] Plugin mysql_native_password reported: \
         ''mysql_native_password' is deprecated'",
    ),
    (
        "redis",
        "{i4}:M {dom} {month} 2026 {time}.{d3} * Background saving terminated with success",
    ),
    (
        "redis",
        "{i1}:C {dom} {month} 2026 {time}.{d3} # oO0OoO0OoO0Oo Redis is starting oO0OoO0OoO0Oo",
    ),
    (
        "redis",
        "{i4}:M {dom} {month} 2026 {time}.{d3} * DB saved on disk, {i4} keys",
    ),
    (
        "redis",
        "{i4}:S {dom} {month} 2026 {time}.{d3} * MASTER <-> REPLICA sync: receiving {i7} bytes \
         from master to disk",
    ),
    (
        "kafka",
        "[{tsc}] INFO [GroupCoordinator {i1}]: Stabilized group {svc} generation {i3} \
         (__consumer_offsets-{i2}) (kafka.coordinator.group.GroupCoordinator)",
    ),
    (
        "kafka",
        "[{tsc}] INFO [Log partition={topic}-{i1}, dir=/var/lib/kafka] Rolled new log segment at \
         offset {i8} in {i1} ms. (kafka.log.Log)",
    ),
    (
        "kafka",
        "[{tsc}] WARN [ReplicaFetcher replicaId={i1}, leaderId={i1}] Error when sending leader \
         epoch request (kafka.server.ReplicaFetcherThread)",
    ),
    (
        "systemd",
        "{month} {dom} {time} {host} systemd[1]: Started {svc}.service - Background worker.",
    ),
    (
        "systemd",
        "{month} {dom} {time} {host} systemd[1]: {svc}.service: Main process exited, code=exited, \
         status={i1}/FAILURE",
    ),
    (
        "systemd",
        "{month} {dom} {time} {host} systemd[1]: Reached target Multi-User System.",
    ),
    (
        "systemd",
        "{month} {dom} {time} {host} systemd-logind[{i3}]: Removed session {i4}.",
    ),
    (
        "kernel",
        "[{i5}.{d6}] usb 1-{i1}: new high-speed USB device number {i1} using xhci_hcd",
    ),
    (
        "kernel",
        "[{i4}.{d6}] EXT4-fs (sda{i1}): mounted filesystem with ordered data mode. Quota mode: \
         none.",
    ),
    (
        "kernel",
        "[{i6}.{d6}] Out of memory: Killed process {i5} (java) total-vm:{i7}kB, anon-rss:{i7}kB, \
         file-rss:0kB",
    ),
    (
        "kernel",
        "[    0.{d6}] Memory: {i8}K/{i8}K available (20480K kernel code, 4213K rwdata)",
    ),
    (
        "kernel",
        "[    0.{d6}] BIOS-e820: [mem 0x{h16}-0x{h16}] usable",
    ),
    (
        "jvm_gc",
        "[{msf}s][info][gc] GC({i3}) Pause Young (Normal) (G1 Evacuation Pause) \
         {i3}M->{i2}M({i4}M) {msf}ms",
    ),
    (
        "jvm_gc",
        "{tso}: {msf}: [GC (Allocation Failure) [PSYoungGen: {i6}K->{i5}K({i6}K)] \
         {i6}K->{i6}K({i7}K), 0.{d7} secs]",
    ),
    (
        "jvm_gc",
        "Metaspace       used {i5}K, committed {i5}K, reserved {i7}K",
    ),
    (
        "cassandra",
        "INFO  [CompactionExecutor:{i3}] {tsc} CompactionTask.java:{i3} - Compacted ({uuid}) 4 \
         sstables to [/var/lib/cassandra/data/ks/{table}-{h32}/nb-{i3}-big,] to level=0. {bytes} \
         bytes",
    ),
    (
        "cassandra",
        "WARN  [ScheduledTasks:1] {tsc} MonitoringTask.java:{i3} - {i1} operations were slow in \
         the last 5000 msecs",
    ),
    (
        "rabbitmq",
        "{tsp}+00:00 [info] <0.{i4}.0> Server startup complete; {i1} plugins started.",
    ),
    (
        "rabbitmq",
        "{tsp}+00:00 [warning] <0.{i4}.0> Mirrored queue '{queue}' in vhost '/': Adding mirror on \
         node rabbit@{host}",
    ),
    (
        "rabbitmq",
        "=INFO REPORT==== {dom}-{month}-2026::{time} === connection <0.{i5}.{i1}> closed",
    ),
    (
        "envoy",
        "[{tsp}][{i2}][info][upstream] [source/common/upstream/cluster_manager_impl.cc:{i3}] cm \
         init: all clusters initialized",
    ),
    (
        "envoy",
        "[{tsp}][{i2}][warning][config] [source/common/config/grpc_subscription_impl.cc:{i3}] gRPC \
         config for type.googleapis.com/envoy.config.listener.v3.Listener rejected: {err}",
    ),
    (
        "elasticsearch",
        "[{tsc}][INFO ][o.e.c.m.MetadataCreateIndexService] [{host}] [logs-2026.03.{d2}] creating \
         index, cause [auto(bulk api)], templates [logs], shards [1]/[1]",
    ),
    (
        "elasticsearch",
        "[{tsc}][WARN ][o.e.m.j.JvmGcMonitorService] [{host}] [gc][{i6}] overhead, spent [{ms}ms] \
         collecting in the last [1s]",
    ),
    (
        "prometheus",
        "ts={ts} caller=main.go:{i3} level=info component=tsdb msg=\"WAL segment loaded\" \
         segment={i4} maxSegment={i4}",
    ),
    (
        "prometheus",
        "ts={ts} caller=compact.go:{i3} level=info component=tsdb msg=\"write block\" \
         mint={epochms} maxt={epochms} ulid={ulid} duration={msf}ms",
    ),
    (
        "grafana",
        "logger=context t={tso} level=info msg=\"Request Completed\" method=GET path=/api/health \
         status=200 time_ms={i1} duration={msf}ms size={i2} referer= handler=/api/health",
    ),
    (
        "loki",
        "level=info ts={ts} caller=metrics.go:{i3} component=querier latency=fast \
         query_type=limited range_type=range length=1h0m0s step=14s duration={msf}ms status=200 \
         limit=1000 returned_lines=0 throughput=30MB total_bytes={i2}MB",
    ),
    (
        "etcd",
        "{\"level\":\"info\",\"ts\":\"{ts}\",\"caller\":\"mvcc/hash.go:{i3}\",\"msg\":\"storing \
         new hash\",\"hash\":{i10},\"revision\":{i8},\"compact-revision\":{i8}}",
    ),
    (
        "etcd",
        "{\"level\":\"warn\",\"ts\":\"{ts}\",\"caller\":\"etcdserver/util.go:{i3}\",\"msg\":\"appl\
         y request took too long\",\"took\":\"{msf}ms\",\"expected-duration\":\"100ms\"}",
    ),
    (
        "consul",
        "{ts} [INFO]  agent.leafcert: raft: election won: term={i1} tally={i1}",
    ),
    ("vault", "{ts} [INFO]  core: vault is unsealed"),
    (
        "vault",
        "{ts} [INFO]  expiration: revoked lease: lease_id=auth/kubernetes/login/{x8}",
    ),
    (
        "terraform",
        "aws_instance.web: Creation complete after {i2}s [id=i-{h17}]",
    ),
    (
        "terraform",
        "Plan: {i1} to add, {i1} to change, 0 to destroy.",
    ),
    (
        "docker",
        "time=\"{ts}\" level=info msg=\"ignoring event\" container={h64} module=libcontainerd \
         namespace=moby topic=/tasks/delete type=\"*events.TaskDelete\"",
    ),
    (
        "docker",
        "Step {i1}/{i2} : RUN pip install -r requirements.txt ---> Running in {h12}",
    ),
    (
        "containerd",
        "time=\"{tsn}\" level=info msg=\"StopPodSandbox for \\\"{h64}\\\"\"",
    ),
    ("github_actions", "{ts} ##[group]Run actions/cache@v4"),
    (
        "github_actions",
        "##[error]Process completed with exit code {i1}.",
    ),
    ("jenkins", "[Pipeline] {stage} (Build) Finished: SUCCESS"),
    ("gradle", "> Task :app:compileJava UP-TO-DATE"),
    (
        "gradle",
        "BUILD SUCCESSFUL in {i2}s {i2} actionable tasks: {i1} executed",
    ),
    (
        "maven",
        "[INFO] Tests run: {i3}, Failures: 0, Errors: 0, Skipped: {i1}, Time elapsed: {msf} s - in \
         {class}Test",
    ),
    (
        "pytest",
        "tests/test_auth.py::test_token_is_rotated PASSED [ {i2}%]",
    ),
    ("cargo", "   Compiling serde v1.0.{i3}"),
    (
        "npm",
        "npm warn deprecated inflight@1.0.6: This module is not supported",
    ),
    (
        "pip",
        "Successfully installed certifi-2026.1.{i1} idna-3.{i1} requests-2.32.{i1}",
    ),
    (
        "go_test",
        "ok  \tgithub.com/acme/{svc}/internal/auth\t{msf}s",
    ),
    (
        "rails",
        "Completed {status} OK in {ms}ms (Views: {msf}ms | ActiveRecord: {msf}ms | Allocations: \
         {i5})",
    ),
    (
        "rails",
        "  Rendered orders/index.html.erb within layouts/application (Duration: {msf}ms | \
         Allocations: {i4})",
    ),
    ("rails", "Processing by OrdersController#show as HTML"),
    (
        "django",
        "[{dom}/{month}/2026 {time}] \"GET /static/css/base.css HTTP/1.1\" 200 {i5}",
    ),
    ("django", "WARNING django.request Not Found: {route}"),
    (
        "spring",
        "{tso}  INFO {i5} --- [           main] o.s.b.w.embedded.tomcat.TomcatWebServer  : Tomcat \
         started on port(s): 8080 (http) with context path ''",
    ),
    (
        "spring",
        "{tsp}  WARN {i5} --- [{thread}] com.zaxxer.hikari.pool.HikariPool : HikariPool-1 - Thread \
         starvation or clock leap detected (housekeeper delta={i2}s{i3}ms).",
    ),
    (
        "celery",
        "[{tsc}: INFO/ForkPoolWorker-{i1}] Task {svc}.tasks.sync[{uuid}] succeeded in {msf}s: None",
    ),
    (
        "gunicorn",
        "[{tsp} +0000] [{i5}] [INFO] Booting worker with pid: {i5}",
    ),
    (
        "sidekiq",
        "{ts} pid={i5} tid={n4} class=InvoiceJob jid={h24} elapsed={msf} INFO: done",
    ),
    (
        "phoenix",
        "{time}.{d3} request_id=F{x19} [info] Sent {status} in {ms}ms",
    ),
    (
        "laravel",
        "[{tsp}] production.ERROR: SQLSTATE[40001]: Serialization failure: 1213 Deadlock found",
    ),
    ("express", "{method} {route} {status} {msf} ms - {i3}"),
    (
        "hpc",
        "{i6} node-{i3} unix.hw state_change.unavailable {epoch} 1 Component State Change: \
         Component \\042alt0\\042 is in the unavailable state (HWID={i4})",
    ),
    (
        "bgl",
        "- {epoch} 2026.03.01 R{d2}-M{i1}-N{i1}-C:J{d2}-U{d2} {day}-{d2}.{d2}.{d2}.{d6} RAS KERNEL \
         INFO instruction cache parity error corrected",
    ),
    (
        "thunderbird",
        "- {epoch} 2026.03.01 {host} {month} {dom} {time} {host}/{host} crond(pam_unix)[{i4}]: \
         session closed",
    ),
    (
        "proxifier",
        "[03.01 {time}] chrome.exe - {svc}.internal:443 close, {i4} bytes sent, {i5} bytes \
         received, lifetime 00:{i2}",
    ),
    (
        "healthapp",
        "20260301-{d2}:{d2}:{d2}:{d3}|Step_LSC|{i8}|onStandStepChanged {i4}",
    ),
    (
        "mac",
        "{month} {dom} {time} {host} com.apple.xpc.launchd[1] (com.apple.quicklook[{i5}]): \
         Endpoint has been activated through legacy launch(3) APIs.",
    ),
    (
        "mac",
        "{month} {dom} {time} {host} kernel[0]: AppleThunderboltNHIType2::waitForOk2Go2Sx - \
         retries = {i1}",
    ),
    ("squid", "{epoch}.{d3}| storeDirWriteCleanLogs: Starting..."),
    (
        "cron",
        "{month} {dom} {time} {host} CRON[{i5}]: (root) CMD (run-parts /etc/cron.hourly)",
    ),
    (
        "ntp",
        "{month} {dom} {time} {host} chronyd[{i3}]: System clock wrong by {d1}.{d6} seconds",
    ),
    (
        "haproxy",
        "{month} {dom} {time} {host} haproxy[{i4}]: Proxy {svc} started.",
    ),
    ("varnish", "varnishd[{i4}]: Child ({i5}) Started"),
    (
        "ceph",
        "{tso} osd.{i2} {i4} slow request {msf} seconds old, oldest blocked for > {msf} secs",
    ),
    (
        "istio",
        "{ts}\tinfo\txdsproxy\tconnected to delta upstream XDS server: \
         istiod.istio-system.svc:15012",
    ),
    (
        "airflow",
        "[{tso}] {taskinstance.py:{i4}} INFO - Marking task as SUCCESS. dag_id=daily, \
         task_id=load, execution_date=20260301T000000",
    ),
    (
        "flink",
        "{tsc} INFO  org.apache.flink.runtime.checkpoint.CheckpointCoordinator [] - Completed \
         checkpoint {i4} for job {h32} ({i6} bytes, checkpointDuration={ms} ms).",
    ),
    (
        "clickhouse",
        "2026.03.01 {time}.{d6} [ {i5} ] {{uuid}} <Debug> executeQuery: Read {i6} rows, {pct} MiB \
         in 0.{d6} sec.",
    ),
    (
        "mongodb",
        "{\"t\":{\"$date\":\"{tso}\"},\"s\":\"I\",\"c\":\"STORAGE\",\"id\":{i7},\"ctx\":\"WTCheckpo\
         intThread\",\"msg\":\"WiredTiger \
         message\",\"attr\":{\"message\":\"[{epoch}:{d6}][{i1}:0x7f{h10}], WT_SESSION.checkpoint: \
         saving checkpoint snapshot min: {i6}\"}}",
    ),
    (
        "unity",
        "Uploading Crash Report NullReferenceException: Object reference not set to an instance of \
         an object at Game.Player.Update () [0x{d5}] in <{h32}>:0",
    ),
    (
        "nodejs",
        "(node:{i5}) [DEP0005] DeprecationWarning: Buffer() is deprecated due to security and \
         usability issues.",
    ),
    (
        "chrome",
        "[{i5}:{i5}:0301/{d6}.{d6}:ERROR:ssl_client_socket_impl.cc({i3})] handshake failed; \
         returned -1, SSL error code 1, net_error -{i3}",
    ),
    ("ansible", "TASK [{svc} : install packages] ok: [{host}]"),
    (
        "ansible",
        "PLAY RECAP {host} : ok={i2} changed={i1} unreachable=0 failed=0",
    ),
    (
        "otel_collector",
        "{ts}\tinfo\texporterhelper/retry_sender.go:{i3}\tExporting failed. Will retry the request \
         after interval.\t{\"kind\": \"exporter\", \"interval\": \"{msf}s\"}",
    ),
    (
        "app_json",
        "{\"ts\":\"{ts}\",\"level\":\"{lvl}\",\"msg\":\"{msg}\",\"service\":\"{svc}\",\"duration_ms\
         \":{ms},\"trace_id\":\"{h32}\"}",
    ),
    (
        "app_json",
        "{\"@timestamp\":\"{ts}\",\"log.level\":\"INFO\",\"message\":\"{method} {route} -> \
         {status}\",\"http.response.status_code\":{status},\"event.duration\":{i8}}",
    ),
    ("app_text", "{ts} {LEVEL} {class} - {msg} in {ms} ms"),
    (
        "app_text",
        "{tsp} [{thread}] {LEVEL} {class} - {msg} id={i6} state={state}",
    ),
    ("app_text", "{svc}: {msg} ({ver}, {region})"),
];
