"""What third parties import, and one of them at work."""

from __future__ import annotations

from pathlib import Path

import pytest

from mua_async import adapter
from pipeline.errors import Rejected
from pipeline.model.upload import UploadRequest
from tests.support.requests import album_request, connected, sandbox_config
from trackers.generic_tracker import KeyProof
from trackers.registry import TrackerManager
from trackers.sandbox import Flavor, SandboxSettings, SandboxSite
from trackers.tracker_config import AuthType

MODULE = """
from __future__ import annotations

from mua_async.adapter import (
    ADAPTER_API,
    Answer,
    FieldValue,
    GenericTracker,
    KeyProof,
    Rejected,
    Request,
    SiteRules,
    TrackerError,
    UploadRequest,
    UploadResult,
)

assert ADAPTER_API == 1


class My2Tracker(GenericTracker):
    name = "My Second Site"
    source_name = "MY2"
    api_auth_type = "header"
    api_auth_name = "X-Passport"
    api_format = "json"
    custom_endpoint = "my/upload"
    download_endpoint = "download/{id}"
    rate_limit = "10/s"
    category_ids = {"*": "6"}
    format_ids = {"FLAC": "16"}
    rules = SiteRules(name_length=200)

    async def _build_form_data(self, request: UploadRequest) -> dict[str, FieldValue]:
        form = await super()._build_form_data(request)
        return {**form, "artist": request.release.album.artist or "", "scene": False}

    async def _parse_result(self, answer: Answer) -> UploadResult:
        result = await super()._parse_result(answer)
        return UploadResult(result.torrent_id, f"{self.config.url}/torrents/{result.torrent_id}?mine")

    async def _handle_error_response(self, answer: Answer) -> TrackerError:
        if answer.status == 422:
            return Rejected("MY2 says: " + str(answer.json_object().get("message")))
        return await super()._handle_error_response(answer)

    async def test_key(self) -> KeyProof:
        answer = await self._ask(Request("GET", f"{self.config.url}/api/me"))
        return KeyProof(True, f"the key is {answer.json_object()['username']}'s")
"""


def test_the_members_are_those_that_adapters_rely_on() -> None:
    """One that is gone or renamed breaks every adapter: raise ADAPTER_API then."""
    assert adapter.ADAPTER_API == 1
    assert len(adapter.__all__) == len(set(adapter.__all__))
    assert set(adapter.__all__) == {
        "ADAPTER_API",
        "Album",
        "Answer",
        "ApiFormat",
        "AuthType",
        "CheckReport",
        "Codec",
        "Cover",
        "CoverDemand",
        "Existing",
        "FieldValue",
        "FormFile",
        "GazelleTracker",
        "GenericTracker",
        "Json",
        "KeyProof",
        "MUSIC_TYPES",
        "Media",
        "NotSent",
        "PictureFormat",
        "Rate",
        "Rejected",
        "Release",
        "ReleaseType",
        "Role",
        "Request",
        "Secret",
        "Session",
        "SiteRequest",
        "SiteRules",
        "Skipped",
        "TrackerConfig",
        "TrackerConformance",
        "TrackerError",
        "Unit3dTracker",
        "Unknown",
        "UploadRequest",
        "UploadResult",
        "find_adapter",
        "gazelle_rules",
        "run_conformance",
    }
    assert all(hasattr(adapter, name) for name in adapter.__all__)


@pytest.mark.parametrize(
    "hook",
    [
        "_build_form_data",
        "upload",
        "_handle_error_response",
        "_parse_result",
        "_prepare_cover",
        "_login",
        "find_existing",
    ],
)
def test_the_hooks_are_there_in_every_family(hook: str) -> None:
    for family in (adapter.GenericTracker, adapter.Unit3dTracker, adapter.GazelleTracker):
        assert callable(getattr(family, hook))


@pytest.fixture(scope="module")
def album(tmp_path_factory: pytest.TempPathFactory) -> UploadRequest:
    return album_request(tmp_path_factory.mktemp("music") / "First Light", tracks=1)


async def test_a_stranger_s_module_uploads_from_the_user_s_folder(
    album: UploadRequest, tmp_path: Path
) -> None:
    path = tmp_path / "my_2_tracker.py"
    path.write_text(MODULE)
    found = TrackerManager(tmp_path).find("MY-2")
    settings = SandboxSettings(auth=AuthType.HEADER, auth_name="X-Passport", upload_path="my/upload")
    async with SandboxSite(Flavor.GENERIC, settings) as site:
        config = sandbox_config(site, "MY-2", category_ids={}, format_ids={})
        assert found.cls.missing(config) == []
        async with connected(config, found.cls) as it:
            result = await it.tracker.upload(album)
            assert await it.tracker.fetch_torrent(it.cell(album), result.download_url, result.torrent_id)
            assert await it.tracker.test_key() == KeyProof(True, "the key is sandbox's")
            with pytest.raises(Rejected, match="MY2 says: duplicate name"):
                await it.tracker.upload(album)
    (upload,) = site.uploads
    assert found.origin == str(path)
    assert result.url == f"{site.url}/torrents/1001?mine"
    assert upload.fields["artist"] == "The Testers"
    assert (upload.fields["category_id"], upload.fields["format_id"]) == ("6", "16")
    assert upload.received_torrent == album.torrent.data
