"""The files in which gaps are asked for, and answered."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path

from attrs import define, field

from pipeline.errors import UsageError
from pipeline.files import write_private
from pipeline.gap_file import GapEntry, read_answers, write_gaps
from pipeline.model.files import FileSet
from pipeline.scan import scan
from pipeline.text import printable

LARGEST_ANSWERS = 64 * 1024 * 1024
"""Bytes."""


@define
class GapCollector:
    """Collects the gaps of a run, to be written at its end."""

    path: Path
    entries: list[GapEntry] = field(factory=list, init=False)

    def refuse_unusable(self, paths: Sequence[Path], *, one_album: bool, force: bool) -> None:
        """UsageError where the file is there already, or would become a file of an album.

        Scans only what holds it.
        """
        shown = printable(str(self.path))
        if os.path.isdir(self.path):
            raise UsageError(f"{shown} is a folder", hint="--gaps takes the name of a file")
        if not force and os.path.lexists(self.path):
            raise UsageError(f"{shown} exists", hint="--force overwrites it")
        place = self.path.resolve()
        around = [path for path in paths if place.is_relative_to(path.resolve())]
        for found in scan(around, one_album=one_album):
            if isinstance(found, FileSet) and place.is_relative_to(found.root.resolve()):
                raise UsageError(
                    f"{shown} would lie in the album {printable(str(found.root))}",
                    hint="name a file outside of it",
                )

    def write(self) -> None:
        """Writes all that was collected; MuaError where that fails."""
        write_private(self.path, write_gaps(self.entries).encode("utf-8", "backslashreplace"))


def read_answers_file(path: Path) -> Mapping[str, Mapping[str, object]]:
    """The album fields that a filled-in file sets, by content id; UsageError with all that is wrong."""
    shown = printable(str(path))
    try:
        with path.open("rb") as stream:
            data = stream.read(LARGEST_ANSWERS + 1)
    except OSError as error:
        raise UsageError(f"{shown} cannot be read: {error.strerror or error}") from None
    if len(data) > LARGEST_ANSWERS:
        raise UsageError(f"{shown} is larger than {LARGEST_ANSWERS >> 20} MiB")
    try:
        return read_answers(data.decode("utf-8-sig"), shown)
    except UnicodeDecodeError:
        raise UsageError(f"{shown} is no UTF-8 text") from None
