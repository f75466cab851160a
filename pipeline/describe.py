"""Release names and descriptions, from sandboxed Jinja2 templates.

A template sees `release`, a `ReleaseView`, and `cover_url`, which is absent but in a description that shows
its cover. An absent value leaves nothing behind, nor do brackets round it.
"""

from __future__ import annotations

import re
from functools import cache, lru_cache
from importlib.resources import files

from jinja2 import Template, TemplateSyntaxError

from .bbcode import escape_bbcode
from .errors import DescribeError
from .make_view import view
from .model.release import Release
from .templating import TEMPLATE_FAULTS, compile_template, fault_in, meant, render
from .text import clean_line, printable
from .view import ReleaseView

NAMES = frozenset({"release", "cover_url"})
"""What a template sees."""
READY_MADE = (
    "default_name",
    "dotted_name",
    "default_description",
    "perfect_description",
    "plain_description",
)
RELEASES_AT_ONCE = 8
"""Trackers often share a template: so many texts of it are kept for the next one."""


@lru_cache(maxsize=RELEASES_AT_ONCE)
def render_name(release: Release, template: str) -> str:
    """The release's name: one line, NFC, without control characters, with no dot or space at its ends.

    The same release always has the same name.

    `template` is the source of a template or the name of a ready-made one. Raises DescribeError:
    `missing` where artist or title is not known, `template` for a faulty template, `empty`.
    """
    rendered = _render(release, "name_template", template, view(release))
    return _not_empty(release, "name_template", clean_line(rendered).strip(" ."))


@lru_cache(maxsize=RELEASES_AT_ONCE)
def render_description(release: Release, template: str, cover_url: str | None = None) -> str:
    """The release's description in BBCode; text from tags is escaped; fails as `render_name` does.

    `cover_url` is where its cover lies in the web, if it does.
    """
    seen = view(release, escape_bbcode)
    rendered = _render(release, "description_template", template, seen, cover_url)
    lines = "\n".join(line.rstrip() for line in rendered.splitlines())
    return _not_empty(release, "description_template", lines.strip("\n"))


def check_template(source: str) -> str | None:
    """Why the text is neither a template nor the name of a ready-made one; None if it is."""
    try:
        _compile(source)
    except TEMPLATE_FAULTS as error:
        return fault_in(error)
    return None


@cache
def load_template(name: str) -> str:
    """The source of a ready-made template; `name` is one of READY_MADE."""
    if name not in READY_MADE:
        raise LookupError(f"{name!r} is no ready-made template")
    return (files(__package__) / "templates" / f"{name}.j2").read_text("utf-8")


def _compile(source: str) -> Template:
    if source in READY_MADE:
        source = load_template(source)
    elif re.fullmatch(r"\w+", source):
        raise TemplateSyntaxError(f"{source} is no ready-made template{meant(source, READY_MADE)}", 1)
    return compile_template(source, NAMES)


def _render(
    release: Release, setting: str, source: str, release_view: ReleaseView, cover_url: str | None = None
) -> str:
    try:
        return render(_compile(source), release=release_view, cover_url=cover_url)
    except TEMPLATE_FAULTS as error:
        message = f"{setting}, {fault_in(error)}"
        raise _describe_error(release, message, "template", "mend it in the configuration") from error


def _not_empty(release: Release, setting: str, text: str) -> str:
    if text:
        return text
    raise _describe_error(release, f"{setting} gives an empty text", "empty", "mend it in the configuration")


def _describe_error(release: Release, message: str, reason: str, hint: str) -> DescribeError:
    root = release.album.files.root
    return DescribeError(f"{printable(root.name)}: {message}", path=root, reason=reason, hint=hint)
