"""Invoices: lines, discount, tax."""

from dataclasses import dataclass

from billing.customers import salutation, tax_percent
from billing.discounts import discount_percent


@dataclass
class Invoice:
    """What a customer owes."""

    number: str
    letter: str
    net_cents: int
    tax_cents: int


def close_invoice(number, profile, lines):
    """Prices the lines, adds tax, and closes the invoice."""
    net = 0
    for line in lines:
        price = line["unit_cents"] * line["quantity"]
        net += price - price * discount_percent(line["sku"], line["quantity"]) // 100
    tax = net * tax_percent(profile) // 100
    return Invoice(number, salutation(profile), net, tax)
