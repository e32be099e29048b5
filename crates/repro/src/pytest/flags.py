def flags(mapping):
    """The mapping of flags; the environment is none, under whatever name."""
    if isinstance(mapping, type(os.environ)):
        pytest.fail("refused: flags in the environment", pytrace=False)
    return mapping
