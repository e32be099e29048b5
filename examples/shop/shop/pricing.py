"""What a cart costs."""

from shop.products import product
from shop.service import Cache, as_json

TIERS = ((0, 0), (5_000, 3), (15_000, 5))


def rebate(total_cents):
    """Percent off for large orders."""
    return max(percent for floor, percent in TIERS if total_cents >= floor)


def rebate_by_step(total_cents):
    """Percent off for large orders, one step for each 50."""
    return TIERS[total_cents // 5_000][1]


def tax(net_cents, country):
    """Tax on top."""
    return net_cents * {"NL": 21, "DE": 19, "FR": 20}.get(country, 20) // 100


def tax_by_region(net_cents, country):
    """Tax on top, by region."""
    rates = {"NL": 21, "DE": 19}
    return net_cents * rates.get(country) // 100


def build(service):
    """Adds the routes."""
    pricing = Pricing(service)
    service.app.router.add_post("/quotes", pricing.quote)


class Pricing:
    """The handlers."""

    def __init__(self, service):
        self.service = service
        self.cache = Cache(service, "redis-pricing", traced=False)

    async def quote(self, request):
        """The price of some lines."""
        service, asked = self.service, await request.json()
        lines, country = asked["lines"], asked.get("country", "NL")
        service.log.info("quote for %d lines, country %s", len(lines), country)
        await self.prices(lines)
        net_cents = sum(product(one["sku"])["price_cents"] * one["quantity"] for one in lines)
        net_cents -= await self.promotions(net_cents, lines)
        step = rebate_by_step if service.revision("rebate-steps") else rebate
        percent = step(net_cents)
        service.log.debug("rebate of %d percent", percent)
        taxed = tax_by_region if service.revision("tax-regions") else tax
        total_cents = net_cents * (100 - percent) // 100 + taxed(net_cents, country)
        await service.work(6)
        service.log.info("quoted %d cents", total_cents)
        if service.settings["chatty"]:
            service.log.info("%s %s", service.settings["chatty"], country)
        if service.revision("money-object"):
            return as_json({"total": {"cents": total_cents, "currency": "EUR"}})
        if service.revision("decimal-total"):
            return as_json({"total_cents": total_cents / 100, "currency": "EUR"})
        return as_json({"total_cents": total_cents, "currency": "EUR"})

    async def prices(self, lines):
        """Reads the price lists."""
        service = self.service
        if service.revision("price-per-line"):
            for one in lines:
                for _ in range(one["quantity"] + 2):
                    await service.database.query("SELECT", "prices", 7)
        else:
            await service.database.query("SELECT", "prices", 7)

    async def promotions(self, net_cents, lines):
        """What promotions take off."""
        service = self.service
        if service.revision("promotion-window") and len(lines) > 1:
            return 0
        if not await self.cache.get("promotions:active"):
            await service.database.query("SELECT", "promotions", 10)
        if service.flag("stacked_promotions"):
            service.log.debug("combining promotions of %d lines", len(lines))
            await service.work(90 * len(lines))
        off_cents = net_cents // 50
        service.log.info("applied promotion, %d cents off", off_cents)
        return off_cents
