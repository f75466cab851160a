"""The albums that the tests of Gazelle sites send."""

from __future__ import annotations

import pytest

from pipeline.model.upload import UploadRequest
from tests.support.audio import make_album
from tests.support.gazelle import SITES, full_album, with_source
from tests.support.requests import request_for


@pytest.fixture
def wanted(album: UploadRequest, tracker_id: str) -> UploadRequest:
    """The album with all that can be known of it, its torrent made for the site."""
    return with_source(full_album(album), str(SITES[tracker_id][0].source_name))


@pytest.fixture(scope="session")
def other(tmp_path_factory: pytest.TempPathFactory) -> UploadRequest:
    """The same release in other files."""
    folder = tmp_path_factory.mktemp("other") / "first_light"
    return full_album(request_for(make_album(folder, tracks=2, seconds=0.2, seed=77)))
