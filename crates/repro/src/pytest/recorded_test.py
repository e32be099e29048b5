def holds(value, wanted=None):
    """Whether a text that the call was given is what was looked up."""
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, (list, tuple, set)):
        return any(holds(item, wanted) for item in value)
    return isinstance(value, str) and value == wanted


def test_recorded_failure(target, record_property):
    """Fails if and only if the recorded failure happens."""
    args, kwargs = recorded_call()
    happened, error = observe(target, args, kwargs)
    outcome = "reproduced" if happened else "different" if error else "passed"
    record_property("repro.outcome", outcome)
    if error is not None and not isinstance(error, TimeoutError):
        function, line = raised_at(error)
        lookup = isinstance(error, (LookupError, AttributeError, NameError))
        lookup = lookup and not holds(recorded_call(), *error.args[:1])
        record_property("repro.frame", function)
        record_property("repro.signature", f"{function}:{line}:{error if lookup else ''}")
    if happened:
        message = __MESSAGE__
        raise AssertionError(message) from error
