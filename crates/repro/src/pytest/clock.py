def freeze_clock(monkeypatch, text):
    """Every clock that the source reads says the recorded instant."""
    real_datetime, real_date = datetime.datetime, datetime.date
    instant = real_datetime.fromisoformat(text)
    seconds = instant.timestamp()

    class Frozen(type):
        def __instancecheck__(cls, value):
            return isinstance(value, cls.__mro__[1])

    class FrozenDatetime(real_datetime, metaclass=Frozen):
        @classmethod
        def now(cls, tz=None):
            return cls.fromtimestamp(seconds, tz)

        @classmethod
        def utcnow(cls):
            return cls.fromtimestamp(seconds, datetime.timezone.utc).replace(tzinfo=None)

        @classmethod
        def today(cls):
            return cls.now()

    class FrozenDate(real_date, metaclass=Frozen):
        @classmethod
        def today(cls):
            return cls.fromtimestamp(seconds)

    stand_ins = {
        real_datetime: FrozenDatetime,
        real_date: FrozenDate,
        time.time: lambda: seconds,
        time.time_ns: lambda: int(seconds * 1_000_000_000),
    }
    modules = [datetime, time]
    for module in list(sys.modules.values()):
        if (getattr(module, "__file__", None) or "").startswith(SOURCE):
            modules.append(module)
    for module in modules:
        for name, value in list(vars(module).items()):
            for real, frozen in stand_ins.items():
                if value is real:
                    monkeypatch.setattr(module, name, frozen)
