"""What may stand in a tracker's table, and how every mistake in it is told."""

from __future__ import annotations

from pathlib import Path

import pytest
from attrs import fields_dict
from hypothesis import given
from hypothesis import strategies as st

from mua_async.config.configuration import read_configuration
from mua_async.config.schema import KEYS, PARSERS, check_tracker
from mua_async.config.secret_ref import resolve
from pipeline.errors import UsageError
from pipeline.secret import Redactor, Secret
from trackers.dry_run import DrySession
from trackers.generic_tracker import GenericTracker
from trackers.tracker_config import Rate, Timeouts, TrackerConfig

SECRET = "s3cr3t-k3y-0123456789"


def tracker(table: dict[str, object], environ: dict[str, str] | None = None) -> TrackerConfig:
    configuration = read_configuration(Path("/config.toml"), {"trackers": {"MH": table}})
    return configuration.tracker("mh", lambda reference: resolve(reference, environ or {}))


def problems_of(table: dict[str, object], environ: dict[str, str] | None = None) -> tuple[str, ...]:
    with pytest.raises(UsageError) as caught:
        tracker(table, environ)
    return caught.value.problems


def test_every_field_of_a_tracker_can_be_configured() -> None:
    assert set(PARSERS) == set(fields_dict(TrackerConfig)) - {"id"}


def test_all_mistakes_of_a_tracker_are_told_at_once() -> None:
    problems = problems_of(
        {
            "api_kye": SECRET,
            "enabled": "perhaps",
            "api_key": "env:MH_API_KEY",
            "rate_limit": ["5/10s", "often"],
            "category_ids": {"ALBUN": "5", "EP": ""},
            "api_auth_type": "baerer",
            "timeouts": {"connect": 0, "send": True},
        }
    )
    assert set(problems) == {
        "trackers.MH.api_kye: unknown key: did you mean `api_key`?",
        "trackers.MH.enabled: must be true or false",
        "trackers.MH.api_key: the environment variable MH_API_KEY is not set (export MH_API_KEY=...)",
        "trackers.MH.rate_limit[1]: must be written as 5/10s, 30/m or 200/d",
        "trackers.MH.category_ids.ALBUN: unknown key: did you mean `ALBUM`?",
        "trackers.MH.category_ids.EP: must not be empty: leave the key out",
        "trackers.MH.api_auth_type: must be one of bearer, token, param, header, field, basic, session"
        ": did you mean `bearer`?",
        "trackers.MH.timeouts.connect: must be a number of seconds above 0, at most 86400",
        "trackers.MH.timeouts.send: must be a number of seconds above 0, at most 86400",
    }


@pytest.mark.parametrize(
    ("value", "expected"),
    [(True, True), (False, False), ("true", True), ("NO", False), ("yes", True), ("0", False), ("1", True)],
)
def test_booleans(value: object, expected: bool) -> None:
    assert tracker({"anon": value}).anon is expected


@pytest.mark.parametrize("value", [1, 0, "", "maybe", None, [], {}, 1.0])
def test_nothing_else_is_a_boolean(value: object) -> None:
    assert problems_of({"anon": value}) == ("trackers.MH.anon: must be true or false",)


def test_ids_of_the_site() -> None:
    config = tracker({"category_ids": {"album": 5, "*": "7"}, "type_ids": {"flac": "1", "APE": 2}})
    assert config.category_ids == {"ALBUM": "5", "*": "7"}
    assert config.format_ids == {"FLAC": "1", "APE": "2"}
    assert tracker({"resolution_ids": {"other": 10}}).resolution_ids == {"OTHER": "10"}


@pytest.mark.parametrize(
    "value", [{"ALBUM": True}, {"ALBUM": 1.5}, {"ALBUM": None}, {"ALBUM": " "}, {"": 1}, [], "5"]
)
def test_broken_ids_of_the_site(value: object) -> None:
    assert len(problems_of({"category_ids": value})) == 1


def test_ids_of_the_site_that_differ_by_case_only() -> None:
    assert "by case only" in problems_of({"format_ids": {"FLAC": 1, "flac": 2}})[0]


def test_aliases() -> None:
    assert tracker({"base_url": "https://a.example/"}).url == "https://a.example"
    assert problems_of({"base_url": "x"})[0].startswith("trackers.MH.base_url: ")
    assert problems_of({"type_ids": {}, "format_ids": {}}) == (
        "trackers.MH.type_ids: is another name of `format_ids`: give one of the two",
    )


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("https://a.example", "https://a.example"),
        ("https://a.example:8443/base//", "https://a.example:8443/base"),
        ("http://127.0.0.1:8080", "http://127.0.0.1:8080"),
        ("http://127.9.9.9", "http://127.9.9.9"),
        ("http://[::1]:80/", "http://[::1]:80"),
        ("http://localhost/x", "http://localhost/x"),
    ],
)
def test_addresses(value: str, expected: str) -> None:
    assert tracker({"url": value}).url == expected


@pytest.mark.parametrize(
    "value",
    [
        "http://a.example",
        "http://127.evil.example",
        "http://localhost.evil.example",
        "ftp://a.example",
        "a.example",
        "https://",
        "https://me:pw@a.example",
        "https://a.example?key=1",
        "https://a.example/?",
        "https://a.example/#x",
        "https://a.example:port",
        "https://[::1",
        "https://a.example\\@b.example",
        "https://a.exa mple",
        "https://a.example\n",
        "",
        5,
    ],
)
def test_addresses_that_are_refused(value: object) -> None:
    assert len(problems_of({"url": value})) == 1
    assert "?" in str(value) or len(problems_of({"upload_url": value})) == 1


@pytest.mark.parametrize("value", ["special/upload", "/special/upload", "upload.php?kind=music"])
def test_endpoints(value: str) -> None:
    assert tracker({"custom_endpoint": value}).custom_endpoint == value.lstrip("/")


@pytest.mark.parametrize(
    "value",
    [
        "https://b.example/x",
        "//b.example/x",
        "a/../b",
        "..",
        "a/%2e%2E/b",
        "a\\b",
        "a b",
        "a#b",
        "/",
        "javascript:x",
    ],
)
def test_endpoints_that_are_refused(value: str) -> None:
    assert len(problems_of({"custom_endpoint": value})) == 1


def test_download_endpoint_takes_the_id() -> None:
    assert tracker({"download_endpoint": "dl/{id}"}).download_endpoint == "dl/{id}"
    for wrong in ("dl", "dl/{id}/{id}", "dl/{id}/{key}", "dl/{}"):
        assert len(problems_of({"download_endpoint": wrong})) == 1


def test_one_way_to_say_where_uploads_go() -> None:
    assert "not both" in problems_of({"upload_url": "https://a.example/up", "custom_endpoint": "up"})[0]


def test_announce_urls() -> None:
    for good in ("https://a.example/P", "http://a.example/P", "udp://a.example:80"):
        assert tracker({"announce_url": good}).announce_url == Secret(good)
    assert len(problems_of({"announce_url": f"ftp://a.example/{SECRET}"})) == 1
    document: dict[str, object] = {"trackers": {"MH": {"announce_url": "PASSKEY"}}}
    configuration = read_configuration(Path("/config.toml"), document)
    assert configuration.tracker_problems["MH"][0].startswith(
        "trackers.MH.announce_url: must be a whole address"
    )
    (problem,) = problems_of({"announce_url": "env:ANNOUNCE"}, {"ANNOUNCE": SECRET})
    assert problem.startswith("trackers.MH.announce_url: ")
    assert SECRET not in problem


def test_rates_and_timeouts() -> None:
    config = tracker({"rate_limit": ["30/m", "200/d"], "timeouts": {"send": 5, "answer": 0.5}})
    assert config.rate_limit == (Rate(30, 60), Rate(200, 86400))
    assert config.timeouts == Timeouts(send=5.0, answer=0.5)


@pytest.mark.parametrize(
    "value", ["", "5", "0/s", "5/0s", "5/00s", "5/10", 5, [], [["5/s"]], "9" * 5000 + "/s"]
)
def test_what_is_no_rate(value: object) -> None:
    assert len(problems_of({"rate_limit": value})) == 1


@pytest.mark.parametrize("value", [0, -1, float("inf"), float("nan"), 10**400, "5", False, None])
def test_what_is_no_timeout(value: object) -> None:
    assert len(problems_of({"timeouts": {"connect": value}})) == 1


@pytest.mark.parametrize(
    ("value", "seconds"),
    [(0, 0), (0.5, 0.5), (300, 300), ("90s", 90), ("5m", 300), (" 2 h ", 7200), ("30d", 2592000), ("0s", 0)],
)
def test_lengths_of_time(value: object, seconds: float) -> None:
    assert tracker({"settle_after": value}).settle_after == seconds


@pytest.mark.parametrize(
    "value",
    [
        *("", "5", "m", "-5m", "1.5h", "5 minutes", "31d", "9" * 5000 + "d", "9" * 400 + "d"),
        *(-1, float("inf"), float("nan"), 10**400, True, None, [], {}),
    ],
)
def test_what_is_no_length_of_time(value: object) -> None:
    (problem,) = problems_of({"settle_after": value})
    assert problem == (
        "trackers.MH.settle_after: must be a number of seconds, or written as 90s, 5m or 1h; at most 30d"
    )


def test_how_failures_and_unknown_uploads_are_dealt_with() -> None:
    plain = tracker({})
    assert (plain.give_up_after, plain.settle_after, plain.repost_when_unknown) == (5, 300.0, False)
    own = tracker({"give_up_after": 1, "repost_when_unknown": True})
    assert (own.give_up_after, own.repost_when_unknown) == (1, True)
    profile = GenericTracker(own, DrySession(Redactor())).profile
    assert (profile.give_up_after, profile.settle_after, profile.repost_when_unknown) == (1, 300.0, True)


@pytest.mark.parametrize("value", [0, -1, 1.0, "5", True, None, []])
def test_what_is_no_count(value: object) -> None:
    assert problems_of({"give_up_after": value}) == (
        "trackers.MH.give_up_after: must be a whole number, 1 or more",
    )


@pytest.mark.parametrize("way", ["bearer", "token", "basic", "session"])
def test_a_way_of_signing_that_has_no_name_takes_none(way: str) -> None:
    (told,) = check_tracker("MH", {"api_auth_type": way, "api_auth_name": "X-Key"})
    assert told.startswith('trackers.MH.api_auth_name: is for api_auth_type = "param", "header" or "field"')
    for other in ("param", "header", "field"):
        assert check_tracker("MH", {"api_auth_type": other, "api_auth_name": "X-Key"}) == ()
    assert check_tracker("MH", {"api_auth_name": "X-Key"}) == (), "its class may sign by a header"


def test_families() -> None:
    assert tracker({"type": "unit3d"}).type == "unit3d"
    assert tracker({"type": "gazelle"}).type == "gazelle"
    assert "unit3d, gazelle, generic" in problems_of({"type": "unit4d"})[0]


def test_templates() -> None:
    assert tracker({"name_template": "{{ release.artist }}"}).name_template == "{{ release.artist }}"
    assert problems_of({"name_template": "{{ release.artist"})[0].startswith("trackers.MH.name_template: ")


def test_blank_secrets_are_missing() -> None:
    config = tracker({"api_key": "", "password": "  ", "announce_url": ""})
    assert (config.api_key, config.password, config.announce_url) == (None, None, None)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
TABLES = st.dictionaries(st.sampled_from(KEYS) | st.text(max_size=8), JSON, max_size=5)


@given(TABLES)
def test_any_table_is_a_tracker_or_refused(table: dict[str, object]) -> None:
    problems: tuple[str, ...] = ("trackers.MH: accepted",)
    try:
        tracker(table)
    except UsageError as error:
        problems = error.problems
    assert problems
    assert all(line.startswith("trackers.MH") for line in problems)


@pytest.mark.parametrize(
    "query",
    ["key=abc", "api_token=abc", "passkey=abc", "u=me&torrent_pass=x", "k=0123456789abcdef0123456789abcdef"],
)
@pytest.mark.parametrize(
    ("key", "address"),
    [
        ("upload_url", "https://mh.example/upload?"),
        ("custom_endpoint", "upload?"),
        ("download_endpoint", "download?id={id}&"),
    ],
)
def test_an_address_holds_no_key(key: str, address: str, query: str) -> None:
    (problem,) = problems_of({key: address + query})
    assert problem.startswith(f"trackers.MH.{key}: must not hold a key")
    assert 'api_auth_type = "param"' in problem
    assert query not in problem


def test_a_query_without_a_key_is_part_of_an_address() -> None:
    assert not check_tracker("MH", {"upload_url": "https://mh.example/ajax.php?action=upload&page=2"})
