"""Taking and returning money."""

from decimal import Decimal

from shop.service import PartnerError, Refused, UpstreamError, as_json

ACQUIRER = "api.acquirer.example"


def amount_of(total_cents):
    """The amount as the acquirer wants it."""
    return f"{Decimal(total_cents) / 100:.2f}"


def amount_of_locale(total_cents):
    """The amount as the acquirer wants it, as people write it here."""
    text = f"{total_cents / 100:.2f}".replace(".", ",")
    return str(Decimal(text))


def risk(card, total_cents):
    """How risky a payment is, 0 to 100."""
    return (int(card[-2:]) + total_cents // 1_000) % 100


def risk_by_network(card, total_cents):
    """How risky a payment is, by the card's network."""
    base = {"4": 5, "5": 8}[card[0]]
    return (base + total_cents // 1_000) % 100


def build(service):
    """Adds the routes."""
    payments = Payments(service)
    router = service.app.router
    router.add_post("/authorisations", payments.authorise)
    router.add_post("/refunds", payments.refund)


class Payments:
    """The handlers."""

    def __init__(self, service):
        self.service = service

    async def partner(self, path, median_ms):
        """Asks the acquirer."""
        try:
            await self.service.partner(ACQUIRER, "POST", path, median_ms)
        except PartnerError as error:
            raise UpstreamError(str(error)) from error

    async def authorise(self, request):
        """Takes money for an order."""
        service, asked = self.service, await request.json()
        card, total_cents = asked["card"], asked["total_cents"]
        service.log.info("authorising %d cents for %s", total_cents, asked["order"])
        service.log.debug("card %s of %s", card, asked["mail"])
        if not (service.revision("trusted-buyers") and total_cents < 20_000):
            await self.screen(card, total_cents)
        write = amount_of_locale if service.revision("amount-format") else amount_of
        amount = write(total_cents)
        if service.flag("three_d_secure"):
            service.log.debug("waiting for the issuer's challenge")
            await service.work(350)
        await self.partner("/v1/charges", 38)
        if service.random.random() < 0.02:
            raise Refused(402, "card declined by issuer")
        async with service.lock("ledger"):
            await service.database.query("INSERT", "charges", 8)
        service.log.info("charged %s EUR", amount)
        if service.settings["chatty"]:
            service.log.info("%s %s", service.settings["chatty"], amount)
        if service.revision("status-codes"):
            return as_json({"status": 1, "charge": f"ch-{asked['order']}"})
        if service.revision("status-upper"):
            return as_json({"state": "AUTHORISED", "charge": f"ch-{asked['order']}"})
        return as_json({"status": "authorised", "charge": f"ch-{asked['order']}"})

    async def screen(self, card, total_cents):
        """Looks for fraud."""
        service = self.service
        times = 6 if service.revision("rule-lookup") else 1
        for _ in range(times):
            await service.database.query("SELECT", "risk_rules", 6)
        await service.work(9)
        rate = risk_by_network if service.revision("network-risk") else risk
        service.log.info("risk score %d", rate(card, total_cents))

    async def refund(self, request):
        """Returns money."""
        service, asked = self.service, await request.json()
        service.log.info("refunding %s", asked["order"])
        await service.database.query("SELECT", "charges", 6)
        if service.revision("refund-queue"):
            return as_json({"status": "refunded"})
        await self.partner("/v1/refunds", 30)
        await service.database.query("UPDATE", "charges", 7)
        service.log.info("refund of %s sent to the acquirer", asked["order"])
        return as_json({"status": "refunded"})
