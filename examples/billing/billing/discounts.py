"""Volume discounts."""

import bisect

from billing import flags
from billing.cordon_capture import capture

QUANTITY_MAX = 500
TIER_ENDS = [50, 100, QUANTITY_MAX]
TIER_PERCENT = [0, 5, 12]


@capture(flags="billing.flags.FLAGS")
def discount_percent(sku, quantity):
    """Percentage off for `quantity` pieces of `sku`: 1 to 50, 51 to 100, 101 to 500."""
    if not 1 <= quantity <= QUANTITY_MAX:
        raise ValueError(f"quantity {quantity} of {sku} is out of range")
    if not flags.FLAGS["volume_discounts"]:
        return 0
    return TIER_PERCENT[bisect.bisect_right(TIER_ENDS, quantity)]
