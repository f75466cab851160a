"""The tables of image hosts: what each makes, what is wrong with one, and who may name it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from mua_async.config.configuration import Configuration, read_configuration
from mua_async.config.image_hosts import with_keys
from mua_async.config.secret_ref import resolve
from pipeline.errors import UsageError
from trackers.image_hosts.settings import READY_MADE, HostShape, KeyPlace

OWN = {
    "type": "custom",
    "url": "https://pictures.example/upload",
    "file_field": "picture",
    "address": "{data.link}",
    "api_key": "env:PICTURES",
    "key_header": "X-Api-Key",
    "fields": {"album": "covers"},
}


def read(hosts: Any, **trackers: Any) -> Configuration:
    return read_configuration(Path("/config.toml"), {"image_hosts": hosts, "trackers": trackers})


def problems_of(hosts: Any) -> tuple[str, ...]:
    with pytest.raises(UsageError) as caught:
        read(hosts)
    return caught.value.problems


def test_hosts_keep_the_order_of_the_file() -> None:
    hosts = read({"ptpimg": {"api_key": "k"}, "catbox": {}, "imgbb": {"api_key": "k"}}).image_hosts
    assert list(hosts) == ["ptpimg", "catbox", "imgbb"]
    assert [host.shape for host in hosts.values()] == [READY_MADE[name] for name in hosts]


def test_a_host_may_have_another_name_address_and_time() -> None:
    url = "http://127.0.0.1:9/1/upload"
    (host,) = read(
        {"mine": {"type": "imgbb", "api_key": "k", "url": url, "timeout": "5s"}}
    ).image_hosts.values()
    assert (host.name, host.shape.url, host.timeout) == ("mine", url, 5.0)
    assert host.shape.address == READY_MADE["imgbb"].address


def test_a_host_of_another_make_is_described_whole() -> None:
    (host,) = read({"own": OWN}).image_hosts.values()
    assert host.shape == HostShape(
        url="https://pictures.example/upload",
        file_field="picture",
        address="{data.link}",
        key_place=KeyPlace.HEADER,
        key_name="X-Api-Key",
        fields={"album": "covers"},
    )


@pytest.mark.parametrize(
    ("hosts", "problem"),
    [
        ({"imgbb": {}}, "image_hosts.imgbb.api_key: is missing: the key of your account there"),
        ({"imgb": {}}, "image_hosts.imgb.type: must be one of ptpimg, imgbb, catbox, custom: did you mean"),
        ({"catbox": {"api_kee": "k"}}, "image_hosts.catbox.api_kee: unknown key: did you mean `api_key`?"),
        ({"catbox": {"file_field": "f"}}, 'image_hosts.catbox.file_field: is for type = "custom" only'),
        ({"catbox": {"url": "http://pictures.example"}}, "image_hosts.catbox.url: must begin with https://"),
        ({"catbox": {"timeout": 0}}, "image_hosts.catbox.timeout: must be above 0"),
        ({"own": {"type": "custom"}}, "image_hosts.own.url: is missing"),
        ({"own": {**OWN, "key_param": "key"}}, "image_hosts.own.api_key: goes with one of key_field, "),
        ({"own": {**OWN, "fields": {"a": 1}}}, "image_hosts.own.fields.a: must be text in quotes"),
        ({"own": "https://pictures.example"}, "image_hosts.own: must be a table"),
        (["ptpimg"], "image_hosts: must be a table"),
    ],
)
def test_what_is_wrong_is_told_with_its_place(hosts: Any, problem: str) -> None:
    assert any(told.startswith(problem) for told in problems_of(hosts)), problems_of(hosts)


def test_a_key_that_is_missing_is_told_before_anything_is_sent() -> None:
    hosts = read({"own": OWN}).image_hosts.values()
    with pytest.raises(UsageError) as caught:
        with_keys(hosts, lambda name: resolve(name, {}))
    (problem,) = caught.value.problems
    assert problem.startswith("image_hosts.own.api_key: ")
    (host,) = with_keys(hosts, lambda name: resolve(name, {"PICTURES": "s3cret"}))
    assert host.api_key is not None
    assert host.api_key.reveal() == "s3cret"
    assert "s3cret" not in repr(host)


def test_a_tracker_names_its_hosts_in_its_own_order() -> None:
    table = {"image_hosts": ["imgbb", "catbox"], "cover_in_description": True}
    configuration = read({"catbox": {}, "imgbb": {"api_key": "k"}}, XY=table)
    assert not configuration.tracker_problems
    config = configuration.tracker("XY", lambda name: None)
    assert (config.image_hosts, config.cover_in_description) == (("imgbb", "catbox"), True)


@pytest.mark.parametrize(
    ("named", "problem"),
    [
        (["imgbb"], "trackers.XY.image_hosts[0]: `image_hosts` has no table of this name"),
        (
            ["catbx"],
            "trackers.XY.image_hosts[0]: `image_hosts` has no table of this name: did you mean `catbox`?",
        ),
        ("catbox", "trackers.XY.image_hosts: must be a list of names of tables in `image_hosts`"),
        ([], "trackers.XY.image_hosts: must be a list"),
    ],
)
def test_a_host_that_a_tracker_names_has_a_table(named: Any, problem: str) -> None:
    (told,) = read({"catbox": {}}, XY={"image_hosts": named}).tracker_problems["XY"]
    assert told.startswith(problem)
