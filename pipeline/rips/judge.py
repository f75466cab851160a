"""Reads a log from standard input and writes what cambia says of it as JSON: run as a program of its own.

cambia counts as Orpheus' log checker does. A log that it cannot take may abort its whole process.
"""

from __future__ import annotations

import json
import resource
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cambia import CambiaResponse, EvaluationUnit

STANDARD_INPUT, STANDARD_OUTPUT = 0, 1


def main() -> None:
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # an abort is no reason to fill the disk
    from cambia import parse_log_content

    with open(STANDARD_INPUT, "rb") as log, open(STANDARD_OUTPUT, "w", encoding="utf-8") as answer:
        json.dump(_judged(parse_log_content(log.read())), answer)


def _judged(response: CambiaResponse) -> dict[str, object]:
    combined = next(found for found in response.evaluation_combined if found.evaluator.name == "OPS")
    parts = len(combined.evaluations)
    return {
        "score": int(float(combined.combined_score)),
        "integrity": [log.checksum.integrity.name for log in response.parsed.parsed_logs],
        "deductions": [
            f"part {number} of {parts}: {line}" if parts > 1 else line
            for number, evaluation in enumerate(combined.evaluations, 1)
            for line in _deductions(evaluation.evaluation_units)
        ],
    }


def _deductions(units: list[EvaluationUnit]) -> Iterator[str]:
    for unit in units:
        points = int(float(unit.unit_score))
        if points:
            track = f"{unit.data.scope.value.lower()}: " if unit.data.scope.name == "Track" else ""
            yield f"{track}{unit.data.message.strip().rstrip('.')} (-{points})"


if __name__ == "__main__":
    main()
