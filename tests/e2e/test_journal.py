"""Never twice, never lost: what a second run makes of what the first one left."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest
from mutagen.flac import FLAC

from tests.support.audio import make_album
from tests.support.program import Finished, Program
from trackers.sandbox import Fault, SandboxSite

NOW = {"settle_after": 0}
"""The table of a tracker that is believed at once: nothing is waited for."""


@pytest.fixture
def mine(tmp_path: Path) -> Path:
    """An album that may be changed."""
    return make_album(tmp_path / "Mine", tracks=2, seconds=0.1)


def posts(site: SandboxSite) -> int:
    return sum(request.method == "POST" for request in site.requests)


def is_done_before(finished: Finished, tracker: str, site: SandboxSite) -> None:
    assert (finished.code, finished.counts) == (0, {"existing": 1})
    line = finished.verdict(tracker)
    assert (line["event"], line["reason"]) == ("upload_skipped", "done_before")
    assert line["url"] == f"{site.url}/torrents/{site.uploads[0].id}"
    assert len(site.uploads) == 1


def was_read(finished: Finished) -> bool:
    return bool(finished.events("tags_read") or finished.events("bytes_hashed"))


# What is done


def test_what_is_done_is_neither_read_nor_asked_for_again(program: Program, album: Path) -> None:
    sites = {"MH": program.add_site("MH"), "SP": program.add_site("SP")}
    program.upload(album)
    for site in sites.values():
        site.requests.clear()
    again = program.upload(album)
    assert (again.code, again.counts) == (0, {"existing": 2})
    names = [line["event"] for line in again.lines]
    assert names == ["run_started", "album_found", "upload_skipped", "upload_skipped", "run_finished"]
    for tracker_id, site in sites.items():
        line = again.verdict(tracker_id)
        assert (line["reason"], line["url"]) == ("done_before", f"{site.url}/torrents/{site.uploads[0].id}")
        assert site.requests == []


def test_another_tracker_gets_what_one_has(program: Program, album: Path) -> None:
    mh, sp = program.add_site("MH"), program.add_site("SP")
    program.upload(album, "--tracker", "MH")
    both = program.upload(album)
    assert (both.code, both.counts) == (0, {"existing": 1, "done": 1})
    assert (len(mh.uploads), len(sp.uploads)) == (1, 1)


def test_files_that_were_only_touched_are_what_was_sent(program: Program, mine: Path) -> None:
    site = program.add_site("MH")
    program.upload(mine)
    for track in mine.iterdir():
        os.utime(track)
    touched = program.upload(mine)
    is_done_before(touched, "MH", site)
    assert was_read(touched)
    again = program.upload(mine)
    is_done_before(again, "MH", site)
    assert not was_read(again)


def test_files_that_were_tagged_anew_are_not_sent_again(program: Program, mine: Path) -> None:
    site = program.add_site("MH")
    program.upload(mine)
    for track in mine.iterdir():
        tags = FLAC(track)
        tags["comment"] = "mended"
        tags.save()
    for _ in range(2):
        changed = program.upload(mine)
        assert (changed.code, changed.counts) == (1, {"skipped": 1})
        line = changed.verdict("MH")
        assert line["reason"] == "changed_since_upload"
        assert line["url"] == f"{site.url}/torrents/{site.uploads[0].id}"
    assert len(site.uploads) == 1


def test_a_file_that_was_added_makes_the_files_others(program: Program, mine: Path) -> None:
    site = program.add_site("MH")
    program.upload(mine)
    (mine / "booklet.txt").write_text("words")
    assert program.upload(mine).verdict("MH")["reason"] == "changed_since_upload"
    assert len(site.uploads) == 1


def test_a_folder_that_was_moved_is_not_sent_again(program: Program, mine: Path, tmp_path: Path) -> None:
    site = program.add_site("MH")
    program.upload(mine)
    (tmp_path / "elsewhere").mkdir()
    is_done_before(program.upload(mine.rename(tmp_path / "elsewhere/Mine")), "MH", site)


def test_a_renamed_tracker_gets_nothing_twice(program: Program, album: Path) -> None:
    site = program.add_site("OLD")
    program.upload(album)
    program.tables["NEW"] = program.tables.pop("OLD")
    site.requests.clear()
    is_done_before(program.upload(album, "--tracker", "NEW"), "NEW", site)
    assert site.requests == []


def test_duplicates_are_sent_again_where_they_are_allowed(program: Program, album: Path) -> None:
    site = program.add_site("MH")
    program.upload(album)
    again = program.upload(album, "--allow-duplicate", "--set", "catalogue_number=CAT 2")
    assert (again.code, again.counts) == (0, {"done": 1})
    assert len(site.uploads) == 2
    assert program.upload(album).verdict("MH")["reason"] == "done_before"


def test_a_duplicate_that_is_refused_leaves_the_first_done(program: Program, album: Path) -> None:
    site = program.add_site("MH")
    program.upload(album)
    assert program.upload(album, "--allow-duplicate").verdict("MH")["outcome"] == "rejected"
    is_done_before(program.upload(album), "MH", site)


def test_two_tables_of_one_site_send_nothing_twice(program: Program, album: Path) -> None:
    site = program.add_site("AA")
    program.tables["BB"] = program.tables["AA"]
    first = program.upload(album, *program.to("AA", "BB"))
    assert first.counts == {"done": 1, "skipped": 1}
    assert first.verdict("BB")["reason"] == "same_site"
    again = program.upload(album, *program.to("BB", "AA"))
    assert again.events("upload_skipped")
    assert not again.events("upload_started")
    assert posts(site) == 1


def test_a_copy_of_what_was_sent_is_not_taken_for_a_change(program: Program, tmp_path: Path) -> None:
    site, library = program.add_site("MH"), tmp_path / "library"
    make_album(library / "Mine", tracks=1, seconds=0.1)
    shutil.copytree(library / "Mine", library / "A copy")
    for _ in range(2):
        finished = program.upload(library, "--yes")
        assert finished.code == 0
        reasons = {line["reason"] for line in finished.events("upload_skipped")}
        assert reasons <= {"same_content", "done_before"}
    assert posts(site) == 1


# What is open


def test_a_torrent_that_came_to_nothing_is_seeded_by_the_next_run(program: Program, album: Path) -> None:
    site = program.add_site("SP")
    site.fault = Fault.BAD_TORRENT
    first = program.watched().upload(album)
    assert (first.code, first.counts) == (1, {"done": 1})
    site.fault = None
    resumed = program("resume", "--json")
    assert (resumed.code, resumed.counts) == (0, {"existing": 1})
    (watched,) = program.watch.iterdir()
    assert watched.read_bytes() == Path(resumed.verdict("SP")["torrent_file"]).read_bytes()
    assert posts(site) == 1
    is_done_before(program.upload(album), "SP", site)


def test_what_was_refused_is_tried_again_by_upload_alone(program: Program, album: Path) -> None:
    site, down = program.add_site("MH"), program.add_site("SP", {"site": "seedpool"})
    site.fault = Fault.REFUSE
    program.tables["SP"]["url"] = site.url  # which does not know what a UNIT3D site is asked for
    first = program.upload(album)
    assert (first.code, first.counts) == (1, {"rejected": 1, "not_sent": 1})
    site.fault = None
    program.tables["SP"]["url"] = down.url
    resumed = program("resume", "--json")
    assert (resumed.code, resumed.counts) == (1, {"done": 1, "skipped": 1})
    assert resumed.verdict("MH")["reason"] == "rejected_before"
    assert resumed.verdict("SP")["event"] == "upload_done"
    assert (len(site.uploads), len(down.uploads)) == (0, 1)
    again = program.upload(album)
    assert (again.code, again.counts) == (0, {"existing": 1, "done": 1})
    assert (len(site.uploads), len(down.uploads)) == (1, 1)


def test_resume_has_nothing_to_do_where_all_is_done(program: Program, album: Path) -> None:
    site = program.add_site("MH")
    program.upload(album)
    seen = len(site.requests)
    resumed = program("resume")
    assert (resumed.code, resumed.out) == (0, "Nothing is left open.\n")
    assert program("resume", "--json").counts == {}
    assert len(site.requests) == seen


@pytest.mark.parametrize("fault", [Fault.RESET_AFTER, Fault.ERROR_AFTER, Fault.TRUNCATED])
@pytest.mark.parametrize("command", ["resume", "upload"])
def test_an_unknown_upload_is_found_and_seeded(
    program: Program, album: Path, fault: Fault, command: str
) -> None:
    site = program.add_site("SP")
    site.fault = fault
    first = program.watched().upload(album)
    assert (first.code, first.counts) == (3, {"unknown": 1})
    assert list(program.watch.iterdir()) == []
    site.fault = None
    settled = program("resume", "--json") if command == "resume" else program.upload(album)
    assert (settled.code, settled.counts) == (0, {"done": 1})
    done = settled.verdict("SP")
    assert (done["existing"], done["torrent_id"]) == (False, str(site.uploads[0].id))
    (watched,) = program.watch.iterdir()
    assert watched.read_bytes() == Path(done["torrent_file"]).read_bytes()
    assert posts(site) == 1
    is_done_before(program.upload(album), "SP", site)


def test_an_unknown_upload_is_found_though_its_folder_was_renamed(program: Program, mine: Path) -> None:
    site = program.add_site("SP")
    site.fault = Fault.RESET_AFTER
    program.upload(mine)
    site.fault = None
    moved = mine.rename(mine.with_name("Another name"))
    settled = program.upload(moved)
    assert (settled.code, settled.counts) == (0, {"done": 1})
    assert posts(site) == 1


def test_an_unknown_upload_is_found_though_its_folder_is_gone(program: Program, mine: Path) -> None:
    site = program.add_site("SP")
    site.fault = Fault.RESET_AFTER
    program.watched().upload(mine)
    site.fault = None
    mine.rename(mine.with_name("Another name"))
    resumed = program("resume", "--json")
    assert resumed.verdict("SP")["event"] == "upload_done"
    assert resumed.says(f"error: {mine} is gone")
    assert len(list(program.watch.iterdir())) == 1
    assert posts(site) == 1


@pytest.mark.parametrize("stored", [True, False])
@pytest.mark.parametrize("command", ["resume", "upload"])
def test_a_site_that_cannot_be_searched_leaves_it_unknown(
    program: Program, album: Path, stored: bool, command: str
) -> None:
    site = program.add_site("MH", NOW)
    site.fault = Fault.RESET_AFTER if stored else Fault.HTML
    assert program.upload(album).code == 3
    site.fault = None
    for _ in range(2):
        again = program("resume", "--json") if command == "resume" else program.upload(album)
        assert (again.code, again.counts) == (3, {"unknown": 1})
        assert "`mua-async resolve` notes what you saw there" in again.verdict("MH")["hint"]
    assert len(site.uploads) == stored
    assert posts(site) == 1


def test_an_upload_that_nobody_sees_stays_unknown(program: Program, album: Path) -> None:
    """It waits in moderation, or was not stored at all: no search tells which."""
    site = program.add_site("SP", NOW, trusted=False)
    site.fault = Fault.RESET_AFTER
    assert program.upload(album).code == 3
    site.fault = None
    again = program("resume", "--json")
    assert (again.code, again.counts) == (3, {"unknown": 1})
    assert posts(site) == 1


@pytest.mark.parametrize(("fault", "counts"), [(Fault.RESET_AFTER, "unknown"), (Fault.HTML, "done")])
def test_an_unknown_upload_is_sent_again_where_the_user_wants_that(
    program: Program, album: Path, fault: Fault, counts: str
) -> None:
    """A name that is taken by then may be ours: that proves nothing."""
    site = program.add_site("SP", {**NOW, "repost_when_unknown": True}, trusted=False)
    site.fault = fault
    assert program.upload(album).code == 3
    site.fault = None
    again = program("resume", "--json")
    assert again.counts == {counts: 1}
    assert posts(site) == 2
    assert len(site.uploads) == 1


def test_a_miss_counts_only_once_the_sender_is_long_dead(program: Program, album: Path) -> None:
    site = program.add_site("SP", {"settle_after": "1h", "repost_when_unknown": True})
    site.fault = Fault.HTML
    assert program.upload(album).code == 3
    program.tables["SP"]["settle_after"] = 0.5
    site.fault = None
    again = program("resume", "--json")
    assert again.counts == {"done": 1}
    assert len(site.uploads) == 1
