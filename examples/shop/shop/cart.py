"""Carts: adding, showing."""

from shop.products import lines_of
from shop.service import Cache, UpstreamError, as_json, expect


def merged(lines, sku, quantity):
    """The lines with one more."""
    return [*lines, {"sku": sku, "quantity": quantity}]


def merged_in_place(lines, sku, quantity):
    """The lines with one more, added to the same article if it is there."""
    same = next((one for one in lines if one["sku"] == sku), None)
    same["quantity"] += quantity
    return lines


def build(service):
    """Adds the routes."""
    cart = Cart(service)
    router = service.app.router
    router.add_post("/carts/{cart}/items", cart.add)
    router.add_get("/carts/{cart}", cart.show)


class Cart:
    """The handlers."""

    def __init__(self, service):
        self.service = service
        self.store = Cache(service, "redis-cart", traced=False)

    async def add(self, request):
        """Puts an article into a cart."""
        service, cart = self.service, request.match_info["cart"]
        asked = await request.json()
        sku, quantity = asked["sku"], asked["quantity"]
        service.log.info("adding %d of %s to %s", quantity, sku, cart)
        level = await self.level(sku)
        async with service.lock("carts"):
            await self.store.get(f"cart:{cart}")
            merge = merged_in_place if service.revision("merge-lines") else merged
            lines = merge(lines_of(cart), sku, quantity)
            await service.work(4)
        if service.revision("lazy-write") and quantity > 1:
            return as_json({"lines": len(lines), "total_cents": 0})
        if level is not None and level < quantity:
            service.log.info("only %d of %s left", level, sku)
        total_cents = await self.total(lines)
        await service.database.query("INSERT", "cart_lines", 6)
        service.log.info("cart %s has %d lines, %d cents", cart, len(lines), total_cents)
        return as_json({"lines": len(lines), "total_cents": total_cents})

    async def level(self, sku):
        """How many the warehouse has, or nothing."""
        service = self.service
        try:
            answer = await service.call("stock", "GET", f"/levels/{sku}")
            return expect(answer, "level", int, "stock")
        except UpstreamError as error:
            service.log.warning("level of %s unknown, going on: %s", sku, error)
            return None

    async def total(self, lines):
        """What the lines cost."""
        service = self.service
        batches = [[one] for one in lines] if service.revision("line-quotes") else [lines]
        total_cents = 0
        for batch in batches:
            quote = await service.call("pricing", "POST", "/quotes", {"lines": batch})
            total_cents += expect(quote, "total_cents", int, "pricing")
        if service.flag("gift_hints"):
            service.log.debug("looking for gift hints")
            await service.work(240)
        return total_cents

    async def show(self, request):
        """What lies in a cart."""
        service, cart = self.service, request.match_info["cart"]
        await self.store.get(f"cart:{cart}")
        await service.database.query("SELECT", "cart_lines", 6)
        lines = lines_of(cart)
        await service.work(3)
        service.log.info("cart %s shown with %d lines", cart, len(lines))
        if service.settings["chatty"]:
            service.log.info("%s %s", service.settings["chatty"], cart)
        if service.revision("lines-by-sku"):
            return as_json({"lines": {one["sku"]: one["quantity"] for one in lines}})
        if service.revision("short-keys"):
            return as_json({"lines": [{"s": one["sku"], "q": one["quantity"]} for one in lines]})
        return as_json({"lines": lines})
