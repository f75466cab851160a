"""Where keys may be kept, and what is said when one is not there."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import keyring
import pytest
from hypothesis import given
from hypothesis import strategies as st
from keyring.backend import KeyringBackend
from keyring.errors import KeyringLocked

from mua_async.config.secret_ref import (
    check_reference,
    describe_reference,
    readable_by_others,
    resolve,
    secret_file,
)
from pipeline.errors import UsageError

KEY = "s3cr3t-k3y-0123456789"


class MemoryKeyring(KeyringBackend):
    """A keyring that lives as long as the test."""

    priority = 1.0

    def __init__(self) -> None:
        self.entries: dict[tuple[str, str], str] = {}
        self.locked = False

    def get_password(self, service: str, username: str) -> str | None:
        if self.locked:
            raise KeyringLocked(KEY)
        return self.entries.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.entries[service, username] = password


@pytest.fixture
def memory_keyring() -> Iterator[MemoryKeyring]:
    before = keyring.get_keyring()
    backend = MemoryKeyring()
    keyring.set_keyring(backend)
    yield backend
    keyring.set_keyring(before)


def refusal(reference: str, environ: dict[str, str] | None = None) -> str:
    with pytest.raises(UsageError) as caught:
        resolve(reference, environ or {})
    assert KEY not in str(caught.value)
    return str(caught.value)


def test_the_key_itself() -> None:
    assert resolve(KEY, {}).reveal() == KEY


def test_an_address_is_no_reference() -> None:
    address = "https://site.example/announce/PASSKEY"
    assert resolve(address, {}).reveal() == address


def test_environment() -> None:
    assert resolve("env:MH_API_KEY", {"MH_API_KEY": KEY}).reveal() == KEY


def test_environment_variable_that_is_missing() -> None:
    message = refusal("env:MH_API_KEY")
    assert "MH_API_KEY is not set" in message
    assert "export MH_API_KEY" in message


@pytest.mark.parametrize("value", ["", "   "])
def test_empty_variable(value: str) -> None:
    assert "env:MH_API_KEY is empty" in refusal("env:MH_API_KEY", {"MH_API_KEY": value})


@pytest.mark.parametrize("end", ["\n", "\r\nX-Admin: 1", "\x00", "\x1b[0m", "\u2028", "\udcff"])
def test_line_breaks_and_control_characters_never_reach_a_header(end: str) -> None:
    assert "line break or control character" in refusal("env:MH_API_KEY", {"MH_API_KEY": KEY + end})
    assert "line break or control character" in refusal(KEY + end)


def test_file_gives_its_first_line(tmp_path: Path) -> None:
    file = tmp_path / "mh"
    file.write_bytes(b"\xef\xbb\xbf  " + KEY.encode() + b" \r\nsecond line\n")
    assert resolve(f"file:{file}", {}).reveal() == KEY


def test_file_in_the_home_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / "mh").write_text(KEY)
    assert resolve("file:~/mh", {}).reveal() == KEY


def test_file_that_is_missing_empty_a_folder_or_no_text(tmp_path: Path) -> None:
    (tmp_path / "empty").touch()
    (tmp_path / "binary").write_bytes(b"\xff\xfe\x00")
    assert "No such file" in refusal(f"file:{tmp_path}/none")
    assert "is empty" in refusal(f"file:{tmp_path}/empty")
    assert "no UTF-8 text" in refusal(f"file:{tmp_path}/binary")
    assert "directory" in refusal(f"file:{tmp_path}")


def test_keyring(memory_keyring: MemoryKeyring) -> None:
    keyring.set_password("mua-async", "MH", KEY)
    assert resolve("keyring:mua-async/MH", {}).reveal() == KEY
    assert "keyring set mua-async SP" in refusal("keyring:mua-async/SP")


def test_locked_keyring(memory_keyring: MemoryKeyring) -> None:
    memory_keyring.locked = True
    assert "unlock it" in refusal("keyring:mua-async/MH")


def test_keyring_without_its_package(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "keyring", None)
    assert 'pip install "mua-async[keyring]"' in refusal("keyring:mua-async/MH")


@pytest.mark.parametrize(
    "reference",
    [
        "env:",
        f"env:{KEY}",
        "env: NAME",
        "env:A B",
        "file:",
        "file:keys/mh",
        "keyring:",
        "keyring:MH",
        "keyring:/MH",
    ],
)
def test_malformed_references_say_how_to_write_one(reference: str) -> None:
    assert " as in " in refusal(reference)


def test_home_of_nobody() -> None:
    assert "write the whole path" in refusal("file:~no-such-user-here/mh")


def test_only_references_are_shown() -> None:
    assert describe_reference("env:MH_API_KEY") == "env:MH_API_KEY"
    assert describe_reference("file:~/keys/mh") == "file:~/keys/mh"
    assert describe_reference("keyring:mua-async/MH") == "keyring:mua-async/MH"
    assert describe_reference(KEY) == "****"
    assert describe_reference(f"env:{KEY}") == "****"


def test_the_file_of_a_secret(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    assert secret_file("file:~/keys/mh") == tmp_path / "keys/mh"
    for reference in ("env:MH_API_KEY", KEY, "file:relative", ""):
        assert secret_file(reference) is None


def test_a_file_that_others_can_read(tmp_path: Path) -> None:
    file = tmp_path / "mh"
    file.touch(0o640)
    assert readable_by_others(file)
    file.chmod(0o600)
    assert not readable_by_others(file)
    assert not readable_by_others(tmp_path / "none")


@given(st.text())
def test_any_text_is_a_secret_or_refused(text: str) -> None:
    try:
        secret = resolve(text, {})
    except UsageError:
        return
    assert check_reference(text) is None
    assert secret.reveal() == text or text.startswith("file:")
