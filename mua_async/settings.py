"""What a user says of albums on the command line."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from pipeline.errors import UsageError
from pipeline.gaps import GAPS, read_gaps
from pipeline.known_album import UserWords

from .gap_files import read_answers_file

SET_HELP = f"Fill what the tags do not say; a KEY is one of {', '.join(GAPS)}."


def user_words(
    pairs: Sequence[str], media: str | None, release_type: str | None, answers: Path | None
) -> UserWords:
    """What `--set`, `--media`, `--release-type` and `--answers` say; UsageError with all that is wrong."""
    settings = read_gaps(_settings(pairs, media, release_type))
    if answers is None:
        return UserWords(settings)
    return UserWords(settings, read_answers_file(answers), answers.name)


def _settings(pairs: Sequence[str], media: str | None, release_type: str | None) -> dict[str, str]:
    """By key; UsageError without `=`."""
    settings: dict[str, str] = {}
    for pair in pairs:
        key, equals, value = pair.partition("=")
        if not equals:
            raise UsageError(f"--set {pair}: write it as --set key=value")
        settings[key.strip().lower().replace("-", "_")] = value
    if media is not None:
        settings["media"] = media
    if release_type is not None:
        settings["release_type"] = release_type
    return settings
