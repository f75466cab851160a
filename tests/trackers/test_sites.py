"""The built-in sites say of themselves what is known of them."""

from __future__ import annotations

from typing import Any

import pytest

from pipeline.model.album import ReleaseType
from pipeline.model.audio import Codec
from pipeline.model.upload import UploadRequest
from tests.support.requests import connected, sandbox_config
from trackers.generic_tracker import GenericTracker
from trackers.registry import TrackerManager
from trackers.sandbox import Flavor, SandboxSettings, SandboxSite
from trackers.tracker_config import ApiFormat, AuthType, TrackerConfig
from trackers.unit3d_tracker import Unit3dTracker


def settled(tracker_id: str) -> tuple[type[GenericTracker], TrackerConfig]:
    cls = TrackerManager().find(tracker_id).cls
    return cls, cls.settled(TrackerConfig(id=tracker_id))


def test_musichaven_is_what_the_old_tool_s_example_configures() -> None:
    cls, config = settled("MH")
    assert cls.family == "generic"
    assert (config.api_auth_type, config.api_format) == (AuthType.BEARER, ApiFormat.JSON)
    assert (config.custom_endpoint, config.url) == ("special/upload", None)
    assert config.category_ids == {"ALBUM": "5", "SINGLE": "6"}
    assert config.format_ids == {"FLAC": "10", "MP3": "11"}
    assert [line.split()[0] for line in cls.missing(config)] == [
        "trackers.MH.url",
        "trackers.MH.announce_url",
        "trackers.MH.api_key",
    ]


@pytest.mark.parametrize(
    ("tracker_id", "url", "source", "category", "formats", "template"),
    [
        ("SP", "https://seedpool.org", "seedpool.org", "5", {"FLAC": "11", "MP3": "13"}, "dotted_name"),
        (
            "YUS",
            "https://yu-scene.net",
            "YuScene",
            "8",
            {"FLAC": "16", "MP3": "9", "AAC": "31"},
            "default_name",
        ),
    ],
)
def test_the_unit3d_sites_have_their_music_ids(
    tracker_id: str, url: str, source: str, category: str, formats: dict[str, str], template: str
) -> None:
    cls, config = settled(tracker_id)
    assert issubclass(cls, Unit3dTracker)
    assert (config.url, config.source_name, config.name_template) == (url, source, template)
    assert config.custom_endpoint == "api/torrents/upload"
    assert (config.api_auth_type, config.api_format) == (AuthType.BEARER, ApiFormat.FORM)
    assert set(config.category_ids.values()) == {category}
    assert set(ReleaseType) - set(config.category_ids) == {ReleaseType.SPOKEN, ReleaseType.INTERVIEW}
    assert config.format_ids == formats
    assert set(formats) <= set(Codec)
    assert [line.split()[0] for line in cls.missing(config)] == [
        f"trackers.{tracker_id}.announce_url",
        f"trackers.{tracker_id}.api_key",
    ]


def test_no_site_has_an_id_for_a_word_that_nobody_says() -> None:
    for tracker_id in TrackerManager().builtin_ids():
        _, config = settled(tracker_id)
        assert set(config.category_ids) <= {*ReleaseType, "*"}
        assert set(config.format_ids) <= {*Codec, "*"}


@pytest.mark.parametrize(
    ("tracker_id", "flavor", "settings"),
    [
        ("MH", Flavor.GENERIC, {"upload_path": "special/upload", "body_format": ApiFormat.JSON}),
        ("SP", Flavor.UNIT3D, {"category_ids": {"5"}, "type_ids": {"11", "13"}, "version": "9.1.5"}),
        ("YUS", Flavor.UNIT3D, {"category_ids": {"8"}, "type_ids": {"16", "9", "31"}, "version": "9.0.1"}),
    ],
)
async def test_a_site_of_its_kind_takes_the_upload(
    album: UploadRequest, tracker_id: str, flavor: Flavor, settings: dict[str, Any]
) -> None:
    cls, own = settled(tracker_id)
    async with SandboxSite(flavor, SandboxSettings(**settings)) as site:
        config = sandbox_config(site, tracker_id, category_ids={}, format_ids={})
        async with connected(config, cls) as it:
            assert it.tracker.problems(album.release) == []
            assert await it.tracker.find_existing(album) is None
            result = await it.tracker.upload(album)
    assert result.torrent_id == "1001"
    assert album.release.album.release_type is ReleaseType.SINGLE
    assert site.uploads[0].fields["category_id"] == {"MH": "6", "SP": "5", "YUS": "8"}[tracker_id]
    assert own.name == it.tracker.profile.name
