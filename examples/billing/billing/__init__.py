"""A small billing service with three real bugs, instrumented with OpenTelemetry."""
