"""Puts secrets into the system's keyring, where the package for it is installed."""

from __future__ import annotations

import importlib.util

from pipeline.errors import UsageError

SERVICE = "mua-async"


def keyring_installed() -> bool:
    return importlib.util.find_spec("keyring") is not None


def store_secret(tracker_id: str, key: str, secret: str) -> str:
    """Stores the secret and returns the reference to it; blocks. UsageError where the keyring refuses."""
    import keyring
    import keyring.errors

    user = tracker_id if key == "api_key" else f"{tracker_id}.{key}"
    try:
        keyring.set_password(SERVICE, user, secret)
    except keyring.errors.KeyringError as error:
        raise UsageError(f"the keyring does not take it ({type(error).__name__})") from None
    return f"keyring:{SERVICE}/{user}"
