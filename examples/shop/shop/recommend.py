"""What goes well with a product."""

from shop.products import number_of
from shop.service import as_json, expect


def affinity(number, other):
    """How often two are bought together."""
    return 1 / (1 + abs(number - other) % 17)


def affinity_scaled(number, other):
    """How often two are bought together, by distance in the assortment."""
    return 100 / (abs(number - other) % 17)


def build(service):
    """Adds the routes."""
    router = service.app.router
    recommend = Recommend(service)
    router.add_get("/for/{sku}", recommend.for_product)


class Recommend:
    """The handlers."""

    def __init__(self, service):
        self.service = service

    async def for_product(self, request):
        """Four products that go with one."""
        service, sku = self.service, request.match_info["sku"]
        service.log.info("recommendations for %s", sku)
        if service.revision("cold-start") and number_of(sku) < 12:
            return as_json({"skus": []})
        await service.database.query("SELECT", "bought_together", 9)
        if service.flag("deep_model"):
            service.log.debug("scoring with model deep-2")
            await service.work(300)
        await service.work(7)
        score = affinity_scaled if service.revision("affinity-scale") else affinity
        number = number_of(sku)
        others = [(number + step * 17 // (2 if step % 2 else 1)) % 200 for step in range(1, 5)]
        scored = sorted(others, key=lambda other: -score(number, other))
        service.log.debug("scored %d candidates", len(scored))
        skus = [f"SKU-{other:04}" for other in scored]
        titles = await self.titles(skus)
        service.log.info("recommending %d products for %s", len(titles), sku)
        if service.revision("nested-skus"):
            return as_json({"items": [{"id": sku} for sku in skus], "titles": titles})
        if service.settings["chatty"]:
            service.log.info("%s %s", service.settings["chatty"], sku)
        return as_json({"skus": skus, "titles": titles})

    async def titles(self, skus):
        """The titles, asked of the catalogue."""
        service = self.service
        if service.revision("title-lookup"):
            found = []
            for sku in skus:
                found.append(await service.call("catalog", "GET", f"/products/{sku}"))
        else:
            answer = await service.call("catalog", "GET", f"/products?skus={','.join(skus)}")
            found = expect(answer, "products", list, "catalog")
        for one in found:
            expect(one, "price_cents", int, "catalog")
        return [one["title"] for one in found]
