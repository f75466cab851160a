"""Which program wrote a log, and what its log looks like."""

from __future__ import annotations

import re

from attrs import frozen


@frozen
class LogFormat:
    """One ripper's logs; `first_line` names its version as `version`, where the log tells it."""

    ripper: str
    first_line: re.Pattern[str]
    checksum: re.Pattern[str] | None = None
    judged: bool = False
    """Gazelle sites give it a score."""


EAC = LogFormat(
    "EAC",
    re.compile(r"Exact Audio Copy V(?P<version>.+?)\s+from\b"),
    checksum=re.compile(r"^==== [^=\n]{0,80}\b[0-9A-Z]{1,128} ====[ \t\r]*$", re.MULTILINE),
    judged=True,
)
OLD_EAC = LogFormat(
    "EAC",  # before 0.99 a line in the user's language was the first; only Spanish leaves out the program
    re.compile(r"(?=.*\b\d{1,2}:\d{2}\b)(?:.*\bEAC\b|Archivo Log de extracciones desde )"),
    judged=True,
)
XLD = LogFormat(
    "XLD",
    re.compile(r"X Lossless Decoder version (?P<version>.+)"),
    checksum=re.compile(r"^-----BEGIN XLD SIGNATURE-----", re.MULTILINE),
    judged=True,
)
WHIPPER = LogFormat(
    "whipper",
    re.compile(r"Log created by: whipper (?P<version>\S+)"),
    checksum=re.compile(r"^SHA-256 hash: \S", re.MULTILINE),
    judged=True,
)
CUERIPPER = LogFormat("CUERipper", re.compile(r"CUERipper v(?P<version>\S+)"))
DBPOWERAMP = LogFormat(
    "dBpoweramp",
    re.compile(r"dBpoweramp (?:Release )?(?P<version>\S+) Digital Audio Extraction Log\b"),
)
LONGEST_FIRST_LINE = 300
FORMATS = (EAC, XLD, WHIPPER, CUERIPPER, DBPOWERAMP, OLD_EAC)


def recognise(text: str) -> tuple[LogFormat, str] | None:
    """The format of a log and its ripper with the version; None for what is no rip log."""
    first_line = next((line.strip() for line in text.splitlines() if any(map(str.isalnum, line))), "")
    first_line = first_line[:LONGEST_FIRST_LINE]
    for log_format in FORMATS:
        if found := log_format.first_line.match(first_line):
            version = found.groupdict().get("version", "")
            return log_format, f"{log_format.ripper} {version}".rstrip()
    return None
