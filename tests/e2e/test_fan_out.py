"""The main job: one album to several sites at once, each with its own verdict."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest
from mutagen.flac import FLAC

from tests.support.audio import make_album
from tests.support.program import Program
from tests.support.torrents import infohash, read_torrent
from trackers.sandbox import Fault, SandboxSite


def test_what_each_site_stores_is_what_the_files_say(program: Program, album: Path) -> None:
    mh, sp = program.add_site("MH"), program.add_site("SP")
    finished = program.watched().upload(album)
    assert finished.code == 0
    assert finished.counts == {"done": 2}
    tags = [FLAC(path) for path in sorted(album.iterdir())]
    for site, category, format_field, format_id in ((mh, "6", "format_id", "10"), (sp, "5", "type_id", "11")):
        (stored,) = site.uploads
        assert stored.fields["category_id"] == category
        assert stored.fields[format_field] == format_id
        for name in ("artist", "album", "date"):
            said = tags[0][name][0]
            assert said in stored.name.replace(".", " ")
            assert said in stored.fields["description"]
        assert all(track["title"][0] in stored.fields["description"] for track in tags)
        assert "16bit" in stored.name
        assert "44.1 kHz" in stored.name
        info = read_torrent(stored.received_torrent)["info"]
        assert (info["name"], info["private"]) == (album.name, True)
        assert [(file["path"], file["length"]) for file in info["files"]] == [
            ([path.name], path.stat().st_size) for path in sorted(album.iterdir())
        ]
    assert sp.uploads[0].fields["keywords"] == "Ambient"


def test_each_site_gets_a_torrent_of_its_own_from_the_same_pieces(program: Program, album: Path) -> None:
    mh, sp = program.add_site("MH"), program.add_site("SP")
    program.upload(album)
    ours, theirs = (read_torrent(site.uploads[0].received_torrent) for site in (mh, sp))
    assert ours["info"]["pieces"] == theirs["info"]["pieces"]
    assert (ours["info"]["source"], theirs["info"]["source"]) == ("MH", "seedpool.org")
    assert (ours["announce"], theirs["announce"]) == (mh.announce_url, sp.announce_url)


def test_the_sites_own_torrents_are_kept_and_handed_to_the_client(program: Program, album: Path) -> None:
    sites = {"MH": program.add_site("MH"), "SP": program.add_site("SP")}
    finished = program.watched().upload(album)
    for tracker_id, site in sites.items():
        done = finished.verdict(tracker_id)
        saved = Path(done["torrent_file"])
        assert saved.parent == program.data / "torrents" / tracker_id
        assert stat.S_IMODE(saved.stat().st_mode) == 0o600
        assert infohash(saved.read_bytes()) == site.uploads[0].registered.infohash
        assert read_torrent(saved.read_bytes())["announce"] == site.announce_url
        (seeding,) = finished.events("seeding", tracker_id)
        watched = Path(seeding["path"])
        assert watched.parent == program.watch
        assert watched.read_bytes() == saved.read_bytes()
        assert (seeding["client"], seeding["seeds"]) == ("watched", None)
    assert len(list(program.watch.iterdir())) == 2


def test_the_lines_of_a_run(program: Program, album: Path) -> None:
    sp = program.add_site("SP")
    finished = program.watched().upload(album)
    names = list(dict.fromkeys(line["event"] for line in finished.lines))
    names.remove("audio_verified")  # beside the hashing, before or after
    assert names == [
        "run_started",
        "album_found",
        "tags_read",
        "bytes_hashed",
        "pieces_hashed",
        "torrent_ready",
        "upload_started",
        "bytes_sent",
        "upload_stored",
        "upload_done",
        "seeding",
        "run_finished",
    ]
    for line in finished.lines[1:-1]:
        assert line["album"] == str(album)
    ids = {line["content_id"] for line in finished.lines[2:-1]}
    assert len(ids) == 1
    assert ids.pop().startswith("a1-")
    done = finished.verdict("SP")
    assert done["torrent_id"] == str(sp.uploads[0].id)
    assert done["url"] == f"{sp.url}/torrents/{sp.uploads[0].id}"
    assert done["existing"] is False
    (end,) = finished.events("run_finished")
    assert end["counts"] == {
        "done": 1,
        "existing": 0,
        "rejected": 0,
        "not_sent": 0,
        "unknown": 0,
        "skipped": 0,
        "failed": 0,
    }
    assert finished.err == ""


def test_no_site_sees_anything_of_another(program: Program, album: Path) -> None:
    for tracker_id in ("MH", "SP", "YUS", "AA"):
        program.add_site(tracker_id, set_cookie=True)
    assert program.upload(album).code == 0
    for tracker_id, site in program.sites.items():
        foreign = {
            secret
            for other, elsewhere in program.sites.items()
            if other != tracker_id
            for secret in (elsewhere.settings.api_key, elsewhere.settings.passkey, elsewhere.settings.rsskey)
        }
        seen = str(site.requests) + str(site.uploads) + str(site.uploads[0].received_torrent)
        assert len(site.requests) >= 2
        assert site.settings.api_key in seen
        assert not [secret for secret in foreign if secret in seen]
        # The first request of a session has no cookie; all sites have the same host, and none is sent twice.
        assert site.requests[0].cookies == {}


def test_a_cookie_stays_with_its_site(program: Program, album: Path) -> None:
    giving, other = program.add_site("SP", set_cookie=True), program.add_site("YUS")
    assert program.upload(album).code == 0
    assert {"sandbox_session"} == {name for request in giving.requests for name in request.cookies}
    assert not [request.cookies for request in other.requests if request.cookies]


def test_one_refuses_one_hangs_up_one_is_slow_one_is_fine(program: Program, album: Path) -> None:
    program.add_site("MH").fault = Fault.REFUSE
    hanging_up = program.add_site("AA")
    hanging_up.fault = Fault.RESET_AFTER
    program.add_site("YUS", latency=0.5)
    program.add_site("SP")
    finished = program.watched().upload(album)
    assert finished.code == 3
    assert finished.counts == {"done": 2, "rejected": 1, "unknown": 1}
    refused = finished.verdict("MH")
    assert (refused["event"], refused["outcome"]) == ("upload_failed", "rejected")
    assert "breaks a rule of the site" in refused["message"]
    assert finished.verdict("AA")["outcome"] == "unknown"
    assert len(hanging_up.uploads) == 1
    ended = [line["tracker"] for line in finished.lines if line["event"] in {"upload_done", "upload_failed"}]
    assert ended[-1] == "YUS"  # it held up nobody
    assert len(list(program.watch.iterdir())) == 2


@pytest.mark.parametrize(
    ("fault", "outcome", "code", "stored"),
    [
        (Fault.REFUSE, "rejected", 1, 0),
        (Fault.SUCCESS_FALSE, "rejected", 1, 0),
        (Fault.HTML, "unknown", 3, 0),
        (Fault.RESET_AFTER, "unknown", 3, 1),
        (Fault.ERROR_AFTER, "unknown", 3, 1),
    ],
)
@pytest.mark.parametrize("tracker_id", ["MH", "SP"])
def test_a_site_at_fault_spoils_nothing_for_the_other(
    program: Program, album: Path, tracker_id: str, fault: Fault, outcome: str, code: int, stored: int
) -> None:
    site, fine = program.add_site(tracker_id), program.add_site("YUS")
    site.fault = fault
    finished = program.upload(album)
    assert finished.code == code
    assert finished.counts == {outcome: 1, "done": 1}
    assert finished.verdict(tracker_id)["outcome"] == outcome
    assert (len(site.uploads), len(fine.uploads)) == (stored, 1)
    posts = [request for request in site.requests if request.method == "POST"]
    assert len(posts) == 1


def test_a_connection_that_breaks_at_once_is_never_taken_for_an_upload(program: Program, album: Path) -> None:
    site = program.add_site("MH")
    site.fault = Fault.RESET_BEFORE
    finished = program.upload(album)
    # A body this small may have been handed over whole before the reset was seen.
    assert finished.verdict("MH")["outcome"] in {"not_sent", "unknown"}
    assert finished.code in {1, 3}
    assert site.uploads == []


def test_a_wrong_key_is_refused_with_what_to_check(program: Program, album: Path) -> None:
    program.add_site("MH", {"api_key": "wrong-key-of-mine"})
    program.add_site("SP", {"api_key": "wrong-key-of-mine"})
    finished = program.upload(album)
    assert finished.code == 1
    assert finished.counts == {"rejected": 2}
    for tracker_id in ("MH", "SP"):
        line = finished.verdict(tracker_id)
        assert "does not accept the key" in line["message"]
        assert f"trackers.{tracker_id}.api_key" in line["hint"]
    assert not finished.says("wrong-key-of-mine")


def test_a_site_that_is_down_is_not_sent(program: Program, album: Path) -> None:
    program.add_site("SP")
    program.add_site("AA", {"url": "http://127.0.0.1:9", "rate_limit": "1000/s"})
    finished = program.upload(album)
    assert finished.code == 1
    assert finished.counts == {"done": 1, "not_sent": 1}
    assert "cannot be reached" in finished.verdict("AA")["message"]


def test_too_many_requests_is_waited_for_and_said(program: Program, album: Path) -> None:
    site = program.add_site("SP")
    site.fault = Fault.THROTTLE_ONCE
    finished = program.upload(album)
    assert finished.code == 0
    assert [line["seconds"] for line in finished.events("upload_waiting", "SP")] == [1.0]
    assert len(site.uploads) == 1


@pytest.mark.parametrize(
    ("fault", "why"), [(Fault.BAD_TORRENT, "no torrent"), (Fault.OTHER_PIECES, "other pieces")]
)
@pytest.mark.parametrize("tracker_id", ["MH", "SP"])
def test_an_upload_whose_torrent_cannot_seed_is_done_and_not_seeded(
    program: Program, album: Path, tracker_id: str, fault: Fault, why: str
) -> None:
    program.add_site(tracker_id).fault = fault
    finished = program.watched().upload(album)
    assert finished.code == 1
    assert finished.counts == {"done": 1}
    assert finished.verdict(tracker_id)["torrent_file"] is None
    (seeding,) = finished.events("seeding")
    assert seeding["seeds"] is False
    assert why in seeding["message"]
    assert list(program.watch.iterdir()) == []


def test_without_a_client_such_an_upload_is_all_that_was_asked_for(program: Program, album: Path) -> None:
    program.add_site("SP").fault = Fault.BAD_TORRENT
    finished = program.upload(album)
    assert finished.code == 0
    assert "no torrent" in finished.verdict("SP")["message"]


def test_no_seed_hands_over_nothing(program: Program, album: Path) -> None:
    program.add_site("SP")
    finished = program.watched().upload(album, "--no-seed")
    assert finished.code == 0
    assert not finished.events("seeding")
    assert list(program.watch.iterdir()) == []


def test_what_the_site_has_of_an_unknown_sender_is_existing_and_seeds(program: Program, album: Path) -> None:
    site = program.add_site("SP")
    program.watched().upload(album)
    program.forget()
    for torrent in program.watch.iterdir():
        torrent.unlink()
    again = program.upload(album)
    assert again.code == 0
    assert again.counts == {"existing": 1}
    done = again.verdict("SP")
    assert done["existing"] is True
    assert done["url"] == f"{site.url}/torrents/{site.uploads[0].id}"
    assert Path(done["torrent_file"]).exists()
    assert len(list(program.watch.iterdir())) == 1
    assert len(site.uploads) == 1


def another_rip(folder: Path) -> Path:
    return make_album(folder / "Another rip", seconds=0.2, seed=7, tracks=2)


def test_another_upload_of_the_release_is_a_duplicate(program: Program, album: Path, tmp_path: Path) -> None:
    site = program.add_site("SP")
    program.upload(album)
    finished = program.upload(another_rip(tmp_path))
    assert finished.code == 1
    assert finished.counts == {"skipped": 1}
    skipped = finished.verdict("SP")
    assert (skipped["event"], skipped["reason"]) == ("upload_skipped", "duplicate")
    assert skipped["url"] == f"{site.url}/torrents/{site.uploads[0].id}"
    assert "--allow-duplicate" in skipped["message"]
    assert len(site.uploads) == 1


def test_a_duplicate_is_sent_where_it_is_allowed(program: Program, album: Path, tmp_path: Path) -> None:
    site = program.add_site("SP")
    program.upload(album)
    rip = another_rip(tmp_path)
    finished = program.upload(rip, "--allow-duplicate", "--set", "catalogue_number=CAT 2")
    assert finished.code == 0
    assert [upload.registered.name for upload in site.uploads] == [album.name, rip.name]


def test_anonymous_reaches_every_site(program: Program, album: Path) -> None:
    sites: list[SandboxSite] = [program.add_site("MH"), program.add_site("SP")]
    program.upload(album, "--anonymous")
    assert [site.uploads[0].fields["anonymous"] for site in sites] == ["1", "1"]


def test_people_get_a_log_and_a_summary(program: Program, album: Path) -> None:
    site = program.add_site("SP")
    finished = program.watched()("upload", album, "--tracker", "SP")
    assert finished.code == 0
    assert finished.out.splitlines()[-1] == "1 uploaded"
    assert finished.says(f"{site.url}/torrents/{site.uploads[0].id}", str(program.watch))
    quiet = program("upload", album, "--tracker", "SP", "--quiet")
    assert (quiet.code, quiet.out) == (0, "")
