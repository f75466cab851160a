"""Secret references: where a key is kept, so that the configuration need not hold it."""

from __future__ import annotations

import re
import stat
from collections.abc import Callable, Mapping
from pathlib import Path

from pipeline.errors import UsageError
from pipeline.secret import MASK, Secret

CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
"""Line breaks, control characters and halves of surrogate pairs: they could end a header early."""

LONGEST_LINE = 65536
SCHEMES = ("env", "file", "keyring")

SecretResolver = Callable[[str], Secret | None]
"""Turns a reference into the secret; None where the caller goes on without it. Raises UsageError."""


def resolve(reference: str, environ: Mapping[str, str]) -> Secret:
    """The secret that `env:NAME`, `file:PATH`, `keyring:SERVICE/USER` or the text itself names.

    It may block on a file or on the keyring. A UsageError says what is missing, never the secret.
    """
    problem = check_reference(reference)
    if problem:
        raise UsageError(problem)
    scheme, place = _split(reference)
    match scheme:
        case "env":
            text = _from_environment(place, environ)
        case "file":
            text = _from_file(place)
        case "keyring":
            text = _from_keyring(place)
        case _:
            text = reference
    if not text.strip():
        raise UsageError(f"{reference if scheme else 'the secret'} is empty")
    if CONTROL.search(text):
        raise UsageError(
            f"the secret in {describe_reference(reference)} contains a line break or control character"
        )
    return Secret(text)


def check_reference(reference: str) -> str | None:
    """What is wrong with the reference itself; asks neither environment, file nor keyring."""
    if CONTROL.search(reference):
        return "must not contain a line break or control character"
    scheme, place = _split(reference)
    match scheme:
        case "env" if not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", place):
            return "write the name of an environment variable after `env:`, as in env:MH_API_KEY"
        case "file":
            return _check_path(place)
        case "keyring" if not all(_keyring_entry(place)):
            return "write service and user after `keyring:`, as in keyring:mua-async/MH"
        case _:
            return None


def is_literal(reference: str) -> bool:
    """Whether the text is the secret itself."""
    return not _split(reference)[0]


def describe_reference(reference: str) -> str:
    """The reference as it may be shown: the secret itself, or what may be one, is masked."""
    return MASK if is_literal(reference) or check_reference(reference) else reference


def secret_file(reference: str) -> Path | None:
    """The file that holds the secret, where the reference names one."""
    scheme, place = _split(reference)
    return Path(place).expanduser() if scheme == "file" and not check_reference(reference) else None


def readable_by_others(path: Path) -> bool:
    """Whether the file is open to its group or to everybody; False where that cannot be told."""
    try:
        return bool(path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO))
    except OSError:
        return False


def _split(reference: str) -> tuple[str, str]:
    scheme, _, place = reference.partition(":")
    return (scheme, place) if scheme in SCHEMES and place != reference else ("", reference)


def _check_path(place: str) -> str | None:
    try:
        path = Path(place).expanduser()
    except RuntimeError:
        return "`~` names no home folder here: write the whole path of the file"
    return None if path.is_absolute() else "write a whole path after `file:`, as in file:~/keys/mh"


def _from_environment(name: str, environ: Mapping[str, str]) -> str:
    if name not in environ:
        raise UsageError(f"the environment variable {name} is not set", hint=f"export {name}=...")
    return environ[name]


def _from_file(place: str) -> str:
    path = Path(place).expanduser()
    try:
        with path.open(encoding="utf-8-sig") as file:
            return file.readline(LONGEST_LINE).strip()
    except UnicodeDecodeError:
        raise UsageError(f"{path} is no UTF-8 text", hint="it holds the key in its first line") from None
    except OSError as error:
        raise UsageError(
            f"{path} cannot be read: {error.strerror}", hint="it holds the key in its first line"
        ) from error


def _keyring_entry(place: str) -> tuple[str, str]:
    service, _, user = place.rpartition("/")
    return service, user


def _from_keyring(place: str) -> str:
    try:
        import keyring
        import keyring.errors
    except ImportError:
        raise UsageError(
            "keyring: needs the package keyring", hint='pip install "mua-async[keyring]"'
        ) from None
    service, user = _keyring_entry(place)
    try:
        text = keyring.get_password(service, user)
    except keyring.errors.KeyringError as error:
        raise UsageError(
            f"the keyring cannot be asked for {service}/{user} ({type(error).__name__})",
            hint="unlock it, or use env: or file:",
        ) from error
    if text is None:
        raise UsageError(
            f"the keyring holds nothing for {service}/{user}", hint=f"keyring set {service} {user}"
        )
    return text
