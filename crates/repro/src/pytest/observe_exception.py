def observe(function, args, kwargs):
    """Calls the function: whether the recorded exception escaped, and what did."""
    try:
        result = function(*args, **kwargs)
        if inspect.isawaitable(result):
            asyncio.run(_wait_for(result))
        elif inspect.isgenerator(result):
            list(result)
    except (Exception, SystemExit) as error:
        kind = type(error)
        names = (kind.__qualname__, f"{kind.__module__}.{kind.__qualname__}")
        return __NAME__ in names, error
    return False, None


async def _wait_for(awaitable):
    return await awaitable


def raised_at(error):
    """Function and line of the application that raised."""
    foreign = (__FOREIGN__)
    frames = [
        frame
        for frame in traceback.extract_tb(error.__traceback__)
        if not any(mark in frame.filename for mark in foreign)
    ]
    return (frames[-1].name, frames[-1].lineno) if frames else ("", 0)
