"""People who use the shop: journeys of several kinds, articles by Zipf's law, time to think."""

import asyncio
import random

import aiohttp

MIX = {"browse": 26, "search": 14, "add": 22, "buy": 22, "refund": 7, "track": 9, "login": 7}
ARTICLES = 200
ZIPF_EXPONENT = 0.9
THINK_S = (0.15, 0.8)
# Card numbers that the networks publish for tests.
CARDS = ("4111111111111111", "5555555555554444", "4012888888881881", "378282246310005")
NAMES = ("Ada Vermeer", "Ben Okafor", "Chloe Marchand", "Dev Iyer", "Elin Sandberg", "Femi Adeyemi")
COUNTRIES = ("NL", "NL", "DE", "FR", "BE")
WORDS = ("lamp", "oak", "rug", "vase", "red", "chair", "tall table", "clock", "big rug", "shelf")


class Load:
    """Sends journeys at a rate until stopped."""

    def __init__(self, port, seed, rate, mix=None, bad_share=0.03):
        self.base = f"http://127.0.0.1:{port}"
        self.random = random.Random(seed)
        self.rate = rate
        mix = {**MIX, **(mix or {})}
        self.kinds, self.weights = zip(*mix.items())
        self.zipf = [1 / (rank ** ZIPF_EXPONENT) for rank in range(1, ARTICLES + 1)]
        self.bad_share = bad_share
        self.sent = 0

    async def run(self, duration_s):
        """Sends for a while, then waits until all are answered."""
        connector = aiohttp.TCPConnector(force_close=True, limit=0)
        timeout = aiohttp.ClientTimeout(total=12)
        async with aiohttp.ClientSession(connector=connector, timeout=timeout) as self.session:
            loop = asyncio.get_running_loop()
            self.until = loop.time() + duration_s
            journeys = []
            while loop.time() < self.until:
                kind = self.random.choices(self.kinds, self.weights)[0]
                journeys.append(asyncio.create_task(getattr(self, kind)()))
                await asyncio.sleep(self.random.expovariate(self.rate))
            await asyncio.gather(*journeys)

    async def ask(self, method, path, body=None, token=None):
        """One request of a browser."""
        if asyncio.get_running_loop().time() >= self.until:
            return
        headers = {"X-Forwarded-For": f"198.51.100.{self.random.randrange(1, 255)}",
                   "User-Agent": "Mozilla/5.0", "Host": "www.shop.example"}
        if token:
            headers["Authorization"] = f"Bearer {token}"
        self.sent += 1
        try:
            async with self.session.request(
                method, self.base + path, json=body, headers=headers,
            ) as response:
                await response.read()
        except (aiohttp.ClientError, asyncio.TimeoutError):
            pass

    async def think(self):
        """Looks at the page."""
        await asyncio.sleep(self.random.uniform(*THINK_S))

    def article(self):
        """An article: few are wanted by most."""
        number = self.random.choices(range(ARTICLES), self.zipf)[0]
        return f"SKU-{number:04}"

    def token(self, account):
        """What a session of the account carries."""
        return f"tok_fake_{account}_{self.random.getrandbits(32):08x}"

    def named(self, prefix):
        """An id."""
        return f"{prefix}-{self.random.getrandbits(32):08x}"

    async def browse(self):
        """Looks at articles."""
        for _ in range(self.random.randint(1, 2)):
            missing = self.random.random() < self.bad_share
            await self.ask("GET", f"/products/{'SKU-0999' if missing else self.article()}")
            await self.think()

    async def search(self):
        """Searches, looks at one."""
        empty = self.random.random() < self.bad_share
        words = "" if empty else self.random.choice(WORDS).replace(" ", "+")
        await self.ask("GET", f"/search?q={words}")
        if self.random.random() < 0.4:
            await self.think()
            await self.ask("GET", f"/products/{self.article()}")

    async def add(self, account=None, cart=None):
        """Puts something into a cart."""
        account = account or self.random.randrange(1_000, 9_999)
        body = {"cart": cart or self.named("cart"), "sku": self.article(),
                "quantity": self.random.randint(1, 3)}
        await self.ask("POST", "/cart/items", body, self.token(account))

    async def buy(self):
        """Fills a cart and orders."""
        account, cart = self.random.randrange(1_000, 9_999), self.named("cart")
        if self.random.random() < 0.3:
            await self.add(account, cart)
            await self.think()
        address = {
            "name": self.random.choice(NAMES), "mail": f"buyer{account}@example.org",
            "postcode": f"{self.random.randrange(1000, 9999)} ZZ",
            "country": self.random.choice(COUNTRIES),
        }
        if self.random.random() < 0.5:
            address["region"] = "north"
        body = {"order": self.named("ord"), "cart": cart, "card": self.random.choice(CARDS),
                "address": address}
        await self.ask("POST", "/checkout", body, self.token(account))

    async def refund(self):
        """Returns an order."""
        account = self.random.randrange(1_000, 9_999)
        await self.ask(
            "POST", f"/orders/{self.named('ord')}/refund", {}, self.token(account))

    async def track(self):
        """Asks where a parcel is."""
        await self.ask("GET", f"/orders/{self.named('ord')}")

    async def login(self):
        """Signs in, sometimes with a password that is too short."""
        account = self.random.randrange(1_000, 9_999)
        short = self.random.random() < self.bad_share * 2
        dot = "." if self.random.random() < 0.5 else ""
        body = {"account": account, "mail": f"buyer{dot}{account}@example.org",
                "password": "abc" if short else f"pw_fake_{account}", "token": self.token(account)}
        await self.ask("POST", "/login", body)
