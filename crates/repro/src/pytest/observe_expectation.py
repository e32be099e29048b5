def expected(result, __PARAMETERS__**_):
    """The recorded expectation."""
    return __EXPRESSION__


def observe(function, args, kwargs):
    """Calls the function: whether the expectation broke, and on what."""
    names = dict(inspect.signature(function).bind(*args, **kwargs).arguments)
    names.pop("result", None)
    try:
        result = function(*args, **kwargs)
        if inspect.isawaitable(result):
            result = asyncio.run(_wait_for(result))
        elif inspect.isgenerator(result):
            result = list(result)
    except (Exception, SystemExit) as error:
        return False, error  # it did not return, so there is nothing to expect
    try:
        holds = bool(expected(result, **names))
    except Exception:
        holds = False
    return not holds, None if holds else AssertionError(f"{result!r} breaks " + __TEXT__)


async def _wait_for(awaitable):
    return await awaitable


def raised_at(error):
    """Function and line of the application that raised; none where it returned."""
    foreign = (__FOREIGN__)
    frames = [
        frame
        for frame in traceback.extract_tb(error.__traceback__)
        if not any(mark in frame.filename for mark in foreign)
    ]
    return (frames[-1].name, frames[-1].lineno) if frames else ("", 0)
