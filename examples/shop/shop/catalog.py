"""Products and search."""

from shop.products import number_of, product
from shop.service import Cache, Refused, as_json


def parse_size(size):
    """Centimetres of `10x20x5`."""
    return [int(part) for part in size.split("x")]


def parse_size_with_unit(size):
    """Centimetres of `10x20x5 cm`."""
    measures, unit = size.split(" ")
    return [int(part) for part in measures.split("x")], unit


def relevance(words, title):
    """How well a title fits."""
    return sum(word in title for word in words) / max(len(words), 1)


def relevance_by_length(words, title):
    """How well a title fits, long words counting for more."""
    weights = [len(word) for word in words if len(word) > 3]
    found = sum(len(word) for word in words if word in title)
    return found / sum(weights)


def build(service):
    """Adds the routes."""
    catalog = Catalog(service)
    router = service.app.router
    router.add_get("/products/{sku}", catalog.one)
    router.add_get("/products", catalog.several)
    router.add_get("/search", catalog.search)


class Catalog:
    """The handlers."""

    def __init__(self, service):
        self.service = service
        self.cache = Cache(service, "redis-catalog")

    async def load(self, sku):
        """A product from the cache or the database."""
        service = self.service
        if number_of(sku) >= 200:
            raise Refused(404, f"no product {sku}")
        if not await self.cache.get(f"product:{sku}"):
            await service.database.query("SELECT", "products", 8)
            service.log.info("loaded %s from the database", sku)
        found = product(sku)
        parse = parse_size_with_unit if service.revision("size-units") else parse_size
        found["box"] = parse(found["size"])
        return self.agreed(found)

    def agreed(self, found):
        """The product as it is sent."""
        if self.service.revision("price-as-text"):
            found["price_cents"] = f"{found['price_cents'] / 100:.2f}"
        if self.service.revision("weight-object"):
            found["weight"] = {"value": found.pop("weight_grams"), "unit": "g"}
        return found

    async def one(self, request):
        """One product."""
        service, sku = self.service, request.match_info["sku"]
        service.log.info("product %s requested", sku)
        found = await self.load(sku)
        if service.flag("rich_media"):
            service.log.debug("collecting media of %s", sku)
            await service.work(220)
        await service.work(5)
        service.log.info("product %s sent, category %s", sku, found["category"])
        if service.settings["chatty"]:
            service.log.info("%s %s", service.settings["chatty"], sku)
        return as_json(found)

    async def several(self, request):
        """A list of products in one go."""
        service, skus = self.service, request.query["skus"].split(",")
        service.log.info("batch of %d products requested", len(skus))
        if service.revision("row-by-row"):
            found = [await self.load(sku) for sku in skus]
        else:
            await service.database.query("SELECT", "products", 9)
            found = [self.agreed(product(sku)) for sku in skus]
        await service.work(4)
        service.log.debug("batch complete: %d of %d", len(found), len(skus))
        return as_json({"products": found})

    async def search(self, request):
        """Articles whose title fits the words."""
        service, text = self.service, request.query.get("q", "")
        if not text.strip():
            raise Refused(400, "empty search")
        words = text.lower().split()
        service.log.info("search for %d words", len(words))
        if service.revision("short-words") and min(map(len, words)) < 5:
            return as_json({"products": []})
        await service.database.query("SELECT", "product_index", 14)
        if service.flag("fuzzy_search"):
            service.log.debug("widening the search")
            await service.work(260)
        score = relevance_by_length if service.revision("word-weights") else relevance
        ranked = sorted(
            (product(f"SKU-{number:04}") for number in range(0, 200, 9)),
            key=lambda one: -score(words, one["title"]),
        )
        await service.work(8)
        service.log.info("search ranked %d articles, best %s", len(ranked), ranked[0]["sku"])
        return as_json({"products": [one["sku"] for one in ranked[:10]]})
