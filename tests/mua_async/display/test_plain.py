from __future__ import annotations

import io
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from attrs import evolve

from mua_async.display.names import KEPT, AlbumNames
from mua_async.display.plain import PlainLog
from pipeline.events import CoverHosted, CoverReady, Event
from pipeline.outcome import Outcome
from tests.support import display_run as run


def log_of(events: Iterable[Event], verbose: bool = False) -> list[str]:
    stream = io.StringIO()
    log = PlainLog(stream, verbose)
    for event in events:
        log(event)
    return stream.getvalue().splitlines()


def test_each_line_begins_with_the_local_time() -> None:
    line, *_ = log_of([run.found(run.KIND), run.pieces(run.KIND, at=run.START)])
    assert line == time.strftime("%H:%M:%S", time.localtime(run.START)) + (
        " Kind of Blue: found, 12 files, 345 MiB"
    )


def test_what_matters_is_told_and_progress_is_not() -> None:
    log = "\n".join(line[9:] for line in log_of(run.whole()))
    assert "Kind of Blue: Miles Davis - Kind of Blue (1959), FLAC, 5 tracks, 45:25" in log
    name = "Kind of Blue (Miles Davis - Kind of Blue)"
    assert f"{name}: hashed 345 MiB in 0.50 s (690 MiB/s), 345 pieces of 1.0 MiB" in log
    assert f"{name} -> MH: uploaded, https://site.example/torrents/77" in log
    assert (
        f"{name} -> SP: rejected: The name has already been taken. The category is wrong."
        " (look at category_ids)" in log
    )
    assert f"{name} -> MH: seeding in watched" in log
    assert "-> SP: not seeding in watched: the client cannot be reached" in log
    assert "-> SP: waiting 12 s: rate limit" in log
    assert "-> MH: on the site already, https://site.example/torrents/77" in log
    assert "-> MH: skipped (duplicate): another FLAC of it is there" in log
    assert "scans: passed by: it holds no audio" in log
    assert "Broken: failed (tags): /music/Broken/01.flac is not FLAC (replace the file)" in log
    assert log.endswith(
        "finished in 0:42: 2 uploaded, 1 existing, 1 done before, 1 rejected, 1 not sent, 1 unknown, "
        "1 skipped, 2 failed"
    )
    assert "sending" not in log


def test_no_name_can_act_on_the_terminal() -> None:
    assert "\x1b" not in "\n".join(log_of(run.whole(), verbose=True))
    assert any(r"caf\xe9" in line for line in log_of([run.found(run.BYTES)], verbose=True))


def test_names_of_long_ago_are_forgotten() -> None:
    names = AlbumNames()
    names.label(run.tags(run.KIND, "Miles Davis", "Kind of Blue"))
    assert names.label(run.pieces(run.KIND)) == "Kind of Blue (Miles Davis - Kind of Blue)"
    for number in range(KEPT):
        names.label(run.tags(Path(f"/music/{number}"), "Artist", "Title"))
    assert names.label(run.pieces(run.KIND)) == "Kind of Blue"


def test_a_missing_cover_is_told() -> None:
    event = CoverReady(
        album=run.KIND, content_id="a1-0", source=None, width=0, height=0, size=0, problem="none found"
    )
    assert log_of([event])[0].endswith("Kind of Blue: no cover: none found")


def test_verbose_tells_why_a_cover_was_taken_and_what_was_passed_over() -> None:
    event = CoverReady(
        album=run.KIND,
        content_id="a1-0",
        source="folder.jpg",
        width=900,
        height=900,
        size=2048,
        reason="front cover, beside the tracks, 900 x 900",
        refused=("cover.jpg: the picture cannot be used: it is animated",),
        versions=2,
    )
    assert log_of([event]) == []
    (line,) = log_of([event], verbose=True)
    assert line.endswith(
        "cover folder.jpg, 900 x 900, 2.0 KiB, in 2 versions (front cover, beside the tracks, 900 x 900); "
        "passed over: cover.jpg: the picture cannot be used: it is animated"
    )


def test_the_address_of_a_cover_is_told() -> None:
    cell: dict[str, Any] = {"album": run.KIND, "content_id": "a1-0", "tracker": "MH"}
    placed = CoverHosted(**cell, url="https://pictures.example/p.jpg", host="own")
    assert log_of([placed]) == []
    assert log_of([placed], verbose=True)[0].endswith("-> MH: cover put at https://pictures.example/p.jpg")
    lost = CoverHosted(**cell, url=None, host=None, problem="own: status 503")
    assert log_of([lost])[0].endswith("-> MH: goes without the address of a cover: own: status 503")


def test_verbose_adds_the_steps_between() -> None:
    log = "\n".join(log_of(run.whole(), verbose=True))
    assert "cover cover.jpg, 600 x 600, 43.9 KiB" in log
    assert "torrent ready, infohash abab" in log
    assert "-> MH: sending 195 KiB" in log


def test_short_waits_do_not_fill_the_log() -> None:
    event = run.waiting(run.KIND, "MH", "rate limit", 0.2)
    assert log_of([event]) == []
    assert len(log_of([event], verbose=True)) == 1


def test_a_stream_of_another_encoding_takes_every_name() -> None:
    raw = io.BytesIO()
    stream = io.TextIOWrapper(raw, encoding="latin-1")
    PlainLog(stream)(run.failed(run.CJK, "MH", Outcome.UNKNOWN, "é"))
    assert (
        raw.getvalue()
        .decode("latin-1")
        .endswith(
            "\\u690e\\u540d\\u6797\\u6a8e - \\u7121\\u7f6a\\u30e2\\u30e9\\u30c8\\u30ea\\u30a2\\u30e0"
            " (1999) [FLAC] -> MH: unknown: é\n"
        )
    )
    stream.detach()


def test_a_type_that_was_guessed_says_how_to_correct_it() -> None:
    tags = run.tags(run.KIND, "Miles Davis", "Kind of Blue")
    (told,) = log_of([evolve(tags, release_type="SINGLE")])
    assert told.endswith("45:25, type SINGLE")
    (guessed,) = log_of([evolve(tags, release_type="SINGLE", inferred=("release_type",))])
    assert guessed.endswith("type SINGLE (guessed; --release-type decides)")


def test_what_is_stored_is_told_at_once_to_those_who_ask() -> None:
    stored = run.stored(run.KIND, "MH")
    assert log_of([stored]) == []
    (line,) = log_of([stored], verbose=True)
    assert line.endswith("-> MH: stored, https://site.example/torrents/77")


def test_warnings_about_the_audio_are_told_and_its_reading_to_those_who_ask() -> None:
    assert log_of([run.verified(run.KIND)]) == []
    (line,) = log_of([run.verified(run.KIND, "1.flac is MQA")])
    assert line.endswith("Kind of Blue: warning: 1.flac is MQA")
    (line,) = log_of([run.verified(run.KIND)], verbose=True)
    assert line.endswith("Kind of Blue: audio read in 0.20 s")


def test_a_gap_is_told_by_the_verdict_alone() -> None:
    assert log_of([run.gaps(run.KIND, "MH")], verbose=True) == []


def test_what_was_done_before_is_counted_and_not_listed() -> None:
    albums = [Path(f"/music/{number}") for number in range(100)]
    events: list[Event] = []
    for album in albums:
        events += [run.found(album), *(run.skipped(album, name, "done_before", "") for name in ("MH", "SP"))]
    events.append(run.finished(0, existing=201))
    assert [line[9:] for line in log_of(events)] == ["finished in 0:42: 1 existing, 200 done before"]
    everything = log_of(events, verbose=True)
    assert len(everything) == 301
    assert everything[1].endswith("0 -> MH: done before")


def test_of_an_album_that_is_new_somewhere_all_is_told() -> None:
    events = [run.found(run.KIND), run.tags(run.KIND, "Miles Davis", "Kind of Blue")]
    log = log_of([*events, run.skipped(run.KIND, "MH", "done_before", ""), run.done(run.KIND, "SP")])
    assert [line[9:].partition(": ")[2].partition(",")[0] for line in log] == [
        "found",
        "Miles Davis - Kind of Blue (1959)",
        "uploaded",
    ]


def test_that_a_tracker_is_off_is_told_once() -> None:
    events = [run.skipped(album, "SP", "tracker_off", "it is dead") for album in (run.KIND, run.CJK)]
    events += [run.skipped(run.CJK, "MH", "tracker_off", "no key")]
    assert [line[9:] for line in log_of(events)] == [
        "Kind of Blue -> SP: skipped (tracker_off): it is dead",
        f"{run.CJK.name} -> MH: skipped (tracker_off): no key",
    ]
    assert len(log_of(events, verbose=True)) == 3
