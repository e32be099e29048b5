"""The cases with their labels: sixty, and thirty-eight harder ones that came after.

Of a fault, `right` holds the names that are taken for right: the service, and where a data base or
partner is at fault also that one's name and host.
"""

import random
from dataclasses import dataclass, field
from typing import Callable


@dataclass(frozen=True)
class Case:
    """A window in which all was well and one in question, and what is at fault in the second."""

    kind: str | None
    right: tuple
    note: str
    fault: Callable
    # Requests a second, seconds of each window, share of traces sampled.
    size: tuple | None = None
    # How much more is asked for in the second window; drawn where it is not said.
    drift: float | None = None
    # Services with a new version in the second window.
    deployed: tuple = ()
    # Told changes beside: service, kind, key and description.
    changes: tuple = ()
    # Whether the fault is there from the first moment on.
    from_the_start: bool = False
    # Replicas more (or fewer) in the second window.
    replicas_more: dict = field(default_factory=dict)
    # Share of traces sampled in the second window, where it is another.
    sampled_then: float | None = None
    # Whether the clocks of the second window are wrong in another way.
    other_clocks: bool = False
    # A service that is instrumented by the new conventions in the second window.
    new_conventions: str | None = None
    # What users ask for in the second window, where it is another mix.
    request_mix: tuple | None = None


@dataclass(frozen=True)
class Plan:
    """A case with all that is drawn for it."""

    name: str
    seed: str
    case: Case
    draw: random.Random
    size: tuple
    drift: float
    baseline_begins: float
    incident_begins: float
    # Changes that have nothing to do with it: as told, without a time.
    decoys: tuple = ()
    # What is told of a deploy.
    deploy_text: str = "rolled out"


# 2026-01-07T10:00:00Z
FIRST_WINDOW = 1767780000.0
SIZES = (
    (5, 60, .5), (8, 90, 1), (12, 120, 1), (20, 100, .5), (30, 90, .5), (15, 100, 1),
    (40, 100, .5), (10, 80, 1), (25, 80, 1), (5, 100, 1), (40, 75, 1), (18, 110, .5),
)


def plan_first(index, case):
    """The plan of one of the sixty."""
    draw = random.Random(f"second/{index}")
    begins = FIRST_WINDOW + index * 86400 / 7
    incident_begins = begins + draw.choice([900, 1800, 5400])
    return Plan(
        name=f"c{index + 1:02d}-{case.kind or 'healthy'}",
        seed=f"second/{index}",
        case=case,
        draw=draw,
        size=case.size or SIZES[(index * 5 + 2) % len(SIZES)],
        drift=case.drift or draw.uniform(.75, 1.3),
        baseline_begins=begins,
        incident_begins=incident_begins,
        decoys=(("user-profile", "config", "log.level", "log level to info"),)
        if index % 9 == 4
        else (),
        deploy_text="rolled out {version}",
    )


def plan_harder(index, case):
    """The plan of one of the thirty-eight."""
    draw = random.Random(f"hard/{index}")
    begins = FIRST_WINDOW + 1e6 + index * 9000
    return Plan(
        name=f"h{index + 1:02d}-{case.kind or 'healthy'}",
        seed=f"hard/{index}",
        case=case,
        draw=draw,
        size=case.size,
        drift=case.drift or draw.uniform(.75, 1.3),
        baseline_begins=begins,
        incident_begins=begins + 1800,
    )
