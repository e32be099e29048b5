"""Prose without names, from packages: doc comments and messages of Python's library and of the
packages in requirements.txt, translations of their messages, descriptions of web services."""

import ast
import gettext
import gzip
import json
import pathlib
import re
import sysconfig

from babel.messages import pofile

LIBRARY = pathlib.Path(sysconfig.get_paths()["stdlib"])
SITE = pathlib.Path(sysconfig.get_paths()["purelib"])
# Packages whose messages are for training, and those kept for the test.
TRAIN_PACKAGES = [
    "django", "wagtail", "sphinx", "sqlalchemy", "oscar", "cms", "superset", "openstack_dashboard",
    "nova", "twisted", "celery", "scrapy", "numpy",
]
TEST_PACKAGES = ["allauth", "rest_framework", "ansible"]
LIBRARY_SKIPPED = {"test", "tests", "idlelib", "lib2to3", "site-packages", "encodings", "turtledemo"}
SAYS_WHO = re.compile(
    r"(?i)copyright|author|written by|thanks|contributed|maintain|et al|\(c\)|created by|@|http|"
    r"inspired by|courtesy|e\.g\. '[A-Z]|lovelace|guido|python software foundation"
)
SENTENCE = re.compile(r"(?<=[.!?])\s+(?=[A-Z\"'(])|\n\s*\n")


def sentences(text):
    """Sentences of a doc comment, spaces folded."""
    for part in SENTENCE.split(text):
        part = " ".join(part.split())
        if 12 <= len(part) <= 260 and part.isprintable() and not SAYS_WHO.search(part):
            yield part


def strings(path):
    """Doc comments, comments and messages of a Python file."""
    try:
        source = path.read_text(encoding="utf-8")
        tree = ast.parse(source)
    except (SyntaxError, UnicodeDecodeError, ValueError):
        return
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and " " in node.value:
            yield from sentences(node.value)
    for line in re.findall(r"(?m)^\s*# (.+)$", source):
        yield from sentences(line)


def python(roots):
    """Sentences of all Python files below the roots."""
    out = set()
    for root in roots:
        for path in sorted(root.rglob("*.py")):
            if not LIBRARY_SKIPPED & set(path.relative_to(root).parts):
                out.update(strings(path))
    return sorted(out)


def services(count):
    """Sentences about web services from botocore's data: every `count`th file."""
    out = set()
    for path in sorted((SITE / "botocore" / "data").rglob("service-2.json.gz"))[::count]:
        data = json.loads(gzip.decompress(path.read_bytes()))
        for shape in list(data.get("shapes", {}).values()) + list(data.get("operations", {}).values()):
            text = re.sub(r"<[^>]+>", " ", shape.get("documentation", ""))
            out.update(s for s in sentences(text) if len(s) < 240)
    return sorted(out)


def translations(packages):
    """(language, message) of all catalogues of the packages."""
    out = set()
    for package in packages:
        for path in sorted((SITE / package).rglob("*.mo")):
            language = path.parent.parent.name
            try:
                with path.open("rb") as file:
                    catalogue = gettext.GNUTranslations(file)._catalog
            except (OSError, UnicodeDecodeError, ValueError):
                continue
            for key, message in catalogue.items():
                if key and isinstance(message, str):
                    out.update(cleaned(language, message))
        for path in sorted((SITE / package).rglob("*.po")):
            if not path.with_suffix(".mo").exists():
                language = path.parent.parent.name
                with path.open("rb") as file:
                    for entry in pofile.read_po(file, locale=None, ignore_obsolete=True):
                        if entry.id and isinstance(entry.string, str):
                            out.update(cleaned(language, entry.string))
    return sorted(out)


def cleaned(language, message):
    """A message without markup, unless it is no sentence or says who wrote something."""
    message = re.sub(r"<[^>]+>", "", " ".join(message.split()))
    if 8 <= len(message) <= 240 and message.isprintable() and not SAYS_WHO.search(message):
        yield (language, message)


def frequent(counts):
    """Frequent words of languages, from a spelling checker's lists."""
    for language, count in counts:
        path = SITE / "spellchecker" / "resources" / f"{language}.json.gz"
        data = json.loads(gzip.decompress(path.read_bytes()))
        words = sorted(data.items(), key=lambda item: (-item[1], item[0]))
        yield from (word for word, _ in words[:count])
