def expected(result, __PARAMETERS__**_):
    """The recorded expectation."""
    return __EXPRESSION__


@contextlib.contextmanager
def bounded_memory():
    """An expectation gets no more than 1 GiB."""
    before, most = resource.getrlimit(resource.RLIMIT_AS)
    try:
        with open("/proc/self/statm", encoding="ascii") as sizes:
            used = int(sizes.read().split()[0]) * resource.getpagesize()
    except OSError:
        used = 4 * 2**30
    wanted = used + 2**30
    for limit in (before, most):
        if limit != resource.RLIM_INFINITY:
            wanted = min(wanted, limit)
    resource.setrlimit(resource.RLIMIT_AS, (wanted, most))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_AS, (before, most))


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
        with deadline(), bounded_memory():
            holds = bool(expected(result, **bound.arguments))
    except Exception as error:
        return False, error  # it says nothing about the result
    return not holds, None if holds else AssertionError(f"{result!r} breaks " + __TEXT__)
