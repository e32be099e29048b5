"""Feature flags of the service: one mapping, read at each call."""

FLAGS = {"volume_discounts": False, "partial_refunds": True}
