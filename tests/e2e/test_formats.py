"""Several formats of one release, given together, go into one group of a Gazelle site."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.model.audio import Codec
from tests.support.audio import make_album
from tests.support.program import Program
from trackers.sandbox import Fault, SandboxSite

KNOWN = ("--media", "WEB", "--release-type", "single", "--no-verify")


@pytest.fixture
def formats(program: Program) -> list[Path]:
    """The lossy one comes first by name."""
    library = program.folder / "library"
    make_album(library / "First Light [320]", codec=Codec.MP3, seconds=0.5, seed=3, tags={"genre": "rock"})
    for bits in (16, 24):
        folder = library / f"First Light [FLAC {bits}]"
        make_album(folder, seconds=0.5, seed=bits, bit_depth=bits, tags={"genre": "rock"})
    return sorted(library.iterdir())


def sent(site: SandboxSite) -> list[tuple[str, str | None]]:
    """The format of each upload, and the group that it asked for."""
    return [(upload.fields["format"], upload.fields.get("groupid")) for upload in site.uploads]


def groups(site: SandboxSite) -> set[str]:
    return {upload.fields["group"] for upload in site.uploads}


def test_lossless_goes_first_and_the_others_into_its_group(program: Program, formats: list[Path]) -> None:
    site = program.add_site("RED")
    finished = program.upload(*formats, *KNOWN)
    assert finished.counts == {"done": 3}
    assert sent(site) == [("FLAC", None), ("FLAC", "1"), ("MP3", "1")]
    assert groups(site) == {"1"}


def test_a_format_that_is_given_later_goes_into_the_group_of_the_first(
    program: Program, formats: list[Path]
) -> None:
    site = program.add_site("RED")
    mp3, flac, _ = formats
    assert program.upload(flac, *KNOWN).counts == {"done": 1}
    assert program.upload(mp3, *KNOWN).counts == {"done": 1}
    assert sent(site) == [("FLAC", None), ("MP3", "1")]


def test_the_others_wait_while_the_first_is_unknown(program: Program, formats: list[Path]) -> None:
    """They might make a group of their own."""
    site = program.add_site("RED")
    site.plan_faults([Fault.RESET_AFTER])
    finished = program.upload(*formats, *KNOWN)
    assert finished.counts == {"unknown": 1, "skipped": 2}
    assert {line["reason"] for line in finished.events("upload_skipped")} == {"format_waits"}
    assert sent(site) == [("FLAC", None)]
    assert program("resume", "--json").counts == {"done": 3}
    assert groups(site) == {"1"}
    assert len(site.uploads) == 3


def test_the_same_format_of_another_rip_is_a_duplicate_in_the_group(
    program: Program, formats: list[Path]
) -> None:
    """The site's search would not find the first for minutes."""
    site = program.add_site("RED", search_lag=600.0)
    other = make_album(program.folder / "another rip", tracks=4, seconds=0.5, seed=9, tags={"genre": "rock"})
    finished = program.upload(formats[1], other, *KNOWN)
    assert finished.counts == {"done": 1, "skipped": 1}
    (skipped,) = finished.events("upload_skipped")
    assert skipped["reason"] == "duplicate"
    assert len(site.uploads) == 1
