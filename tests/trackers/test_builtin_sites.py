"""Every built-in UNIT3D site sends what is publicly known of it: a wrong id costs users their account."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from attrs import evolve, frozen

from pipeline.model.audio import Codec
from pipeline.model.upload import UploadRequest
from tests.support.requests import on_sandbox
from trackers.generic_tracker import GenericTracker
from trackers.registry import TrackerManager
from trackers.sandbox import Flavor, SandboxSettings, SandboxSite
from trackers.tracker_config import TrackerConfig
from trackers.unit3d_tracker import Unit3dTracker


@frozen
class Known:
    """What the public sources say, written down a second time."""

    host: str
    category: str
    formats: Mapping[str, str]
    source: str | None = None
    dotted: bool = False
    """Names have dots for spaces."""


KNOWN: Mapping[str, Known] = {
    "DP": Known("darkpeers.org", "3", {"FLAC": "8", "MP3": "7"}, "DarkPeers"),
    "LST": Known("lst.gg", "3", {"FLAC": "7", "ALAC": "8", "AAC": "10", "MP3": "11"}, "LST.GG"),
    "LT": Known("lat-team.com", "3", {"FLAC": "7", "ALAC": "8", "MP3": "11"}, 'Lat-Team "Poder Latino"'),
    "MS": Known("midnightscene.cc", "3", {"FLAC": "8", "MP3": "7"}),
    "NORDICQ": Known("nordicq.org", "3", {"FLAC": "8", "MP3": "7"}, dotted=True),
    "PEERGARDEN": Known("peergarden.org", "5", {"FLAC": "7", "ALAC": "8", "MP3": "11", "WAV": "21"}),
    "SP": Known("seedpool.org", "5", {"FLAC": "11", "MP3": "13"}, "seedpool.org", dotted=True),
    "YUS": Known("yu-scene.net", "8", {"FLAC": "16", "MP3": "9", "AAC": "31"}, "YuScene"),
    "ZNTH": Known("znth.cx", "5", {"FLAC": "7", "MP3": "8"}),
}


def classes() -> dict[str, type[GenericTracker]]:
    """The built-in sites that run UNIT3D."""
    manager = TrackerManager()
    found = {tracker_id: manager.find(tracker_id).cls for tracker_id in manager.builtin_ids()}
    return {tracker_id: cls for tracker_id, cls in found.items() if issubclass(cls, Unit3dTracker)}


def in_format(request: UploadRequest, codec: Codec) -> UploadRequest:
    """The request for the same album in another format, as far as a form can tell."""
    album = request.release.album
    tracks = tuple(evolve(track, stream=evolve(track.stream, codec=codec)) for track in album.tracks)
    return evolve(request, release=evolve(request.release, album=evolve(album, tracks=tracks)))


def site_like(known: Known) -> SandboxSite:
    """A site that has the known ids and no others."""
    categories, types = {known.category}, set(known.formats.values())
    settings = SandboxSettings(category_ids=categories, type_ids=types, rate_limit=None)
    return SandboxSite(Flavor.UNIT3D, settings)


def test_no_built_in_site_goes_unchecked() -> None:
    assert set(classes()) == set(KNOWN)


@pytest.mark.parametrize("tracker_id", KNOWN)
def test_a_site_says_of_itself_what_is_known(tracker_id: str) -> None:
    cls, known = classes()[tracker_id], KNOWN[tracker_id]
    config = cls.settled(TrackerConfig(id=tracker_id))
    assert (config.url, config.source_name) == (f"https://{known.host}", known.source)
    assert config.custom_endpoint == "api/torrents/upload"
    assert set(config.category_ids.values()) == {known.category}
    assert config.format_ids == known.formats
    assert config.name_template == ("dotted_name" if known.dotted else "default_name")
    assert config.name
    assert cls.__module__ == f"trackers.{tracker_id.lower()}_tracker"
    # What makes an account the user's own is for the user to write.
    assert [line.split()[0] for line in cls.missing(config)] == [
        f"trackers.{tracker_id}.announce_url",
        f"trackers.{tracker_id}.api_key",
    ]


@pytest.mark.parametrize(
    ("tracker_id", "codec"),
    [(tracker_id, Codec(codec)) for tracker_id, known in KNOWN.items() for codec in known.formats],
)
async def test_an_upload_has_the_site_s_form(album: UploadRequest, tracker_id: str, codec: Codec) -> None:
    known = KNOWN[tracker_id]
    request = in_format(album, codec)
    own_ids: Mapping[str, object] = {"category_ids": {}, "format_ids": {}}
    async with on_sandbox(site_like(known), classes()[tracker_id], **own_ids) as (site, it):
        assert it.tracker.problems(request.release) == []
        result = await it.tracker.upload(request)
    (upload,) = site.uploads
    assert result.torrent_id == str(upload.id)
    assert {name: value for name, value in upload.fields.items() if value != "0"} == {
        "name": request.name,
        "description": request.description.strip(),
        "category_id": known.category,
        "type_id": known.formats[codec],
    }
    assert set(upload.files) == {"torrent"}


@pytest.mark.parametrize("tracker_id", KNOWN)
async def test_a_format_without_a_known_id_is_refused_before_anything_is_sent(
    album: UploadRequest, tracker_id: str
) -> None:
    request = in_format(album, Codec.DSD)
    own_ids: Mapping[str, object] = {"category_ids": {}, "format_ids": {}}
    async with on_sandbox(site_like(KNOWN[tracker_id]), classes()[tracker_id], **own_ids) as (site, it):
        assert 'XY.format_ids has no DSD: add DSD = "..."' in " ".join(it.tracker.problems(request.release))
    assert site.uploads == []
