"""`docs/templates.md` shows what the code gives: every field, every filter, every ready-made template."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from attrs import evolve, fields_dict

from pipeline.describe import READY_MADE, render_description, render_name
from pipeline.filters import FILTERS
from pipeline.model.album import Credit, Media, ReleaseType, Role
from pipeline.model.audio import BitrateMode, Codec
from pipeline.model.release import Release
from pipeline.model.rips import LogChecksum, RipLog
from pipeline.view import DiscView, ReleaseView, RipLogView, TrackView
from tests.support.releases import make_file, make_release, make_stream, make_tracks

DOCUMENT = (Path(__file__).parents[2] / "docs" / "templates.md").read_text("utf-8")
ROW = re.compile(r"^\| `(?P<source>\{[{%].*?)` \|(?:.*\|)? `?(?P<shown>.*?)`? \|$", re.MULTILINE)
READY = re.compile(r"^### `(?P<name>\w+)`\n.*?^```text\n(?P<shown>.*?)\n```$", re.MULTILINE | re.DOTALL)
LISTS = {"tracks", "discs", "rip_logs"}
"""Fields of `release` that are shown by what they hold."""
NOTHING = "nothing"


def a_cd() -> Release:
    first = make_tracks("Dawn", "夜明け", disc=1)
    (noon,) = make_tracks("Noon (Night Mix)", disc=2, stream=make_stream(duration=754.0))
    tags = {"discsubtitle": ("Morning",), "composer": ("Ada Tester",)}
    return make_release(
        [
            *(evolve(track, tags=tags) for track in first),
            evolve(noon, artists=("The Testers", "A Guest")),
        ],
        extra=[make_file("CD1/rip.log", 12_000), make_file("cover.jpg", 300_000)],
        media=Media.CD,
        edition_year=2011,
        edition="Deluxe Edition",
        label="Test Tones",
        catalogue_number="TT 1",
        barcode="0123456789012",
        release_type=ReleaseType.EP,
        genres=("Rock", "Pop"),
        scene="The_Testers-First_Light-2CD-2011-TST",
        credits=(
            Credit("The Testers", Role.MAIN),
            Credit("A Guest", Role.GUEST),
            Credit("Night Mixer", Role.REMIXER),
            Credit("Ada Tester", Role.COMPOSER),
            Credit("Bea Baton", Role.CONDUCTOR),
            Credit("DJ Cue", Role.DJ),
            Credit("Dee Desk", Role.PRODUCER),
        ),
        rip_logs=(RipLog(make_file("CD1/rip.log", 12_000), "EAC 1.6", LogChecksum.GOOD, 100),),
    )


def an_mp3(bitrate: int, mode: BitrateMode, preset: str | None = None) -> Release:
    stream = make_stream(Codec.MP3, bitrate=bitrate, bitrate_mode=mode, preset=preset, encoder="LAME 3.100")
    return make_release(make_tracks("Dawn", "Noon", stream=stream), media=Media.WEB)


EXAMPLES = {
    "V0": an_mp3(245_300, BitrateMode.VARIABLE, "V0"),
    "320": an_mp3(320_000, BitrateMode.CONSTANT),
}


def shown_in_document() -> list[tuple[str, str, str]]:
    """Each row of a table that begins with a template: the heading above it, the template, its text."""
    heading, rows = "", []
    for line in DOCUMENT.splitlines():
        if line.startswith("#"):
            heading = line.lstrip("# ")
        elif row := ROW.match(line):
            rows.append((heading, row["source"].replace("\\|", "|"), row["shown"].replace("\\|", "|")))
    return rows


@pytest.mark.parametrize(("heading", "source", "shown"), shown_in_document())
def test_a_row_shows_what_its_template_gives(heading: str, source: str, shown: str) -> None:
    release = next((example for word, example in EXAMPLES.items() if word in heading), a_cd())
    expected = "" if shown == NOTHING else shown
    assert render_description(release, f"|{source}|") == f"|{expected}|"


@pytest.mark.parametrize("name", READY_MADE)
def test_a_block_shows_what_the_ready_made_template_gives(name: str) -> None:
    blocks = {block["name"]: block["shown"] for block in READY.finditer(DOCUMENT)}
    render = render_name if name.endswith("_name") else render_description
    assert blocks[name] == render(a_cd(), name)


def test_every_field_and_filter_is_shown() -> None:
    sources = " ".join(source for _, source, _ in shown_in_document())
    fields = {
        *(f"release.{name}" for name in fields_dict(ReleaseView).keys() - LISTS),
        *(f"release.tracks[0].{name}" for name in fields_dict(TrackView)),
        *(f"release.discs[0].{name}" for name in fields_dict(DiscView).keys() - {"tracks"}),
        *(f"release.rip_logs[0].{name}" for name in fields_dict(RipLogView)),
    }
    assert not {name for name in fields if not re.search(rf"{re.escape(name)}\b", sources)}
    assert not {name for name in FILTERS if f"| {name}" not in sources}
