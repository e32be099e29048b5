"""Records the cases of the shop: starts its services, disturbs them, writes what they send.

    python record.py --out recorded --node-modules DIR [--part 0/2] [--cases case-003,case-017]

Each part is a run of its own with its own processes; two may run side by side.
"""

import argparse
import asyncio
import dataclasses
import datetime
import json
import pathlib
import shutil
import sys
import tempfile
import time

import deflate
from aiohttp import web

from recorder.cases import VERSIONS, plan
from recorder.fleet import REPLICAS, Fleet
from recorder.load import Load
from recorder.network import Network, Rule
from recorder.receiver import Receiver, as_lines
from shop.service import DEFAULTS

WINDOW_S = 21.0
JOURNEYS_PER_S = 4.9
SETTLE_S = 0.5
GZIP_LEVEL = 12
# How many incidents share a baseline.
CASES_PER_BASELINE = 36
# Sessions: what is wrong all the time, in the baseline and after.
SESSIONS = {
    "plain": ({}, ()),
    "worn": (
        {"payments": {"partner_flaky_share": 0.06}, "shipping": {"partner_flaky_share": 0.05}},
        (Rule(("storefront",), ("catalog",), 1.0, 0, 0.04),
         Rule(("cart",), ("stock",), 1.0, 0, 0.05)),
    ),
    "batch": ({"stock": {"batch_every_s": 3.0}, "catalog": {"batch_every_s": 4.0}}, ()),
}


class Recording:
    """One fleet under one session, and what is written of it."""

    def __init__(self, out, receiver, endpoint, node_modules, session, seed):
        self.out, self.receiver, self.session = out, receiver, session
        self.node_modules = node_modules
        self.base_settings, self.base_rules = SESSIONS[session]
        self.network = Network(seed)
        self.network.rules = list(self.base_rules)
        self.ending = []
        # Run from a copy: traces then tell nothing of where the repository lies.
        self.deployed = tempfile.TemporaryDirectory(prefix="app-")
        self.fleet = Fleet(self.network, endpoint, self.deployed.name, node_modules, seed)

    def placed(self, text):
        """The text with the services where such are installed, not where they were recorded."""
        deployed = pathlib.Path(self.deployed.name)
        for here, there in [
            (deployed, f"/srv/{deployed.name}"),
            (sys.prefix, "/opt/venv"),
            (pathlib.Path(self.node_modules).resolve(), "/opt/node_modules"),
        ]:
            text = text.replace(str(here), there)
        return text

    async def window(self, name, seed, rate, mix=None, bad_share=0.03, during=None, skew_ns=None):
        """Records one window; `during` runs beside the load."""
        await asyncio.sleep(SETTLE_S)
        load = Load(self.fleet.entry, seed, JOURNEYS_PER_S * rate, mix, bad_share)
        self.receiver.open()
        began = time.time()
        beside = asyncio.create_task(during(began)) if during else None
        await load.run(WINDOW_S)
        if beside:
            beside.cancel()
            await asyncio.gather(beside, return_exceptions=True)
        self.receiver.taking_metrics = False
        await self.fleet.flush()
        await asyncio.sleep(0.3)
        lines = as_lines(self.receiver.close(), skew_ns or {}, seed)
        folder = self.out / "windows" / name
        folder.mkdir(parents=True, exist_ok=True)
        for signal, texts in lines.items():
            text = "".join(f"{text}\n" for text in texts)
            write(folder / f"{signal}.jsonl.gz", self.placed(text))
        size = sum(one.stat().st_size for one in folder.iterdir())
        print(f"{name}: {load.sent} requests, {size} bytes, {time.time() - began:.1f} s",
              flush=True)
        return began

    async def baseline(self, name, seed):
        """An ordinary window."""
        return await self.window(name, seed, 1.0)

    async def incident(self, case, fresh):
        """The window of a case; `fresh` are the replicas that come with it."""
        old = []
        marks = {}

        async def during(began):
            await asyncio.sleep(case.onset_s)
            marks["onset"] = time.time()
            for service, replicas in fresh.items():
                old.extend(self.fleet.switch(service, replicas))
            for process in old:
                asyncio.create_task(self.retire(process))
            await self.apply(case)

        skew_ns = {host: int(by * 1e6) for host, by in case.skew_ms.items()}
        began = await self.window(
            case.name, case.seed, case.rate, case.mix, case.bad_share, during, skew_ns)
        return began, marks.get("onset", began)

    async def retire(self, process):
        """Lets an old replica finish, then ends it."""
        await asyncio.sleep(2.5)
        await self.fleet.stop(process)

    async def prepared(self, case):
        """Replicas of new versions, started but not yet called."""
        fresh = {}
        if case is None:
            return fresh
        if case.revisions:
            settings = {**case.settings, "revisions": list(case.revisions)}
            version = next((one[2] for one in case.changes if one[1] == case.service), None)
            version = version or VERSIONS[case.service]
            fresh[case.service] = await self.fleet.replace(case.service, version, settings)
        for service, how in case.deploys.items():
            version = next(one[2] for one in case.changes if one[1] == service)
            count = how.get("count")
            settings = {key: value for key, value in how.items() if key != "count"}
            fresh[service] = await self.fleet.replace(service, version, settings, count)
        return fresh

    async def apply(self, case):
        """Disturbs."""
        self.network.rules = [*self.base_rules, *case.rules]
        service = case.settings.get("of", case.service)
        if case.settings and not case.revisions:
            settings = {key: value for key, value in case.settings.items() if key != "of"}
            replicas = self.fleet.replicas[service]
            chosen = replicas if case.instance is None else [replicas[case.instance]]
            for process in chosen:
                await self.fleet.tell(process, settings)
            if case.brief_s:
                await asyncio.sleep(case.brief_s)
                for process in chosen:
                    await self.fleet.tell(process, {"busy_share": 0.0})
        while case.crash:
            process = self.fleet.replicas[case.service][case.crash["index"]]
            await self.fleet.crash(process, case.crash["down_s"])
            await asyncio.sleep(case.crash["up_s"])

    async def restore(self, case, fresh):
        """Puts everything back; what cannot be told to is started anew, at its old version."""
        self.network.rules = list(self.base_rules)
        anew = set(fresh)
        if case.crash or case.kind == "memory":
            anew.add(case.service)
        elif case.settings and not case.revisions:
            service = case.settings.get("of", case.service)
            for process in self.fleet.replicas[service]:
                changed = {key: DEFAULTS[key] for key in case.settings if key != "of"}
                await self.fleet.tell(process, {**changed, **self.base_settings.get(service, {})})
        for service in anew:
            replicas = await self.fleet.replace(service, VERSIONS[service], count=REPLICAS[service])
            for process in self.fleet.switch(service, replicas):
                self.ending.append(asyncio.create_task(self.fleet.stop(process)))


def write(path, text):
    """Compresses, as tightly as gzip allows."""
    path.write_bytes(deflate.gzip_compress(text.encode(), GZIP_LEVEL))


def entry_of(case, baseline, began, onset):
    """The case's line in the manifest."""
    def at(moment):
        return datetime.datetime.fromtimestamp(moment, datetime.timezone.utc).isoformat()

    return {
        "name": case.name, "baseline": baseline, "incident": case.name,
        "healthy": case.healthy, "kind": case.kind, "service": case.service,
        "operation": case.operation, "cause": case.cause,
        "split": "held_back" if held_back(case) else "tuning",
        "began": at(began), "onset": at(onset),
        "changes": [
            {"time": at(onset), "kind": what, "service": service, "version": version,
             "description": text}
            for what, service, version, text in case.changes
        ],
        "strength": {
            "settings": {key: value for key, value in case.settings.items() if key != "of"},
            "instance": case.instance, "revisions": case.revisions, "crash": case.crash,
            "rules": [dataclasses.asdict(rule) for rule in case.rules],
        },
    }


def held_back(case):
    """Two kinds of faults and each third healthy window are not for tuning."""
    return case.kind in ("config", "contention") or (case.healthy and case.seed % 3 == 0)


async def record(given):
    """Records all that was asked for."""
    receiver = Receiver()
    runner = web.AppRunner(receiver.app(), access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    endpoint = f"http://127.0.0.1:{site._server.sockets[0].getsockname()[1]}"
    part, parts = map(int, given.part.split("/"))
    names = set(given.cases.split(",")) if given.cases else None
    wanted = [case for case in plan() if names is None or case.name in names]
    done = {path.name for path in (given.out / "entries").glob("*.json")}
    for session in SESSIONS:
        cases = [case for case in wanted if case.session == session]
        if names is None:
            cases = [case for case in cases if f"{case.name}.json" not in done]
        cases = cases[part::parts]
        for first in range(0, len(cases), CASES_PER_BASELINE):
            group = cases[first:first + CASES_PER_BASELINE]
            await run_group(given, receiver, endpoint, session, group)
    await runner.cleanup()


async def run_group(given, receiver, endpoint, session, group):
    """A baseline and the incidents that are compared with it."""
    seed = group[0].seed
    recording = Recording(given.out, receiver, endpoint, given.node_modules, session, seed)
    try:
        await recording.fleet.start(recording.base_settings)
        baseline = group[0].name.replace("case", "baseline")
        # Interpreters warm up before anything is kept.
        await Load(recording.fleet.entry, seed, 12.0).run(3.0)
        await recording.baseline(baseline, seed + 1)
        fresh = await recording.prepared(group[0])
        for case, coming in zip(group, [*group[1:], None]):
            began, onset = await recording.incident(case, fresh)
            _, fresh = await asyncio.gather(
                recording.restore(case, fresh), recording.prepared(coming))
            folder = given.out / "entries"
            folder.mkdir(exist_ok=True)
            text = json.dumps(entry_of(case, baseline, began, onset))
            (folder / f"{case.name}.json").write_text(text + "\n")
    finally:
        await asyncio.gather(*recording.ending, return_exceptions=True)
        await recording.fleet.end()
        recording.deployed.cleanup()


def main():
    """Reads the arguments."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--out", type=pathlib.Path, required=True)
    parser.add_argument("--node-modules", required=True)
    parser.add_argument("--part", default="0/1")
    parser.add_argument("--cases", default="")
    given = parser.parse_args()
    if shutil.which("node") is None:
        parser.error("node is needed")
    asyncio.run(record(given))


if __name__ == "__main__":
    main()
