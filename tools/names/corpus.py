#!/usr/bin/env python3
"""Writes the corpora that the recogniser of names is trained and scored on.

    corpus.py DIR          train.tsv, tune.tsv, test.tsv, lists.tsv: names parted into pools
    corpus.py DIR --ship   train.tsv and lists.tsv with all names: what the shipped weights learn

A line is `locale TAB source TAB text`; an entity stands between U+0002, a letter (P person,
L place, O organisation, A address) and U+0003. The same packages give the same files.
"""

import pathlib
import re
import sys

import hosts
import people
import technical
from people import LOCALES, dice_of

HERE = pathlib.Path(__file__).parent
SLOT = re.compile(r"\{([A-Za-z0-9]+)\}")
PLACEHOLDER = re.compile(r"%\([a-z_0-9]+\)[sd]|%[sd]|\{[a-z_0-9.]*\}")
# Whom a sentence of a doc comment speaks of, where a name may stand.
ROLE = re.compile(
    r"\b(?:the|The|a|an) (?:user|client|caller|developer|customer|administrator|author|owner|"
    r"programmer|admin|operator|reader|person|visitor|sender|recipient|editor|reviewer)\b"
)
TITLES = {
    "en": "Mr. Mrs. Ms. Dr. Prof. Mr Mrs Ms Dr Sir Miss", "de": "Herr Frau Dr. Prof.",
    "fr": "M. Mme Mlle Dr Monsieur Madame", "es": "Sr. Sra. Dr. Dra. Don Doña",
    "pt": "Sr. Sra. Dr. Dra.", "it": "Sig. Sig.ra Dott. Signor Signora", "nl": "dhr. mevr. dr.",
    "pl": "Pan Pani dr", "sv": "Herr Fru", "ru": "г-н г-жа", "tr": "Bay Bayan",
}
LOG_HEADS = (
    "{date} ERROR [{svc}] ", "{date} INFO {cls}: ", "[{svc}] ", "{cls}: ", "WARN ", "INFO - ",
    "{date} ", "[{id}] ", "{svc}: ", "level=error msg=", "#{n} ", "> ", "- ", "* ",
)


def templates(name):
    """Sentences of a file by language."""
    out, language = {}, "en"
    for line in (HERE / "templates" / name).read_text(encoding="utf-8").splitlines():
        if line.startswith("[") and line.endswith("]") and len(line) < 6:
            language = line[1:-1]
        elif line and not line.startswith("# "):
            out.setdefault(language, []).append(line)
    return out


def mark(kind, text):
    """A marked entity."""
    return f"\2{kind}{text}\3"


class Maker:
    """Makes texts of one pool."""

    def __init__(self, pools, pool, dice):
        self.pools, self.pool, self.dice = pools, pool, dice

    def entity(self, slot, locale):
        """A marked entity for a slot; the empty text where the pool has none."""
        dice, pools = self.dice, self.pools
        if slot == "P":
            return mark("P", pools.person(dice, locale, self.pool))
        if slot == "F":
            return mark("P", pools.pick(dice, "first", locale, self.pool))
        if slot in ("L1", "T"):
            last = mark("P", pools.pick(dice, "last", locale, self.pool))
            titles = TITLES.get(LOCALES[locale], TITLES["en"]).split()
            return last if slot == "L1" else f"{dice.choice(titles)} {last}"
        if slot == "O":
            return self.filled("O", pools.organisation(dice, locale, self.pool))
        if slot == "A":
            return self.filled("A", pools.address(dice, locale, self.pool))
        return mark("L", pools.place(dice, locale, self.pool, slot == "K"))

    @staticmethod
    def filled(kind, text):
        """A marked text, unless there is none."""
        return mark(kind, text) if text else ""

    def sentence(self, template, locale):
        """A template with its slots filled."""
        entity = ("P", "F", "L1", "T", "O", "A", "C", "K")
        def value(found):
            slot = found.group(1)
            if slot in entity:
                return self.entity(slot, locale)
            return technical.fill(self.dice, slot)
        return SLOT.sub(value, template)

    def styled(self, text):
        """A text as somebody else would have written it."""
        dice = self.dice
        form = dice.random()
        if form < 0.2:
            text = SLOT.sub(lambda f: technical.fill(dice, f.group(1)), dice.choice(LOG_HEADS)) + text
        elif form < 0.25:
            text = lowered(text)
        elif form < 0.28:
            text = people.unaccented(text)
        elif form < 0.32:
            text = text + dice.choice([".", "!", "?", " (" + technical.fill(dice, "id") + ")", ";"])
        elif form < 0.35:
            text = '"' + text + '"'
        elif form < 0.38:
            text = text[:1].lower() + text[1:] if text[:1] != "\2" else text
        return text

    def random_entity(self, locale):
        """An entity of any kind; persons mostly."""
        slot = self.dice.choices(("P", "F", "T", "C", "K", "O", "A"), (50, 8, 5, 12, 5, 10, 10))[0]
        return self.entity(slot, locale)

    def implanted(self, host, locale):
        """A sentence with one or two entities put into it."""
        dice = self.dice
        if PLACEHOLDER.search(host):
            def value(_):
                if dice.random() < 0.65:
                    return self.random_entity(locale)
                return technical.fill(dice, dice.choice(["n", "id", "word", "date", "svc", "tech"]))
            return PLACEHOLDER.sub(value, host)
        if ROLE.search(host) and dice.random() < 0.7:
            return ROLE.sub(lambda _: self.entity(dice.choice("PPPF"), locale), host, count=2)
        glued = people.script(host) in ("CJK", "HIRAGANA", "KATAKANA")
        parts = list(host) if glued else host.split(" ")
        for _ in range(dice.choice([1, 1, 2])):
            at = dice.randint(0, len(parts))
            new = self.random_entity(locale)
            form = dice.random()
            if not glued and form < 0.15:
                new = f"({new})"
            elif not glued and form < 0.25:
                new = f"{new},"
            elif not glued and form < 0.32:
                new = f"'{new}'"
            elif form < 0.37 and at == 0:
                new = f"{new}:"
            parts.insert(at, new)
        return ("" if glued else " ").join(parts)

    def plain(self, host):
        """A sentence as it is, its placeholders filled with technical values."""
        return PLACEHOLDER.sub(lambda _: technical.fill(
            self.dice, self.dice.choice(["n", "id", "word", "path", "cls", "tech"])), host)


def lowered(text):
    """A text in lower case, its marks kept."""
    return re.sub(r"\x02.|[^\x02]", lambda f: f.group() if f.group()[0] == "\2" else f.group().lower(), text)


def titled(text):
    """A text with every word capitalised."""
    return " ".join(w[:1].upper() + w[1:] for w in text.split(" "))


def by_language():
    """Faker's locales of each language."""
    out = {}
    for locale, language in sorted(LOCALES.items()):
        out.setdefault(language, []).append(locale)
    return out


def named_hosts(pools):
    """A test of whether a sentence has a person in it: two capitalised words, the first a given
    name; such sentences are no examples of prose without names."""
    first = {n for names in pools.first.values() for n in names}
    pair = re.compile(r"\b([A-Z][a-z]+) [A-Z][a-z]+")
    def says(text):
        return any(f.group(1) in first and f.group(1) not in technical.TECH for f in pair.finditer(text))
    return says


class Writer:
    """A corpus file."""

    def __init__(self, path):
        self.file = path.open("w", encoding="utf-8", newline="\n")

    def line(self, locale, source, text):
        """One text; tabs and line breaks in it become blanks."""
        if "\2P\3" in text or "\2L\3" in text:
            return
        text = text.replace("\t", " ").replace("\n", " ").replace("\r", " ")
        self.file.write(f"{locale}\t{source}\t{text}\n")


def sentences_of(pools, pool, out, files, each, seed):
    """Templates filled: `each` texts of every template, times four where it is English."""
    langs = by_language()
    for language, all_templates in sorted(templates(files).items()):
        for n, template in enumerate(all_templates):
            dice = dice_of(seed, pool, language, n)
            maker = Maker(pools, pool, dice)
            entity = SLOT.search(template)
            for _ in range(each * (3 if language == "en" else 1)):
                own = langs.get(language, ["en_US"])
                locale = dice.choice(own)
                # Everybody's name turns up in English telemetry.
                if language == "en" and dice.random() < 0.55:
                    locale = dice.choice(sorted(LOCALES))
                if entity:
                    out.line(locale, "template", maker.styled(maker.sentence(template, locale)))


def technical_of(pools, pool, out, count, seed):
    """Log lines, and general sentences, without names."""
    all_lines = templates("log.txt")["en"] + templates("plain.txt")["en"]
    dice = dice_of(seed, pool, "log")
    maker = Maker(pools, pool, dice)
    for _ in range(count):
        text = maker.sentence(dice.choice(all_lines), "en_US")
        out.line("-", "log", maker.styled(text) if dice.random() < 0.5 else text)


def prose_of(pools, pool, out, english, foreign, counts, seed):
    """Prose with entities put into it, and prose without."""
    says, langs = named_hosts(pools), by_language()
    english = [s for s in english if not says(s)]
    foreign = [(lang, s) for lang, s in foreign if not says(s)]
    dice = dice_of(seed, pool, "prose")
    maker = Maker(pools, pool, dice)
    every = sorted(LOCALES)
    for host in dice.sample(english, min(counts[0], len(english))):
        locale = dice.choice(["en_US", "en_GB", "en_IN", dice.choice(every), dice.choice(every)])
        out.line(locale, "implanted", maker.styled(maker.implanted(host, locale)))
    some = dice.sample(foreign, len(foreign))
    known = [(lang, s) for lang, s in some if lang.replace("-", "_").split("_")[0] in langs]
    for lang, host in known[: counts[1]]:
        own = langs[lang.replace("-", "_").split("_")[0]]
        locale = dice.choice(own if dice.random() < 0.85 else every)
        out.line(locale, "implanted", maker.implanted(host, locale))
    for host in dice.sample(english, min(counts[2], len(english))):
        text = maker.plain(host)
        out.line("-", "prose", titled(text) if dice.random() < 0.08 else maker.styled(text))
    for lang, host in dice.sample(foreign, min(counts[3], len(foreign))):
        out.line("-", f"prose-{lang}", maker.plain(host))


BITS = {"first": 1, "last": 2, "place": 4, "company": 8, "street": 16, "common": 32, "software": 64}


def lists(pools, path, prose):
    """The word lists."""
    words = {}
    for word, kind in pools.listed(("train",)):
        word = word.strip("'’.,()").lower()
        if len(word) > 1 or people.script(word) in ("CJK", "HANGUL"):
            words[word] = words.get(word, 0) | BITS[kind]
    counts, proper = {}, {}
    for text in prose:
        for word in re.findall(r"(?<![A-Za-z])[^\W\d_]{2,}", text):
            if word == word.lower():
                counts[word] = counts.get(word, 0) + 1
        for word in re.findall(r"(?<=[a-z,] )[A-Z][a-z]{2,}(?![\w])", text):
            proper[word.lower()] = proper.get(word.lower(), 0) + 1
    for word, count in counts.items():
        if count >= 4 and (len(word) > 1) and people.script(word) not in ("CJK", "HANGUL", "HIRAGANA"):
            words[word] = words.get(word, 0) | BITS["common"]
    # What technical prose writes with a capital within a sentence.
    for word, count in proper.items():
        if count >= 3 and not words.get(word, 0) & ~BITS["place"]:
            words[word] = words.get(word, 0) | BITS["software"]
    frequent = [("en", 15_000), ("de", 7000), ("fr", 7000), ("es", 7000), ("it", 7000),
                ("pt", 7000), ("nl", 7000), ("ru", 7000), ("fa", 5000), ("ar", 5000), ("lv", 3000)]
    for word in hosts.frequent(frequent):
        if len(word) > 1:
            words[word] = words.get(word, 0) | BITS["common"]
    for word in technical.TECH:
        words[word.lower()] = words.get(word.lower(), 0) | BITS["software"]
    for word in f"{technical.MONTHS} {technical.DAYS}".lower().split():
        words[word] = words.get(word, 0) | BITS["common"]
    for kind, name in (("company", "company.txt"), ("street", "street.txt")):
        for word in (HERE / "templates" / name).read_text(encoding="utf-8").split():
            words[word.lower()] = words.get(word.lower(), 0) | BITS[kind]
    with path.open("w", encoding="utf-8", newline="\n") as file:
        for word, bits in sorted(words.items()):
            file.write(f"{word}\t{bits}\n")


def main():
    """Writes the files."""
    folder = pathlib.Path(sys.argv[1])
    ship = "--ship" in sys.argv
    folder.mkdir(parents=True, exist_ok=True)
    pools = people.Pools(ship)
    packages = hosts.TRAIN_PACKAGES + (hosts.TEST_PACKAGES if ship else [])
    english = hosts.python([hosts.LIBRARY] + [hosts.SITE / p for p in packages])
    english += hosts.services(3)
    foreign = hosts.translations(packages)
    print(f"{len(english)} English sentences, {len(foreign)} translations")
    lists(pools, folder / "lists.tsv", english + [s for _, s in foreign])
    train = Writer(folder / "train.tsv")
    sentences_of(pools, "train", train, "train.txt", 60, "a")
    prose_of(pools, "train", train, english, foreign, (50_000, 50_000, 70_000, 70_000), "a")
    technical_of(pools, "train", train, 25_000, "a")
    if ship:
        return
    other = hosts.python([hosts.SITE / p for p in hosts.TEST_PACKAGES])
    strange = hosts.translations(hosts.TEST_PACKAGES)
    half = len(other) // 2
    tune, test = Writer(folder / "tune.tsv"), Writer(folder / "test.tsv")
    sentences_of(pools, "tune", tune, "train.txt", 2, "b")
    prose_of(pools, "tune", tune, other[:half], strange[::2], (1500, 1500, 3000, 1500), "b")
    technical_of(pools, "tune", tune, 2000, "b")
    sentences_of(pools, "test", test, "test.txt", 30, "c")
    prose_of(pools, "test", test, other[half:], strange[1::2], (1500, 3000, 4000, 2000), "c")


if __name__ == "__main__":
    main()
