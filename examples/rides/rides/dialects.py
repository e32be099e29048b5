"""How each service's instrumentation says the same thing: names, attributes, stacks, errors.

Languages and semantic conventions differ as they do where a platform has grown: the same call is
told in other words on both its ends.
"""

from .topology import PEERS

GRPC_CODES = {
    2: "UNKNOWN",
    3: "INVALID_ARGUMENT",
    4: "DEADLINE_EXCEEDED",
    5: "NOT_FOUND",
    8: "RESOURCE_EXHAUSTED",
    9: "FAILED_PRECONDITION",
    13: "INTERNAL",
    14: "UNAVAILABLE",
}
SCOPES = {
    "java": "io.opentelemetry.spring-webmvc-6.0",
    "go": "go.opentelemetry.io/contrib/instrumentation/google.golang.org/grpc/otelgrpc",
    "nodejs": "@opentelemetry/instrumentation-http",
    "python": "opentelemetry.instrumentation.asgi",
    "dotnet": "Microsoft.AspNetCore",
    "rust": "geo_index",
    "php": "syslog",
}
# Frames of the framework that every stack of a language ends in, or begins with.
FRAMEWORK_FRAMES = {
    "java": (
        "org.springframework.web.method.support.InvocableHandlerMethod.doInvoke"
        "(InvocableHandlerMethod.java:255)",
        "org.springframework.web.servlet.DispatcherServlet.doDispatch"
        "(DispatcherServlet.java:1089)",
        "org.apache.tomcat.util.threads.ThreadPoolExecutor.runWorker(ThreadPoolExecutor.java:1191)",
        "java.base/java.lang.Thread.run(Thread.java:1583)",
    ),
    "python": (
        '  File "/usr/local/lib/python3.11/site-packages/starlette/routing.py", line 66, in app',
        "    response = await func(request)",
    ),
    "nodejs": (
        "    at Layer.handle [as handle_request] "
        "(/app/node_modules/express/lib/router/layer.js:95:5)",
        "    at process.processTicksAndRejections (node:internal/process/task_queues:95:5)",
    ),
    "dotnet": (
        "   at Microsoft.AspNetCore.Mvc.Infrastructure.ActionMethodExecutor."
        "AwaitableObjectResultExecutor.Execute(ActionContext actionContext)",
        "   at Microsoft.AspNetCore.Routing.EndpointMiddleware.Invoke(HttpContext httpContext)",
    ),
    "go": (
        "google.golang.org/grpc.(*Server).processUnaryRPC(0xc0001a2000)\n"
        "\t/go/pkg/mod/google.golang.org/grpc@v1.62.1/server.go:1383 +0xdd8",
    ),
}
NO_ANSWER_TYPES = {
    "java": {
        "timeout": "java.net.SocketTimeoutException",
        "refused": "java.net.ConnectException",
        "reset": "java.net.SocketException",
    },
    "python": {
        "timeout": "httpx.ReadTimeout",
        "refused": "httpx.ConnectError",
        "reset": "httpx.RemoteProtocolError",
    },
    "nodejs": dict.fromkeys(("timeout", "refused", "reset"), "Error"),
    "dotnet": dict.fromkeys(
        ("timeout", "refused", "reset"), "System.Net.Http.HttpRequestException"
    ),
}
NO_ANSWER_CODES = {"timeout": "timeout", "refused": "ECONNREFUSED", "reset": "ECONNRESET"}


def stack_trace(service, failure):
    """The stack of an exception as the service's language prints it."""
    language = service.language
    package = service.name.replace("-", "_")
    frame = failure.frame or "handler"
    title = f"{failure.type_name}: {failure.message}"
    framework = FRAMEWORK_FRAMES.get(language, ())
    if language == "java":
        own = f"{title}\n\tat com.voltaride.{package.replace('_', '')}.{frame}\n"
        return own + "".join(f"\tat {line}\n" for line in framework)
    if language == "python":
        lines = ["Traceback (most recent call last):", *framework]
        lines.append(f'  File "/srv/app/{package}/{frame}, in handle')
        return "\n".join([*lines, "    return await self._run(req)", title])
    if language == "nodejs":
        parts = frame.split(" ")
        own = f"    at {parts[0]} (/app/dist/{parts[-1]})"
        return "\n".join([title, own, *framework])
    if language == "dotnet":
        return "\n".join([title, f"   at Volta.Profile.{frame}", *framework])
    head = "goroutine 4411 [running]:\n"
    own = f"github.com/voltaride/{package}/internal.{frame}\n"
    return head + own + FRAMEWORK_FRAMES["go"][0]


def address(caller, target):
    """The host name by which a service calls another."""
    if target in PEERS:
        return PEERS[target].host
    if caller.language in ("java", "dotnet"):
        return target + ".rides.svc.cluster.local"
    return "legacy-maps.internal" if target == "legacy-maps" else target


def path_of(route, request):
    """The path that a request asks for."""
    path = route.replace("{id}", str(request.get("id", request["user"])))
    return path.replace("{user}", str(request["user"]))


def http_server_attributes(service, method, route, path):
    """Attributes of the span that answers."""
    host = "api.voltaride.example" if service.name == "edge-gateway" else service.name
    if service.kind.conventions == "old":
        return {
            "http.method": method,
            "http.target": path,
            "http.scheme": "http",
            "net.host.name": host,
            "http.route": route,
        }
    attributes = {
        "http.request.method": method,
        "url.path": path,
        "url.scheme": "http",
        "server.address": host,
    }
    if service.kind.span_names != "raw":
        attributes["http.route"] = route
    return attributes


def http_client_attributes(service, method, path, host, port=8080):
    """Attributes of the span that asks."""
    url = f"http://{host}:{port}{path}"
    if service.kind.conventions == "old":
        return {
            "http.method": method,
            "http.url": url,
            "net.peer.name": host,
            "net.peer.port": port,
        }
    return {
        "http.request.method": method,
        "url.full": url,
        "server.address": host,
        "server.port": port,
    }


def rpc_attributes(service, operation, host=None):
    """Attributes of a gRPC span, with a host where it asks."""
    name, method = operation.split("/")
    attributes = {"rpc.system": "grpc", "rpc.service": name, "rpc.method": method}
    if host:
        key = "net.peer.name" if service.kind.conventions == "old" else "server.address"
        attributes[key] = host
    return attributes


def http_server_name(service, method, route, path):
    """Name of the span that answers; nothing where there are no spans."""
    if service.kind.span_names is None:
        return "-"
    return f"{method} {path if service.kind.span_names == 'raw' else route}"


def http_client_name(service, method, path):
    """Name of the span that asks."""
    if service.kind.span_names == "raw":
        return f"{method} {path}"
    if service.kind.span_names == "verb" or service.kind.conventions != "new":
        return "HTTP " + method
    return method


def status_key(service):
    """The attribute that holds the status."""
    if service.kind.conventions == "old":
        return "http.status_code"
    return "http.response.status_code"


def peer_attributes(service, peer, operation, table, statement):
    """Attributes of a call to a data base or cache."""
    if service.kind.conventions == "new":
        system = "db.system.name" if service.language in ("dotnet", "rust") else "db.system"
        attributes = {
            system: peer.system,
            "db.operation.name": operation,
            "server.address": peer.host,
            "db.query.text": statement,
        }
        table_key = "db.collection.name"
    else:
        attributes = {
            "db.system": peer.system,
            "db.statement": statement,
            "net.peer.name": peer.host,
            "db.operation": operation,
        }
        table_key = "db.sql.table"
    if peer.system != "redis":
        attributes[table_key] = table
    return attributes


def remote_error_type(service, protocol):
    """What the client calls an answer that is an error."""
    if service.language == "java":
        if protocol == "grpc":
            return "io.grpc.StatusRuntimeException"
        return "org.springframework.web.client.HttpServerErrorException"
    if service.language == "python":
        return "grpc.aio.AioRpcError" if protocol == "grpc" else "httpx.HTTPStatusError"
    others = {"nodejs": "HttpError", "dotnet": "System.Net.Http.HttpRequestException"}
    return others.get(service.language, "error")


def no_answer_type(service, how):
    """What the client calls a call that nobody answered."""
    return NO_ANSWER_TYPES.get(service.language, {}).get(how, "error")


def peer_error_type(service, peer):
    """What the driver calls a data base that does not answer."""
    if service.language == "java":
        if peer.system == "postgresql":
            return "org.postgresql.util.PSQLException"
        return "java.net.SocketTimeoutException"
    others = {"dotnet": "Microsoft.Data.SqlClient.SqlException", "python": "OperationalError"}
    return others.get(service.language, "error")


def pool_error(service):
    """Type, message and frame of a pool that had no connection in time."""
    if service.language == "java":
        return (
            "java.sql.SQLTransientConnectionException",
            "HikariPool-1 - Connection is not available, request timed out after 2000ms.",
            "LedgerRepository.open(LedgerRepository.java:61)",
        )
    frame = "Data.UserStore.OpenAsync(CancellationToken ct)"
    if service.language == "dotnet":
        message = (
            "Timeout expired. The timeout period elapsed prior to obtaining a connection "
            "from the pool."
        )
        return "System.InvalidOperationException", message, frame
    return "PoolTimeout", "timed out waiting for a pooled connection", frame
