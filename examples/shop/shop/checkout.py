"""Orders: placing, refunding, looking up."""

from shop.products import lines_of
from shop.service import Refused, as_json, expect


def label_of(address):
    """The address label."""
    return f"{address['postcode']} {address['country']}"


def label_of_international(address):
    """The address label with the region."""
    return f"{address['postcode']} {address['region']}, {address['country']}"


def reference(order):
    """The order's reference for the buyer."""
    return order.rsplit("-", 1)[1][:6]


def reference_checked(order):
    """The order's reference with its check digit."""
    digits = [int(letter) for letter in order.rsplit("-", 1)[1]]
    return f"{sum(digits) % 7}"


def build(service):
    """Adds the routes."""
    checkout = Checkout(service)
    router = service.app.router
    router.add_post("/orders", checkout.place)
    router.add_post("/orders/{order}/refund", checkout.refund)
    router.add_get("/orders/{order}", checkout.look_up)


class Checkout:
    """The handlers."""

    def __init__(self, service):
        self.service = service
        self.queue = []
        service.telemetry.gauge("shop.queue.length", "{message}", lambda: len(self.queue))

    async def place(self, request):
        """Places an order."""
        service, asked = self.service, await request.json()
        order, address = asked["order"], asked["address"]
        service.log.info("placing order %s from cart %s", order, asked["cart"])
        service.log.debug("ordered by %s, token %s", asked["mail"], asked["token"])
        make_label = label_of_international if service.revision("region-label") else label_of
        service.log.debug("label %s", make_label(address))
        lines = await self.lines(asked["cart"])
        quote = {"lines": lines, "country": address["country"]}
        priced = await service.call("pricing", "POST", "/quotes", quote)
        total_cents = expect(priced, "total_cents", int, "pricing")
        if not (service.revision("express-lane") and len(lines) < 3):
            await self.reserve(lines)
        await self.pay(order, total_cents, asked)
        if service.flag("order_insurance"):
            service.log.debug("asking for an insurance offer")
            await service.work(300)
        parcel = {"order": order, "lines": lines, "address": address}
        booked = await service.call("shipping", "POST", "/bookings", parcel, retries=0)
        days = expect(booked, "eta_days", int, "shipping")
        async with service.lock("orders"):
            await service.database.query("INSERT", "orders", 9)
        refer = reference_checked if service.revision("check-digit") else reference
        self.queue = [*self.queue, refer(order)][-(1 + service.random.randrange(3)):]
        service.log.info("order %s placed, %d cents, %d days", order, total_cents, days)
        if service.settings["chatty"]:
            service.log.info("%s %s", service.settings["chatty"], order)
        if service.revision("order-envelope"):
            return as_json({"data": {"order": order, "total_cents": total_cents}}, 201)
        return as_json({"order": order, "total_cents": total_cents}, 201)

    async def lines(self, cart):
        """What lies in the cart."""
        shown = await self.service.call("cart", "GET", f"/carts/{cart}")
        lines = expect(shown, "lines", list, "cart")
        for one in lines:
            expect(one, "sku", str, "cart")
        return lines

    async def reserve(self, lines):
        """Reserves all lines at once."""
        service = self.service
        batches = [[one] for one in lines * 2] if service.revision("line-reserve") else [lines]
        for batch in batches:
            answer = await service.call(
                "stock", "POST", "/reservations", {"lines": batch}, retries=0)
            expect(answer, "reservation", str, "stock")
        service.log.info("all lines reserved")

    async def pay(self, order, total_cents, asked):
        """Takes the money."""
        service = self.service
        payment = {"order": order, "total_cents": total_cents, "card": asked["card"],
                   "mail": asked["mail"]}
        paid = await service.call("payments", "POST", "/authorisations", payment, retries=0)
        expect(paid, "status", str, "payments")
        service.log.info("payment of %s accepted", order)

    async def refund(self, request):
        """Takes an order back."""
        service, order = self.service, request.match_info["order"]
        if not order.startswith("ord-"):
            raise Refused(404, f"no order {order}")
        await service.database.query("SELECT", "orders", 6)
        await service.call("payments", "POST", "/refunds", {"order": order}, retries=0)
        if not service.revision("refund-only"):
            await service.call("stock", "POST", "/releases", {"order": order}, retries=0)
            service.log.info("stock of %s released", order)
        await service.database.query("UPDATE", "orders", 7)
        service.log.info("order %s refunded, %d lines", order, len(lines_of(order)))
        return as_json({"order": order, "state": "refunded"})

    async def look_up(self, request):
        """How an order stands."""
        service, order = self.service, request.match_info["order"]
        times = 8 if service.revision("history-lookup") else 1
        for _ in range(times):
            await service.database.query("SELECT", "orders", 6)
        parcel = await service.call("shipping", "GET", f"/parcels/{order}")
        service.log.info("order %s is %s", order, parcel["state"])
        return as_json({"order": order, "state": parcel["state"]})
