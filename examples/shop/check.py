"""Checks the recorded cases: is each fault to be seen, does no label leak, how many of each kind.

    python check.py recorded [--all]

For each case the incident is compared with its baseline by simple statistics of each service and
each edge between services; what stands out most at the labelled service is printed. A fault of
which nothing stands out is listed as weak. This is no diagnosis: it is told where to look.
"""

import argparse
import collections
import gzip
import json
import math
import pathlib
import re
import statistics
import sys

from recorder.fleet import CALLEES

# Below this many standard errors a difference is no effect.
WEAK = 3.0
# What was never there and then is, or the other way, counts from this many times on.
SEEN_MIN = 4
# Words that would give a label away, and what only the recorder knows.
LEAKS = re.compile(
    r"\bfault|inject|chaos|disturb|sabotag|held_back|red.herring|healthy|\bcase-\d|"
    r"baseline|incident|"
    r"revision\(|retained_mb|collect_ms|busy_share|db_factor|lock_hold|blocking_ms|work_factor|"
    r"network_delay|network_loss|hang_share|reset_share", re.IGNORECASE)
MAIL = re.compile(r"[\w.+-]+@([\w-]+\.[\w.-]+)")
ADDRESS = re.compile(r"(?<![\d.])\d{1,3}(?:\.\d{1,3}){3}(?![\d.])")
ADDRESSES_MEANT = ("198.51.100.", "192.0.2.", "203.0.113.", "127.0.0.1")


def lines_of(folder, signal):
    """The export requests of a window."""
    with gzip.open(folder / f"{signal}.jsonl.gz", "rt") as file:
        return [json.loads(line) for line in file]


def value_of(value):
    """The value of an attribute."""
    return next(iter(value.values()), None)


def attributes_of(item):
    """The attributes as a dictionary."""
    return {one["key"]: value_of(one["value"]) for one in item.get("attributes", [])}


class Window:
    """Statistics of one window: samples and counts by (what, where)."""

    def __init__(self, folder):
        self.samples = collections.defaultdict(list)
        self.counts = collections.Counter()
        self.last = {}
        self.spans = {}
        self.traces = set()
        self.logs = 0
        self._read_traces(folder)
        self._read_logs(folder)
        self._read_metrics(folder)
        self.requests = max(len(self.traces), 1)

    def _read_traces(self, folder):
        for line in lines_of(folder, "traces"):
            for resource in line["resourceSpans"]:
                service = attributes_of(resource["resource"])["service.name"]
                for scope in resource["scopeSpans"]:
                    for span in scope["spans"]:
                        self.spans[span["spanId"]] = (service, span)
        children = collections.defaultdict(list)
        for service, span in self.spans.values():
            children[span.get("parentSpanId")].append((service, span))
        for service, span in self.spans.values():
            self._add_span(service, span, children[span["spanId"]])

    def _add_span(self, service, span, children):
        self.traces.add(span["traceId"])
        took_ms = duration_ms(span)
        kind, name = span.get("kind"), span["name"]
        failed = span.get("status", {}).get("code") == 2
        if kind == 2:
            self.samples["self", service, name].append(took_ms - covered_ms(span, children))
            self.counts["error" if failed else "served", service, name] += 1
            clients = sum(one.get("kind") == 3 for _, one in children)
            self.samples["calls", service, name].append(clients)
            status = str(attributes_of(span).get("http.response.status_code"))
            if status.startswith("4"):
                self.counts["refused", service, name] += 1
        elif kind == 3:
            callee = next((one for one in children if one[1].get("kind") == 2), None)
            if callee:
                gap = took_ms - duration_ms(callee[1])
                self.samples["gap", callee[0], service].append(gap)
                self.samples["gap", service, callee[0]].append(gap)
            else:
                where = attributes_of(span).get("server.address", "?")
                self.samples["dependency", service, f"{where} {name}"].append(took_ms)
                self.counts["no answer" if where in SERVICES else "asked", service, where] += 1
                if where in SERVICES:
                    self.counts["unreached", where, service] += 1
            if failed:
                where = attributes_of(span).get("server.address", "?")
                self.counts["call failed", service, where] += 1

    def _read_logs(self, folder):
        for line in lines_of(folder, "logs"):
            for resource in line["resourceLogs"]:
                service = attributes_of(resource["resource"])["service.name"]
                for scope in resource["scopeLogs"]:
                    for record in scope["logRecords"]:
                        self.logs += 1
                        text = record["body"]["stringValue"]
                        template = template_of(text)
                        self.counts["line", service, template] += 1
                        span = self.spans.get(record.get("spanId"))
                        if span:
                            step = (span[1]["name"], template)
                            self.counts["step", service, step] += 1

    def chances(self, key):
        """How often something could have been: steps by their operation, the rest by request."""
        if key[0] != "step":
            return self.requests
        operation = (key[1], key[2][0])
        return self.counts["error", *operation] + self.counts["served", *operation]

    def _read_metrics(self, folder):
        for line in lines_of(folder, "metrics"):
            for resource in line["resourceMetrics"]:
                service = attributes_of(resource["resource"])["service.name"]
                for scope in resource["scopeMetrics"]:
                    for metric in scope["metrics"]:
                        for point in metric.get("gauge", {}).get("dataPoints", []):
                            value = float(point.get("asDouble", point.get("asInt", 0)))
                            self.samples["metric", service, metric["name"]].append(value)


# Kinds of which the callers feel more than the service itself.
FELT_BY_CALLERS = ("network_delay", "network_loss", "crash", "payload")
SERVICES = ("storefront", "accounts", "catalog", "recommend", "cart", "pricing", "stock",
            "payments", "shipping", "checkout")


def duration_ms(span):
    """How long a span took."""
    return (int(span["endTimeUnixNano"]) - int(span["startTimeUnixNano"])) / 1e6


def covered_ms(span, children):
    """How much of a span its children cover."""
    total, until = 0, int(span["startTimeUnixNano"])
    for _, child in sorted(children, key=lambda one: int(one[1]["startTimeUnixNano"])):
        begin = max(int(child["startTimeUnixNano"]), until)
        end = min(int(child["endTimeUnixNano"]), int(span["endTimeUnixNano"]))
        if end > begin:
            total, until = total + end - begin, end
    return total / 1e6


def template_of(text):
    """A line without what varies: enough for counting."""
    words = re.sub(r"\b\S*[\d@]\S*", "*", text).split()
    return " ".join(words[:9])


def effects(before, after):
    """What differs: (standard errors, what), by service."""
    found = collections.defaultdict(list)
    for key in {*before.samples, *after.samples}:
        strength = moved(before.samples.get(key, []), after.samples.get(key, []), key[0])
        found[key[1]].append((strength, describe(key, before, after)))
    for key in {*before.counts, *after.counts}:
        rates = [(window.counts[key], window.chances(key)) for window in (before, after)]
        if min(total for _, total in rates) == 0:
            continue
        found[key[1]].append((differ(*rates), describe(key, before, after)))
    return {service: sorted(items, reverse=True) for service, items in found.items()}


def best_effects(case, found):
    """The strongest at the labelled service, or at its callers where those feel it."""
    near = [case["service"]]
    if case["kind"] in FELT_BY_CALLERS:
        near += [caller for caller, callees in CALLEES.items() if case["service"] in callees]
    items = [item for service in near for item in found.get(service, [])]
    return sorted(items, reverse=True)[:3] or [(0.0, "nothing")]


def moved(before, after, what):
    """How far the larger values lie from where they were."""
    if what == "metric":
        if len(before) < 3 or len(after) < 3:
            return 0.0
        spread = statistics.pstdev(before) + abs(statistics.fmean(before)) * 0.2 + 0.02
        return abs(statistics.fmean(after) - statistics.fmean(before)) / spread
    if len(before) < 4 or len(after) < 4:
        return 0.0
    floor = {"self": 3.0, "gap": 3.0, "dependency": 2.0, "calls": 0.15}[what]
    errors = math.hypot(error_of(before), error_of(after)) + floor / 4
    difference = abs(statistics.fmean(after) - statistics.fmean(before))
    return difference / errors if difference > floor else 0.0


def error_of(values):
    """The standard error of the mean."""
    return statistics.stdev(values) / math.sqrt(len(values))


def differ(before, after):
    """How far two rates lie apart."""
    (count_a, total_a), (count_b, total_b) = before, after
    if min(count_a, count_b) == 0 and max(count_a, count_b) >= SEEN_MIN:
        return 1.5 * math.sqrt(max(count_a, count_b))
    pooled = min((count_a + count_b + 1) / (total_a + total_b), 1.0)
    error = math.sqrt(pooled * (1.1 - pooled) * (1 / total_a + 1 / total_b))
    return abs(count_a / total_a - count_b / total_b) / error


def describe(key, before, after):
    """A difference in words."""
    what, service, where = key
    if key in before.samples or key in after.samples:
        def mean(window):
            values = window.samples.get(key)
            return f"{statistics.fmean(values):.4g}" if values else "none"

        return f"{what} {service} {where}: {mean(before)} -> {mean(after)}"
    return f"{what} {service} {where!r}: {before.counts[key]} -> {after.counts[key]}"


def leaks_of(folder):
    """Words in a window that should not be there."""
    for signal in ("traces", "logs", "metrics"):
        with gzip.open(folder / f"{signal}.jsonl.gz", "rt") as file:
            text = file.read()
        for found in {match.group().lower() for match in LEAKS.finditer(text)}:
            yield f"{folder.name}/{signal}: the word {found!r}"
        for domain in {match.group(1) for match in MAIL.finditer(text)} - {"example.org"}:
            yield f"{folder.name}/{signal}: mail at {domain}"
        for address in set(ADDRESS.findall(text)):
            if not address.startswith(ADDRESSES_MEANT):
                yield f"{folder.name}/{signal}: address {address}"


def main():
    """Reads the manifest, prints what it finds; 1 when something is wrong."""
    parser = argparse.ArgumentParser()
    parser.add_argument("recorded", type=pathlib.Path)
    parser.add_argument("--all", action="store_true", help="print each case, not the weak alone")
    parser.add_argument("--cases", default="", help="a list of names; without it all")
    given = parser.parse_args()
    windows = {}

    def window(name):
        if name not in windows:
            windows[name] = Window(given.recorded / "windows" / name)
        return windows[name]

    cases = [json.loads(line) for line in (given.recorded / "cases.jsonl").open()]
    if given.cases:
        cases = [case for case in cases if case["name"] in given.cases.split(",")]
    table, weak, sizes = collections.defaultdict(collections.Counter), [], []
    for case in cases:
        before, after = window(case["baseline"]), window(case["incident"])
        sizes.append(after.requests)
        table[case["kind"]][case["split"]] += 1
        if case["healthy"]:
            continue
        table[case["kind"]][case["service"]] += 1
        best = best_effects(case, effects(before, after))
        shown = "; ".join(f"{strength:.1f} {what}" for strength, what in best)
        text = f"{case['name']} {case['kind']} {case['service']}: {shown}"
        if best[0][0] < WEAK:
            weak.append(text)
        elif given.all:
            print(text)
        windows.pop(case["incident"], None)
    used = sorted({case[side] for case in cases for side in ("baseline", "incident")})
    leaks = [leak for name in used for leak in leaks_of(given.recorded / "windows" / name)]
    report(table, cases, weak, leaks, sizes)
    sys.exit(bool(weak or leaks))


def report(table, cases, weak, leaks, sizes):
    """Prints the tables."""
    print(f"{'kind':16} {'tuning':>7} {'held back':>9}  services")
    for kind, counts in sorted(table.items()):
        services = ", ".join(f"{one} {counts[one]}" for one in SERVICES if counts[one])
        print(f"{kind:16} {counts['tuning']:7} {counts['held_back']:9}  {services}")
    faults = sum(not case["healthy"] for case in cases)
    print(f"{faults} faults, {len(cases) - faults} healthy or red herrings; traces in a window:"
          f" {min(sizes)} to {max(sizes)}, median {statistics.median(sizes):.0f}")
    for title, found in (("weak", weak), ("leaks", leaks)):
        print(f"{title}: {len(found)}")
        for one in found:
            print(f"  {one}")


if __name__ == "__main__":
    main()
