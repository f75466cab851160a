from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from attrs import evolve

from mua_async.display.status_lines import MOST_LISTED, StatusReport
from pipeline.journal import CellRecord, State, Step
from tests.support import display_run as run

PAGE = "https://site.example/torrents/77"


def record(state: State, album: Path = run.KIND, tracker: str = "MH", **fields: object) -> CellRecord:
    known = CellRecord(
        content_id=run.content_id(album),
        site=tracker,
        tracker=tracker,
        album=album,
        state=state,
        finished=state.is_stored,
        step=Step.HANDED if state.is_stored else Step.NONE,
        url=PAGE if state.is_stored else None,
        at=run.START,
    )
    return evolve(known, **fields)  # type: ignore[arg-type]  # the test's own words


def library(state: State, number: int = 30) -> list[CellRecord]:
    return [record(state, Path(f"/music/{position:03}")) for position in range(number)]


def lines_of(
    records: Iterable[CellRecord], *, resumed: bool = True, whole: bool = False, quiet: bool = False
) -> list[str]:
    report = StatusReport(list(records), lambda _: resumed, whole=whole, quiet=quiet)
    return [line.lead + line.text for line in report.lines()]


def test_albums_with_where_they_went_and_the_counts() -> None:
    refused = record(State.REJECTED, tracker="SP", message="The name is taken.\nSorry.")
    first, mh, sp, blank, *rest = lines_of([record(State.DONE), refused])
    assert first == str(run.KIND)
    assert mh.startswith("  MH  done      2023-11-1")
    assert mh.endswith(f"  {PAGE}")
    assert sp.startswith("  SP  rejected  ")
    assert sp.endswith("  The name is taken. Sorry.")
    assert (blank, *rest[:3]) == ("", "1 album", "  MH  1 done", "  SP  1 rejected")
    assert rest[3:] == ["1 rejected: once it is mended, `mua-async upload` tries it again"]


def test_what_is_being_sent_is_pending() -> None:
    text = "\n".join(lines_of([record(State.SENDING)]))
    assert "  MH  pending   " in text
    assert "a run is sending it" in text
    assert "\n  MH  1 pending" in text
    assert "mua-async" not in text


def test_an_unknown_one_has_its_command() -> None:
    album = Path("/music/it's; rm -rf")
    lines = lines_of([record(State.UNKNOWN, album, "SP", message="lost")])
    command = """  mua-async resolve '/music/it'"'"'s; rm -rf' --tracker SP --as done (or absent)"""
    assert lines[-1] == command
    assert "`mua-async resume` asks the site" in lines[-2]


def test_a_path_that_no_terminal_can_show_is_written_for_the_shell() -> None:
    album = Path("/music/caf\udce9\n'x")
    assert r"resolve $'/music/caf\xe9\n\'x' --tracker" in lines_of([record(State.UNKNOWN, album)])[-1]


def test_what_is_stored_and_does_not_seed_says_how_far_it_came() -> None:
    def text(step: Step, *, finished: bool) -> str:
        return "\n".join(lines_of([record(State.DONE, step=step, finished=finished)]))

    assert "its torrent is still to be fetched" in text(Step.ANSWERED, finished=False)
    assert "its torrent is still to be handed to the client" in text(Step.FETCHED, finished=False)
    assert "1 not with the client: `mua-async resume` goes on" in text(Step.FETCHED, finished=False)
    assert "fetch its torrent from the site" in text(Step.ANSWERED, finished=True)
    for step in (Step.FETCHED, Step.HANDED, Step.SEEDING):
        assert "torrent" not in text(step, finished=True).replace(PAGE, "")


def test_what_no_open_upload_comes_to_is_uploaded_anew() -> None:
    records = [record(State.NOT_SENT), record(State.PENDING, tracker="SP")]
    assert lines_of(records)[-1] == "2 not sent: `mua-async resume` goes on"
    told = lines_of(records, resumed=False)[-1]
    assert told == "2 not sent: `mua-async upload PATH --tracker ID` sends it"


def test_of_many_albums_only_what_needs_somebody_is_listed() -> None:
    odd = [
        record(State.REJECTED, Path("/music/002"), "SP", message="no"),
        record(State.UNKNOWN, Path("/music/007"), "SP", message="lost"),
        record(State.DONE, Path("/music/009"), "SP", finished=False, step=Step.ANSWERED),
        record(State.SKIPPED, Path("/music/011"), "SP", reason="rules"),
    ]
    lines = lines_of([*library(State.DONE), *odd])
    assert [line for line in lines if line.startswith("/music")] == ["/music/007", "/music/009", "/music/002"]
    assert "  MH  30 done" in lines
    assert "  SP  1 done, 1 rejected, 1 unknown, 1 skipped" in lines
    everything = lines_of([*library(State.DONE), *odd], whole=True)
    assert len([line for line in everything if line.startswith("/music")]) == 30


def test_of_a_done_library_only_the_counts_are_left() -> None:
    assert lines_of(library(State.DONE)) == ["30 albums", "  MH  30 done"]
    assert lines_of(library(State.DONE), quiet=True) == []


def test_the_gravest_of_very_many_are_listed() -> None:
    pending = library(State.PENDING, MOST_LISTED + 20)
    unknown = record(State.UNKNOWN, Path("/music/zzz"))
    lines = lines_of([*pending, unknown])
    assert lines[0] == "/music/zzz"
    assert "and 21 more albums: --verbose lists all" in lines
    assert len([line for line in lines if line.startswith("/music")]) == MOST_LISTED


def test_quiet_leaves_what_needs_somebody() -> None:
    lines = lines_of([record(State.DONE), record(State.NOT_SENT, tracker="SP", message="no net")], quiet=True)
    assert lines[0] == str(run.KIND)
    assert "no net" in lines[1]
    assert len(lines) == 3
