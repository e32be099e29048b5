"""Searches files and outputs for planted values, in every form a copy may take."""

import base64
import html
import json
import urllib.parse

BASE64_BYTES_MIN = 9


def forms(value):
    """The value as is, and as encodings leave it. Base64 at its three alignments."""
    raw = value.encode()
    found = {raw, raw.hex().encode(), raw.hex().upper().encode()}
    found.add(urllib.parse.quote(value, safe="").encode())
    found.add(urllib.parse.quote_plus(value).encode())
    found.add(json.dumps(value)[1:-1].encode())
    found.add("".join(f"\\u{ord(c):04x}" for c in value).encode())
    found.add(html.escape(value).encode())
    found |= {value.encode("utf-16-le"), value.encode("utf-16-be")}
    if len(raw) >= BASE64_BYTES_MIN:
        for shift in range(3):
            text = base64.b64encode(b"\0" * shift + raw)
            inner = text[4 if shift else 0 : len(text) // 4 * 4 - 4]
            found |= {inner, inner.replace(b"+", b"-").replace(b"/", b"_")}
    return {form for form in found if form}


def search(planted, blobs):
    """(kind, place) of each planted value found. `blobs` is an iterable of (place, bytes)."""
    wanted = [(item["kind"], form) for item in planted for form in forms(item["value"])]
    return [
        (kind, place) for place, blob in blobs for kind, form in wanted if form in blob
    ]


def files_under(*folders):
    """Every file below the folders, with its bytes."""
    for folder in folders:
        for path in sorted(folder.rglob("*")):
            if path.is_file():
                yield str(path), path.read_bytes()
