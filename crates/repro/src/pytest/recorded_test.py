def test_recorded_failure(target, record_property):
    """Fails if and only if the recorded failure happens."""
    args, kwargs = recorded_call()
    happened, error = observe(target, args, kwargs)
    outcome = "reproduced" if happened else "different" if error else "passed"
    record_property("repro.outcome", outcome)
    if error is not None and not isinstance(error, TimeoutError):
        function, line = raised_at(error)
        lookup = isinstance(error, (LookupError, AttributeError, NameError))
        record_property("repro.frame", function)
        record_property("repro.signature", f"{function}:{line}:{error if lookup else ''}")
    if happened:
        message = __MESSAGE__
        raise AssertionError(message) from error
