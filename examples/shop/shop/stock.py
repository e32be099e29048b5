"""How much lies in the warehouse."""

from shop.products import number_of
from shop.service import Refused, as_json


def shelf_of(sku):
    """Where an article lies."""
    return f"A-{number_of(sku) % 40:02}"


def shelf_of_code(sku):
    """Where an article lies, by the code's last part."""
    row, place = sku.split("-")[1:3]
    return f"{row}-{place}"


def build(service):
    """Adds the routes."""
    stock = Stock(service)
    router = service.app.router
    router.add_get("/levels/{sku}", stock.level)
    router.add_post("/reservations", stock.reserve)
    router.add_post("/releases", stock.release)


class Stock:
    """The handlers."""

    def __init__(self, service):
        self.service = service

    async def level(self, request):
        """How many there are."""
        service, sku = self.service, request.match_info["sku"]
        await service.database.query("SELECT", "levels", 6)
        await service.work(3)
        level = 3 + number_of(sku) * 31 % 90
        service.log.info("level of %s is %d", sku, level)
        if service.revision("level-object"):
            return as_json({"level": {"on_hand": level, "reserved": 0}})
        return as_json({"level": level})

    async def reserve(self, request):
        """Puts some aside."""
        service, asked = self.service, await request.json()
        lines = asked["lines"]
        service.log.info("reserving %d lines", len(lines))
        if service.flag("warehouse_audit"):
            service.log.debug("comparing counts with the warehouse")
            await service.work(280)
        async with service.lock("levels"):
            if service.revision("row-by-row"):
                for one in lines * 6:
                    await service.database.query("SELECT", "levels", 6)
            else:
                await service.database.query("SELECT", "levels", 6)
            if service.random.random() < 0.012:
                service.log.warning("deadlock detected on levels, trying again")
                await service.database.query("SELECT", "levels", 6)
            place = shelf_of_code if service.revision("shelf-codes") else shelf_of
            shelves = [place(one["sku"]) for one in lines]
            service.log.debug("picking from %s", ",".join(shelves))
            if not (service.revision("partial-lines") and len(lines) > 1):
                await service.database.query("UPDATE", "levels", 8)
                service.log.info("reserved %d pieces", sum(one["quantity"] for one in lines))
        await service.work(4)
        if service.settings["chatty"]:
            service.log.info("%s %d", service.settings["chatty"], len(lines))
        if service.revision("reservation-list"):
            return as_json({"reservations": [f"res-{number_of(lines[0]['sku'])}"]})
        return as_json({"reservation": f"res-{number_of(lines[0]['sku'])}"})

    async def release(self, request):
        """Puts back what a refund returns."""
        service, asked = self.service, await request.json()
        if not asked.get("order"):
            raise Refused(400, "no order")
        await service.database.query("UPDATE", "levels", 8)
        service.log.info("released the pieces of %s", asked["order"])
        return as_json({"released": True})
