"""The processes of the shop: starts, changes, replaces and stops them."""

import asyncio
import json
import os
import pathlib
import random
import shutil
import signal
import socket
import sys

import aiohttp

HERE = pathlib.Path(__file__).parent.parent
NODE = ("storefront", "accounts")
CALLEES = {
    "storefront": ("accounts", "catalog", "recommend", "cart", "checkout"),
    "recommend": ("catalog",),
    "cart": ("stock", "pricing"),
    "checkout": ("cart", "pricing", "stock", "payments", "shipping"),
}
REPLICAS = {
    "storefront": 1, "accounts": 1, "catalog": 2, "recommend": 1, "cart": 1, "pricing": 1,
    "stock": 1, "payments": 1, "shipping": 1, "checkout": 2,
}
VERSIONS = {
    "storefront": "5.12.0", "accounts": "2.7.3", "catalog": "3.4.1", "recommend": "1.19.0",
    "cart": "4.0.6", "pricing": "2.11.2", "stock": "6.3.0", "payments": "3.8.4",
    "shipping": "1.14.1", "checkout": "7.2.5",
}
HOSTS = ("node-a", "node-b", "node-c")
READY_TIMEOUT_S = 90.0
SUFFIX = "bcdfghjklmnpqrstvwxz2456789"


def free_port():
    """A port that nobody listens on."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


class Process:
    """One replica of a service."""

    def __init__(self, service, version, instance, host, port):
        self.service, self.version, self.instance = service, version, instance
        self.host, self.port = host, port
        self.child = None
        self.restarts = 0
        self.settings = {}


class Fleet:
    """All replicas, with the network between them."""

    def __init__(self, network, endpoint, deployed, node_modules, seed):
        self.network, self.endpoint = network, endpoint
        self.deployed, self.node_modules = pathlib.Path(deployed), node_modules
        self.random = random.Random(seed)
        self.replicas = {}
        self.routes = {}
        self.base_settings = {}

    async def start(self, base_settings):
        """Starts everything."""
        self.base_settings = base_settings
        for part in ("shop", "node"):
            shutil.rmtree(self.deployed / part, ignore_errors=True)
            shutil.copytree(HERE / part, self.deployed / part,
                            ignore=shutil.ignore_patterns("__pycache__", "node_modules"))
        modules = self.deployed / "node" / "node_modules"
        modules.symlink_to(pathlib.Path(self.node_modules).resolve())
        for caller, callees in CALLEES.items():
            self.routes[caller] = {
                callee: await self.network.open(caller, callee) for callee in callees
            }
        self.entry = await self.network.open("browser", "storefront")
        self.http = aiohttp.ClientSession()
        for service, count in REPLICAS.items():
            self.replicas[service] = [
                await self.spawn(service, VERSIONS[service], index) for index in range(count)
            ]
        await asyncio.gather(*map(self.ready, self.all()))
        for service in REPLICAS:
            self.connect(service)

    def all(self):
        """Every replica."""
        return [one for replicas in self.replicas.values() for one in replicas]

    def connect(self, service):
        """Sends calls to the replicas there are."""
        self.network.backends[service] = [one.port for one in self.replicas[service]]

    async def spawn(self, service, version, index=0, settings=None):
        """Starts a replica."""
        letters = "".join(self.random.choices(SUFFIX, k=5))
        revision = sum(map(ord, service + version)) % 9_000 + 1_000
        host = HOSTS[(sum(map(ord, service)) + index) % len(HOSTS)]
        instance = f"{service}-{revision:x}d7-{letters}"
        process = Process(service, version, instance, host, free_port())
        process.settings = {**self.base_settings.get(service, {}), **(settings or {})}
        await self.launch(process)
        return process

    async def launch(self, process):
        """Runs the program of a replica."""
        seed = self.random.randrange(1 << 30)
        given = {
            "service": process.service, "version": process.version, "host": process.host,
            "instance": process.instance, "endpoint": self.endpoint, "port": process.port,
            "seed": seed, "routes": self.routes.get(process.service, {}),
            "settings": process.settings,
        }
        environment = {
            "PATH": os.environ["PATH"], "SHOP_RESTARTS": str(process.restarts),
            "PYTHONPATH": str(self.deployed), "HOME": "/nonexistent",
        }
        if process.service in NODE:
            command = ["node", "run.js", json.dumps(given)]
        else:
            command = [sys.executable, "-m", "shop.run"]
            for key, value in given.items():
                text = json.dumps(value) if isinstance(value, dict) else str(value)
                command += [f"--{key}", text]
        process.child = await asyncio.create_subprocess_exec(
            *command, cwd=self.deployed / ("node" if process.service in NODE else "."),
            env=environment, stdout=asyncio.subprocess.DEVNULL)

    async def ready(self, process):
        """Waits until a replica answers."""
        until = asyncio.get_running_loop().time() + READY_TIMEOUT_S
        while asyncio.get_running_loop().time() < until:
            try:
                await self.tell(process, {})
                return
            except (aiohttp.ClientError, OSError):
                await asyncio.sleep(0.1)
        raise RuntimeError(f"{process.service} did not start")

    async def tell(self, process, settings):
        """Changes settings of a replica."""
        url = f"http://127.0.0.1:{process.port}/-/settings"
        async with self.http.post(url, json=settings) as response:
            await response.read()

    async def flush(self):
        """Has every replica send what it has."""
        async def one(process):
            try:
                timeout = aiohttp.ClientTimeout(total=6)
                async with self.http.post(
                    f"http://127.0.0.1:{process.port}/-/flush", timeout=timeout,
                ) as response:
                    await response.read()
            except (aiohttp.ClientError, OSError, asyncio.TimeoutError):
                pass

        await asyncio.gather(*map(one, self.all()))

    async def stop(self, process):
        """Ends a replica in an orderly way."""
        if process.child.returncode is None:
            process.child.send_signal(signal.SIGTERM)
            try:
                await asyncio.wait_for(process.child.wait(), 8)
            except asyncio.TimeoutError:
                process.child.kill()
                await process.child.wait()

    async def replace(self, service, version, settings=None, count=None):
        """New replicas of a service, ready but not yet called."""
        count = count or len(self.replicas[service])
        fresh = [await self.spawn(service, version, index, settings) for index in range(count)]
        await asyncio.gather(*map(self.ready, fresh))
        return fresh

    def switch(self, service, fresh):
        """Sends calls to new replicas; returns the old ones."""
        old, self.replicas[service] = self.replicas[service], fresh
        self.connect(service)
        return old

    async def crash(self, process, down_s):
        """Kills a replica and starts it again after a while."""
        process.child.kill()
        await process.child.wait()
        await asyncio.sleep(down_s)
        process.restarts += 1
        await self.launch(process)

    async def end(self):
        """Stops everything."""
        await asyncio.gather(*map(self.stop, self.all()))
        await self.http.close()
        self.network.close()
