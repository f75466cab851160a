"""What a tracker's configuration lacks before anything can be sent, and where to write it."""

from __future__ import annotations

from collections.abc import Iterator

from .auth import missing_credentials
from .tracker_config import ApiFormat, AuthType, TrackerConfig

DESCRIBING_KEYS = ("fields", "csrf", "answer", "login", "search")


def missing_keys(config: TrackerConfig, *, can_log_in: bool) -> Iterator[str]:
    """What a settled configuration lacks; `can_log_in` where the tracker's class has a login of its own."""
    table = f"trackers.{config.id}"
    needed = {"url": config.url, "announce_url": config.announce_url}
    for key in (*(key for key, value in needed.items() if not value), *missing_credentials(config)):
        yield f'{table}.{key} is missing: write {key} = "..."'
    if config.api_auth_type is AuthType.SESSION and not can_log_in:
        yield f"{table}.api_auth_type: session needs a table `login`, or an adapter module with `_login`"
    if config.api_format is ApiFormat.DOCUMENT and not config.document_field:
        yield f"{table}.document_field is missing: the form field that holds the JSON document"


def needless_descriptions(config: TrackerConfig, class_name: str) -> list[str]:
    """The parts of a site's description that a class has its own code for."""
    return [
        f"trackers.{config.id}.{key} describes a site that {class_name} knows itself: "
        'leave it out, or write type = "generic"'
        for key in DESCRIBING_KEYS
        if getattr(config, key) is not None
    ]
