"""Runs one night of billing and sends its telemetry.

    python -m billing.run --endpoint http://127.0.0.1:4318 --token TOKEN
    python -m billing.run --protocol grpc --endpoint http://127.0.0.1:4317 --token TOKEN

`--release 2.4.0` is the quiet night before: no failing call. `--release 2.4.1` brings imported
profiles, the volume discounts and a refund form without a check, and with them the failures.
"""

import argparse
import json
import logging
import pathlib

from billing import clock  # first: the SDK takes the time when it is imported
from billing import api, flags, telemetry
from billing.planted import Planter

log = logging.getLogger("billing.run")


def profile_of(planter):
    """A customer."""
    first, last = planter.person()
    return {
        "name": f"{first.title()} {last.title()}",
        "email": planter.email(first, last),
        "phone": planter.phone(),
        "card": planter.card(),
        "address": {"street": f"{planter.random.randrange(1, 90)} Kanal Row", "country": "NL"},
    }


def headers_of(planter):
    """Request headers, as a proxy passes them on."""
    return {
        "Authorization": f"Bearer {planter.bearer()}",
        "Cookie": f"session={planter.cookie()}; theme=dark",
        "User-Agent": "billing-web/7.1",
    }


def start_up(planter):
    """What services say when they start, and should not."""
    where = f"postgresql://billing:{planter.password()}@db-3.internal:5432/ledger?sslmode=require"
    log.info("connecting to %s", where)
    log.warning("config loaded from /home/%s/billing/settings.toml", planter.user())
    log.debug("loaded signing key\n%s", planter.pem())
    keys = planter.provider_key(), planter.access_key()
    log.debug("env STRIPE_API_KEY=%s AWS_ACCESS_KEY_ID=%s", *keys)


def ordinary_calls(planter, calls, pace):
    """Invoices and refunds that work."""
    for index in range(calls):
        clock.move_on(pace)
        profile = profile_of(planter)
        lines = [{"sku": f"SKU-{index % 7}", "quantity": 1 + index % 40, "unit_cents": 1999}]
        number = f"INV-{7000 + index}"
        api.post_invoice(number, profile, lines, headers_of(planter))
        if index % 5 == 0:
            invoice = {"number": number, "paid_cents": 1999, "email": profile["email"]}
            api.post_refund(invoice, 500, f"damaged, asked to call {profile['phone']}")


def failing_calls(planter, pace):
    """One night's failures: three bugs, one of them seen a single time."""
    flags.FLAGS["volume_discounts"] = True
    for index in range(4):
        clock.move_on(pace)
        profile = profile_of(planter)
        del profile["address"]  # imported from the old system, which kept no address
        lines = [{"sku": "SKU-3", "quantity": 2, "unit_cents": 4900}]
        api.post_invoice(f"INV-{8100 + index}", profile, lines, headers_of(planter))
    for index in range(2):
        clock.move_on(pace)
        profile = profile_of(planter)
        invoice = {"number": f"INV-{8200 + index}", "paid_cents": 12900, "email": profile["email"]}
        api.post_refund(invoice, -4500 - index, f"typed by {profile['email']}")
    clock.move_on(pace)
    profile = profile_of(planter)
    lines = [{"sku": "SKU-9", "quantity": 500, "unit_cents": 120}]
    api.post_invoice("INV-8301", profile, lines, headers_of(planter))


def main():
    """Parses the command line and runs."""
    parser = argparse.ArgumentParser(prog="billing.run", description=__doc__.splitlines()[0])
    parser.add_argument("--protocol", choices=["http", "grpc"], default="http")
    parser.add_argument("--endpoint", default="http://127.0.0.1:4318")
    parser.add_argument("--token", required=True)
    parser.add_argument("--release", choices=["2.4.0", "2.4.1"], default="2.4.1")
    parser.add_argument("--calls", type=int, default=20, help="calls that work")
    parser.add_argument("--seed", type=int, default=1, help="seed of all made-up data")
    parser.add_argument("--planted", type=pathlib.Path, help="write the made-up values here")
    parser.add_argument("--began", help="set the clock to this time first (RFC 3339)")
    parser.add_argument("--pace", type=int, default=0, help="seconds that pass before each call")
    options = parser.parse_args()

    if options.began:
        clock.set_to(options.began)
    planter = Planter(options.seed)
    stop = telemetry.start(options.protocol, options.endpoint, options.token, options.release)
    start_up(planter)
    ordinary_calls(planter, options.calls, options.pace)
    if options.release == "2.4.1":
        failing_calls(planter, options.pace)
        ordinary_calls(planter, options.calls // 2, options.pace)
    stop()
    if options.planted:
        options.planted.write_text(json.dumps(planter.values, indent=1))


if __name__ == "__main__":
    main()
