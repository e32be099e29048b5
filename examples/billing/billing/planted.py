"""Made-up secrets and personal data, shaped like the real thing and drawn from a seed.

None stands in the source: a test asks for the list and searches for each value everywhere.
"""

import base64
import json
import random
import string

FIRST = ["amara", "bela", "chidi", "dorota", "emre", "freya", "goran", "hana", "ines", "jorik"]
LAST = ["okafor", "lindqvist", "marchetti", "novak", "yilmaz", "dubois", "petrov", "sato"]
ALNUM = string.ascii_letters + string.digits


class Planter:
    """Draws values and remembers each with its kind."""

    def __init__(self, seed):
        self.random = random.Random(seed)
        self.values = []

    def _keep(self, kind, value):
        self.values.append({"kind": kind, "value": value})
        return value

    def _text(self, alphabet, length):
        return "".join(self.random.choice(alphabet) for _ in range(length))

    def person(self):
        """A name, not planted by itself: names in prose are found by the fields they stand in."""
        return self.random.choice(FIRST), self.random.choice(LAST)

    def email(self, first, last):
        """A mail address under a reserved name."""
        digits = self.random.randrange(100, 999)
        return self._keep("email", f"{first}.{last}{digits}@mail.example.org")

    def card(self):
        """A card number that passes the Luhn check, under a prefix of test cards."""
        body = "400000" + self._text(string.digits, 9)
        total = 0
        for place, digit in enumerate(reversed(body)):
            double = int(digit) * 2 if place % 2 == 0 else int(digit)
            total += double - 9 if double > 9 else double
        return self._keep("card", body + str(-total % 10))

    def phone(self):
        """An international number in a block kept for fiction."""
        return self._keep("phone", f"+1 212 555 01{self.random.randrange(10, 99)}")

    def bearer(self):
        """A signed token as an identity provider would issue it."""
        def part(value):
            return base64.urlsafe_b64encode(value).rstrip(b"=").decode()

        head = part(json.dumps({"alg": "HS256", "typ": "JWT"}).encode())
        body = part(json.dumps({"sub": self._text(string.digits, 8)}).encode())
        return self._keep("bearer", f"{head}.{body}.{part(self.random.randbytes(32))}")

    def password(self):
        """A password as generators make them."""
        return self._keep("password", self._text(ALNUM, 20))

    def cookie(self):
        """A session cookie's value."""
        return self._keep("cookie", self._text(string.hexdigits.lower(), 40))

    def provider_key(self):
        """A payment provider's live key."""
        return self._keep("provider_key", "sk" + "_live_" + self._text(ALNUM, 24))

    def access_key(self):
        """A cloud access key id."""
        letters = string.ascii_uppercase + "234567"
        return self._keep("access_key", "AK" + "IA" + self._text(letters, 16))

    def user(self):
        """A local account's name."""
        return self._keep("user", f"{self.random.choice(LAST)}{self._text(string.digits, 3)}")

    def pem(self):
        """A private key in PEM: lines of base64, each planted."""
        rows = [base64.b64encode(self.random.randbytes(48)).decode() for _ in range(6)]
        for row in rows:
            self._keep("pem_line", row)
        label = "PRIVATE " + "KEY"
        return "\n".join([f"-----BEGIN {label}-----", *rows, f"-----END {label}-----"])
