def test_no_value_of_the_class_fails(target):
    """Not one of the __WORDS__ brings the recorded failure about."""
    pytest.importorskip("hypothesis")
    from hypothesis import given, settings
    from hypothesis import strategies as st

    @settings(max_examples=100, deadline=None, database=None, derandomize=True)
    @given(__STRATEGY__)
    def holds(value):
        args, kwargs = recorded_call()
        __PLACE__ = value
        happened, error = observe(target, args, kwargs)
        if happened:
            raise AssertionError(f"{value!r} brings it about") from error

    holds()
