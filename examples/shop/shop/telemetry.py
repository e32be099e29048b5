"""Sets up the OpenTelemetry SDK of one process: traces, logs and metrics over OTLP/HTTP."""

import gc
import logging
import os
import threading

import psutil
from opentelemetry import metrics, trace
from opentelemetry.exporter.otlp.proto.http import Compression
from opentelemetry.exporter.otlp.proto.http._log_exporter import OTLPLogExporter
from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.instrumentation.logging.handler import LoggingHandler
from opentelemetry.metrics import Observation
from opentelemetry.sdk._logs import LoggerProvider
from opentelemetry.sdk._logs.export import BatchLogRecordProcessor
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import PeriodicExportingMetricReader
from opentelemetry.sdk.metrics.view import ExplicitBucketHistogramAggregation, View
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor

METRICS_EVERY_MS = 3_000
SPANS_EVERY_MS = 800
EXPORT_SPANS_MAX = 512
DURATION_BOUNDS_S = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5)


class Telemetry:
    """The providers of one process, and the instruments that every service has."""

    def __init__(self, service, version, instance, host, endpoint):
        self.service = service
        resource = Resource.create({
            "service.name": service,
            "service.version": version,
            "service.instance.id": instance,
            "host.name": host,
            "deployment.environment.name": "production",
            "k8s.pod.name": instance,
        })
        self.tracing = TracerProvider(resource=resource)
        exporter = OTLPSpanExporter(f"{endpoint}/v1/traces", compression=Compression.Gzip)
        self.tracing.add_span_processor(BatchSpanProcessor(
            exporter, schedule_delay_millis=SPANS_EVERY_MS, max_export_batch_size=EXPORT_SPANS_MAX,
        ))
        self.logs = LoggerProvider(resource=resource)
        exporter = OTLPLogExporter(f"{endpoint}/v1/logs", compression=Compression.Gzip)
        self.logs.add_log_record_processor(BatchLogRecordProcessor(
            exporter, schedule_delay_millis=SPANS_EVERY_MS, max_export_batch_size=EXPORT_SPANS_MAX,
        ))
        exporter = OTLPMetricExporter(f"{endpoint}/v1/metrics", compression=Compression.Gzip)
        reader = PeriodicExportingMetricReader(exporter, METRICS_EVERY_MS)
        view = View(
            instrument_name="http.server.request.duration",
            aggregation=ExplicitBucketHistogramAggregation(
                DURATION_BOUNDS_S, record_min_max=False,
            ),
        )
        self.metering = MeterProvider(metric_readers=[reader], resource=resource, views=[view])
        trace.set_tracer_provider(self.tracing)
        metrics.set_meter_provider(self.metering)
        self.tracer = self.tracing.get_tracer(f"shop.{service}")
        self.meter = self.metering.get_meter(f"shop.{service}")
        root = logging.getLogger("shop")
        root.setLevel(logging.DEBUG)
        root.propagate = False
        root.addHandler(LoggingHandler(level=logging.DEBUG, logger_provider=self.logs))
        self.requests = self.meter.create_histogram("http.server.request.duration", "s")
        self.errors = self.meter.create_counter("http.server.errors", "{error}")
        self._watch_process()

    def gauge(self, name, unit, read):
        """A gauge that is read each time the metrics are sent."""
        def observe(_options):
            return [Observation(read())]

        self.meter.create_observable_gauge(name, [observe], unit)

    def count(self, name, unit, read):
        """A sum that is read each time the metrics are sent."""
        def observe(_options):
            return [Observation(read())]

        self.meter.create_observable_counter(name, [observe], unit)

    def _watch_process(self):
        process = psutil.Process()
        process.cpu_percent()
        self.gauge("process.cpu.utilization", "1", lambda: round(process.cpu_percent() / 100, 4))
        self.gauge("process.memory.usage", "By", lambda: process.memory_info().rss)
        self.gauge("process.thread.count", "{thread}", threading.active_count)
        self.count(
            "cpython.gc.collections", "{collection}",
            lambda: sum(one["collections"] for one in gc.get_stats()),
        )
        restarts = int(os.environ.get("SHOP_RESTARTS", "0"))
        self.gauge("k8s.container.restarts", "{restart}", lambda: restarts)

    def flush(self):
        """Sends all that waits."""
        self.tracing.force_flush()
        self.logs.force_flush()

    def stop(self):
        """Sends the last and ends."""
        self.metering.shutdown()
        self.tracing.shutdown()
        self.logs.shutdown()
