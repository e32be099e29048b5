"""What the shop sells: made up from the number of an article."""

CATEGORIES = ("lamps", "chairs", "tables", "rugs", "shelves", "vases", "clocks")


def number_of(sku):
    """The number in `SKU-0042`."""
    return int(sku.rsplit("-", 1)[1])


def product(sku):
    """One article."""
    number = number_of(sku)
    return {
        "sku": sku,
        "title": f"{CATEGORIES[number % 7][:-1]} no. {number}",
        "category": CATEGORIES[number % 7],
        "price_cents": 199 + number * 97 % 9_000,
        "weight_grams": 100 + number * 37 % 900,
        "size": f"{10 + number % 40}x{10 + number % 30}x{5 + number % 20}",
    }


def lines_of(cart):
    """What lies in a cart: follows from its id."""
    seed = sum(map(ord, cart))
    return [
        {"sku": f"SKU-{(seed * 7 + index * 13) % 200:04}", "quantity": 1 + (seed + index) % 3}
        for index in range(1 + seed % 4)
    ]
