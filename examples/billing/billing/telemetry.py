"""Sets up the OpenTelemetry SDK for traces and logs over OTLP, HTTP or gRPC."""

import logging

import grpc
from opentelemetry import trace
from opentelemetry.exporter.otlp.proto.grpc import _log_exporter as grpc_logs
from opentelemetry.exporter.otlp.proto.grpc import trace_exporter as grpc_traces
from opentelemetry.exporter.otlp.proto.http import Compression
from opentelemetry.exporter.otlp.proto.http import _log_exporter as http_logs
from opentelemetry.exporter.otlp.proto.http import trace_exporter as http_traces
from opentelemetry.instrumentation.logging.handler import LoggingHandler
from opentelemetry.sdk._logs import LoggerProvider
from opentelemetry.sdk._logs.export import BatchLogRecordProcessor
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor


def exporters(protocol, endpoint, token):
    """The exporters for traces and logs."""
    if protocol == "grpc":
        options = {
            "endpoint": endpoint,
            "insecure": True,
            "headers": [("authorization", f"Bearer {token}")],
            "compression": grpc.Compression.Gzip,
        }
        return grpc_traces.OTLPSpanExporter(**options), grpc_logs.OTLPLogExporter(**options)
    options = {
        "headers": {"Authorization": f"Bearer {token}"},
        "compression": Compression.Gzip,
    }
    base = endpoint.rstrip("/")
    return (
        http_traces.OTLPSpanExporter(endpoint=f"{base}/v1/traces", **options),
        http_logs.OTLPLogExporter(endpoint=f"{base}/v1/logs", **options),
    )


def start(protocol, endpoint, token, release):
    """Starts telemetry for one release of the service; returns what ends and flushes it."""
    resource = Resource.create({
        "service.name": "billing",
        "service.version": release,
        "deployment.environment.name": "production",
    })
    spans, logs = exporters(protocol, endpoint, token)
    tracing = TracerProvider(resource=resource)
    tracing.add_span_processor(BatchSpanProcessor(spans))
    trace.set_tracer_provider(tracing)
    logging_provider = LoggerProvider(resource=resource)
    logging_provider.add_log_record_processor(BatchLogRecordProcessor(logs))
    root = logging.getLogger("billing")
    root.setLevel(logging.DEBUG)
    root.propagate = False
    root.addHandler(LoggingHandler(level=logging.DEBUG, logger_provider=logging_provider))

    def stop():
        tracing.shutdown()
        logging_provider.shutdown()

    return stop
