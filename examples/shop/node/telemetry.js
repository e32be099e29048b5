// Sets up the OpenTelemetry SDK of one Node process: traces, logs and metrics over OTLP/HTTP.
'use strict';

const { metrics, trace } = require('@opentelemetry/api');
const { logs, SeverityNumber } = require('@opentelemetry/api-logs');
const { OTLPLogExporter } = require('@opentelemetry/exporter-logs-otlp-proto');
const { OTLPMetricExporter } = require('@opentelemetry/exporter-metrics-otlp-proto');
const { OTLPTraceExporter } = require('@opentelemetry/exporter-trace-otlp-proto');
const { HttpInstrumentation } = require('@opentelemetry/instrumentation-http');
const { resourceFromAttributes } = require('@opentelemetry/resources');
const { BatchLogRecordProcessor } = require('@opentelemetry/sdk-logs');
const { AggregationType, PeriodicExportingMetricReader } = require('@opentelemetry/sdk-metrics');
const { NodeSDK } = require('@opentelemetry/sdk-node');
const { BatchSpanProcessor } = require('@opentelemetry/sdk-trace-base');
const { monitorEventLoopDelay, PerformanceObserver } = require('node:perf_hooks');

const METRICS_EVERY_MS = 3000;
const SPANS_EVERY_MS = 800;
const DURATION_BOUNDS_S = [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5];

/** Starts the SDK and returns what the service needs of it. */
function start({ service, version, instance, host, endpoint }) {
  const spans = new BatchSpanProcessor(
    new OTLPTraceExporter({ url: `${endpoint}/v1/traces` }),
    { scheduledDelayMillis: SPANS_EVERY_MS });
  const records = new BatchLogRecordProcessor({
    exporter: new OTLPLogExporter({ url: `${endpoint}/v1/logs` }),
    scheduledDelayMillis: SPANS_EVERY_MS,
  });
  const sdk = new NodeSDK({
    resource: resourceFromAttributes({
      'service.name': service,
      'service.version': version,
      'service.instance.id': instance,
      'host.name': host,
      'deployment.environment.name': 'production',
      'k8s.pod.name': instance,
    }),
    autoDetectResources: false,
    spanProcessors: [spans],
    logRecordProcessors: [records],
    metricReaders: [new PeriodicExportingMetricReader({
      exporter: new OTLPMetricExporter({ url: `${endpoint}/v1/metrics` }),
      exportIntervalMillis: METRICS_EVERY_MS,
      exportTimeoutMillis: METRICS_EVERY_MS,
    })],
    views: [{
      instrumentName: 'http.server.request.duration',
      aggregation: {
        type: AggregationType.EXPLICIT_BUCKET_HISTOGRAM,
        options: { boundaries: DURATION_BOUNDS_S, recordMinMax: false },
      },
    }, {
      instrumentName: 'http.client.request.duration',
      aggregation: { type: AggregationType.DROP },
    }],
    instrumentations: [new HttpInstrumentation({
      ignoreIncomingRequestHook: (request) => request.url.startsWith('/-/'),
    })],
  });
  sdk.start();
  const meter = metrics.getMeter(`shop.${service}`);
  watchProcess(meter);
  return {
    tracer: trace.getTracer(`shop.${service}`),
    meter,
    log: logger(service),
    flush: () => Promise.all([spans.forceFlush(), records.forceFlush()]),
    stop: () => sdk.shutdown(),
  };
}

function gauge(meter, name, unit, read) {
  meter.createObservableGauge(name, { unit }).addCallback((result) => result.observe(read()));
}

function watchProcess(meter) {
  let last = { at: process.hrtime.bigint(), used: process.cpuUsage() };
  gauge(meter, 'process.cpu.utilization', '1', () => {
    const at = process.hrtime.bigint();
    const used = process.cpuUsage(last.used);
    const share = (used.user + used.system) * 1000 / Number(at - last.at);
    last = { at, used: process.cpuUsage() };
    return Math.round(share * 10000) / 10000;
  });
  gauge(meter, 'process.memory.usage', 'By', () => process.memoryUsage.rss());
  gauge(meter, 'v8js.memory.heap.used', 'By', () => process.memoryUsage().heapUsed);
  const delay = monitorEventLoopDelay({ resolution: 10 });
  delay.enable();
  gauge(meter, 'nodejs.eventloop.delay.p99', 's', () => {
    const read = delay.percentile(99) / 1e9;
    delay.reset();
    return Math.round(read * 1e5) / 1e5;
  });
  let collections = 0;
  new PerformanceObserver((list) => { collections += list.getEntries().length; })
    .observe({ entryTypes: ['gc'] });
  meter.createObservableCounter('v8js.gc.count', { unit: '{collection}' })
    .addCallback((result) => result.observe(collections));
  const restarts = Number(process.env.SHOP_RESTARTS || 0);
  gauge(meter, 'k8s.container.restarts', '{restart}', () => restarts);
}

function logger(service) {
  const target = logs.getLogger(`shop.${service}`);
  const at = (severityNumber, severityText) => (body, attributes = {}) =>
    target.emit({ severityNumber, severityText, body, attributes });
  return {
    debug: at(SeverityNumber.DEBUG, 'DEBUG'),
    info: at(SeverityNumber.INFO, 'INFO'),
    warn: at(SeverityNumber.WARN, 'WARN'),
    error: at(SeverityNumber.ERROR, 'ERROR'),
  };
}

module.exports = { start, gauge };
