"""The service's operations: each is a span, and logs what services log."""

import json
import logging

from opentelemetry import trace
from opentelemetry.trace import SpanKind, Status, StatusCode

from billing.invoices import close_invoice
from billing.refunds import refund_cents

log = logging.getLogger("billing.api")
tracer = trace.get_tracer("billing.api")


def post_invoice(number, profile, lines, headers):
    """Closes an invoice and has it paid; returns whether that worked."""
    with tracer.start_as_current_span("POST /invoices", kind=SpanKind.SERVER) as span:
        span.set_attribute("http.request.method", "POST")
        span.set_attribute("http.route", "/invoices")
        span.set_attribute("enduser.id", profile["email"])
        span.set_attribute("http.request.header.authorization", [headers["Authorization"]])
        log.info("closing invoice %s for %s", number, profile["email"])
        log.debug("request headers: %s", json.dumps(headers))
        try:
            invoice = close_invoice(number, profile, lines)
        except Exception:
            span.set_status(Status(StatusCode.ERROR, "invoice not closed"))
            span.set_attribute("http.response.status_code", 500)
            log.exception("invoice %s for %s failed", number, profile["email"])
            return False
        span.set_attribute("http.response.status_code", 201)
        request = json.dumps({"card": profile["card"], "amount": invoice.net_cents})
        log.info("gateway call", extra={"payload": json.dumps({"attempt": 1, "request": request})})
        log.info("invoice %s closed: net %d, tax %d", number, invoice.net_cents, invoice.tax_cents)
        return True


def post_refund(invoice, amount_cents, reason):
    """Pays money back."""
    with tracer.start_as_current_span("POST /refunds", kind=SpanKind.SERVER) as span:
        span.set_attribute("http.request.method", "POST")
        span.set_attribute("http.route", "/refunds")
        cents = refund_cents(invoice, amount_cents, reason)
        span.set_attribute("http.response.status_code", 201)
        log.info("refund of %d cents on %s: %s", cents, invoice["number"], reason)
        return cents
