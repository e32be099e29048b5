//! What kinds of errors mean, whatever program raised them.
//!
//! A row: last parts of types in lower case, parted by blanks; words of message or type, parted by
//! bars; and the meaning. Where a row has both, both have to fit; the first row that fits counts,
//! so that what tells more stands first.

/// A kind of error.
pub(super) struct Row {
    pub(super) types: &'static str,
    pub(super) words: &'static str,
    pub(super) means: &'static str,
}

const fn row(types: &'static str, words: &'static str, means: &'static str) -> Row {
    Row {
        types,
        words,
        means,
    }
}

/// Kinds of errors.
pub(super) const MEANINGS: &[Row] = &[
    // Memory and the machine.
    row(
        "",
        "heap space|out of memory|outofmemory|cannot allocate memory|enomem|\
         gc overhead limit|memoryerror|bad_alloc|allowed memory size",
        "the process had no memory left to allocate: it holds more than its limit, or \
         the limit is too low",
    ),
    row(
        "",
        "stackoverflow|stack overflow|maximum recursion depth|maximum call stack|\
         recursionerror|systemstackerror|stack level too deep",
        "calls nested without end until the stack was full, most often a function that \
         calls itself",
    ),
    row(
        "",
        "no space left|enospc|disk quota exceeded|disk full|diskfull",
        "there was no space or no file left on the disk that it writes to",
    ),
    row(
        "",
        "too many open files|emfile|enfile",
        "the process had more files or connections open than it may",
    ),
    row(
        "",
        "read-only file system|erofs",
        "it wrote to a file system that may only be read",
    ),
    row(
        "sigsegv segv sigbus accessviolationexception exc_bad_access",
        "",
        "it touched memory that is not its own: a pointer that is null, freed or wrong",
    ),
    row(
        "",
        "use-after-free|buffer-overflow|double-free",
        "memory was used after it was freed, or beyond its end",
    ),
    row(
        "",
        "data race",
        "two threads touched the same memory at once, and one of them wrote",
    ),
    row(
        "sigkill",
        "",
        "something killed it from outside: the kernel for memory, or a supervisor",
    ),
    // The network.
    row(
        "",
        "connection refused|econnrefused|connectionrefused|actively refused",
        "nothing listened at the address that was called, or something refused the \
         connection",
    ),
    row(
        "",
        "enotfound|unknownhost|name or service not known|nodename nor servname|\
         no such host|getaddrinfo|eai_again|name resolution|temporary failure in name",
        "a host name could not be resolved to an address",
    ),
    row(
        "",
        "certificate|sslhandshake|certpath|handshake_failure|tls handshake|x509|pkix",
        "the certificate of the other side was not accepted: expired, for another name, \
         or of an unknown issuer",
    ),
    row(
        "",
        "connection reset|econnreset|connectionreset|broken pipe|epipe|socket hang up|\
         unexpected eof|connection closed|connectionaborted|server closed the connection|\
         prematurely closed",
        "the other side ended the connection before the answer was complete",
    ),
    row(
        "",
        "no route to host|network is unreachable|ehostunreach|enetunreach|noroutetohost",
        "there was no way through the network to the machine that was called",
    ),
    row(
        "",
        "address already in use|eaddrinuse|bindexception",
        "another process listens on that port already",
    ),
    row(
        "",
        "pool exhausted|connection pool|from the pool|queuepool limit|pool size|\
         connection is not available|too many connections|too many clients|poolexhausted|\
         pooltimeout|remaining connection slots",
        "every connection of the pool was taken, and none was given back in time",
    ),
    row(
        "",
        "circuitbreaker|circuit breaker|callnotpermitted|brokencircuit|circuit open|\
         circuit is open",
        "a circuit breaker held the call back, because calls before it failed",
    ),
    row(
        "",
        "too many requests|rate limit|ratelimit|throttl|quota exceeded|\
         resource_exhausted|toomanyrequests",
        "it called more often than the other side allows",
    ),
    row(
        "",
        "lock wait timeout|locktimeout|lock timeout|lock not available|\
         could not obtain lock|database is locked",
        "it waited longer than it may for a lock that another transaction held",
    ),
    row(
        "",
        "deadlock",
        "two sides waited for locks that the other one held, and one was chosen to fail",
    ),
    row(
        "taskcanceledexception operationcanceledexception cancellationexception \
         cancellederror aborterror",
        "",
        "the work was cancelled before it was done, by a time limit, a caller that left, \
         or a shutdown",
    ),
    row(
        "",
        "context canceled|context cancelled",
        "the work was cancelled before it was done, by a time limit, a caller that left, \
         or a shutdown",
    ),
    row(
        "",
        "timed out|timeout|etimedout|deadline exceeded|deadline_exceeded",
        "something that it waited for did not answer in the time that it was given",
    ),
    row(
        "interruptedexception",
        "",
        "its thread was told to stop while it waited",
    ),
    // Rights.
    row(
        "",
        "unauthorized|unauthenticated|authentication failed|authenticationexception|\
         invalid credentials|access denied for user|password authentication|\
         token expired|expiredtoken|jwt expired|invalid_grant",
        "its credentials were missing, expired or not accepted",
    ),
    row(
        "",
        "permission denied|access denied|accessdenied|forbidden|eacces|eperm|\
         permissionerror|unauthorizedaccess|not authorized|insufficient privilege",
        "who it runs as may not do what it tried to do",
    ),
    // Databases.
    row(
        "",
        "unique constraint|uniqueviolation|duplicate key|duplicate entry|recordnotunique|\
         uniqueconstraint|e11000",
        "a row with that unique key was there already",
    ),
    row(
        "",
        "foreign key|foreignkeyviolation|invalidforeignkey",
        "a row refers to another one that is not there, or is still referred to",
    ),
    row(
        "",
        "not-null constraint|notnullviolation|cannot be null|null value in column",
        "a column that must have a value was given none",
    ),
    row(
        "",
        "undefinedtable|no such table|table or view does not exist|unknown table",
        "a table was asked for that the database does not have: a migration did not run, \
         or ran elsewhere",
    ),
    row(
        "",
        "undefinedcolumn|unknown column|no such column|invalid column name",
        "a column was asked for that the table does not have: code and schema are of \
         different versions",
    ),
    row(
        "",
        "could not serialize|serialization failure|serializationfailure|optimisticlock|\
         optimistic lock|staleobjectstate|stale object|version conflict",
        "something else changed the same data in between, so that the write was refused",
    ),
    row(
        "",
        "syntax error at or near|sql syntax|sqlsyntaxerror|badsqlgrammar",
        "the database did not understand the statement",
    ),
    row(
        "",
        "read only transaction|read-only transaction|read only replica|\
         notwritableprimary|not master",
        "it wrote to a copy that may only be read: the primary may have moved",
    ),
    // Values.
    row(
        "nullpointerexception nullreferenceexception kotlinnullpointerexception",
        "",
        "a member was used where there was no object: a value was null that the code \
         takes to be there",
    ),
    row(
        "typeerror error nomethoderror attributeerror",
        "of undefined|of null|is undefined|is null|for nil|nonetype|\
         null is not an object|undefined is not an object",
        "a member was used where there was no object: a value was missing that the code \
         takes to be there",
    ),
    row(
        "",
        "nil pointer dereference|invalid memory address|\
         null check operator used on a null|attempt to index a nil|unexpectedly found nil",
        "a member was used where there was no object: a value was nil that the code \
         takes to be there",
    ),
    row(
        "nosuchelementexception",
        "",
        "there was no value where the code takes one for granted",
    ),
    row(
        "",
        "on a `none` value|no value present|on a none value|sequence contains no elements",
        "there was no value where the code takes one for granted",
    ),
    row(
        "",
        "on an `err` value",
        "an error came back where the code takes success for granted",
    ),
    row(
        "",
        "index out of range|indexoutofbounds|index out of bounds|indexerror|\
         out of bounds|argumentoutofrange|slice bounds out of range|undefined offset",
        "an index lay outside of the list",
    ),
    row(
        "keyerror keynotfoundexception",
        "",
        "a key was looked up that is not in the map",
    ),
    row(
        "",
        "key not found|undefined array key|undefined index|assignment to entry in nil map",
        "a key was looked up that is not in the map, or the map was not there",
    ),
    row(
        "attributeerror nomethoderror nosuchmethoderror nosuchfielderror \
         missingmethodexception undefinedfunctionerror",
        "",
        "a member was used that the object does not have: another type came than was \
         expected, or another version of a library",
    ),
    row(
        "",
        "is not a function|undefined method|has no attribute|call to undefined",
        "a member was used that the object does not have: another type came than was \
         expected, or another version of a library",
    ),
    row(
        "classcastexception invalidcastexception typecasterror",
        "",
        "a value had another type than the code takes it to have",
    ),
    row(
        "",
        "interface conversion|cannot be cast|is not a subtype",
        "a value had another type than the code takes it to have",
    ),
    row(
        "numberformatexception formatexception datetimeparseexception",
        "",
        "a text was not of the form that it was read as",
    ),
    row(
        "",
        "invalid literal for|could not convert|invalid number|strconv.",
        "a text was not of the form that it was read as",
    ),
    row(
        "jsondecodeerror jsonparseexception jsonmappingexception jsonexception \
         mismatchedinputexception jsonreaderexception",
        "",
        "what came was not the JSON that was expected, often an error page or an empty \
         answer in its place",
    ),
    row(
        "",
        "unexpected token|in json|unexpected end of json|expecting value: line|\
         invalid character",
        "what came was not the JSON that was expected, often an error page or an empty \
         answer in its place",
    ),
    row(
        "unicodedecodeerror unicodeencodeerror malformedinputexception",
        "",
        "the bytes were not of the encoding that they were read or written in",
    ),
    row(
        "zerodivisionerror dividebyzeroexception",
        "",
        "a number was divided by zero",
    ),
    row(
        "",
        "divide by zero|/ by zero|division by zero|divided by 0",
        "a number was divided by zero",
    ),
    row(
        "",
        "with overflow|overflowexception|overflowerror|integer overflow|\
         arithmetic overflow",
        "a number became larger or smaller than its type holds",
    ),
    row(
        "",
        "concurrentmodification|concurrent map|dictionary changed size|\
         collection was modified",
        "a collection was changed while something went through it",
    ),
    row(
        "",
        "already borrowed|already mutably borrowed",
        "a value was borrowed a second time while it was in use",
    ),
    row(
        "",
        "closed channel|channel closed",
        "a channel was used after it was closed",
    ),
    row(
        "",
        "all goroutines are asleep",
        "every goroutine waited for another one",
    ),
    row(
        "validationerror validationexception constraintviolationexception argumenterror \
         illegalargumentexception argumentexception argumentnullexception valueerror \
         badarg",
        "",
        "a value was given that the function does not accept",
    ),
    row(
        "illegalstateexception invalidoperationexception stateerror",
        "",
        "something was asked of an object in a state in which it cannot do it",
    ),
    row(
        "assertionerror assertionfailederror",
        "",
        "something that the code holds to be true was not",
    ),
    row(
        "",
        "assertion failed|assertion `|assert failed|precondition failed",
        "something that the code holds to be true was not",
    ),
    row(
        "notimplementederror notimplementedexception unsupportedoperationexception \
         notsupportedexception",
        "",
        "something was asked for that this object does not do",
    ),
    row(
        "typeerror",
        "",
        "a value had another type than the operation takes",
    ),
    row(
        "nameerror referenceerror unboundlocalerror",
        "",
        "a name was used that is not defined there",
    ),
    // Code and files.
    row(
        "classnotfoundexception noclassdeffounderror modulenotfounderror importerror \
         loaderror typeloadexception unsatisfiedlinkerror",
        "",
        "a module or class was not there when it was loaded: a package is missing, or of \
         another version",
    ),
    row(
        "",
        "cannot find module|could not load file or assembly|no module named|\
         cannot open shared object",
        "a module or class was not there when it was loaded: a package is missing, or of \
         another version",
    ),
    row(
        "",
        "no such file or directory|enoent|filenotfound|nosuchfile|cannot find the file|\
         cannot find the path",
        "a file was opened that is not there",
    ),
    row(
        "beancreationexception unsatisfieddependencyexception improperlyconfigured \
         configurationexception",
        "",
        "the program could not be put together from its settings when it started",
    ),
    // HTTP.
    row(
        "",
        "bad gateway|503 service|service unavailable|serviceunavailable|gateway timeout",
        "a server between it and the one that it called had no healthy one to ask",
    ),
    row(
        "",
        "internal server error|status code 500|status 500|httpservererror",
        "the server that it called failed itself: its own log says why",
    ),
    row(
        "",
        "404 not found|status code 404|recordnotfound|entitynotfound|doesnotexist",
        "something was asked for that is not there",
    ),
];
