"""The text of a log, in whichever encoding its ripper wrote it."""

from __future__ import annotations

import codecs

UTF_16 = {codecs.BOM_UTF16_LE: "utf-16-le", codecs.BOM_UTF16_BE: "utf-16-be"}
OLD_WINDOWS = "cp1252"
"""Where it was another code page, the letters are wrong, but everything that is looked for is ASCII."""


def decode(data: bytes) -> str:
    """The text without its byte order mark; never fails."""
    mark = data[:2]
    if mark in UTF_16:
        return data[2:].decode(UTF_16[mark], "replace")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode(OLD_WINDOWS, "replace")
