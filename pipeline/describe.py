"""Release names and descriptions, from sandboxed Jinja2 templates.

A template sees `release`, a `ReleaseView`. An absent value leaves nothing behind, nor do brackets round it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from difflib import get_close_matches
from functools import cache, lru_cache
from importlib.resources import files
from traceback import walk_tb
from typing import Any

from attrs import fields_dict
from jinja2 import StrictUndefined, Template, TemplateError, TemplateSyntaxError, nodes
from jinja2.exceptions import SecurityError
from jinja2.meta import find_undeclared_variables
from jinja2.runtime import Context
from jinja2.sandbox import ImmutableSandboxedEnvironment

from .bbcode import escape_bbcode
from .errors import DescribeError
from .filters import FILTERS
from .make_view import view
from .model.release import Release
from .text import clean_line, printable
from .view import ReleaseView

READY_MADE = (
    "default_name",
    "dotted_name",
    "default_description",
    "perfect_description",
    "plain_description",
)
MAX_OUTPUT_BYTES = 200_000
MAX_STEPS = 20_000
"""How often all loops over `range` may turn, taken together."""

RELEASES_AT_ONCE = 8
"""Trackers often share a template: so many texts of it are kept for the next one."""

ABSENT = "\uffff"
"""Stands for an absent value until the text is finished; `clean_line` keeps it out of all other text."""
ABSENT_IN_BRACKETS = re.compile(
    r"[ \t]*(?:\([\s,/A]*A[\s,/A]*\)|\[[\s,/A]*A[\s,/A]*\]|\{[\s,/A]*A[\s,/A]*\})".replace("A", ABSENT)
)

TEMPLATE_FAULTS = (
    TemplateError,
    ArithmeticError,
    AttributeError,
    LookupError,
    MemoryError,
    RuntimeError,
    SyntaxError,
    TypeError,
    ValueError,
)
"""What a wrong expression in a template can raise."""


class _Environment(ImmutableSandboxedEnvironment):
    intercepted_binops = frozenset({"*", "**"})

    def call_binop(self, context: Context, operator: str, left: Any, right: Any) -> Any:
        """Refuses what would fill the memory in one step."""
        if operator == "**":
            raise SecurityError("** is not available")
        for repeated, count in ((left, right), (right, left)):
            if isinstance(repeated, (str, list, tuple)) and len(repeated) * count > MAX_OUTPUT_BYTES:
                raise SecurityError(f"* makes more than {MAX_OUTPUT_BYTES:,} bytes")
        return super().call_binop(context, operator, left, right)


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
def render_description(release: Release, template: str) -> str:
    """The release's description in BBCode; text from tags is escaped; fails as `render_name` does."""
    rendered = _render(release, "description_template", template, view(release, escape_bbcode))
    lines = "\n".join(line.rstrip() for line in rendered.splitlines())
    return _not_empty(release, "description_template", lines.strip("\n"))


def check_template(source: str) -> str | None:
    """Why the text is neither a template nor the name of a ready-made one; None if it is."""
    try:
        _compile(source)
    except TEMPLATE_FAULTS as error:
        return _with_line(error)
    return None


@cache
def load_template(name: str) -> str:
    """The source of a ready-made template; `name` is one of READY_MADE."""
    if name not in READY_MADE:
        raise LookupError(f"{name!r} is no ready-made template")
    return (files(__package__) / "templates" / f"{name}.j2").read_text("utf-8")


@cache
def _environment() -> _Environment:
    environment = _Environment(
        autoescape=False,  # the output is BBCode, which `view` escapes by its own rules
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=StrictUndefined,
        finalize=lambda value: ABSENT if value is None else value,
        optimized=False,
    )
    environment.filters.update(FILTERS)
    del environment.globals["lipsum"], environment.filters["random"]  # the same release, the same text
    return environment


@lru_cache(maxsize=64)
def _compile(source: str) -> Template:
    if source in READY_MADE:
        source = load_template(source)
    elif re.fullmatch(r"\w+", source):
        raise TemplateSyntaxError(f"{source} is no ready-made template{_meant(source, READY_MADE)}", 1)
    environment = _environment()
    tree = environment.parse(source)
    _check_names(tree, {"release", *environment.globals})
    return environment.from_string(tree)


def _check_names(tree: nodes.Template, known: set[str]) -> None:
    """Finds the names and the fields of `release` that do not exist before anything is rendered."""
    names = list(tree.find_all(nodes.Name))
    # A name that is set in a branch counts as undeclared, since the branch may not be taken.
    unknown = find_undeclared_variables(tree) - known - {name.name for name in names if name.ctx == "store"}
    for name in names:
        if name.name in unknown:
            raise TemplateSyntaxError(f"{name.name} is not known: templates have `release`", name.lineno)
    fields = fields_dict(ReleaseView)
    for access in tree.find_all(nodes.Getattr):
        of_release = isinstance(access.node, nodes.Name) and access.node.name == "release"
        if of_release and access.attr not in fields:
            meant = _meant(access.attr, tuple(fields))
            raise TemplateSyntaxError(f"release has no field {access.attr}{meant}", access.lineno)


def _meant(word: str, known: tuple[str, ...]) -> str:
    close = get_close_matches(word, known, 1)
    return f"; did you mean {close[0]}?" if close else f": there are {', '.join(known)}"


def _render(release: Release, setting: str, source: str, release_view: ReleaseView) -> str:
    try:
        chunks = _compile(source).generate(release=release_view, range=_bounded_range())
        text = "".join(_bounded(chunks))
    except TEMPLATE_FAULTS as error:
        message = f"{setting}, {_with_line(error)}"
        raise _describe_error(release, message, "template", "mend it in the configuration") from error
    return ABSENT_IN_BRACKETS.sub("", text).replace(ABSENT, "")


def _bounded(chunks: Iterator[str]) -> Iterator[str]:
    size = 0
    for chunk in chunks:
        size += len(chunk.encode("utf-8", "replace"))
        if size > MAX_OUTPUT_BYTES:
            raise SecurityError(f"it makes more than {MAX_OUTPUT_BYTES:,} bytes")
        yield chunk


def _bounded_range() -> Callable[..., Iterator[int]]:
    """A `range` for one rendering, whose steps are counted over all its loops."""
    steps_left = MAX_STEPS

    def bounded_range(*bounds: int) -> Iterator[int]:
        nonlocal steps_left
        for number in range(*bounds):
            if steps_left == 0:
                raise SecurityError(f"its loops take more than {MAX_STEPS:,} steps")
            steps_left -= 1
            yield number

    return bounded_range


def _with_line(error: Exception) -> str:
    """What is wrong with a template, and in which of its lines."""
    lines = [line for frame, line in walk_tb(error.__traceback__) if frame.f_code.co_filename == "<template>"]
    line = error.lineno if isinstance(error, TemplateSyntaxError) else lines[-1] if lines else None
    # Jinja2 names our classes in full.
    problem = re.sub(r"'pipeline\.view\.(\w+)View object'", r"\1", str(error).partition("\n")[0])
    return problem if line is None else f"line {line}: {problem}"


def _not_empty(release: Release, setting: str, text: str) -> str:
    if text:
        return text
    raise _describe_error(release, f"{setting} gives an empty text", "empty", "mend it in the configuration")


def _describe_error(release: Release, message: str, reason: str, hint: str) -> DescribeError:
    root = release.album.files.root
    return DescribeError(f"{printable(root.name)}: {message}", path=root, reason=reason, hint=hint)
