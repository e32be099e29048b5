"""Runs one service: `python -m shop.run --service cart --port 7001 …`."""

import argparse
import importlib
import json
import logging

from aiohttp import web

from shop.service import Service


def main():
    """Reads the arguments and serves until told to stop."""
    parser = argparse.ArgumentParser()
    for name in ("service", "version", "instance", "host", "endpoint"):
        parser.add_argument(f"--{name}", required=True)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--routes", type=json.loads, default={})
    parser.add_argument("--settings", type=json.loads, default={})
    given = parser.parse_args()
    logging.getLogger("asyncio").setLevel(logging.CRITICAL)
    service = Service(
        given.service, given.version, given.instance, given.host, given.endpoint, given.routes,
        given.seed,
    )
    service.settings.update(given.settings)
    importlib.import_module(f"shop.{given.service}").build(service)
    try:
        web.run_app(service.app, host="127.0.0.1", port=given.port, print=None,
                    access_log=None, shutdown_timeout=1.0)
    finally:
        service.telemetry.stop()


if __name__ == "__main__":
    main()
