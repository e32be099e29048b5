"""Refunds."""

from billing.cordon_capture import capture


@capture(expect="result >= 0")
def refund_cents(invoice, amount_cents, reason):
    """How much goes back to the customer: at most what was paid."""
    return min(amount_cents, invoice["paid_cents"])
