"""Whatever is wrong ends in one clear line and the right exit code, and nothing is sent."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from pipeline.model.audio import Codec
from tests.support.audio import make_album, make_track
from tests.support.program import Finished, Program, untouched


@pytest.fixture
def ready(program: Program) -> Iterator[Program]:
    """A program with one site, which gets nothing."""
    site = program.add_site("MH")
    yield program
    assert not [request for request in site.requests if request.method == "POST"]


def is_told(finished: Finished, code: int, *texts: str) -> None:
    """It ended with this code and one error line that says all of this, and with no traceback."""
    assert "Traceback" not in finished.out + finished.err
    (line,) = [line for line in finished.err.splitlines() if line.startswith("error: ")]
    assert all(text in finished.err for text in texts), finished.err
    assert finished.code == code
    assert len(line) < 400


def is_passed_by(finished: Finished, reason: str, *texts: str) -> None:
    """The one album ended before any tracker, for this reason, in one line that says all of this."""
    assert finished.err == ""
    assert finished.code == 1
    (line,) = [line for line in finished.lines if line["event"] in {"album_skipped", "stage_failed"}]
    assert line["reason"] == reason
    assert all(text in f"{line['message']} {line.get('hint')}" for text in texts), line
    assert "\n" not in line["message"]


# Arguments and configuration: found before anything is sent.


def test_no_such_path(ready: Program, album: Path) -> None:
    finished = ready.upload(album, ready.folder / "nowhere")
    is_told(finished, 2, "is missing", f"{ready.folder}/nowhere does not exist")
    assert finished.out == ""


def test_a_link_to_nothing_is_a_missing_path(ready: Program) -> None:
    link = ready.folder / "link"
    link.symlink_to("nowhere")
    is_told(ready.upload(link), 2, f"{link} does not exist")


def test_no_path_at_all(ready: Program) -> None:
    is_told(ready.upload(), 2, "PATH", "see mua-async upload --help")


def test_an_unknown_tracker_with_the_near_miss(ready: Program, album: Path) -> None:
    finished = ready.upload(album, "--tracker", "MHH")
    is_told(finished, 2, "no tracker is called MHH", "did you mean MH?")


def test_a_tracker_that_is_not_configured(ready: Program, album: Path) -> None:
    finished = ready.upload(album, "--tracker", "YUS", "--tracker", "MH")
    is_told(finished, 2, "trackers.YUS.announce_url is missing", 'write api_key = "..."')


def test_the_old_tools_example_says_what_is_missing(program: Program, album: Path) -> None:
    program.tables["MH"] = {
        "api_auth_type": "bearer",
        "api_format": "json",
        "custom_endpoint": "special/upload",
        "category_ids": {"ALBUM": "5", "SINGLE": "6"},
        "format_ids": {"FLAC": "10", "MP3": "11"},
    }
    finished = program.upload(album, "--tracker", "mh")
    is_told(finished, 2, "trackers.MH.url is missing", "trackers.MH.api_key is missing")


def test_a_key_that_cannot_be_looked_up(ready: Program, album: Path) -> None:
    ready.tables["MH"]["api_key"] = "env:MUA_ASYNC_TEST_NO_SUCH_KEY"
    is_told(ready.upload(album), 2, "trackers.MH.api_key", "MUA_ASYNC_TEST_NO_SUCH_KEY is not set")


def test_no_tracker_named(ready: Program, album: Path) -> None:
    is_told(ready("upload", album), 2, "no tracker is named", "--tracker ID", "default_trackers")


def test_all_trackers_where_none_is_enabled(program: Program, album: Path) -> None:
    program.tables["MH"] = {"enabled": False}
    is_told(program.upload(album, "--tracker", "all"), 2, "no tracker is enabled", "tracker add")


def test_a_disabled_tracker(ready: Program, album: Path) -> None:
    ready.tables["MH"]["enabled"] = False
    is_told(ready.upload(album), 2, "trackers.MH is disabled", "enabled = true")


def test_every_problem_of_every_tracker_is_told_at_once(ready: Program, album: Path) -> None:
    ready.tables["AA"] = {"nonsense": 1}
    finished = ready.upload(album, "--tracker", "AA", "--tracker", "SP", "--tracker", "XYZ")
    is_told(finished, 2, "trackers.AA.nonsense", "trackers.SP.api_key", "no tracker is called XYZ")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "config.json"),
        ('{"trackers": 5}', "trackers"),
        ('{"trakcers": {}}', "trackers"),
        ('{"default_trackers": "MH"}', "default_trackers"),
    ],
)
def test_a_broken_configuration(program: Program, album: Path, text: str, message: str) -> None:
    program.config.write_text(text)
    is_told(program.upload(album, "--tracker", "MH"), 2, message, str(program.config))


def test_a_configuration_that_is_not_there(program: Program, album: Path) -> None:
    finished = program("upload", album, "--tracker", "MH")
    is_told(finished, 2, str(program.config))


@pytest.mark.parametrize(
    ("setting", "message"),
    [
        ("year", "write it as --set key=value"),
        ("yaer=2011", "yaer cannot be set"),
        ("year=11", "year=11: must be a year such as 2011"),
        ("media=tape", "media=tape: must be one of CD, WEB"),
        ("artist=", "artist=: must be a text"),
        ("tags= , ", "must be names with commas"),
    ],
)
def test_a_setting_that_makes_no_sense(ready: Program, album: Path, setting: str, message: str) -> None:
    is_told(ready.upload(album, "--set", setting), 2, message)


@pytest.mark.parametrize("arguments", [("--limit", "0"), ("--jobs", "x"), ("--no-such-option",)])
def test_options_that_make_no_sense(ready: Program, album: Path, arguments: tuple[str, ...]) -> None:
    is_told(ready.upload(album, *arguments), 2, arguments[0], "see mua-async upload --help")


def test_a_data_folder_that_cannot_be_used(ready: Program, album: Path) -> None:
    ready.data.write_text("a file")
    is_told(ready.upload(album), 2, f"{ready.data} is no folder", "--data-dir")


def test_folders_that_may_not_be_written(as_ordinary_user: Program) -> None:
    program = as_ordinary_user.watched()
    album = make_album(program.folder / "A", tracks=1, seconds=0.1)
    program.watch.chmod(0o555)
    is_told(program.upload(album), 2, "clients.watched.path", "check the permissions")
    program.folder.chmod(0o555)
    is_told(program.upload(album, "--no-seed"), 2, f"{program.data}/torrents cannot be written")
    program.folder.chmod(0o755)


def test_a_watch_folder_on_a_disk_that_is_not_there(ready: Program, album: Path) -> None:
    ready.settings["clients"] = {"box": {"type": "watch", "path": str(ready.folder / "disk/watch")}}
    finished = ready.upload(album)
    is_told(finished, 2, "clients.box.path", f"{ready.folder}/disk does not exist", "--no-seed")


def test_a_watch_folder_that_is_none(ready: Program, album: Path) -> None:
    ready.watched()
    ready.watch.rmdir()
    ready.watch.write_text("a file")
    is_told(ready.upload(album), 2, "clients.watched.path", "is no folder")


def test_an_adapter_that_cannot_be_made(ready: Program, album: Path) -> None:
    (ready.folder / "trackers").mkdir()
    (ready.folder / "trackers/mh_tracker.py").write_text(
        "from trackers.generic_tracker import GenericTracker\n"
        "class MHTracker(GenericTracker):\n"
        "    def __init__(self, *arguments):\n"
        "        raise KeyError('nothing')\n"
    )
    finished = ready.upload(album)
    is_told(finished, 2, "MH", "KeyError", "nothing")
    assert finished.out == ""


# Albums: each ends alone.


def test_an_empty_folder(ready: Program) -> None:
    folder = ready.folder / "empty"
    folder.mkdir()
    is_passed_by(ready.upload(folder), "no_audio", "holds no audio")


def test_a_folder_without_audio(ready: Program) -> None:
    (ready.folder / "texts").mkdir()
    (ready.folder / "texts/notes.txt").write_text("no music here")
    is_passed_by(ready.upload(ready.folder / "texts"), "no_audio", "texts holds no audio")


def test_a_zero_byte_track(ready: Program) -> None:
    folder = make_album(ready.folder / "A", seconds=0.1)
    (folder / "04 - Lost.flac").write_bytes(b"")
    is_passed_by(ready.upload(folder), "empty_file", "04 - Lost.flac", "is empty")


@pytest.mark.parametrize("codec", [Codec.FLAC, Codec.MP3, Codec.OGG])
def test_a_truncated_track(ready: Program, codec: Codec) -> None:
    folder = make_album(ready.folder / "A", codec=codec, tracks=1, seconds=0.3)
    (track,) = folder.iterdir()
    track.write_bytes(track.read_bytes()[:40])
    is_passed_by(ready.upload(folder), "broken_audio", track.name, "fetch or rip the file again")


def test_broken_tags(ready: Program) -> None:
    folder = make_album(ready.folder / "A", tracks=1, seconds=0.1)
    (track,) = folder.iterdir()
    data = bytearray(track.read_bytes())
    title = data.index(b"title=") if b"title=" in data else data.index(b"TITLE=")
    data[title - 4 : title] = b"\xff" * 4  # the length of the comment
    track.write_bytes(data)
    is_passed_by(ready.upload(folder), "broken_audio", track.name, "is damaged")


def test_an_unreadable_track(as_ordinary_user: Program) -> None:
    album = make_album(as_ordinary_user.folder / "A", tracks=2, seconds=0.1)
    (album / "01 - Track 1.flac").chmod(0)
    is_passed_by(as_ordinary_user.upload(album), "unreadable", "01 - Track 1.flac", "make it readable")


def test_an_unreadable_folder(as_ordinary_user: Program) -> None:
    album = make_album(as_ordinary_user.folder / "A", tracks=1, seconds=0.1)
    album.chmod(0)
    is_passed_by(as_ordinary_user.upload(album), "unreadable", "A cannot be read", "make it readable")
    album.chmod(0o755)


def test_a_read_only_library_is_all_that_an_upload_needs(as_ordinary_user: Program) -> None:
    album = make_album(as_ordinary_user.folder / "Another", tracks=1, seconds=0.1, title="Another")
    with untouched(album):
        assert as_ordinary_user.upload(album).code == 0
        assert as_ordinary_user.upload(album, "--debug").code == 0


def test_what_contradicts_the_tags(ready: Program, album: Path) -> None:
    finished = ready.upload(album, "--set", "artist=Somebody else")
    is_passed_by(finished, "contradiction", "Somebody else", "The Testers")


def test_media_that_contradicts_the_tags(ready: Program) -> None:
    folder = make_album(ready.folder / "A", tracks=1, seconds=0.1, tags={"media": "CD"})
    is_passed_by(ready.upload(folder, "--media", "vinyl"), "contradiction", "Vinyl", "CD")


def test_mixed_formats(ready: Program) -> None:
    folder = make_album(ready.folder / "A", tracks=1, seconds=0.1)
    make_track(folder / "02.mp3", Codec.MP3, seconds=0.1)
    is_passed_by(ready.upload(folder), "mixed_formats", "02.mp3 is MP3")


def test_an_ambiguous_folder(ready: Program) -> None:
    folder = make_album(ready.folder / "A", tracks=1, seconds=0.1)
    make_track(folder / "bonus/01.flac", seconds=0.1)
    is_passed_by(ready.upload(folder), "ambiguous_folder", "--one-album")


def test_tags_without_artist_and_title(ready: Program) -> None:
    make_track(ready.folder / "A/01.flac", seconds=0.1)
    finished = ready.upload(ready.folder / "A")
    assert finished.code == 1
    skipped = finished.verdict("MH")
    assert skipped["event"] == "upload_skipped"
    assert "title" in skipped["message"]
    assert "artist" in skipped["message"]


def test_an_id_that_is_not_configured_is_never_replaced(ready: Program, album: Path) -> None:
    finished = ready.upload(album, "--release-type", "live")
    assert finished.code == 1
    skipped = finished.verdict("MH")
    assert skipped["reason"] == "rules"
    assert 'trackers.MH.category_ids has no LIVE: add LIVE = "..."' in skipped["message"]
    assert not finished.events("pieces_hashed")


def test_a_name_that_no_torrent_can_hold(ready: Program) -> None:
    folder = make_album(Path(os.fsdecode(os.fsencode(ready.folder) + b"/caf\xe9")), tracks=1, seconds=0.1)
    finished = ready.upload(folder)
    assert finished.code == 1
    assert finished.verdict("MH")["reason"] == "rules"
    assert finished.events("album_found")[0]["album"] == f"{ready.folder}/caf\\xe9"


# What goes wrong when an upload is stored already.


def test_a_torrent_that_cannot_be_saved_is_seeded_all_the_same(program: Program, album: Path) -> None:
    program.add_site("MH")
    (program.data / "torrents").mkdir(parents=True)
    (program.data / "torrents/MH").write_text("a file")
    finished = program.watched().upload(album)
    assert finished.code == 0
    done = finished.verdict("MH")
    assert done["torrent_file"] is None
    assert "cannot be written" in done["message"]
    assert len(list(program.watch.iterdir())) == 1


def test_a_watch_folder_that_is_made_is_pointed_out(program: Program, album: Path) -> None:
    program.add_site("MH")
    program.watched().watch.rmdir()
    finished = program.upload(album)
    assert finished.code == 0
    assert f"warning: clients.watched.path: {program.watch} will be made" in finished.err
    assert len(list(program.watch.iterdir())) == 1


def test_a_tag_that_fills_a_gap(program: Program, album: Path) -> None:
    site = program.add_site("MH")
    assert program.upload(album, "--set", "label=Loop Records", "--media", "web").code == 0
    assert "Loop Records" in site.uploads[0].fields["description"]
    assert "[WEB FLAC" in site.uploads[0].name
