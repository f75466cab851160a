from __future__ import annotations

import io
import json
import subprocess
import sys
from pathlib import Path

import pytest

from mua_async.display.jsonl import JsonLines
from pipeline.events import BytesHashed, Event, PreparedFile, RequestPrepared
from pipeline.outcome import Outcome
from tests.support import display_run as run


def lines_of(*events: Event) -> list[dict[str, object]]:
    stream = io.StringIO()
    display = JsonLines(stream)
    for event in events:
        display(event)
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_every_event_is_one_line_that_begins_with_its_name_and_time() -> None:
    events = run.whole()
    lines = lines_of(*events)
    assert [line["event"] for line in lines] == [event.event_name() for event in events]
    assert all(list(line)[:2] == ["event", "at"] for line in lines)
    assert lines[0] == {
        "event": "run_started",
        "at": run.START,
        "paths": ["/music"],
        "trackers": ["MH", "SP"],
        "dry_run": False,
    }


def test_the_lines_are_ascii_whatever_the_names_are() -> None:
    stream = io.StringIO()
    display = JsonLines(stream)
    for event in run.whole():
        display(event)
    assert stream.getvalue().isascii()


def test_a_path_is_absolute_and_its_links_are_not_resolved(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to("real")
    monkeypatch.chdir(tmp_path)
    line = lines_of(run.found(Path("link/Album")))[0]
    assert line["album"] == str(tmp_path / "link" / "Album")


def test_bytes_that_are_no_utf8_are_shown_as_hex() -> None:
    line = lines_of(run.found(Path("/music/caf\udce9\udcff")))[0]
    assert line["album"] == "/music/caf\\xe9\\xff"


def test_the_end_of_an_upload_carries_what_the_contract_names() -> None:
    done, skipped, refused = lines_of(
        run.done(run.KIND, "MH", existing=True),
        run.skipped(run.KIND, "SP", "duplicate", "there is another"),
        run.failed(run.KIND, "RED", Outcome.REJECTED, "no"),
    )
    assert (done["album"], done["tracker"], done["content_id"]) == (
        str(run.KIND),
        "MH",
        run.content_id(run.KIND),
    )
    assert (done["torrent_id"], done["existing"]) == ("77", True)
    assert done["torrent_file"] == "/data/torrents/Kind of Blue.[MH].torrent"
    assert (skipped["reason"], skipped["message"]) == ("duplicate", "there is another")
    assert (refused["outcome"], refused["message"]) == ("rejected", "no")


def test_the_counts_name_every_outcome() -> None:
    line = lines_of(run.finished(3, done=2, unknown=1))[0]
    assert line["exit_code"] == 3
    assert line["counts"] == {
        "done": 2,
        "existing": 0,
        "rejected": 0,
        "not_sent": 0,
        "unknown": 1,
        "skipped": 0,
        "failed": 0,
    }


def test_a_prepared_request_keeps_the_order_and_names_that_repeat() -> None:
    event = RequestPrepared(
        album=run.KIND,
        content_id="a1-0",
        tracker="MH",
        method="POST",
        url="https://mh.example/upload",
        headers=(("Accept", "*/*"),),
        fields=(("tags[]", "jazz"), ("tags[]", "modal"), ("name", "\ud83d")),
        files=(PreparedFile(field="torrent", name="a.torrent", size=9, sha1="00" * 20),),
    )
    line = lines_of(event)[0]
    assert line["fields"] == [["tags[]", "jazz"], ["tags[]", "modal"], ["name", "\\ud83d"]]
    assert line["files"] == [{"field": "torrent", "name": "a.torrent", "size": 9, "sha1": "00" * 20}]


def test_progress_is_told_once_a_second_for_each_thing_and_at_its_end() -> None:
    lines = lines_of(
        *(run.hashed(run.KIND, tenth * run.MIB, run.START + tenth / 10) for tenth in range(25)),
        run.hashed(run.CJK, run.MIB, run.START + 2.4),
        run.hashed(run.KIND, 345 * run.MIB, run.START + 2.5),
    )
    assert [line["done"] for line in lines] == [n * run.MIB for n in (0, 10, 20, 1, 345)]


def test_progress_of_two_trackers_is_told_apart() -> None:
    assert len(lines_of(run.sent(run.KIND, "MH", 1), run.sent(run.KIND, "SP", 1))) == 2


def test_a_clock_that_is_set_back_does_not_silence_progress() -> None:
    later, earlier = (
        BytesHashed(at=at, album=run.KIND, content_id="a1-0", done=1, size=9) for at in (5000.0, 100.0)
    )
    assert len(lines_of(later, earlier)) == 2


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX pipes")
def test_a_reader_that_leaves_is_no_error() -> None:
    program = """
import sys
from pathlib import Path
from mua_async.display.jsonl import JsonLines
from pipeline.events import AlbumFound

display = JsonLines(sys.stdout)
sys.stdin.read()
for number in range(1000):
    display(AlbumFound(album=Path("/music/x"), files=1, size=number))
"""
    with subprocess.Popen(
        [sys.executable, "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        process.stdin.close()
        assert process.stderr.read() == b""
    assert process.returncode == 0


def test_scripts_and_logs_do_not_wait_for_rich() -> None:
    program = "import sys, mua_async.display.{0} as _; sys.exit('rich' in sys.modules)"
    for module in ("jsonl", "plain", "dry_run", "summary"):
        subprocess.run([sys.executable, "-c", program.format(module)], check=True)


def test_what_is_known_of_an_album_with_gaps_is_text() -> None:
    (line,) = lines_of(run.gaps(run.KIND, "MH", title="caf\udce9"))
    assert (line["event"], line["trackers"]) == ("gaps_found", ["MH"])
    assert (line["missing"], line["guessed"], line["known"]) == (["year"], {}, {"title": "caf\\xe9"})
