//! The words by which messages tell of trouble, and those that only look so.
//!
//! Rows are set apart by bars, in lower case, `-` and `_` written as a space. A row matches whole
//! words; `*` at an end lets the word go on there.

use super::Kind::{
    self, AddressInUse, Blocked, Certificate, Clock, Corrupt, Crash, Denied, Down, Exception,
    Exhausted, Exit, Failed, Killed, Lock, Mismatch, Missing, NameResolution, OutOfMemory,
    Overload, ReadOnly, Refused, Reset, Slow, Space, Throttled, Timeout, Unreachable,
};
use super::Weight::{self, Error, Fatal, Hint};

/// Words of one kind and weight.
pub(super) struct Words {
    pub(super) kind: Kind,
    pub(super) weight: Weight,
    pub(super) rows: &'static str,
}

const fn words(kind: Kind, weight: Weight, rows: &'static str) -> Words {
    Words { kind, weight, rows }
}

/// What tells of trouble.
pub(super) const TROUBLE: &[Words] = &[
    words(
        Failed,
        Fatal,
        "unrecoverable|fatal error|fatal|catastrophic|process terminated unexpectedly",
    ),
    words(
        Failed,
        Error,
        "fail|fails|failing|failure|unable to|unsuccessful*|cannot|could not|\
        couldn't|can not|aborted|aborting|rejected|internal server error|\
        unprocessable*|giving up|gave up|max retries exceeded|retries exhausted|\
        rolled back due|dead letter*|poison message|errored|not processed|bounced|undeliverable|\
        rejecting|fehler*|\
        fehlgeschlagen|erreur|échec|errore|falló|fallito|falha",
    ),
    words(
        Failed,
        Hint,
        "can't|retry|retrying|retries|will retry|unexpected|unexpectedly|invalid|\
        malformed|not found|canceled|cancelled|skipped|dropped|discarded|stale|\
        mismatch|unsupported|unknown|interrupted|backoff|back off|backing off|\
        suspicious|violates|violation|duplicate key|problem|bad request|deferred|\
        declined|rolled back|rolling back|stuck|flapping|missed|revoked|\
        quarantined|out of sync|diverged|no route",
    ),
    words(
        Exception,
        Error,
        "*exception|traceback|unhandled|uncaught|stack trace|stacktrace|assertion|\
        nil pointer dereference|null reference|null pointer|index out of range|\
        is not a function|is undefined|of undefined|of null|undefined method|\
        undefined index|undefined variable|undefined function|division by zero|\
        divide by zero|unwrap() on|integer overflow",
    ),
    words(
        Timeout,
        Error,
        "timed out|time out|timing out|i/o timeout|io timeout|read timeout|\
        write timeout|connect timeout|connection timeout|request timeout|\
        socket timeout|gateway timeout|query timeout|statement timeout|\
        execution timeout|worker timeout|timeout exceeded|timeout expired|\
        timeout reached|timeout elapsed|timeout occurred|timeout after|\
        timeout waiting|timeout while|timeout awaiting|exceeded timeout|\
        deadline exceeded|deadlineexceeded|context deadline|*timeoutexception|\
        *timeouterror|*timedout|no response from|did not respond|\
        not respond in time|took too long to respond|zeitüberschreitung",
    ),
    words(
        Timeout,
        Hint,
        "timeout|timeouts|context canceled|taskcanceled*",
    ),
    words(
        Refused,
        Error,
        "refused|*connrefused|no listener|actively refused|connectexception|\
        target machine actively|connection rejected",
    ),
    words(
        Reset,
        Error,
        "connection reset|reset by peer|*connreset|connection aborted|*connaborted|\
        broken pipe|epipe|socket hang up|unexpected eof|unexpected end of*|\
        premature*|lost connection|connection lost|connection was lost|\
        connection dropped|connection is closed|connection has been closed|\
        connection was closed|closed the connection unexpectedly|\
        server has gone away|terminating connection|\
        connection terminated unexpectedly|stream error|rst stream|goaway",
    ),
    words(Reset, Hint, "disconnected|eof|client disconnect*"),
    words(
        Unreachable,
        Error,
        "unreachable|no route to host|*hostunreach|*netunreach|noroutetohost*|\
        network is down|link is down|link down|carrier lost|no carrier|\
        not reachable|partitioned|network partition|failed to connect|\
        failed connecting|unable to connect|could not connect|cannot connect|\
        can't connect|connect() failed|connection failed|connection failure|\
        connection attempt failed|failed to establish*",
    ),
    words(
        NameResolution,
        Error,
        "dial tcp: lookup|dial udp: lookup|no such host|name or service not known|\
        name resolution|getaddrinfo|eai again|enotfound|could not resolve|\
        couldn't resolve|cannot resolve host*|failed to resolve|\
        unable to resolve host*|unresolved host*|could not translate host name|\
        nodename nor servname|no address associated with|host not found|\
        unknown host|unknownhost*|servfail|not be resolved|dns error|dns failure|\
        dns lookup failed|resolve host name",
    ),
    words(NameResolution, Hint, "nxdomain"),
    words(
        Certificate,
        Error,
        "certificate has expired|certificate expired|expired certificate|\
        certificate is not valid|certificate is invalid|certificate invalid|\
        certificate verify failed|certificate verification failed|\
        certificate signed by unknown|certificate unknown|\
        certificate is not yet valid|unable to verify the first certificate|\
        unable to get local issuer certificate|self signed certificate|\
        bad certificate|unknown ca|x509|nottimevalid|partialchain|untrustedroot|\
        handshake fail*|handshake error|handshake did not complete|ssl handshake|\
        sslhandshake*|tls handshake|tls alert|ssl routines|\
        ssl connection could not be established|ssl error|tls error|pkix path*|\
        certpath*|certificateexception|certificate has been revoked|\
        cert has expired|cert expired|hostname mismatch|\
        no alternative certificate subject name",
    ),
    words(
        Certificate,
        Hint,
        "certificate expires|certificate will expire|cert expires|expires soon|\
        about to expire|will expire|expires in|expires on",
    ),
    words(
        Denied,
        Error,
        "denied|accessdenied*|access refused|\
        authentication failed|authentication failure|\
        auth failed|authorization failed|login failed|failed login|failed password|\
        unauthorized|unauthenticated|unauthorised|forbidden|not authorized|\
        not authorised|not permitted|insufficient privilege*|\
        insufficient permission*|invalid credentials|bad credentials|\
        invalid password|wrong password|wrongpass|noauth|invalid token|\
        token rejected|token is invalid|invalid signature|signature mismatch|\
        signature does not match|invalid api key|eacces|eperm|expiredtoken*|\
        token has expired|credentials have expired|credentials expired",
    ),
    words(
        Blocked,
        Error,
        "block list|blocklist|blocklisted|denylisted|poor reputation|\
        low reputation|bad reputation|blocked using|has been banned|\
        is banned|ip banned",
    ),
    words(Blocked, Hint, "blacklist*"),
    words(
        Mismatch,
        Error,
        "mtu mismatch|larger interface mtu|duplex mismatch|native vlan mismatch|\
        encapsulation mismatch|timer mismatch|area mismatch|protocol version mismatch|\
        protocol mismatch|parameters mismatch",
    ),
    words(
        Denied,
        Hint,
        "token expired|session expired|invalid user|invalid login|jwt expired",
    ),
    words(
        Clock,
        Error,
        "used before issued|issued in the future|token is not yet valid|\
        token not active|not yet active|iat in the future|clock skew|clock drift|\
        time skew|requesttimetooskewed|request time too skewed|time jumped|\
        clock is not synchroni*|clock unsynchroni*",
    ),
    words(
        Throttled,
        Error,
        "throttl*|*throttlingexception|too many requests|rate limit exceeded|\
        rate limit reached|rate limited|rate exceeded|ratelimit exceeded|\
        ratelimited|resource exhausted|request limit exceeded|requestlimitexceeded|\
        *throughputexceeded*|slowdown|quota exceeded|quotaexceeded*|exceeded quota|\
        exceeds quota|over quota|quota has been exceeded|quota limit|\
        reduce your request rate",
    ),
    words(Throttled, Hint, "rate limit|rate limiting|ratelimit"),
    words(
        OutOfMemory,
        Fatal,
        "out of memory: kill*|oom killer|oom kill|oom killed|oomkilled|oom reaper|\
        oom kill process|perhaps out of memory|killed by the oom*|\
        heap out of memory|outofmemoryerror|outofmemoryexception|\
        runtime exited with error: signal: killed",
    ),
    words(
        OutOfMemory,
        Error,
        "out of memory|oom|cannot allocate memory|unable to allocate|\
        failed to allocate|could not allocate|allocation failure|allocation failed|\
        not enough memory|insufficient memory|enomem|memoryerror|\
        memory limit exceeded|exceeded memory limit|exceeds memory limit|\
        memory exhausted|allowed memory size|gc overhead limit|bad alloc|\
        memory resource limit alarm|memory alarm|memory high watermark|\
        swap exhausted",
    ),
    words(
        OutOfMemory,
        Hint,
        "low memory|memory pressure|memory usage high|high memory usage|\
        old generation gc|concurrent mode failure|to space exhausted",
    ),
    words(
        Killed,
        Fatal,
        "code=killed|killed process|was killed|sent sigkill|killed by signal|\
        signal: killed|terminated by signal|exited on signal|died unexpectedly|\
        exited unexpectedly",
    ),
    words(Killed, Error, "sigkill|killed|killing|evicted"),
    words(
        Crash,
        Fatal,
        "segfault|segmentation fault|segmentation violation|sigsegv|sigabrt|sigbus|\
        sigill|core dumped|dumped core|code=dumped|core dump|coredump|\
        general protection|kernel panic|kernel bug at|panic|panicked|\
        stackoverflowerror|stack overflow|double free|heap corruption|\
        stack smashing detected|terminate called|traps:|access violation|bus error|\
        illegal instruction|fatal signal|crashed|crash|soft lockup|hard lockup",
    ),
    words(
        Crash,
        Error,
        "panic serving|recovered panic|panic recovered|recovered from panic",
    ),
    words(
        Exit,
        Fatal,
        "failed to start|failed to boot|failed to launch|could not start|\
        unable to start|cannot start|startup failed|start failed|failed at startup|\
        error starting|initialization failed|non zero exit*|nonzero exit*|\
        crashloop*|crash loop*|start request repeated too quickly|\
        failed with result|restarting failed container|application run failed|\
        worker failed to boot|fatal: exiting|exited abnormally|\
        terminated abnormally|exited with error|runtime exited|dependency failed",
    ),
    words(
        Exit,
        Hint,
        "exiting|scheduled restart job|restarted unexpectedly",
    ),
    words(
        Down,
        Error,
        "is down|as down|are down|went down|gone down|marked down|marking down|\
        state down|status down|server down|host down|node down|peer down|\
        clusterdown|masterdown|not responding|stopped responding|unresponsive|\
        unhealthy|not healthy|health check failed|healthcheck failed|\
        health check timeout|probe failed|probe errored|no healthy|\
        no live upstreams|no endpoints available|no server available|\
        no server is available|no servers available|no available server*|\
        no available broker*|no brokers available|no nodes available|\
        no instances available|no available instance*|no backend*|nosrv|unavailable|\
        bad gateway|no leader|lost leader*|leader lost|leader changed|\
        leadernotavailable*|leader election lost|quorum lost|lost quorum|no quorum|\
        missed heartbeat*|lost heartbeat|heartbeat lost|heartbeat failed|\
        notenoughreplicas*|not enough replicas|in sync replicas|circuit open|\
        circuit breaker open*|circuitbreaker open|breaker is open|breaker opened|\
        breaker tripped|callnotpermitted*|database system is shutting down|\
        database system is starting up|is not running|is dead|imagepullbackoff|\
        errimagepull|failed to pull image|is sealed|hold timer expired|\
        adjacency lost|neighbor down|watchdog timeout|watchdog bite*",
    ),
    words(
        Down,
        Hint,
        "not ready|not available|offline|degraded|failover|failing over|ejected|\
        under replicated|underreplicated|shrinking isr|going down|notready|\
        changed state to down|to down|link down|disconnected|lost carrier",
    ),
    words(
        Lock,
        Error,
        "deadlock|deadlocks|deadlockloser*|deadlocked|lock wait timeout|lock timeout|\
        could not obtain lock|could not acquire lock|is blocked by|in exclusive use|\
        locked by another|already locked by|failed to acquire lock|\
        failed to obtain lock|cannotacquirelock*|database is locked|table is locked|\
        could not serialize access|serialization failure|optimistic lock*|\
        staleobjectstate*|still waiting for|hung task|blocked for more than|\
        rcu detected stall|lock contention",
    ),
    words(
        Lock,
        Hint,
        "waits for|waiting for lock|blocked by process|blocked by",
    ),
    words(
        Space,
        Fatal,
        "no space left|enospc|disk full|disk is full|device is full|filesystem full|\
        file system full|filesystem is full|disk quota exceeded|edquot|\
        database space exceeded|out of disk|not enough disk space|\
        insufficient disk space|not enough space|insufficient space|\
        insufficient storage|could not extend file|out of inodes|no free space|\
        flood stage*",
    ),
    words(
        Space,
        Error,
        "disk quota|storage quota|mailbox quota|mailbox is full|mailbox full|\
        low disk space|disk space low|low on disk*|running out of disk*|\
        space exceeded|disk watermark|nospace",
    ),
    words(
        ReadOnly,
        Error,
        "read only file system|read only filesystem|erofs|\
        remounting filesystem read only|remounted read only|read only replica|\
        read only transaction|read only mode|is read only|readonly you can't write|\
        super read only|misconf|unable to persist to disk",
    ),
    words(
        Exhausted,
        Error,
        "pool exhausted|pool is exhausted|exhausted|resource limit alarm|\
        data too large|circuitbreakingexception|circuit breaking exception|\
        quota reached|connection is not available|\
        could not get a resource from the pool|unable to acquire jdbc connection|\
        timeout waiting for connection|timeout waiting for idle object|\
        queuepool limit|connection leak|leak detection triggered|possible leak|\
        too many connections|too many open files|too many clients|too many files|\
        too many processes|remaining connection slots|maximum number of connections|\
        max client connections|connection limit exceeded|no more connections|\
        no free connections|no available connections|\
        resource temporarily unavailable|emfile|enfile|queue full|queue is full|\
        buffer full|buffer is full|buffer overflow|rejectedexecution*|\
        worker connections are not enough|maxclients|max children|port exhaustion|\
        cannot assign requested address|eaddrnotavail|table full|backlog full|\
        possible syn flooding|ran out of|run out of|running out of",
    ),
    words(
        Corrupt,
        Error,
        "corrupt|corrupted|corruption|checksum mismatch|checksum error|\
        checksum failed|checksum verification failed|crc error|crc mismatch|\
        bad magic|invalid page|i/o error|io error|input/output error|medium error|\
        bad sector|unreadable (pending)|unreadable sector*|reallocated sector*|\
        unrecovered read error|ext4 fs error|data loss|\
        inconsistent data|\
        torn page|uncorrectable|machine check|mce: hardware error|hardware error",
    ),
    words(
        AddressInUse,
        Fatal,
        "address already in use|address in use|*addrinuse|port is already allocated|\
        port already in use|port is already in use|cannot bind|failed to bind|\
        could not bind|unable to bind|bind failed|failed to listen|\
        only one usage of each socket address",
    ),
    words(
        Missing,
        Error,
        "no such file|no such table|no such column|no such module|no such container|\
        no such service|does not exist|doesn't exist|do not exist|unknown column|\
        unknown table|unknown database|undefinedcolumn|undefinedtable|\
        undefined column|undefined table|invalid object name|invalid column name|\
        no module named|cannot find module|module not found|modulenotfounderror|\
        classnotfound*|noclassdeffound*|nosuchmethod*|nosuchfield*|\
        nosuchbeandefinition*|undefined symbol|symbol lookup error|\
        shared object file|missing required|required key not*|enoent|nosuchkey|\
        nosuchbucket|manifest unknown|command not found|executable file not found|\
        unrecognized option|invalid configuration|configuration error|config error|\
        invalid config|syntax error|parse error|version mismatch|schema mismatch|\
        incompatible|migration failed",
    ),
    words(
        Overload,
        Error,
        "overloaded|overload|load shedding|shedding load|server is busy|too busy|\
        falling behind|fell behind",
    ),
    words(
        Overload,
        Hint,
        "lagging|lag|\
        backlog|backpressure|back pressure|queue is growing|high load|\
        is overdue|delayed|stalled|degrading",
    ),
    words(
        Slow,
        Hint,
        "slow query|slow request|slow log|slow sql|slow|took too long|too slow|\
        high latency|taking too long|long running query|local pause",
    ),
];

/// Words that are counted: a zero beside them says that all is well.
pub(super) const COUNTED: &[Words] = &[
    words(Failed, Error, "error|errors|failed|failures|err"),
    words(Exception, Error, "exceptions"),
];

/// Words behind which the status stands that a process ended with.
pub(super) const ENDED: &str = "exit status|exit code|exitcode|exited with|exited with status|\
        exited with code|exited with exit code|terminated with exit code|\
        terminated with status|finished with exit code|returned exit code|\
        process exited|code=exited, status";

/// What holds such words and is no trouble.
pub(super) const HARMLESS: &str = "error rate*|error handl*|error report*|error page*|error log|\
        error logs|\
        error count*|error budget|error level|error tracking|error threshold|\
        error correction|error boundary|error channel|error file|error queue|\
        error template*|error message*|error code*|standard error|on error|\
        on failure|if error|in case of error|in case of failure|no error*|\
        no failure*|no exception*|no problem*|no panic|no crash*|no deadlock*|\
        no timeout*|no corruption|no retries|without error*|without failure*|\
        without problem*|without any error*|without exception*|zero errors|\
        zero failures|not failed|never fail*|none failed|fail fast|fail open|\
        fail safe|failure detector|failure domain|failure threshold|\
        exception handl*|exception mapper|exception filter|timeout ms|timeout sec*|\
        timeout set|timeout is|timeout to|timeout handler|timeout config*|\
        request timeout ms|connect timeout ms|read timeout ms|idle timeout|\
        keepalive timeout|session timeout ms|graceful timeout|with timeout|\
        using timeout|default timeout|retry policy|retry config*|max retries|\
        retry count|retry after|retry interval|is down to|rate limit remaining|\
        rate limit reset|rate limiter|ratelimit remaining|ratelimit reset|oom score|\
        oom score adj|crash report*|crash handler|crash recovery|core dump handler|\
        deadlock detector|deadlock detection|deadlock timeout|dead letter exchange|\
        slow log enabled|check for errors|checking for errors|errors will be|\
        failed over to|slow start|segfault handler|non fatal|nonfatal|panic handler|\
        panic threshold|signal handler|fatal error handler|shutdown completed|\
        cannot be undone|is not a problem|can be ignored|safely ignored|\
        safe to ignore";

/// What says that trouble is over.
pub(super) const OVER: &str = "recovered|retry succeeded|retry successful|succeeded after|\
        succeeded on retry|succeeded on attempt|success after|reconnected|\
        connection restored|connection re established|connection reestablished|\
        back online|back to normal|is healthy again|healthy again|is up again|\
        no longer failing|no longer unavailable|no longer unhealthy|circuit closed|\
        breaker closed|has been resolved|alarm cleared|alarm clear|alert cleared|\
        alert resolved";
