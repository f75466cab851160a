"""An upload to each Gazelle site: what it is sent, and what becomes of its torrent."""

from __future__ import annotations

import pytest
from attrs import evolve

from pipeline.errors import Skipped
from pipeline.events import RequestPrepared
from pipeline.model.album import Media
from pipeline.model.rips import LogChecksum, RipLog
from pipeline.model.upload import UploadRequest
from pipeline.torrent import read_torrent
from tests.support.audio import make_album
from tests.support.gazelle import (
    BOTH_WAYS,
    EVERY_SITE,
    OWN_WORDS,
    SITES,
    full_album,
    on_gazelle,
    outcome,
    with_source,
)
from tests.support.requests import connected, request_for, tracker_config, with_album

# What is sent


@EVERY_SITE
async def test_all_that_is_known_is_sent(tracker_id: str, wanted: UploadRequest) -> None:
    request = evolve(wanted, cover_url="https://pictures.example/c/1.jpg")
    async with on_gazelle(tracker_id) as (site, it):
        assert it.tracker.problems(request.release) == []
        result = await it.tracker.upload(request)
    (stored,) = site.uploads
    names = ["The Testers", "Ann Other"]
    names += [f"A {role}" for role in ("Guest", "Mixer", "Composer", "Conductor", "DJ", "Producer")]
    roles = ("1", "1", "2", "3", "4", "5", "6", "7")
    artists = {f"artists[{number}]": name for number, name in enumerate(names)}
    assert dict(stored.fields) == {
        **artists,
        **{f"importance[{number}]": role for number, role in enumerate(roles)},
        "type": "0",
        "title": "First Light",
        "year": "1998",
        "releasetype": "1",
        "remaster": "1",
        "remaster_year": "2011",
        "remaster_title": "Deluxe",
        "remaster_record_label": "Hat & Coat",
        "remaster_catalogue_number": "HC 12",
        "format": "FLAC",
        "bitrate": "Lossless",
        "media": "CD",
        "tags": "post.rock,rb,musica.popular",
        "image": "https://pictures.example/c/1.jpg",
        "album_desc": request.description,
        "release_desc": "FLAC / 16 bit / 44.1 kHz / stereo",
        "workaround_broken_html_entities": "0",
        "group": "1",
    }
    assert (result.torrent_id, result.group_id, result.message) == ("1001", "1", "")
    assert result.url == f"{site.url}/torrents.php?id=1&torrentid=1001"
    assert set(stored.files) == {"file_input"}
    assert stored.files["file_input"].filename.endswith(".torrent")


@pytest.mark.parametrize("tracker_id", ["OPS"])
async def test_flags_are_left_out_rather_than_sent_as_0(tracker_id: str, wanted: UploadRequest) -> None:
    scene = with_album(wanted, scene="The_Testers-First_Light-2011-GRP", media=Media.VINYL)
    bare = with_album(scene, edition=None, edition_year=None, label=None, catalogue_number=None, scene=None)
    async with on_gazelle(tracker_id) as (site, it):
        await it.tracker.upload(scene)
    assert (site.uploads[0].fields["scene"], "unknown" in site.uploads[0].fields) == ("1", False)
    async with on_gazelle(tracker_id) as (site, it):
        await it.tracker.upload(bare)
    fields = site.uploads[0].fields
    assert ("scene" in fields, "vbr" in fields, fields["unknown"]) == (False, False, "1")
    assert (fields["remaster"], fields["remaster_year"]) == ("1", "1998")


@EVERY_SITE
async def test_the_first_edition_s_label_is_the_release_s(tracker_id: str, wanted: UploadRequest) -> None:
    request = with_album(wanted, edition=None, edition_year=None)
    async with on_gazelle(tracker_id) as (site, it):
        await it.tracker.upload(request)
    fields = site.uploads[0].fields
    assert (fields["record_label"], fields["catalogue_number"]) == ("Hat & Coat", "HC 12")
    assert fields["remaster_year"] == "1998"


@pytest.mark.parametrize("address", ["https://p.example/view/1", f"https://p.example/{'a' * 300}.jpg"])
async def test_an_address_that_is_no_picture_is_not_sent(album: UploadRequest, address: str) -> None:
    request = evolve(with_source(full_album(album), "OPS"), cover_url=address)
    async with on_gazelle("OPS") as (site, it):
        await it.tracker.upload(request)
    assert "image" not in site.uploads[0].fields


async def test_entities_in_a_title_stay_as_they_are(album: UploadRequest) -> None:
    request = with_source(full_album(album, title="R&amp;B &lt;3"), "OPS")
    async with on_gazelle("OPS") as (site, it):
        await it.tracker.upload(request)
        found = await it.tracker.find_existing(request)
    assert site.uploads[0].name == "R&amp;B &lt;3"
    assert found is not None
    assert found.same_content


@BOTH_WAYS
async def test_a_second_format_joins_the_group_that_is_named(
    album: UploadRequest, other: UploadRequest, config: dict[str, object]
) -> None:
    second = with_source(with_album(other, title="First Light (320)"), "OPS")
    async with on_gazelle("OPS", config=config) as (site, it):
        first = await it.tracker.upload(with_source(full_album(album), "OPS"))
        joined = await it.tracker.upload(evolve(second, group_id=first.group_id))
        apart = await it.tracker.find_existing(second)
    assert (joined.torrent_id, joined.group_id) == ("1002", first.group_id)
    assert [upload.name for upload in site.uploads] == ["First Light", "First Light"]
    assert apart is not None


@pytest.fixture(scope="session")
def ripped(tmp_path_factory: pytest.TempPathFactory) -> UploadRequest:
    """An album with the log of its rip, and with a text that is none."""
    folder = make_album(tmp_path_factory.mktemp("ripped") / "First Light", tracks=2, seconds=0.2)
    for name in ("01 %20 é.log", "notes.txt"):
        (folder / name).write_text(f"a text called {name}")
    request = with_source(full_album(request_for(folder)), "OPS")
    (log,) = (file for file in request.release.album.files.files if file.parts[-1].endswith(".log"))
    return with_album(request, rip_logs=(RipLog(log, "EAC 1.6", LogChecksum.GOOD),))


async def test_rip_logs_of_a_lossless_cd_are_sent_under_their_own_names(ripped: UploadRequest) -> None:
    (log,) = ripped.release.album.rip_logs
    async with on_gazelle("OPS") as (site, it):
        await it.tracker.upload(ripped)
    assert site.uploads[0].files["logfiles[0]"].filename == "01 %20 é.log"
    assert site.uploads[0].files["logfiles[0]"].data == log.file.path.read_bytes()


@pytest.mark.parametrize("change", [{"media": Media.WEB}, {"rip_logs": ()}])
async def test_no_log_is_sent_where_none_counts(ripped: UploadRequest, change: dict[str, object]) -> None:
    async with on_gazelle("OPS") as (site, it):
        await it.tracker.upload(with_album(ripped, **change))
    assert set(site.uploads[0].files) == {"file_input"}


@BOTH_WAYS
async def test_an_anonymous_upload_is_not_made(album: UploadRequest, config: dict[str, object]) -> None:
    async with on_gazelle("RED", config=config) as (site, it):
        told = await outcome(it, evolve(with_source(full_album(album), "RED"), anonymous=True))
    assert isinstance(told, Skipped)
    assert (told.reason, site.requests) == ("rules", [])


@BOTH_WAYS
async def test_a_dry_run_shows_the_form_and_asks_nothing(
    album: UploadRequest, config: dict[str, object]
) -> None:
    cls, _ = SITES["OPS"]
    table = tracker_config("http://127.0.0.1:9", "OPS", **OWN_WORDS, **config)
    async with connected(table, cls, dry_run=True) as it:
        told = await outcome(it, full_album(album))
    assert isinstance(told, Skipped)
    (shown,) = it.heard(RequestPrepared)
    page = "upload.php" if config else "ajax.php?action=upload"
    assert shown.url == f"http://127.0.0.1:9/{page}"
    assert dict(shown.fields).get("auth") == ("<auth>" if config else None)
    assert [name for name, _ in shown.fields].count("artists[]") == 8


# What becomes of the torrent


@EVERY_SITE
@BOTH_WAYS
async def test_the_torrent_that_a_site_rewrote_is_told_and_its_own_is_fetched(
    tracker_id: str, wanted: UploadRequest, config: dict[str, object]
) -> None:
    other = with_source(wanted, "ELSEWHERE")
    async with on_gazelle(tracker_id, config=config) as (site, it):
        result = await it.tracker.upload(other)
        data = await it.tracker.fetch_torrent(it.cell(other), result.download_url, result.torrent_id)
    assert result.torrent_id == "1001"
    assert ("source" in result.message) or ("must download your torrent" in result.message)
    assert data is not None
    theirs = read_torrent(data)
    assert (theirs.source, theirs.private) == (site.settings.source, True)
    assert theirs.pieces == read_torrent(other.torrent.data).pieces


@EVERY_SITE
@BOTH_WAYS
async def test_a_torrent_that_is_made_for_the_site_keeps_its_hash(
    tracker_id: str, wanted: UploadRequest, config: dict[str, object]
) -> None:
    async with on_gazelle(tracker_id, config=config) as (site, it):
        result = await it.tracker.upload(wanted)
    assert site.uploads[0].registered.infohash == wanted.torrent.infohash
    assert (result.message, result.existing) == ("", False)


@EVERY_SITE
@BOTH_WAYS
async def test_the_same_torrent_again_is_there_already(
    tracker_id: str, wanted: UploadRequest, config: dict[str, object]
) -> None:
    async with on_gazelle(tracker_id, config=config) as (site, it):
        await it.tracker.upload(wanted)
        again = await it.tracker.upload(wanted)
    assert (again.existing, again.torrent_id, again.group_id) == (True, "1001", "1")
    assert "exact same torrent file already exists" in again.message
    assert len(site.uploads) == 1
