"""Runs the two windows of a case and writes them, with what was told of changes and the label."""

import dataclasses
import datetime
import json
import shutil

from . import background, otlp
from .world import WARM_UP_SECONDS, World

# Seconds that run after a window, so that what began in it may end.
RUN_ON_SECONDS = 4
# A fault begins within this part of the window.
ONSET_SHARE_MAX = .25
DEPLOY_TOLD_BEFORE_SECONDS = 40
CHANGE_TOLD_BEFORE_SECONDS = 25
DECOY_TOLD_BEFORE_SECONDS = 600


def build_window(plan, is_incident):
    """A window that has not run yet."""
    case = plan.case
    rate, seconds, sampled_share = plan.size
    begins = plan.baseline_begins
    if is_incident:
        begins = plan.incident_begins
        rate = rate * plan.drift
        sampled_share = case.sampled_then or sampled_share
    world = World(plan.seed, is_incident, begins, rate, seconds, sampled_share)
    if is_incident:
        world.skew_seed = "b" if case.other_clocks else "a"
        world.replicas_more = case.replicas_more
        world.request_mix = case.request_mix or world.request_mix
        for name in case.deployed:
            world.services[name].deploy()
        if case.new_conventions:
            service = world.services[case.new_conventions]
            service.kind = dataclasses.replace(service.kind, conventions="new")
    world.build()
    background.start(world)
    if is_incident:
        onset = 0.0
        if not case.from_the_start:
            onset = plan.draw.uniform(0, ONSET_SHARE_MAX) * seconds
        world.simulation.at(WARM_UP_SECONDS + onset, case.fault, world)
    return world


def changes_of(plan, world):
    """What is told of changes, as JSON objects."""
    told = []
    for name in plan.case.deployed:
        version = world.services[name].version
        told.append(
            {
                "time": iso(plan.incident_begins - DEPLOY_TOLD_BEFORE_SECONDS),
                "service": name,
                "kind": "deploy",
                "version": version,
                "description": plan.deploy_text.format(version=version),
            }
        )
    near = [(change, CHANGE_TOLD_BEFORE_SECONDS) for change in plan.case.changes]
    far = [(change, DECOY_TOLD_BEFORE_SECONDS) for change in plan.decoys]
    for (service, kind, key, description), before in near + far:
        told.append(
            {
                "time": iso(plan.incident_begins - before),
                "service": service,
                "kind": kind,
                "flag" if kind == "flag" else "key": key,
                "description": description,
            }
        )
    return told


def iso(time):
    """A time in words."""
    moment = datetime.datetime.fromtimestamp(time, datetime.timezone.utc)
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def generate(plan, folder):
    """Writes a case into a folder of its own, which is there when it is whole."""
    unfinished = folder.with_name(folder.name + ".part")
    shutil.rmtree(unfinished, ignore_errors=True)
    for is_incident in (False, True):
        world = build_window(plan, is_incident)
        world.simulation.run(world.end + RUN_ON_SECONDS)
        otlp.write(world, unfinished / ("incident" if is_incident else "baseline"))
    changes = changes_of(plan, world)
    if changes:
        lines = "".join(json.dumps(change) + "\n" for change in changes)
        (unfinished / "changes.jsonl").write_text(lines)
    unfinished.rename(folder)


def label(plan, folder):
    """The line of a case in the manifest; its windows are already in the folder."""
    case = plan.case
    told = folder / "changes.jsonl"
    lines = told.read_text().splitlines() if told.exists() else []
    line = {
        "name": plan.name,
        "healthy": case.kind is None,
        "kind": case.kind or "healthy",
        "baseline": f"{plan.name}/baseline",
        "incident": f"{plan.name}/incident",
        # All were known when the engine was last changed.
        "split": "tuning",
        "changes": [json.loads(line) for line in lines],
        "note": case.note,
    }
    if case.right:
        line["service"] = case.right[0]
        line["also_right"] = list(case.right[1:])
    return line
