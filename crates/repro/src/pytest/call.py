def call(function, args, kwargs):
    """Calls the function to its end: a coroutine or generator is run out."""
    result = function(*args, **kwargs)
    if inspect.iscoroutine(result):
        return asyncio.run(result)
    return list(result) if inspect.isgenerator(result) else result


@contextlib.contextmanager
def deadline():
    """A call that does not end is a TimeoutError."""

    def stop(*_):
        raise TimeoutError("the call does not end")

    before = signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, 3)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def raised_at(error):
    """Function and line of the application that raised."""
    foreign = (__FOREIGN__)
    frames = [
        frame
        for frame in traceback.extract_tb(error.__traceback__)
        if not any(mark in frame.filename for mark in foreign)
    ]
    return (frames[-1].name, frames[-1].lineno) if frames else ("", 0)
