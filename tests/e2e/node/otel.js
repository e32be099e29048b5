// Spans and log records through OpenTelemetry's SDK for Node, over HTTP with JSON (chunked) or
// gRPC. Its first argument is a file of JSON: protocol, endpoint, token, counts, what is planted.
"use strict";

const fs = require("node:fs");
const { SpanKind, SpanStatusCode, trace } = require("@opentelemetry/api");
const { logs, SeverityNumber } = require("@opentelemetry/api-logs");
const { BatchLogRecordProcessor } = require("@opentelemetry/sdk-logs");
const { resourceFromAttributes } = require("@opentelemetry/resources");
const { NodeSDK } = require("@opentelemetry/sdk-node");

const asked = JSON.parse(fs.readFileSync(process.argv[2], "utf8"));
const { protocol, endpoint, token, planted, calls } = asked;
const traces = require(`@opentelemetry/exporter-trace-otlp-${protocol}`).OTLPTraceExporter;
const records = require(`@opentelemetry/exporter-logs-otlp-${protocol}`).OTLPLogExporter;

function options(signal) {
  const authorization = `Bearer ${token}`;
  if (protocol === "http") {
    return { url: `http://${endpoint}/v1/${signal}`, headers: { authorization } };
  }
  const { Metadata, credentials } = require("@grpc/grpc-js");
  const metadata = new Metadata();
  metadata.set("authorization", authorization);
  return { url: `http://${endpoint}`, metadata, credentials: credentials.createInsecure() };
}

const sdk = new NodeSDK({
  resource: resourceFromAttributes({ "service.name": `node-${protocol}`, "service.version": "1.2" }),
  traceExporter: new traces(options("traces")),
  logRecordProcessors: [new BatchLogRecordProcessor({ exporter: new records(options("logs")) })],
  metricReaders: [],
  instrumentations: [],
});

async function main() {
  sdk.start();
  const tracer = trace.getTracer("shop.checkout");
  const logger = logs.getLogger("shop.checkout");
  for (let n = 0; n < calls; n += 1) {
    tracer.startActiveSpan(`charge ${planted.mail}`, { kind: SpanKind.SERVER }, (span) => {
      span.setAttribute("url.full", `http://h/pay?access_token=${planted.key}`);
      span.setAttribute("customer.note", `card ${planted.card}`);
      logger.emit({
        severityNumber: SeverityNumber.WARN, severityText: "WARN",
        body: `slow gateway for ${planted.mail}`,
        attributes: { password: planted.password, nested: { token: planted.key }, list: [1, 2.5, true] },
      });
      span.recordException(new RangeError(`out of range: ${planted.mail}`));
      span.setStatus({ code: SpanStatusCode.ERROR, message: `denied ${planted.key}` });
      span.end();
    });
  }
  await sdk.shutdown();
}

main().catch((error) => {
  console.error(error.message);
  process.exit(1);
});
