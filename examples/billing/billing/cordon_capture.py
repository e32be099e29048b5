"""Records a failing call on its span, so that a test can be made from it.

One file, no dependency beyond opentelemetry-api: copy it into your service.

    @capture(expect="result >= 0", flags="billing.flags.FLAGS")
    def refund_amount(invoice, amount_cents): ...

On every call the span carries `code.function.name`. When the call raises, or when `expect` does
not hold for its result, the span also carries what is needed to repeat the call:

    cordon.call.arguments    JSON object of the arguments by name
    cordon.call.flags        JSON object {dotted path of a flag mapping: its values}
    cordon.call.environment  JSON object of the environment variables that were named
    cordon.call.time         wall clock at the call, RFC 3339
    cordon.call.seed         seed given to `random` for the call, where `seed=True`
    cordon.call.expectation  the expectation that did not hold
    cordon.call.result       what the call returned instead, JSON

Nothing is recorded that is not listed: no environment variable, no flag by default.
Values beyond JSON are written as one-member objects: `{"$decimal": "1.20"}`, `{"$datetime": ...}`,
`{"$date": ...}`, `{"$tuple": [...]}`, `{"$set": [...]}`, `{"$bytes": hex}`, `{"$float": "nan"}`.
A call whose arguments hold anything else, or more than 64 KiB, is traced but not recorded.
"""

import copy
import datetime
import decimal
import functools
import importlib
import inspect
import json
import math
import os
import random
import time
import uuid

try:
    from opentelemetry import trace
    from opentelemetry.trace import Status, StatusCode
except ImportError:  # where the source is only tested: calls go straight through
    trace = None

ARGUMENTS_BYTES_MAX = 64 * 1024

_tracer = trace.get_tracer("cordon.capture") if trace else None


def capture(function=None, *, expect=None, flags=(), environment=(), seed=False):
    """Decorates a function whose failing calls should become tests.

    `expect` is a Python expression over `result` and the arguments by name.
    `flags` is one dotted path of a mapping, or several. `environment` names variables.
    """
    if function is None:
        return functools.partial(
            capture, expect=expect, flags=flags, environment=environment, seed=seed
        )
    if _tracer is None:
        return function
    holds = compile(expect, "<expectation>", "eval") if expect else None
    signature = inspect.signature(function)
    name = f"{function.__module__}.{function.__qualname__}"
    flags = (flags,) if isinstance(flags, str) else tuple(flags)

    @functools.wraps(function)
    def recorded(*args, **kwargs):
        with _tracer.start_as_current_span(
            name, record_exception=False, set_status_on_exception=False
        ) as span:
            span.set_attribute("code.function.name", name)
            call = _Call(signature, args, kwargs, flags, environment, seed, holds is not None)
            try:
                result = function(*args, **kwargs)
            except Exception as error:
                attributes = {"code.function.name": name, **call.attributes}
                span.set_attributes(attributes)
                span.set_attribute("error.type", type(error).__qualname__)
                span.record_exception(error, attributes=attributes)
                span.set_status(Status(StatusCode.ERROR, f"{type(error).__name__}: {error}"))
                raise
            if holds is not None and not _holds(holds, result, call.names):
                span.set_attributes(call.attributes)
                span.set_attribute("cordon.call.expectation", expect)
                span.set_attribute("cordon.call.result", _json(result) or repr(result))
                span.set_status(Status(StatusCode.ERROR, f"expectation violated: {expect}"))
            return result

    return recorded


class _Call:
    """What a call needs to be repeated, taken before it may change its arguments."""

    def __init__(self, signature, args, kwargs, flags, environment, seed, expects):
        self.names, self.attributes = {}, {}
        try:
            bound = signature.bind(*args, **kwargs)
        except TypeError:  # the call itself will say so
            return
        recorded = dict(bound.arguments)
        if expects:
            bound.apply_defaults()
            self.names = _as_passed(bound.arguments)
        positional = any(
            p.kind in (p.VAR_POSITIONAL, p.POSITIONAL_ONLY, p.VAR_KEYWORD)
            for p in signature.parameters.values()
        )
        shape = {"args": list(args), "kwargs": kwargs} if positional else recorded
        text = _json(shape)
        if text is None or len(text.encode()) > ARGUMENTS_BYTES_MAX:
            return
        self.attributes["cordon.call.arguments"] = text
        now = datetime.datetime.fromtimestamp(time.time(), datetime.timezone.utc)
        self.attributes["cordon.call.time"] = now.isoformat()
        values = {path: dict(_mapping(path)) for path in flags}
        if values:
            self.attributes["cordon.call.flags"] = json.dumps(values)
        present = {key: os.environ[key] for key in environment if key in os.environ}
        if present:
            self.attributes["cordon.call.environment"] = json.dumps(present)
        if seed:
            value = random.SystemRandom().randrange(2**31)
            random.seed(value)
            self.attributes["cordon.call.seed"] = value


def _as_passed(arguments):
    """The arguments before the call could change them, where they can be copied."""
    try:
        return copy.deepcopy(dict(arguments))
    except Exception:
        return dict(arguments)


def _mapping(path):
    module, _, attribute = path.rpartition(".")
    return getattr(importlib.import_module(module), attribute)


def _holds(code, result, names):
    try:
        return bool(eval(code, {"__builtins__": _BUILTINS}, {**names, "result": result}))
    except Exception:
        return False


_BUILTINS = {
    f.__name__: f
    for f in (abs, all, any, bool, float, int, isinstance, len, list, max, min, round, set,
              sorted, str, sum, tuple, dict)
}


def _json(value):
    try:
        return json.dumps(_plain(value), allow_nan=False)
    except (TypeError, ValueError, RecursionError):
        return None


def _plain(value):
    if isinstance(value, float) and not math.isfinite(value):
        return {"$float": str(value)}
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    if isinstance(value, tuple):
        return {"$tuple": [_plain(item) for item in value]}
    if isinstance(value, (set, frozenset)):
        return {"$set": sorted((_plain(item) for item in value), key=repr)}
    if isinstance(value, list):
        return [_plain(item) for item in value]
    if isinstance(value, dict):
        if not all(isinstance(key, str) for key in value):
            return {"$dict": [[_plain(k), _plain(v)] for k, v in value.items()]}
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, decimal.Decimal):
        return {"$decimal": str(value)}
    if isinstance(value, datetime.datetime):
        return {"$datetime": value.isoformat()}
    if isinstance(value, datetime.date):
        return {"$date": value.isoformat()}
    if isinstance(value, uuid.UUID):
        return {"$uuid": str(value)}
    if isinstance(value, bytes):
        return {"$bytes": value.hex()}
    raise TypeError(type(value).__name__)
