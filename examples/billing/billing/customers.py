"""Customers: where they are taxed, how they are addressed."""

from billing.cordon_capture import capture

TAX_PERCENT = {"AT": 20, "DE": 19, "FR": 20, "NL": 21}


@capture
def tax_percent(profile):
    """Percentage of tax on what this customer buys."""
    country = profile["address"]["country"]
    return TAX_PERCENT.get(country, 0)


def salutation(profile):
    """First line of a letter to this customer."""
    return f"Dear {profile['name']}"
