"""What a service that uses Sentry's SDK for Python does when something fails.

Its first argument is a file of JSON: the DSN, the counts and what is planted.
"""

import json
import pathlib
import sys

import sentry_sdk


class CartError(Exception):
    """The service's own."""


def lookup(cart, password, planted):
    """Fails with secrets in its locals."""
    owner = {"email": planted["mail"], "token": planted["key"]}
    return cart["sku"], owner, password


def total(cart, planted):
    """Fails for another failure's sake."""
    try:
        return lookup(cart, planted["password"], planted)
    except KeyError as error:
        raise CartError(f"no sku for {planted['mail']}") from error


def scope_of(planted):
    """Everything an SDK lets somebody say beside a failure."""
    scope = sentry_sdk.get_isolation_scope()
    scope.set_user({"id": "u-77", "email": planted["mail"], "ip_address": planted["address"]})
    scope.set_tag("note", planted["key"])
    scope.set_extra("payload", {"password": planted["password"], "inner": {"card": planted["card"]}})
    scope.set_context("order", {"contact": planted["mail"], "api_key": planted["key"]})
    scope.add_breadcrumb(category="auth", message=f"login as {planted['mail']}",
                         data={"password": planted["password"]})
    scope.add_attachment(bytes=f"trail: {planted['mail']} {planted['key']}".encode(),
                         filename="trail.log", content_type="text/plain")
    scope.add_attachment(bytes=b"\x89PNG" + planted["key"].encode(), filename="screen.png")

    def request(event, _hint):
        event["request"] = {
            "method": "POST",
            "url": f"http://shop.example/pay?access_token={planted['key']}",
            "query_string": f"access_token={planted['key']}&mail={planted['mail']}",
            "headers": {"Authorization": f"Bearer {planted['key']}", "Cookie": planted["password"]},
            "data": {"password": planted["password"], "note": planted["mail"]},
        }
        event["brand_new"] = {"note": planted["mail"], "secret": planted["password"]}
        return event

    scope.add_event_processor(request)


def main():
    asked = json.loads(pathlib.Path(sys.argv[1]).read_text())
    planted = asked["planted"]
    sentry_sdk.init(
        dsn=asked["dsn"], release="shop@2.4.1", environment="prod", server_name="web-7",
        traces_sample_rate=1.0, enable_logs=True, send_default_pii=True,
        _experiments={"transport_compression_algo": asked["packed"]},
    )
    scope_of(planted)
    for number in range(asked["failures"]):
        with sentry_sdk.start_transaction(op="http.server", name="POST /pay"):
            with sentry_sdk.start_span(op="db", name=f"select {number}") as span:
                span.set_data("db.system", "postgresql")
                span.set_data("note", planted["mail"])
            sentry_sdk.logger.warning("low stock for {who}", who=planted["mail"])
            try:
                total({}, planted)
            except CartError:
                sentry_sdk.capture_exception()
    sentry_sdk.capture_message(f"opened for {planted['mail']}", level="info")
    hub = sentry_sdk.get_isolation_scope()
    hub.start_session()
    hub.end_session()
    sentry_sdk.get_client().close(timeout=20)


if __name__ == "__main__":
    main()
