def expected(result, __PARAMETERS__**_):
    """The recorded expectation."""
    return __EXPRESSION__


def observe(function, args, kwargs):
    """Whether the expectation broke over the call's result, and on what."""
    try:
        bound = inspect.signature(function).bind(*copy.deepcopy(args), **copy.deepcopy(kwargs))
        bound.apply_defaults()
        bound.arguments.pop("result", None)
        with deadline():
            result = call(function, args, kwargs)
    except (Exception, SystemExit) as error:
        return False, error  # it did not return, so there is nothing to expect
    try:
        holds = bool(expected(result, **bound.arguments))
    except Exception:
        holds = False
    return not holds, None if holds else AssertionError(f"{result!r} breaks " + __TEXT__)
