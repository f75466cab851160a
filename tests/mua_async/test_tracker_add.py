"""`tracker add`: by flags and at a terminal; what is written is what the program then loads."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path

import pytest
from anyio.from_thread import start_blocking_portal

from mua_async.cli import run
from tests.support.audio import make_album
from tests.support.documents import described_examples
from tests.support.program import Program
from tests.support.terminal import converse

KEY_OF_MH = "api-key-of-MH"
KEY, PASSKEY = "k3y-of-the-user-0001", "passkey0passkey0passkey0passkey0"
URL, ANNOUNCE = "https://musichaven.example", f"https://musichaven.example/announce/{PASSKEY}"
FLAGS = ["--url", URL, "--announce-url", ANNOUNCE, "--api-key-ref", "env:MH_KEY"]

EXAMPLES = described_examples()


@pytest.fixture
def program(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Iterator[Program]:
    with start_blocking_portal() as portal, Program(tmp_path, portal, capsys) as program:
        yield program


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "config.toml"


def add(file: Path, *arguments: str) -> int:
    return run(["tracker", "add", *arguments, "--config", str(file)])


def tables(file: Path) -> dict[str, object]:
    trackers: dict[str, object] = tomllib.loads(file.read_text())["trackers"]
    return trackers


def test_all_by_flags(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert add(file, "mh", *FLAGS, "--yes") == 0
    assert tables(file) == {"MH": {"url": URL, "announce_url": ANNOUNCE, "api_key": "env:MH_KEY"}}
    assert file.stat().st_mode & 0o777 == 0o600
    shown = capsys.readouterr()
    assert f"MH was added to {file}" in shown.out
    assert "the file holds announce_url themselves" in shown.err
    assert PASSKEY not in shown.out + shown.err


def test_other_keys_are_set(file: Path) -> None:
    settings = {
        "category_ids.ALBUM": "5",
        "category_ids.*": '"9"',
        "format_ids": "{FLAC = 10}",
        "anon": "true",
        "name": "1984",
        "source_name": "MH = site",
        "rate_limit": '["5/10s", "30/m"]',
        "timeouts.connect": "2.5",
    }
    flags = [part for key, value in settings.items() for part in ("--set", f"{key}={value}")]
    assert add(file, "NEW", "--type", "generic", *FLAGS, *flags) == 0
    assert tables(file)["NEW"] == {
        "type": "generic",
        "url": URL,
        "announce_url": ANNOUNCE,
        "api_key": "env:MH_KEY",
        "category_ids": {"ALBUM": 5, "*": "9"},
        "format_ids": {"FLAC": 10},
        "anon": True,
        "name": "1984",
        "source_name": "MH = site",
        "rate_limit": ["5/10s", "30/m"],
        "timeouts": {"connect": 2.5},
    }


def dotted(table: Mapping[str, object], place: str = "") -> Iterator[str]:
    """A setting for each value, as it would be typed: text without quotes, unless it looks like a number."""
    for key, value in table.items():
        name = place + (key if key.isidentifier() else json.dumps(key))
        if isinstance(value, dict):
            yield from dotted(value, f"{name}.")
        else:
            plain = isinstance(value, str) and not value.isdigit()
            yield f"{name}={value if plain else inline(value)}"


def inline(value: object) -> str:
    match value:
        case dict():
            return f"{{ {', '.join(f'{json.dumps(key)} = {inline(part)}' for key, part in value.items())} }}"
        case list():
            return f"[{', '.join(map(inline, value))}]"
        case _:
            return json.dumps(value)


def whole(table: Mapping[str, object]) -> Iterator[str]:
    """A setting for each key of the table, as TOML."""
    return (f"{key}={inline(value)}" for key, value in table.items())


@pytest.mark.parametrize("tracker_id", EXAMPLES)
@pytest.mark.parametrize("written", [dotted, whole])
def test_a_site_of_an_unknown_make_is_described_by_flags(
    file: Path, tracker_id: str, written: Callable[[Mapping[str, object]], Iterable[str]]
) -> None:
    given = {"type": "--type", "url": "--url", "announce_url": "--announce-url", "api_key": "--api-key-ref"}
    example = EXAMPLES[tracker_id]
    flags = [part for key, flag in given.items() if key in example for part in (flag, example[key])]
    plain = {key: value for key, value in example.items() if isinstance(value, str) and key not in given}
    tables_of = {key: value for key, value in example.items() if not isinstance(value, str)}
    settings = [*dotted(plain), *written(tables_of)]
    flags += [part for setting in settings for part in ("--set", setting)]
    assert add(file, tracker_id, *flags, "--yes") == 0
    assert tables(file)[tracker_id] == example


def test_a_digits_only_key_stays_text(file: Path) -> None:
    assert add(file, "MH", *FLAGS[:4], "--set", "api_key=12345678901234567890") == 0
    assert tables(file)["MH"] == {"url": URL, "announce_url": ANNOUNCE, "api_key": "12345678901234567890"}


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["MH", *FLAGS, "--set", "apikey=x"], "trackers.MH.apikey: unknown key: did you mean `api_key`?"),
        (
            ["MH", *FLAGS, "--set", "category_ids.ALBUMM=5"],
            "ALBUMM: unknown key: did you mean `ALBUM`?",
        ),
        (["MH", *FLAGS, "--set", "anon"], "--set takes key=value"),
        (["MH", *FLAGS, "--set", f"url={URL}"], "url is given twice"),
        (["MH", "--url", "http://musichaven.example"], "trackers.MH.url: must begin with https://"),
        (["MH", *FLAGS, "--type", "unit3"], "trackers.MH.type: must be one of"),
        (["MH", "--url", URL, "--yes"], "trackers.MH.api_key is missing"),
        (
            ["X", *FLAGS, "--type", "generic", "--set", "answer.id.json=id"],
            "trackers.X.answer.done: is missing: what shows that it is stored",
        ),
        (
            ["X", *FLAGS, "--type", "generic", "--set", "fields.title={{ release.tittle }}"],
            "trackers.X.fields.title: is no template: line 1: release has no field tittle",
        ),
        (
            ["X", *FLAGS, "--set", "answer.done.status=200", "--set", "answer.done={ status = 200 }"],
            "done is given twice",
        ),
        (["../x", *FLAGS], "is no tracker id"),
        (["all", *FLAGS], "choose another id"),
    ],
)
def test_what_is_wrong_is_refused_before_anything_is_written(
    file: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], told: str
) -> None:
    assert add(file, *arguments) == 2
    assert told in capsys.readouterr().err
    assert not file.exists()


def test_an_id_that_is_there_is_refused(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = '# mine\n[trackers.mh]\nurl = "https://other.example"\n'
    file.write_text(text)
    assert add(file, "MH", *FLAGS) == 2
    assert "trackers.MH is there already" in capsys.readouterr().err
    assert file.read_text() == text


def test_a_file_that_is_broken_is_left_alone(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file.write_text("trackers = 5\n")
    assert add(file, "MH", *FLAGS) == 2
    assert file.read_text() == "trackers = 5\n"


def test_comments_stay_and_json_stays_json(tmp_path: Path, file: Path) -> None:
    text = '# head\nuploader = "me"  # me\n\n[clients.w] # where\ntype = "watch"\npath = "/w"\n# end\n'
    file.write_text(text)
    assert add(file, "MH", *FLAGS) == 0
    assert file.read_text().startswith(text)
    other = tmp_path / "config.json"
    other.write_text('{"uploader": "me"}')
    assert add(other, "MH", *FLAGS) == 0
    assert '"uploader": "me"' in other.read_text()
    assert '"api_key": "env:MH_KEY"' in other.read_text()


def test_a_literal_key_is_told_and_never_shown(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert add(file, "MH", *FLAGS[:4], "--api-key-ref", KEY, "--json") == 0
    shown = capsys.readouterr()
    assert '"event": "tracker_added"' in shown.out
    assert "announce_url and api_key themselves" in shown.out
    assert "the shell's history has it too" in shown.out
    assert KEY not in shown.out + shown.err


def test_a_terminal_is_asked_for_what_is_missing(program: Program) -> None:
    site = program.add_site("MH")
    file = program.folder / "asked.toml"
    talk = converse(
        ["tracker", "add", "MH", "--config", file],
        [
            ("address", "ftp://x"),
            ("address", site.url),
            ("API key", KEY_OF_MH),
            ("Announce URL", site.announce_url),
            ("Write this", ""),
            ("keyring", "n"),
            ("Test it now", "y"),
        ],
    )
    assert talk.code == 0
    assert tables(file) == {"MH": {"url": site.url, "api_key": KEY_OF_MH, "announce_url": site.announce_url}}
    assert talk.says("must begin with https://", "api_key = ****", "MH: key: not proved")
    assert KEY_OF_MH not in talk.out + talk.shown
    assert site.settings.passkey not in talk.out + talk.shown
    assert file.stat().st_mode & 0o777 == 0o600


def test_a_site_of_an_unknown_make_is_asked_for_all_of_it(file: Path) -> None:
    talk = converse(
        ["tracker", "add", "NEW", "--config", file],
        [
            ("What the site runs", "generc"),
            ("What the site runs", ""),
            ("address", URL),
            ("generic family's defaults", ""),
            ("posted to", "special/upload"),
            ("body is written", "json"),
            ("key is sent", "basic"),
            ("User name", "me"),
            ("Password", "env:NEW_PASSWORD"),
            ("Announce URL", "file:/keys/new"),
            ("tag", ""),
            ("category ids", "ALBUMM=5"),
            ("category ids", "ALBUM=5, *=6"),
            ("format ids", "FLAC=10"),
            ("Write this", "y"),
            ("Test it now", "n"),
        ],
    )
    assert talk.code == 0
    assert tables(file)["NEW"] == {
        "type": "generic",
        "url": URL,
        "custom_endpoint": "special/upload",
        "api_format": "json",
        "api_auth_type": "basic",
        "username": "me",
        "password": "env:NEW_PASSWORD",
        "announce_url": "file:/keys/new",
        "category_ids": {"ALBUM": "5", "*": "6"},
        "format_ids": {"FLAC": "10"},
    }
    assert talk.says("did you mean `generic`?", "did you mean `ALBUM`?")


@pytest.mark.parametrize(("answer", "code"), [("n", 1), ("\x04", 130), ("\x03", 130)])
def test_nothing_is_written_without_a_yes(file: Path, answer: str, code: int) -> None:
    talk = converse(["tracker", "add", "MH", *FLAGS, "--config", file], [("Write this", answer)])
    assert talk.code == code
    assert not file.exists()


KEYRING = """
from keyring.backend import KeyringBackend
class FileKeyring(KeyringBackend):
    priority = 9
    def get_password(self, service, username):
        return open(f"{__file__}.{username}").read()
    def set_password(self, service, username, password):
        open(f"{__file__}.{username}", "w").write(password)
"""


def test_a_typed_key_may_go_into_the_keyring(tmp_path: Path, file: Path) -> None:
    (tmp_path / "file_keyring.py").write_text(KEYRING)
    environ = {"PYTHONPATH": str(tmp_path), "PYTHON_KEYRING_BACKEND": "file_keyring.FileKeyring"}
    answers = [("API key", KEY), ("Write this", "y"), ("Keep api_key in", "y"), ("Test it", "n")]
    talk = converse(["tracker", "add", "MH", *FLAGS[:4], "--config", file], answers, environ)
    assert talk.code == 0
    assert tables(file) == {"MH": {"url": URL, "announce_url": ANNOUNCE, "api_key": "keyring:mua-async/MH"}}
    assert (tmp_path / "file_keyring.py.MH").read_text() == KEY
    assert KEY not in file.read_text() + talk.out + talk.shown


def test_a_keyring_that_does_not_take_it(file: Path) -> None:
    environ = {"PYTHON_KEYRING_BACKEND": "keyring.backends.fail.Keyring"}
    answers = [("API key", KEY), ("Write this", "y"), ("Keep api_key in", "y"), ("Test it", "n")]
    talk = converse(["tracker", "add", "MH", *FLAGS[:4], "--config", file], answers, environ)
    assert talk.code == 0
    assert tables(file)["MH"] == {"url": URL, "announce_url": ANNOUNCE, "api_key": KEY}
    assert talk.says("the keyring does not take it", "it goes into the file")


def test_a_unit3d_site_is_asked_for_its_ids(program: Program, tmp_path: Path) -> None:
    names = {"category_names": {"5": "Music", "1": "Movies"}, "type_names": {"11": "FLAC"}}
    site = program.add_site("SP", **names)
    assert program.upload(make_album(tmp_path / "album")).code == 0
    file = program.folder / "asked.toml"
    talk = converse(
        ["tracker", "add", "U3", "--config", file],
        [
            ("What the site runs", "unit3d"),
            ("address", site.url),
            ("API key", "env:U3_KEY"),
            ("Announce URL", site.announce_url),
            ("tag", "U3"),
            ("which ids it uses", ""),
            ("category ids", ""),
            ("format ids", ""),
            ("Write this", ""),
            ("keyring", "n"),
            ("Test it now", ""),
        ],
        {"U3_KEY": site.settings.api_key},
    )
    assert talk.code == 0
    assert talk.says("5  Music", "11  FLAC", 'U3: category_ids: ok: * = 5 -> "Music"')
    written = tables(file)["U3"]
    assert isinstance(written, dict)
    assert written["category_ids"] == {"*": "5"}
    assert written["format_ids"] == {"FLAC": "11"}
    assert site.settings.api_key not in talk.out + talk.shown


def test_an_empty_site_tells_no_ids_and_that_is_said(program: Program) -> None:
    site = program.add_site("SP")
    file = program.folder / "asked.toml"
    options = ["--type", "unit3d", "--url", site.url, "--api-key-ref", "env:U3_KEY"]
    talk = converse(
        ["tracker", "add", "U3", *options, "--config", file],
        [
            ("Announce URL", site.announce_url),
            ("tag", "U3"),
            ("which ids it uses", ""),
            ("category ids", ""),
            ("format ids", ""),
            ("Write this", ""),
            ("keyring", "n"),
            ("Test it now", "n"),
        ],
        {"U3_KEY": site.settings.api_key},
    )
    assert talk.code == 0
    assert talk.says("the site has nothing yet that would show an id")
    assert talk.says("trackers.U3.category_ids has no ids, so that nothing can be uploaded")


def test_what_still_lacks_ids_is_added_with_a_warning(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert add(file, "U4", "--type", "unit3d", *FLAGS, "--yes") == 0
    told = capsys.readouterr().err
    for table in ("category_ids", "format_ids"):
        assert f"warning: trackers.U4.{table} has no ids, so that nothing can be uploaded: add " in told
    ids = ["--set", "category_ids.ALBUM=5", "--set", "format_ids.FLAC=1"]
    assert add(file, "U5", "--type", "unit3d", *FLAGS, *ids, "--yes") == 0
    assert "has no ids" not in capsys.readouterr().err


def test_a_secret_in_a_field_is_not_shown_before_it_is_written(file: Path) -> None:
    fields = [
        "--set",
        "fields.title={{ name }}",
        "--set",
        "fields.passkey=s3cret",
        "--set",
        "answer.done.status=201",
    ]
    talk = converse(
        ["tracker", "add", "ANY", "--type", "generic", *FLAGS, *fields, "--config", file],
        [
            ("below the address", ""),
            ("body is written", ""),
            ("key is sent", ""),
            ("tag", ""),
            ("Write this", ""),
            ("keyring", "n"),
            ("Test it", "n"),
        ],
    )
    assert talk.code == 0
    assert talk.says("{{ name }}")
    assert "s3cret" not in talk.out + talk.shown
    assert "s3cret" in file.read_text()


LISTING = """
from mua_async.adapter import GenericTracker

class ZZTracker(GenericTracker):
    async def listed_ids(self):
        return {"category_ids": {"films": "Movies", "12": "Music", "b": "Books"}}
"""


def test_an_adapter_may_list_ids_that_are_no_numbers(file: Path) -> None:
    (file.parent / "trackers").mkdir()
    (file.parent / "trackers" / "zz_tracker.py").write_text(LISTING)
    talk = converse(
        ["tracker", "add", "ZZ", *FLAGS[:4], "--api-key-ref", KEY, "--config", file],
        [
            ("tag", ""),
            ("which ids it uses", ""),
            ("category ids", ""),
            ("format ids", ""),
            ("Write this", ""),
            ("Test it", "n"),
        ],
    )
    assert talk.code == 0
    assert isinstance(written := tables(file)["ZZ"], dict)
    assert written["category_ids"] == {"*": "12"}


def test_a_site_that_cannot_be_asked_for_its_ids(file: Path) -> None:
    options = ["--type", "unit3d", *FLAGS, "--set", "source_name=U3"]
    talk = converse(
        ["tracker", "add", "U3", *options, "--config", file],
        [
            ("which ids it uses", "y"),
            ("category ids", "*=5"),
            ("format ids", ""),
            ("Write this", ""),
            ("Test it", "n"),
        ],
    )
    assert talk.code == 0
    assert talk.says("the site cannot be asked: ", "MH_KEY is not set")
    assert isinstance(written := tables(file)["U3"], dict)
    assert written["category_ids"] == {"*": "5"}
    assert "format_ids" not in written
