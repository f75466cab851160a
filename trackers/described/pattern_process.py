"""Matches one regular expression: it can take forever, and only a process can be ended then.

It reads `[pattern, text]` as JSON, and writes what each match's first group, or the whole match, holds.
It is run by its path, without any other module of this package.
"""

from __future__ import annotations

import json
import re
from itertools import islice

MOST_MATCHES = 20


def main() -> None:
    with open(0, "rb") as stdin:
        pattern, text = json.load(stdin)
    compiled = re.compile(pattern)
    found = [match[1 if compiled.groups else 0] for match in islice(compiled.finditer(text), MOST_MATCHES)]
    with open(1, "wb") as stdout:
        stdout.write(json.dumps(found).encode())


if __name__ == "__main__":
    main()
