"""Matches one regular expression: it can take forever, and only a process can be ended then.

It reads `[pattern, texts, whole, most]` as JSON, and writes what the first matches in each of the texts hold:
the whole match, or the first group if there is one. It is run by its path, without any other module of this
package.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from itertools import islice


def main() -> None:
    with open(0, "rb") as stdin:
        pattern, texts, whole, most = json.load(stdin)
    compiled = re.compile(pattern)
    group = 1 if compiled.groups and not whole else 0
    found = [list(islice(_finds(compiled, group, text), most)) for text in texts]
    with open(1, "wb") as stdout:
        stdout.write(json.dumps(found).encode())


def _finds(pattern: re.Pattern[str], group: int, text: str) -> Iterator[str]:
    for match in pattern.finditer(text):
        found: str | None = match[group]
        if found is not None:
            yield found


if __name__ == "__main__":
    main()
