"""The process's clock, which can be set and moved on: a night passes in a moment.

Import this before the SDK, which takes `time_ns` when it is imported.
"""

import datetime
import time

_true_ns = time.time_ns
_ahead_ns = 0


def _now_ns():
    return _true_ns() + _ahead_ns


time.time_ns = _now_ns
time.time = lambda: _now_ns() / 1e9


def set_to(moment):
    """Sets the clock to an RFC 3339 time."""
    global _ahead_ns
    wanted = datetime.datetime.fromisoformat(moment)
    _ahead_ns = round(wanted.timestamp()) * 1_000_000_000 - _true_ns()


def move_on(seconds):
    """Lets time pass."""
    global _ahead_ns
    _ahead_ns += seconds * 1_000_000_000
