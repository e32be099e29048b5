def observe(function, args, kwargs):
    """Whether the recorded exception escaped the call, and what did."""
    try:
        with deadline():
            call(function, args, kwargs)
    except (Exception, SystemExit) as error:
        kind = type(error)
        names = (kind.__qualname__, f"{kind.__module__}.{kind.__qualname__}")
        return __NAME__ in names, error
    return False, None
