"""The examples of docs/redaction.md are what the binary does."""

import os

import literate
import pytest
from conftest import ROOT

PAGE = "docs/redaction.md"
EXAMPLES_COUNT_MIN = 90


def check(tmp_path, text):
    """What is complained of on a page with this text."""
    return literate.run("page.md", text, tmp_path, os.environ["CORDON_BIN"])[1]


def test_every_example_of_the_page_holds(tmp_path):
    text = (ROOT / PAGE).read_text()
    examples, complaints = literate.run(PAGE, text, tmp_path, os.environ["CORDON_BIN"])
    assert not complaints, "\n".join(complaints)
    assert examples >= EXAMPLES_COUNT_MIN, f"{PAGE} has {examples} examples"


def test_a_page_that_holds_is_not_complained_of(tmp_path):
    page = """A page.
```sh
SECRET=tulip"7garden"
```
```diff
 all is well
-password=$SECRET
+password=[removed:key.password]
-ann@example.org wrote to bo@example.org and ann@example.org; ${SECRET} $OTHER
+email_…1 wrote to email_…2 and email_…1; ${SECRET} $OTHER
```
```toml
# masks.toml
[redaction.actions]
class_b = "mask"
```
```console
$ echo "to ann@example.org" |
> cordon --config masks.toml redact
to xxx@xxxxxxx.xxx
$ echo "$SECRET" >&2; false || echo "exit $?"
tulip7garden
exit 1
```
"""
    assert check(tmp_path, page) == []


@pytest.mark.parametrize("page, line, why", [
    ("a\n```diff\n-password=tulip7garden\n+password=tulip7garden\n```\n", 4, "[removed:key.password]"),
    ("```diff\n fine\n-fine\n```\n", 2, "below this comes out"),
    ("```diff\n fine\n+fine\n```\n", 3, "does not come out"),
    ("```diff\nfine\n```\n", 2, "begins with"),
    ("```diff\n+fine\n```\n", 1, "without a line to redact"),
    ("```diff\n-ann@example.org bo@example.org\n+email_…1 email_…1\n```\n", 3, "email_…2"),
    ("```console\n$ echo a\na\n$ echo b\nc\n```\n", 5, "and what comes out is\n    b"),
    ("```console\n$ echo a |\n> cat\n```\n", 2, "below this comes out\n    a"),
    ("```console\n$ cordon redact --no-such-flag\n```\n", 2, "exits with 2"),
    ("```console\n$ false | cat\n```\n", 2, "exits with 1"),
    ("```console\nwords\n```\n", 2, "begins with `$ `"),
    ("```console\n```\n", 1, "without a command"),
    ("```sh\nA=1\necho $A\n```\n", 1, "below this comes out\n    1"),
    ("```toml\n[redaction]\n```\n", 1, "# its-name.toml"),
    ("```toml\n# a.toml\n[redaction]\n```\n", 1, "no command below uses a.toml"),
    ("\n```text\nwords\n```\n", 2, "not one that is run"),
    ("\n```\nwords\n```\n", 2, "not one that is run"),
    ("\n    ```console\n    $ true\n    ```\n", 2, "not one that is run"),
    ("\n~~~console\n$ true\n~~~\n", 2, "not one that is run"),
    ("```console\n$ true\n", 1, "does not end"),
])
def test_what_does_not_hold_is_named_with_its_line(tmp_path, page, line, why):
    [complaint] = check(tmp_path, page)
    assert complaint.startswith(f"page.md:{line}: ") and why in complaint, complaint
