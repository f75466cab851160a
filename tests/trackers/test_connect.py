"""The data of a stranger's class: taken as the configuration would be, or refused with its name."""

from __future__ import annotations

from typing import Any

import pytest

from pipeline.errors import UsageError
from tests.support.requests import tracker_config
from trackers.connect import connect
from trackers.generic_tracker import GenericTracker
from trackers.tracker_config import ApiFormat, AuthType, CoverDemand, Rate, TrackerConfig


def site(**data: Any) -> type[GenericTracker]:
    return type("XYTracker", (GenericTracker,), data)


@pytest.mark.parametrize(
    ("data", "settled"),
    [
        ({"rate_limit": "5/10s"}, {"rate_limit": (Rate(5, 10),)}),
        ({"rate_limit": ["5/10s", Rate(1, 1.0)]}, {"rate_limit": (Rate(5, 10), Rate(1, 1.0))}),
        ({"category_ids": {"album": 5, "*": " 6 "}}, {"category_ids": {"ALBUM": "5", "*": "6"}}),
        ({"api_auth_type": "header"}, {"api_auth_type": AuthType.HEADER}),
        ({"api_format": ApiFormat.JSON}, {"api_format": ApiFormat.JSON}),
        ({"cover": "none"}, {"cover": CoverDemand.NONE}),
        ({"anon": True}, {"anon": True}),
        ({"url": "http://127.0.0.1:9"}, {"url": "http://127.0.0.1:9"}),
        ({"custom_endpoint": None}, {"custom_endpoint": None}),
    ],
)
def test_data_is_read_as_in_the_configuration(data: dict[str, Any], settled: dict[str, Any]) -> None:
    config = site(**data).settled(TrackerConfig(id="XY"))
    assert {key: getattr(config, key) for key in settled} == settled


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ({"rate_limit": "5 in 10s"}, r"XYTracker\.rate_limit .* is no rate"),
        ({"rate_limit": 5}, r"XYTracker\.rate_limit must be a text"),
        ({"category_ids": ["5"]}, r"XYTracker\.category_ids must be a table"),
        ({"format_ids": {"FLAC": None}}, r"XYTracker\.format_ids must have numbers or texts"),
        ({"format_ids": {1: "5"}}, r"XYTracker\.format_ids must be a text"),
        ({"api_auth_type": "bearr"}, r"XYTracker\.api_auth_type must be one of bearer, token"),
        ({"api_format": 5}, r"XYTracker\.api_format must be one of"),
        ({"name": 5}, r"XYTracker\.name must be a text"),
        ({"name": property(str)}, r"XYTracker\.name must be a text"),
        ({"name_template": None}, r"XYTracker\.name_template must be a text"),
        ({"anon": "yes"}, r"XYTracker\.anon must be True or False"),
        ({"url": "http://site.example"}, r"XYTracker\.url must be .* https://"),
        ({"url": "https://[::1"}, r"XYTracker\.url"),
        ({"rules": {"name_length": 9}}, r"XYTracker\.rules must be a SiteRules"),
        ({"api_key": "k3y"}, r"XYTracker\.api_key must not be set .*write api_key into the tracker's table"),
        ({"password": "k3y"}, r"XYTracker\.password must not be set"),
        ({"announce_url": "https://site.example/k3y"}, r"XYTracker\.announce_url must not be set"),
        ({"username": "me"}, r"XYTracker\.username must not be set"),
        ({"timeouts": {"answer": 9}}, r"XYTracker\.timeouts must not be set"),
        ({"repost_when_unknown": True}, r"XYTracker\.repost_when_unknown must not be set"),
    ],
)
def test_wrong_data_is_named_with_class_and_attribute(data: dict[str, Any], words: str) -> None:
    with pytest.raises(UsageError, match=words) as caught:
        connect(site(**data), tracker_config("http://127.0.0.1:9"), lambda event: None)
    assert "k3y" not in str(caught.value)
