def in_source(path):
    """Whether the file is one of the source's Python files."""
    path = os.path.realpath(path) if path else ""
    return path.startswith(os.path.join(SOURCE, "")) and path.endswith(".py")


def find_module(name):
    """Refuses a module that is no Python file of the source, before any of it runs."""
    parts = name.split(".")
    for end in range(1, len(parts) + 1):
        part = ".".join(parts[:end])
        try:
            spec = importlib.util.find_spec(part)
        except (ImportError, ValueError):
            spec = None
        origin = spec.origin if spec else None
        if spec and origin in (None, "namespace") and end < len(parts):
            continue  # a folder without code of its own
        if not in_source(origin):
            pytest.fail(f"refused: {part} is no Python module under {SOURCE}", pytrace=False)


def of_source(function):
    """The function, if it is written in the source; what the source only imports is refused."""
    inner = inspect.unwrap(function)
    while isinstance(inner, functools.partial) or inspect.ismethod(inner):
        inner = inner.func if isinstance(inner, functools.partial) else inner.__func__
        inner = inspect.unwrap(inner)
    if not (inspect.isfunction(inner) or inspect.isclass(inner)):
        inner = type(inner)
    try:
        path = inspect.getsourcefile(inner)
    except TypeError:
        path = None
    if not in_source(path):
        pytest.fail(f"refused: {function!r} is not written under {SOURCE}", pytrace=False)
    return function
