"""`mua-async plan` as its user sees it: what would go where, what keeps it away, and what mends it."""

from __future__ import annotations

import socket
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import NoReturn

import pytest
from anyio.from_thread import BlockingPortal, start_blocking_portal
from mutagen.flac import FLAC

from tests.support.audio import make_album
from tests.support.program import Finished, Line, Program, untouched

STATED = {"releasetype": "album", "genre": "Ambient"}


@pytest.fixture(scope="module")
def portal() -> Iterator[BlockingPortal]:
    with start_blocking_portal() as portal:
        yield portal


@pytest.fixture
def program(
    tmp_path: Path,
    portal: BlockingPortal,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Program]:
    """Two sites; at the end nothing was asked of them, and no secret was shown."""
    for name in ("MUA_ASYNC_CONFIG", "MUA_ASYNC_DATA_DIR"):
        monkeypatch.delenv(name, raising=False)
    with Program(tmp_path, portal, capsys) as program:
        program.add_site("MH")
        program.add_site("SP")
        yield program
    shown = "\n".join(program.shown)
    assert not [secret for secret in program.secrets() if secret in shown]


@pytest.fixture
def offline(program: Program, monkeypatch: pytest.MonkeyPatch) -> Program:
    """Connecting to anything fails the test."""

    def refuse(*_: object) -> NoReturn:
        raise AssertionError("a socket was opened")

    for name in ("connect", "connect_ex", "sendto"):
        monkeypatch.setattr(socket.socket, name, refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    return program


@pytest.fixture
def album(tmp_path: Path) -> Iterator[Path]:
    folder = make_album(tmp_path / "music" / "First Light", tracks=2, seconds=0.2, tags=STATED)
    with untouched(folder):
        yield folder


def plan(program: Program, *arguments: str | Path) -> Finished:
    return program("plan", *arguments, *program.to("MH", "SP"))


def planned(program: Program, *arguments: str | Path) -> list[Line]:
    lines = plan(program, *arguments, "--json").lines
    assert {line["event"] for line in lines} == {"planned"}
    return lines


def without(folder: Path, *names: str) -> Path:
    for path in folder.glob("*.flac"):
        audio = FLAC(path)
        for name in names:
            del audio[name]
        audio.save()
    return folder


def test_a_line_for_each_album_and_tracker_in_their_order(offline: Program, tmp_path: Path) -> None:
    names = [f"Album {number:02}" for number in range(12)]
    for number, name in enumerate(names):
        folder = tmp_path / "music" / name
        make_album(folder, title=name, tracks=1 + number % 3, seconds=0.1, tags=STATED)
    finished = plan(offline, tmp_path / "music")
    assert finished.code == 0
    *lines, counts = finished.out.splitlines()
    assert [line.split()[:2] for line in lines] == [["ok", "MH"], ["ok", "SP"]] * 12
    assert [name for name, line in zip(names, lines[::2], strict=True) if name not in line] == []
    assert counts == "12 albums: 24 ok, 0 with problems"


def test_a_line_of_json_keeps_the_contract(offline: Program, album: Path) -> None:
    mh, sp = planned(offline, album)
    assert (mh["tracker"], sp["tracker"]) == ("MH", "SP")
    for line in (mh, sp):
        assert line["album"] == str(album)
        assert line["content_id"].startswith("a1-")
        assert line["ok"] is True
        assert line["problems"] == line["warnings"] == []
        assert dict(line["form"])["name"] == line["name"]
        assert line["already"] is None


@pytest.mark.parametrize("auth", ["bearer", "field"])
def test_the_form_is_what_would_be_sent(offline: Program, album: Path, auth: str) -> None:
    offline.tables["MH"]["api_auth_type"] = auth
    lines = planned(offline, album)
    shown = offline("upload", album, *offline.to("MH", "SP"), "--debug", "--json")
    for line in lines:
        (request,) = shown.events("request_prepared", line["tracker"])
        files = {file["field"] for file in request["files"]}
        assert line["form"] == [pair for pair in request["fields"] if pair[0] not in files]


def test_every_problem_is_told_at_once_with_what_mends_it(offline: Program, tmp_path: Path) -> None:
    folder = make_album(tmp_path / "First Light", tracks=1, seconds=0.1, tags=STATED)
    (folder / "why?.txt").touch()
    offline.tables["MH"] |= {"category_ids": {"EP": "1"}, "format_ids": {"MP3": "1"}}
    finished = plan(offline, folder)
    assert finished.code == 1
    first, second, *others = finished.out.splitlines()
    assert first == 'NO   MH  First Light: trackers.MH.category_ids has no ALBUM: add ALBUM = "..."'
    assert second.strip() == 'trackers.MH.format_ids has no FLAC: add FLAC = "..."'
    assert second.startswith(" " * 10)
    assert others[0].startswith("NO   SP  First Light: ")
    assert others[-2:] == ["1 album: 0 ok, 2 with problems", "  rules: 2"]
    mh, sp = planned(offline, folder)
    assert mh["form"] is None
    assert len(mh["problems"]) == 2
    assert sp["ok"] is False


def test_what_is_no_album_or_cannot_be_read_is_for_no_tracker(offline: Program, tmp_path: Path) -> None:
    broken, empty = tmp_path / "a", tmp_path / "b"
    broken.mkdir()
    empty.mkdir()
    (broken / "1.flac").write_bytes(b"fLaC")
    finished = plan(offline, broken, empty, "--json")
    assert finished.code == 1
    assert [(line["album"], line["tracker"], line["ok"], line["reason"]) for line in finished.lines] == [
        (str(broken), None, False, "broken_audio"),
        (str(empty), None, False, "no_audio"),
    ]
    assert all(len(line["problems"]) == 1 for line in finished.lines)
    assert "NO   -   b: " in plan(offline, empty).out


def test_a_missing_key_is_a_warning(offline: Program, album: Path) -> None:
    del offline.tables["MH"]["api_key"]
    finished = plan(offline, album)
    assert finished.code == 0
    assert "warning: trackers.MH.api_key is missing" in finished.err


def test_wrong_arguments(offline: Program, album: Path) -> None:
    assert plan(offline, album / "no such folder").code == 2
    assert offline("plan", album).says("no tracker is named")
    assert offline("plan", album, "--tracker", "NOBODY").code == 2
    assert plan(offline, album, "--set", "colour=red").code == 2


def test_limit_takes_the_first_copies_among_them(offline: Program, tmp_path: Path) -> None:
    for name in ("A", "B", "C"):
        make_album(tmp_path / "music" / name, title=name, tracks=1, seconds=0.1)
    make_album(tmp_path / "music" / "A copy", title="A", tracks=1, seconds=0.1)
    lines = planned(offline, tmp_path / "music", "--limit", "3")
    assert [Path(line["album"]).name for line in lines] == ["A", "A", "A copy", "A copy", "B", "B"]
    assert all(line["ok"] for line in lines)


def test_warnings_are_counted_and_told_on_request(offline: Program, tmp_path: Path) -> None:
    make_album(tmp_path / "A", tracks=1, seconds=0.1)
    told = plan(offline, tmp_path / "A")
    assert told.code == 0
    assert told.out.splitlines()[-1] == "1 album: 2 ok, 0 with problems, 2 with warnings"
    assert "warning" not in told.out.replace("warnings", "")
    assert "warning: the release type" in plan(offline, tmp_path / "A", "--verbose").out


def test_quiet_says_what_is_wrong_alone(offline: Program, album: Path) -> None:
    assert plan(offline, album, "--quiet").out == ""
    offline.tables["MH"]["category_ids"] = {"EP": "1"}
    lines = plan(offline, album, "--quiet").out.splitlines()
    assert [line.split()[:2] for line in lines[:-2]] == [["NO", "MH"]]


def test_a_tracker_on_the_same_site_as_another_gets_nothing(offline: Program, album: Path) -> None:
    offline.tables["TWIN"] = dict(offline.tables["MH"])
    finished = offline("plan", album, *offline.to("MH", "TWIN"))
    assert finished.code == 1
    assert "NO   TWIN  First Light: TWIN is the same site as MH" in finished.out


def test_a_cover_that_a_tracker_must_have(offline: Program, album: Path) -> None:
    offline.tables["MH"] |= {"cover": "required", "cover_field": "cover"}
    mh, sp = planned(offline, album)
    assert sp["ok"] is True
    assert [problem for problem in mh["problems"] if "wants a cover" in problem]


def test_an_adapter_that_fails_ends_alone(offline: Program, album: Path) -> None:
    modules = offline.folder / "trackers"
    modules.mkdir()
    (modules / "odd_tracker.py").write_text(
        "from mua_async.adapter import GenericTracker\n"
        "class OddTracker(GenericTracker):\n"
        "    category_ids = format_ids = {'*': '1'}\n"
        "    async def _build_form_data(self, request):\n"
        "        raise KeyError('no such thing')\n"
    )
    offline.tables["ODD"] = {**offline.tables["MH"], "url": "https://odd.example"}
    finished = offline("plan", album, *offline.to("ODD", "MH"), "--json")
    odd, mh = finished.lines
    assert finished.code == 1
    assert "the adapter of ODD failed: KeyError" in odd["problems"][0]
    assert mh["ok"] is True


def test_what_the_user_says_fills_gaps_and_contradicts_nothing(offline: Program, album: Path) -> None:
    assert dict(planned(offline, album, "--set", "label=Nowhere")[0]["form"])
    (line,) = planned(offline, album, "--set", "year=1999")
    assert (line["tracker"], line["reason"]) == (None, "contradiction")


def test_a_sidecar_beside_the_album_is_heeded(offline: Program, album: Path) -> None:
    Path(f"{album}.release.toml").write_text("year = 1999\n")
    (line,) = planned(offline, album)
    assert "First Light.release.toml" in line["problems"][0]


def test_damaged_audio_is_found_only_when_it_is_decoded(offline: Program, tmp_path: Path) -> None:
    folder = make_album(tmp_path / "A", tracks=1, seconds=1.0, tags=STATED)
    (track,) = folder.glob("*.flac")
    data = bytearray(track.read_bytes())
    data[-2000:-1900] = bytes(100)
    track.write_bytes(data)
    assert plan(offline, folder).code == 0
    mh, _ = planned(offline, folder, "--verify")
    assert mh["ok"] is False
    assert any(track.name in problem for problem in mh["problems"])


def test_gaps_are_written_filled_in_and_read_back(offline: Program, tmp_path: Path) -> None:
    without(make_album(tmp_path / "music" / "A", tracks=1, seconds=0.1, tags=STATED), "album")
    make_album(tmp_path / "music" / "B", title="Whole", tracks=1, seconds=0.1, tags=STATED)
    gaps = tmp_path / "gaps.toml"
    finished = plan(offline, tmp_path / "music", "--gaps", gaps)
    assert finished.code == 1
    assert finished.out.splitlines()[-1] == f"1 album with gaps: {gaps}"
    ((content_id, questions),) = tomllib.loads(gaps.read_text()).items()
    assert questions["title"] == ""
    gaps.write_text(f'[{content_id}]\ntitle = "Found"\n')
    lines = planned(offline, tmp_path / "music", "--answers", gaps)
    assert [line["ok"] for line in lines] == [True] * 4
    assert "Found" in lines[0]["name"]


def test_gaps_overwrite_nothing_unless_forced(offline: Program, album: Path, tmp_path: Path) -> None:
    gaps = tmp_path / "gaps.toml"
    gaps.write_text("mine")
    refused = plan(offline, album, "--gaps", gaps)
    assert refused.code == 2
    assert "--force" in refused.err
    assert gaps.read_text() == "mine"
    assert plan(offline, album, "--gaps", gaps, "--force").code == 0
    assert gaps.read_text() != "mine"


def test_gaps_become_no_file_of_an_album(offline: Program, album: Path) -> None:
    refused = plan(offline, album.parent, "--gaps", album / "gaps.toml")
    assert refused.code == 2
    assert "would lie in the album" in refused.err


@pytest.mark.parametrize("text", ["a = = 2", "[a1-0]\nyear = 2001", "\xff"])
def test_answers_that_cannot_be_used(offline: Program, album: Path, tmp_path: Path, text: str) -> None:
    answers = tmp_path / "answers.toml"
    answers.write_bytes(text.encode("latin-1"))
    finished = plan(offline, album, "--answers", answers)
    assert finished.code == 2
    assert str(answers) in finished.err
    assert plan(offline, album, "--answers", tmp_path / "none.toml").code == 2


def test_nothing_is_written(offline: Program, album: Path) -> None:
    before = sorted(offline.folder.rglob("*"))
    assert plan(offline, album).code == 0
    assert [path for path in sorted(offline.folder.rglob("*")) if path not in before] == [offline.config]
