"""The album that the tests of trackers send."""

from __future__ import annotations

import pytest

from pipeline.model.upload import UploadRequest
from tests.support.requests import album_request


@pytest.fixture(scope="session")
def album(tmp_path_factory: pytest.TempPathFactory) -> UploadRequest:
    """`First Light` by The Testers (2001), three FLAC tracks."""
    return album_request(tmp_path_factory.mktemp("music") / "The Testers - First Light (2001)", tracks=3)
