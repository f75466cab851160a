"""One name of a file or folder, made of characters that are taken."""

from __future__ import annotations

import re
import unicodedata

from .limits import Limits

REPLACEMENTS = {"?": "", "*": "", '"': "'", "<": "-", ">": "-", "|": "-", "\\": "-"}
COLON_BEFORE_SPACE = re.compile(r"(?<! ):(?= )")
UNSEEN = {"Cc", "Cf", "Zl", "Zp"}
"""Unicode's controls, format characters such as the zero-width space, and line separators."""
JOINERS = "\u200c\u200d"
"""They belong to the spelling of some languages, and make one picture of several."""
BLANK_LETTERS = "\u115f\u1160\u2800\u3164\uffa0"
"""Letters and symbols that leave no mark."""
NO_NAME = "_"
PADDING_PREFIXES = (".pad", "____padding", ".____padding")
"""What clients take for the padding between files."""
WINDOWS_DEVICE = re.compile(
    r"(?P<device>con|prn|aux|nul|com[0-9]|lpt[0-9])(?P<rest>\..*)?", re.IGNORECASE | re.DOTALL
)


def without_refused(name: str, limits: Limits) -> str:
    """The name without what the limits refuse in it; a name that they take is returned as it is.

    Each repair may bring about the need of another: they are repeated until nothing changes.
    """
    while (repaired := _repaired_once(name, limits)) != name:
        name = repaired
    return name


def _repaired_once(name: str, limits: Limits) -> str:
    kept = _allowed(_seen(name), limits)
    kept = _without_prefixes(kept, limits)
    if kept != name:
        kept = _tidy(kept)
    if limits.windows:
        kept = _for_windows(kept)
    if kept.startswith(".") and not name.startswith("."):
        kept = NO_NAME + kept  # else only the extension is left, which makes a hidden file
    return NO_NAME if all(map(_is_blank, kept)) else kept


def _seen(name: str) -> str:
    """Bytes that are no UTF-8 become the name's own blank, since nobody knows the letters they were."""
    return "".join(
        NO_NAME if unicodedata.category(character) == "Cs" else character
        for character in name
        if unicodedata.category(character) not in UNSEEN or character in JOINERS
    )


def _is_blank(character: str) -> bool:
    return unicodedata.category(character) == "Zs" or character in BLANK_LETTERS + JOINERS


def _allowed(name: str, limits: Limits) -> str:
    if ":" in limits.forbidden:
        name = COLON_BEFORE_SPACE.sub(" -", name).replace(":", "-")
    replaced = (
        REPLACEMENTS.get(character, "") if character in limits.forbidden else character for character in name
    )
    return "".join(character for part in replaced for character in part if character not in limits.forbidden)


def _without_prefixes(name: str, limits: Limits) -> str:
    for prefix in (*limits.prefixes, *(PADDING_PREFIXES if limits.windows else ())):
        name = name.removeprefix(prefix)
    return name


def _tidy(name: str) -> str:
    """The name without the spaces that dropped characters leave behind."""
    return re.sub(r" +(?=\.[^. ]+$)", "", re.sub(r" {2,}", " ", name).strip(" "))


def _for_windows(name: str) -> str:
    name = name.rstrip(". ")
    if device := WINDOWS_DEVICE.fullmatch(name):
        return f"{device['device']}{NO_NAME}{device['rest'] or ''}"
    return name
