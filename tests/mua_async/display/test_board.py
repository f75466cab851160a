from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.console import Console

from mua_async.display.board import FINISHED_KEPT, BoardState, Meter
from mua_async.display.board_view import render
from mua_async.display.live import LiveBoard
from pipeline.events import Event
from pipeline.outcome import Outcome
from tests.support import display_run as run

TRACKERS = ("MH", "SP")


def state_of(events: Iterable[Event], trackers: Sequence[str] = TRACKERS) -> BoardState:
    state = BoardState(trackers)
    for event in events:
        state.apply(event)
    return state


def drawn(state: BoardState, width: int = 100, height: int = 24, now: float = run.START + 4) -> list[str]:
    stream = io.StringIO()
    console = Console(file=stream, width=width, height=height, force_terminal=True, color_system=None)
    console.print(render(state, now=now, width=width, height=height))
    return stream.getvalue().splitlines()


def line_with(lines: list[str], text: str) -> str:
    (line,) = (line for line in lines if text in line)
    return line


def test_every_stage_of_a_cell_is_named() -> None:
    lines = drawn(state_of(run.under_way()))
    assert line_with(lines, "Kind of Blue  ").split()[-4:] == ["done", "✓", "rejected", "✗"]
    assert line_with(lines, "椎名林檎").split()[-6:] == ["sending", "43", "%", "limit", "11", "s"]
    assert line_with(lines, "👩‍👩‍👧‍👦").split()[-2:] == ["hashing", "hashing"]
    assert line_with(lines, r"caf\xe9").split()[-3:] == ["found", "waiting", "waiting"]
    assert line_with(lines, "Broken  ").split()[-6:] == ["failed:", "tags", "failed", "✗", "failed", "✗"]


@pytest.mark.parametrize(
    ("event", "words"),
    [
        (run.torrent(run.KIND, "MH"), "checking"),
        (run.begun(run.KIND, "MH"), "sending 0 %"),
        (run.sent(run.KIND, "MH", 200_000), "answering"),
        (run.waiting(run.KIND, "MH", "retry", 90.0), "retry 86 s"),
        (run.waiting(run.KIND, "MH", "incomprehensible", 400.0), "incompr 6:36"),
        (run.done(run.KIND, "MH", existing=True), "existing ="),
        (run.skipped(run.KIND, "MH", "done_before", ""), "existing ="),
        (run.skipped(run.KIND, "MH", "rules", "too long"), "skipped -"),
        (run.failed(run.KIND, "MH", Outcome.UNKNOWN, ""), "unknown ?"),
        (run.failed(run.KIND, "MH", Outcome.NOT_SENT, ""), "not sent !"),
    ],
)
def test_a_cell_shows(event: Event, words: str) -> None:
    line = line_with(drawn(state_of([run.found(run.KIND), event])), "Kind of Blue  ")
    assert words in line


def test_hashing_shows_a_bar_its_part_and_its_speed() -> None:
    line = line_with(drawn(state_of(run.under_way()), width=120), "👩‍👩‍👧‍👦")
    assert "━━━━━━━━━━━━━━━━━━━━ 42 % 148 MiB/s" in line


def test_the_audio_is_verified_when_it_is_hashed_too() -> None:
    events = [run.found(run.KIND), run.hashed(run.KIND, 5), run.verified(run.KIND), run.pieces(run.KIND)]
    assert "hashed" in line_with(drawn(state_of(events)), "Kind of Blue  ")
    events = [run.found(run.KIND), run.pieces(run.KIND), run.verified(run.KIND)]
    assert "verified" in line_with(drawn(state_of(events)), "Kind of Blue  ")


def test_the_totals_count_albums_bytes_and_time() -> None:
    first = drawn(state_of(run.under_way()))[0]
    assert first.split("  ")[:4] == [
        "0:04",
        "2/5 albums",
        "hashed 838 MiB at 213 MiB/s",
        "sent 279 KiB at 140 KiB/s",
    ]


def test_hashing_twice_or_again_counts_what_was_read() -> None:
    state = state_of([run.hashed(run.KIND, 10), run.hashed(run.KIND, 30), run.hashed(run.KIND, 5)])
    assert state.hashed.total == 35


def test_an_upload_tried_again_starts_anew() -> None:
    first, second = run.sent(run.KIND, "MH", 50), run.sent(run.KIND, "MH", 20)
    state = state_of([run.begun(run.KIND, "MH"), first, run.begun(run.KIND, "MH"), second])
    assert state.sent.total == 70


def test_the_last_five_problems_stand_below() -> None:
    albums = [Path(f"/music/album {number}") for number in range(7)]
    lines = drawn(state_of(run.failed(album, "MH", Outcome.REJECTED, "no") for album in albums))
    assert [line.strip() for line in lines[-5:]] == [f"✗ album {n} -> MH: no" for n in range(2, 7)]


def test_a_torrent_that_does_not_seed_is_a_problem() -> None:
    lines = drawn(state_of(run.whole()), width=160)
    assert "not seeding in watched: the client cannot be reached" in "\n".join(lines)


@pytest.mark.parametrize("width", [60, 80, 120, 200])
@pytest.mark.parametrize("trackers", [2, 3, 6, 30])
def test_the_board_fits_the_terminal_and_every_tracker_counts(width: int, trackers: int) -> None:
    names = [*TRACKERS, *(f"T{number}" for number in range(trackers - 2))]
    lines = drawn(state_of(run.under_way(), names), width)
    assert all(cell_len(line) <= width for line in lines)
    kind = line_with([line for line in lines if not line.startswith("✗")], "Miles Davis")
    assert "✓" in kind
    assert "✗" in kind


def test_many_albums_never_fill_more_than_the_terminal() -> None:
    albums = [Path(f"/music/album {number}") for number in range(1000)]
    state = state_of(event for album in albums for event in (run.found(album), run.done(album, "MH")))
    lines = drawn(state, height=24)
    assert len(lines) < 24
    assert "and 980 more" in lines[-1]


def test_finished_albums_give_way_to_those_under_way_and_are_forgotten() -> None:
    albums = [Path(f"/music/album {number}") for number in range(1000)]
    state = state_of((run.done(album, "MH") for album in albums), ["MH"])
    assert len(state.finished) == FINISHED_KEPT
    for number in range(18):
        state.apply(run.found(Path(f"/music/next {number}")))
    lines = drawn(state, height=24)
    assert len(lines) < 24
    assert [line.split("  ")[0] for line in lines[2:5]] == ["album 998", "album 999", "next 0"]


def test_late_events_do_not_bring_an_album_back() -> None:
    state = state_of(
        [run.found(run.KIND), run.broken(run.KIND), run.hashed(run.KIND, 5), run.pieces(run.KIND)]
    )
    assert (state.found, state.ended, len(state.active)) == (1, 1, 0)


def test_without_trackers_an_album_ends_when_it_is_hashed() -> None:
    state = state_of([run.found(run.KIND), run.pieces(run.KIND)], [])
    assert state.ended == 1
    assert "hashed" in line_with(drawn(state), "Kind of Blue")


def test_markup_in_names_is_text() -> None:
    assert "[bold]not markup[/bold]" in line_with(drawn(state_of(run.under_way()), 140), "👩‍👩‍👧‍👦")


def test_the_board_can_become_a_picture() -> None:
    console = Console(record=True, width=100, height=24, file=io.StringIO())
    console.print(render(state_of(run.under_way()), now=run.START + 4, width=100, height=24))
    assert "rejected" in console.export_svg(title="mua-async")


EVENTS = st.lists(st.sampled_from(run.whole()), max_size=60)


@given(EVENTS, st.integers(40, 220), st.integers(8, 60), st.floats(run.START - 5, run.START + 5000))
def test_any_course_of_events_fits_any_terminal(
    events: list[Event], width: int, height: int, now: float
) -> None:
    lines = drawn(state_of(events), width, height, now)
    assert len(lines) < height
    assert all(cell_len(line) <= width for line in lines)
    assert not any("\x1b" in line for line in lines)


def test_a_meter_tells_the_speed_of_the_last_seconds() -> None:
    meter = Meter()
    assert meter.rate(0.0) == 0.0
    for tenth in range(101):
        meter.add(tenth / 10, 10)
    assert meter.total == 1010
    assert meter.rate(10.0) == pytest.approx(100, rel=0.05)
    assert meter.rate(20.0) == 0.0


@pytest.fixture
def _able_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm")


def live_output(events: Sequence[Event], verbose: bool = False) -> str:
    stream = io.StringIO()
    console = Console(file=stream, width=100, height=24, force_terminal=True, color_system=None)
    with LiveBoard(console, TRACKERS, verbose) as board:
        for event in events:
            board(event)
    return stream.getvalue()


@pytest.mark.usefixtures("_able_terminal")
def test_the_live_board_draws_where_the_run_stands_and_gives_the_cursor_back() -> None:
    output = live_output(run.under_way())
    assert "rejected ✗" in output
    assert output.rindex("\x1b[?25h") > output.rindex("\x1b[?25l")


@pytest.mark.usefixtures("_able_terminal")
def test_verbose_lets_the_log_run_above_the_board() -> None:
    line = "Kind of Blue: found, 12 files, 345 MiB"
    assert line in live_output(run.under_way(), verbose=True)
    assert line not in live_output(run.under_way())


def test_a_wrong_digest_is_a_problem() -> None:
    state = state_of([run.found(run.KIND), run.distrusted(run.KIND)])
    assert "made a wrong digest" in state.problems[-1].message


def test_a_copy_of_what_was_sent_is_no_problem() -> None:
    state = state_of([run.skipped(run.KIND, TRACKERS[0], "same_content", "the same audio")])
    assert not state.problems


def test_a_stored_upload_is_shown_before_its_torrent_is_fetched() -> None:
    state = state_of([run.found(run.KIND), run.stored(run.KIND, TRACKERS[0])])
    assert any("stored" in line for line in drawn(state))


def test_albums_that_were_done_before_are_counted_and_make_no_rows() -> None:
    events: list[Event] = []
    for album in (run.KIND, run.CJK):
        events += [run.found(album), *(run.skipped(album, name, "done_before", "") for name in TRACKERS)]
    events += [run.found(run.BROKEN), run.skipped(run.BROKEN, "MH", "done_before", "")]
    events.append(run.done(run.BROKEN, "SP"))
    lines = drawn(state_of(events))
    assert "3/3 albums" in lines[0]
    assert "done before 2" in lines[0]
    assert not [line for line in lines if "Kind of Blue" in line]
    assert "existing =" in line_with(lines, "Broken  ")


def test_that_a_tracker_is_off_is_one_problem() -> None:
    albums = [Path(f"/music/{number}") for number in range(4)]
    events = [run.skipped(album, "SP", "tracker_off", "it is dead") for album in albums]
    assert [problem.message for problem in state_of(events).problems] == ["it is dead"]
