"""What may stand in the configuration, and how every mistake in it is told."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mua_async.config.configuration import Configuration, WatchClient, load_configuration, read_configuration
from mua_async.config.locations import Locations
from mua_async.config.manager import ConfigManager
from mua_async.config.schema import KEYS
from mua_async.config.secret_ref import resolve
from pipeline.errors import UsageError
from pipeline.secret import Secret
from trackers.tracker_config import ApiFormat, AuthType, CoverDemand, Rate, TrackerConfig

SECRET = "s3cr3t-k3y-0123456789"

CONTRACT_EXAMPLE = """\
uploader = "me"
default_trackers = ["MH"]

[trackers.MH]
enabled = true
name = "MusicHaven"
url = "https://musichaven.example"
announce_url = "https://musichaven.example/announce/PASSKEY"
api_key = "env:MH_API_KEY"          # or "file:~/keys/mh", "keyring:mua-async/MH", or the key itself
source_name = "MH"
api_auth_type = "bearer"            # bearer | token | param | header | field | basic | session
api_format = "json"                 # json | form (multipart)
custom_endpoint = "special/upload"  # joined to url by one slash; or upload_url = a whole URL
anon = false
rate_limit = "5/10s"                # N/[M](s|m|h|d), or a list of them
cover = "optional"                  # optional | required | none
category_ids = { ALBUM = "5", SINGLE = "6" }   # or "*" = for all others
format_ids = { FLAC = "10", MP3 = "11" }       # unit3d's type_id (alias type_ids)

[clients.watched]                   # where torrents go for seeding
type = "watch"                      # watch | qbittorrent | transmission | deluge | rtorrent
path = "~/watch"
"""

OLD_EXAMPLE = """\
{"trackers": {"MH": {"api_auth_type": "bearer", "api_format": "json", "custom_endpoint": "special/upload",
  "category_ids": {"ALBUM": "5", "SINGLE": "6"}, "format_ids": {"FLAC": "10", "MP3": "11"}}}}
"""


def from_toml(text: str) -> Configuration:
    from tomllib import loads

    return read_configuration(Path("/config.toml"), loads(text))


def test_the_example_of_the_manual(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    file = tmp_path / "config.toml"
    file.write_text(CONTRACT_EXAMPLE)
    configuration = load_configuration(file)
    assert configuration.uploader == "me"
    assert configuration.default_trackers == ("MH",)
    assert configuration.clients == {"watched": WatchClient("watched", tmp_path / "watch")}
    assert configuration.tracker_ids() == ("MH",)
    assert configuration.tracker_problems == {}
    environ = {"MH_API_KEY": SECRET}
    assert configuration.tracker("MH", lambda text: resolve(text, environ)) == TrackerConfig(
        id="MH",
        enabled=True,
        name="MusicHaven",
        url="https://musichaven.example",
        announce_url=Secret("https://musichaven.example/announce/PASSKEY"),
        api_key=Secret(SECRET),
        source_name="MH",
        api_auth_type=AuthType.BEARER,
        api_format=ApiFormat.JSON,
        custom_endpoint="special/upload",
        anon=False,
        rate_limit=(Rate(5, 10),),
        cover=CoverDemand.OPTIONAL,
        category_ids={"ALBUM": "5", "SINGLE": "6"},
        format_ids={"FLAC": "10", "MP3": "11"},
    )


def test_the_old_tools_advanced_example(tmp_path: Path) -> None:
    file = tmp_path / "config.json"
    file.write_text(OLD_EXAMPLE)
    configuration = load_configuration(file)
    assert configuration.tracker_problems == {}
    config = configuration.tracker("mh", lambda text: resolve(text, {}))
    assert (config.api_auth_type, config.api_format) == (AuthType.BEARER, ApiFormat.JSON)
    assert config.custom_endpoint == "special/upload"
    assert config.category_ids == {"ALBUM": "5", "SINGLE": "6"}
    assert config.format_ids == {"FLAC": "10", "MP3": "11"}
    assert (config.url, config.api_key, config.announce_url) == (None, None, None)


def test_all_mistakes_are_told_at_once() -> None:
    with pytest.raises(UsageError) as caught:
        from_toml(
            'uploaders = "me"\nuploader = 5\ndefault_trackers = ["MH", "../x"]\n'
            '[trackers."M H"]\n[clients.a]\ntype = "deluge"\n'
            '[clients.b]\ntype = "watch"\npath = "x"\nurl = "y"\n'
        )
    assert caught.value.problems == (
        "uploaders: unknown key: did you mean `uploader`?",
        "uploader: must be text in quotes",
        "default_trackers[1]: is no tracker id: letters, digits, `-` and `_`, a letter or digit first",
        "clients.a.type: this version hands torrents to watch folders only: `watch`",
        "clients.b.url: unknown key",
        "clients.b.path: must be a whole path, as in ~/watch",
        'trackers."M H": is no tracker id: letters, digits, `-` and `_`, a letter or digit first',
    )


def test_mistakes_in_the_trackers_tables_do_not_wait_for_the_next_run() -> None:
    with pytest.raises(UsageError) as caught:
        from_toml(
            'uploaders = "me"\n[trackers."M H"]\nuurl = "x"\n[trackers]\nA = 5\n[trackers.sp]\nanon = 5\n'
        )
    assert caught.value.problems == (
        "uploaders: unknown key: did you mean `uploader`?",
        "trackers.A: must be a table of keys and values",
        'trackers."M H": is no tracker id: letters, digits, `-` and `_`, a letter or digit first',
        'trackers."M H".uurl: unknown key: did you mean `url`?',
        "trackers.SP.anon: must be true or false",
    )


def test_a_broken_tracker_leaves_the_others_alone() -> None:
    configuration = from_toml('trackers.A.url = "x"\ntrackers.B.enabled = true\n')
    assert set(configuration.tracker_problems) == {"A"}
    assert configuration.tracker("B", lambda text: resolve(text, {})).enabled
    with pytest.raises(UsageError) as caught:
        configuration.tracker("A", lambda text: resolve(text, {}))
    assert caught.value.problems == configuration.tracker_problems["A"]


def test_a_tracker_is_a_table() -> None:
    with pytest.raises(UsageError) as caught:
        from_toml("trackers.A = 5\ntrackers.B.enabled = true\n")
    assert caught.value.problems == ("trackers.A: must be a table of keys and values",)


def test_ids_are_upper_case_and_asked_for_in_any() -> None:
    configuration = from_toml('[trackers.My-site_2]\nname = "x"\n')
    assert configuration.tracker_ids() == ("MY-SITE_2",)
    assert configuration.has_table("my-SITE_2")
    assert configuration.table("my-site_2") == {"name": "x"}
    assert not configuration.has_table("other")


def test_ids_that_differ_by_case_only() -> None:
    with pytest.raises(UsageError) as caught:
        from_toml("[trackers.MH]\n[trackers.mh]\n[trackers.SP]\n")
    assert [line.partition(":")[0] for line in caught.value.problems] == ["trackers.MH", "trackers.mh"]


@pytest.mark.parametrize("name", ["-x", "_x", "x/y", "x.y", "ä", "all", "All", "../x", ""])
def test_what_is_no_id_is_a_problem_of_that_table_alone(name: str) -> None:
    configuration = read_configuration(Path("/config.toml"), {"trackers": {name: {}, "SP": {"anon": True}}})
    assert configuration.tracker_ids() == ("SP",)
    assert configuration.misnamed_tables() == (name,)
    assert list(configuration.tracker_problems) == [name]


def test_default_trackers_are_a_list() -> None:
    assert from_toml('default_trackers = ["mh", "SP", "MH"]').default_trackers == ("MH", "SP")
    with pytest.raises(UsageError):
        from_toml('default_trackers = "MH"')


def test_the_old_tools_file_is_recognised() -> None:
    with pytest.raises(UsageError) as caught:
        from_toml('app_name = "x"\nuploader_name = "me"\n')
    assert "the old tool's" in caught.value.hint
    assert "uploader_name: unknown key: did you mean `uploader`?" in caught.value.problems


def test_a_resolver_may_go_on_without_a_secret() -> None:
    configuration = from_toml('trackers.MH.api_key = "env:MH_API_KEY"')
    assert configuration.tracker("MH", lambda _: None).api_key is None


def test_secrets_are_looked_up_only_for_trackers_in_use() -> None:
    configuration = from_toml('trackers.MH.api_key = "env:MH_API_KEY"\ntrackers.SP.api_key = "file:/none"')
    assert configuration.tracker_problems == {}
    assert configuration.tracker("MH", lambda text: resolve(text, {"MH_API_KEY": SECRET})).api_key


def test_a_file_that_others_can_read_is_told_once(tmp_path: Path) -> None:
    file, key = tmp_path / "config.toml", tmp_path / "key"
    own = f'api_key = "{SECRET}"\npassword = "{SECRET}"\n'
    file.write_text(f'[trackers.MH]\nannounce_url = "file:{key}"\n{own}[trackers.SP]\n{own}')
    key.touch(0o644)
    file.chmod(0o644)
    warnings = load_configuration(file).secret_warnings(["mh", "sp"])
    assert warnings == (
        f"{key} holds secrets of MH and can be read by other users: run `chmod 600 {key}`",
        f"{file} holds secrets of MH, SP and can be read by other users: run `chmod 600 {file}`",
    )
    file.chmod(0o600)
    key.chmod(0o600)
    assert load_configuration(file).secret_warnings(["mh", "sp"]) == ()


@pytest.mark.parametrize(
    ("name", "data", "told"),
    [
        ("c.toml", b"a = 1\nb = = 2\n", "c.toml:2:5: "),
        ("c.toml", b'a = "', "c.toml:1:6: "),
        ("c.toml", b"a = [\n1,", "c.toml:2:3: "),
        ("c.toml", b"a = 1\na = 2\n", "c.toml:2:"),
        ("c.toml", b"a = " + b"[" * 20000, "nested too deeply"),
        ("c.toml", b"a = " + b"9" * 5000, "no valid TOML"),
        ("c.json", b'{"a": 1,\n "b": }', "c.json:2:7: "),
        ("c.json", b"", "c.json:1:1: "),
        ("c.json", b"[]", "one JSON object"),
        ("c.json", b'{"trackers": {"MH": {"url": "x", "url": "y"}}}', "twice in one table: `url`"),
        ("c.json", b"[" * 200000, "nested too deeply"),
        ("c.json", b'{"a": ' + b"9" * 5000 + b"}", "no valid JSON"),
        ("c.toml", b'a = "\xff"', "no UTF-8"),
        ("c.yaml", b"", "neither .toml nor .json"),
    ],
)
def test_files_that_cannot_be_read(tmp_path: Path, name: str, data: bytes, told: str) -> None:
    (tmp_path / name).write_bytes(data)
    with pytest.raises(UsageError) as caught:
        load_configuration(tmp_path / name)
    assert told in str(caught.value)
    assert str(tmp_path / name) in caught.value.message


def test_a_byte_order_mark_is_no_mistake(tmp_path: Path) -> None:
    (tmp_path / "c.toml").write_bytes(b'\xef\xbb\xbfuploader = "me"\r\n')
    assert load_configuration(tmp_path / "c.toml").uploader == "me"


def test_a_named_file_must_be_there_and_be_a_file(tmp_path: Path) -> None:
    for path in (tmp_path / "none.toml", tmp_path):
        with pytest.raises(UsageError, match=str(path)):
            ConfigManager(Locations(path, tmp_path, tmp_path, tmp_path)).load()
    assert ConfigManager(Locations(None, tmp_path, tmp_path, tmp_path)).load() == Configuration()


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)


@given(st.dictionaries(st.sampled_from(["uploader", "default_trackers", "trackers", "clients", "x"]), JSON))
def test_any_document_is_a_configuration_or_refused(document: dict[str, object]) -> None:
    problems: tuple[str, ...] = ("accepted",)
    try:
        read_configuration(Path("/config.toml"), document)
    except UsageError as error:
        problems = error.problems
    assert problems


@pytest.mark.parametrize(
    "wrong", [SECRET, [SECRET], {"x": SECRET}, {"ALBUM": [SECRET]}, f"x://{SECRET}@y", f"{SECRET}\n"]
)
def test_no_message_repeats_a_value(tmp_path: Path, wrong: object) -> None:
    table = {key: wrong for key in (*KEYS, "api_kye", "") if not key.endswith("template")}
    document = {
        "uploader": [wrong],
        "default_trackers": wrong,
        "clients": {"a": wrong, "b": {"type": wrong, "path": wrong}},
        "trackers": {"MH": table, "SP": wrong},
    }
    file = tmp_path / "config.json"
    file.write_text(json.dumps(document))
    with pytest.raises(UsageError) as caught:
        load_configuration(file)
    told = [str(caught.value), *caught.value.problems]
    file.write_text(json.dumps({"trackers": {"MH": table, "OK": {"api_key": wrong, "unknown": wrong}}}))
    configuration = load_configuration(file)
    for name in configuration.tracker_ids():
        with pytest.raises(UsageError) as caught:
            configuration.tracker(name, lambda text: resolve(text, {}))
        told += [str(caught.value), *caught.value.problems]
    told += [repr(configuration), repr(configuration.tracker_problems)]
    assert len(told) > 20
    assert not [line for line in told if SECRET in line]


def test_loading_needs_neither_the_keyring_nor_the_editor() -> None:
    code = (
        "import sys, mua_async.config.configuration as c, pathlib\n"
        "c.read_configuration(pathlib.Path('/c.toml'), {'trackers': {'MH': {'api_key': 'env:X'}}})\n"
        "assert not {'keyring', 'tomlkit', 'jinja2', 'aiohttp'} & set(sys.modules)\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
