from __future__ import annotations

import io
from collections.abc import Iterable
from pathlib import Path
from weakref import ref

import pytest
from rich.console import Console

from mua_async.display.summary import Summary
from pipeline.events import Event
from pipeline.outcome import Outcome
from tests.support import display_run as run


def summary_of(events: Iterable[Event]) -> Summary:
    summary = Summary()
    for event in events:
        summary(event)
    return summary


def text_of(events: Iterable[Event]) -> str:
    stream = io.StringIO()
    summary_of(events).write(stream)
    return stream.getvalue()


def test_every_album_and_tracker_is_listed_in_columns() -> None:
    text = text_of(run.whole())
    assert (
        "Kind of Blue (Miles Davis - Kind of Blue)\n"
        "  MH  done      https://site.example/torrents/77\n"
        "                torrent /data/torrents/Kind of Blue.[MH].torrent\n"
        "                seeding in watched\n"
        "  SP  rejected  The name has already been taken. The category is wrong.\n"
        "                look at category_ids\n"
    ) in text
    assert "Broken\n  failed (tags): /music/Broken/01.flac is not FLAC\n    replace the file\n" in text
    assert "  MH  existing  done before\n" in text
    assert "                not seeding in watched: the client cannot be reached\n" in text
    assert "passed by\n  /music/scans: it holds no audio\n" in text


def test_it_ends_with_the_totals() -> None:
    assert text_of(run.whole()).splitlines()[-2:] == [
        "5 albums, 1.3 GiB hashed, 0:42",
        "2 uploaded, 1 existing, 1 done before, 1 rejected, 1 not sent, 1 unknown, 1 skipped, 2 failed",
    ]
    assert text_of([run.finished(0)]).splitlines()[-1] == "nothing uploaded"


def test_an_unknown_upload_says_what_to_do_before_anything_is_sent_again() -> None:
    text = text_of([run.failed(run.BYTES, "SP", Outcome.UNKNOWN, "lost"), run.finished(3, unknown=1)])
    assert "look there before anything is sent again" in text
    assert "  mua-async resolve $'/music/caf\\xe9 - a very long" in text
    assert " --tracker SP --as done (or absent)\n" in text
    assert "sent again" not in text_of([run.done(run.KIND, "MH"), run.finished(0, done=1)])


def test_of_many_albums_only_problems_are_listed() -> None:
    albums = [Path(f"/music/album {number}") for number in range(300)]
    events: list[Event] = []
    for album in albums:
        events += [run.found(album), run.done(album, "MH"), run.seeding(album, "MH", True)]
    events += [
        run.failed(albums[0], "SP", Outcome.REJECTED, "no"),
        run.failed(albums[200], "SP", Outcome.UNKNOWN, "lost"),
        run.seeding(albums[299], "MH", False, "disk full"),
        run.finished(3, done=300, rejected=1, unknown=1),
    ]
    text = text_of(events)
    headings = [line for line in text.splitlines() if line.startswith("album ")]
    assert headings == ["album 0", "album 200", "album 299"]
    assert "not seeding in watched: disk full" in text
    assert text.splitlines()[-2:] == ["300 albums, 0:42", "300 uploaded, 1 rejected, 1 unknown"]


def test_of_many_albums_only_problems_stay_in_memory() -> None:
    summary = summary_of(run.found(Path(f"/music/album {number}")) for number in range(21))
    clean = run.done(Path("/music/album 20"), "MH")
    summary(clean)
    remembered = ref(clean)
    del clean
    assert remembered() is None


def test_of_many_paths_passed_by_the_first_are_listed() -> None:
    event = run.whole()[6]
    text = text_of([event] * 30)
    assert text.count("/music/scans: it holds no audio") == 20
    assert "  and 10 more\n" in text


def test_a_terminal_gets_the_same_text_in_colour_and_unbroken() -> None:
    plain = text_of(run.whole())
    stream = io.StringIO()
    summary = summary_of(run.whole())
    summary.print_to(Console(file=stream, width=40, force_terminal=True, color_system=None))
    assert stream.getvalue() == plain
    coloured = io.StringIO()
    summary.print_to(Console(file=coloured, force_terminal=True, color_system="standard", no_color=False))
    assert "\x1b[31mrejected  The name" in coloured.getvalue()
    assert "[bold]not markup[blink]" in coloured.getvalue()


def test_no_color_is_honoured() -> None:
    stream = io.StringIO()
    console = Console(file=stream, force_terminal=True, color_system="standard", no_color=True)
    summary_of(run.whole()).print_to(console)
    assert "\x1b[31m" not in stream.getvalue()


def test_of_very_many_problems_the_rest_is_counted_and_every_unknown_is_kept() -> None:
    albums = [Path(f"/music/{number}") for number in range(260)]
    events: list[Event] = [run.found(album) for album in albums]
    events += [run.failed(album, "SP", Outcome.REJECTED, "no") for album in albums[:250]]
    events += [run.failed(album, "SP", Outcome.UNKNOWN, "lost") for album in albums[250:]]
    text = text_of([*events, run.finished(3, rejected=250, unknown=10)])
    assert text.count("rejected  no") == 200
    assert "\nand 50 more albums with a problem\n" in text
    assert text.count("  mua-async resolve /music/") == 10


def test_a_copy_of_what_was_sent_is_no_problem() -> None:
    events: list[Event] = [run.found(Path(f"/music/{number}")) for number in range(30)]
    events.append(run.skipped(run.KIND, "SP", "same_content", "the same audio"))
    assert "Kind of Blue" not in text_of([*events, run.finished(0, skipped=1)])


def test_a_wrong_digest_is_told_at_the_end_too() -> None:
    text = text_of([run.distrusted(run.KIND), run.finished(0)])
    assert "WARNING: the hashing engine lanes made a wrong digest" in text


def test_gaps_are_counted_with_what_fills_them() -> None:
    text = text_of([run.gaps(run.KIND, "MH"), run.gaps(run.CJK, "MH", "SP"), run.finished(1, skipped=3)])
    assert "\n2 albums with gaps: `plan --gaps FILE` lists" in "\n" + text
    assert "`upload --answers FILE`" in text
    assert "--gaps" not in text_of(run.whole())


def test_warnings_about_the_audio_are_told_with_the_album() -> None:
    events = [run.found(run.KIND), run.verified(run.KIND, "1.flac is MQA", "2.flac is MQA")]
    text = text_of([*events, run.done(run.KIND, "MH"), run.finished(0, done=1)])
    assert "\n  warning: 1.flac is MQA (+1 more)\n  MH  done" in text


def test_of_many_albums_those_with_warnings_are_counted() -> None:
    albums = [Path(f"/music/album {number}") for number in range(300)]
    events: list[Event] = [run.found(album) for album in albums[:5]]
    events += [run.verified(album, "it is MQA") for album in albums[:5]]
    events += [run.found(album) for album in albums[5:]]
    events += [run.verified(album, "it is MQA") for album in albums[5:]]
    text = text_of([*events, run.finished(0, done=300)])
    assert text.splitlines()[0] == "300 albums with warnings about the audio: `plan --verify` tells them"


def test_a_second_run_of_a_done_library_is_a_line() -> None:
    albums = [Path(f"/music/album {number}") for number in range(300)]
    events: list[Event] = []
    for album in albums:
        events += [run.found(album), run.skipped(album, "MH", "done_before", "it is there already")]
    assert text_of([*events, run.finished(0, existing=300)]) == "300 albums, 0:42\n300 done before\n"


def test_of_many_albums_those_that_a_dead_tracker_did_not_get_are_counted() -> None:
    albums = [Path(f"/music/album {number}") for number in range(300)]
    events: list[Event] = [run.found(album) for album in albums]
    events += [
        run.skipped(album, "SP", "tracker_off", "SP gets nothing more: it is dead") for album in albums
    ]
    text = text_of([*events, run.finished(1, skipped=300)])
    assert text.startswith("SP: 300 albums not tried: SP gets nothing more: it is dead\n")
    assert "/music/album" not in text
    assert "\n`mua-async resume` goes on with what is left open\n" in text


@pytest.mark.parametrize(
    "event",
    [
        run.skipped(run.KIND, "SP", "being_sent", "another run is sending it"),
        run.skipped(run.KIND, "SP", "interrupted", "the run was stopped"),
        run.seeding(run.KIND, "SP", False, "disk full"),
    ],
)
def test_what_another_run_can_better_names_the_command(event: Event) -> None:
    assert "`mua-async resume` goes on" in text_of([event, run.finished(1, skipped=1)])


def test_resume_is_named_for_nothing_else() -> None:
    assert "resume" in text_of([run.finished(1, not_sent=1)])
    assert "resume" in text_of([run.finished(130)])
    assert "resume" not in text_of([run.done(run.KIND, "MH"), run.finished(1, done=1, rejected=1)])
