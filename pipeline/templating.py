"""Sandboxed Jinja2 templates: what they may name, how much they may do, and what is wrong with one.

An absent value leaves nothing behind, nor do brackets round it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from difflib import get_close_matches
from functools import cache, lru_cache
from traceback import walk_tb
from types import FrameType
from typing import Any

from attrs import fields_dict
from jinja2 import StrictUndefined, Template, TemplateError, TemplateSyntaxError, Undefined, nodes
from jinja2.exceptions import SecurityError
from jinja2.meta import find_undeclared_variables
from jinja2.runtime import Context
from jinja2.sandbox import ImmutableSandboxedEnvironment

from .filters import FILTERS
from .view import ReleaseView

MAX_OUTPUT_BYTES = 200_000
MAX_STEPS = 20_000
"""How often all loops over `range` may turn, taken together."""
MAX_ITEMS = 1_000
"""Of a list that a value is."""

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

Plain = str | bool | int | float | list["Plain"] | None
"""What a value can be."""

RESULT = "result"


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


@lru_cache(maxsize=256)
def compile_template(source: str, names: frozenset[str]) -> Template:
    """The template; one of TEMPLATE_FAULTS where it is none, or knows another name or field of `release`."""
    return _environment().from_string(_checked(source, names))


def names_in(source: str) -> set[str]:
    """The variables that a template asks for."""
    return find_undeclared_variables(_environment().parse(source))


def render(template: Template, **values: object) -> str:
    """The template's text; raises one of TEMPLATE_FAULTS."""
    text = "".join(_bounded(template.generate(**values, range=_bounded_range())))
    return ABSENT_IN_BRACKETS.sub("", text).replace(ABSENT, "")


def evaluate(source: str, values: Mapping[str, object]) -> Plain:
    """What one expression alone, `{{ ... }}`, gives, its type kept; any other template's text.

    Raises one of TEMPLATE_FAULTS.
    """
    names = frozenset(values)
    expression = _compile_expression(source, names)
    if expression is None:
        return render(compile_template(source, names), **values)
    module = expression.make_module({**values, "range": _bounded_range()})
    return _plain(vars(module)[RESULT])


def fault_in(error: Exception) -> str:
    """What is wrong with a template, and in which of its lines."""
    frames = walk_tb(error.__traceback__)
    lines = [_source_line(frame, line) for frame, line in frames if frame.f_code.co_filename == "<template>"]
    line = error.lineno if isinstance(error, TemplateSyntaxError) else lines[-1] if lines else None
    # Jinja2 names our classes in full.
    problem = re.sub(r"'pipeline\.view\.(\w+)View object'", r"\1", str(error).partition("\n")[0])
    return problem if line is None else f"line {line}: {problem}"


def _source_line(frame: FrameType, line: int) -> int:
    """The template's line, where Jinja2 has not yet put that in place of a line of the code made of it."""
    template = frame.f_globals.get("__jinja_template__")
    return template.get_corresponding_lineno(line) if isinstance(template, Template) else line


def meant(word: str, known: tuple[str, ...]) -> str:
    """What is said after a word that is not known."""
    close = get_close_matches(word, known, 1)
    return f"; did you mean {close[0]}?" if close else f": there are {', '.join(known)}"


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


def _checked(source: str, names: frozenset[str]) -> nodes.Template:
    tree = _environment().parse(source)
    _check_names(tree, names)
    return tree


@lru_cache(maxsize=256)
def _compile_expression(source: str, names: frozenset[str]) -> Template | None:
    """A template that sets RESULT to what the expression gives; None where the source is more than one."""
    tree = _checked(source, names)
    match tree.body:
        case [nodes.Output(nodes=[nodes.Expr() as expression])] if not isinstance(
            expression, nodes.TemplateData
        ):
            assignment = nodes.Assign(nodes.Name(RESULT, "store", lineno=1), expression, lineno=1)
            return _environment().from_string(nodes.Template([assignment], lineno=1))
        case _:
            return None


def _plain(value: object) -> Plain:
    """The value as JSON knows it; a TypeError for what it does not know."""
    match value:
        case Undefined():
            return str(value)  # which raises what is wrong with it
        case None | bool() | int() | float():
            return value
        case str():
            return "".join(_bounded(iter([value])))
        case list() | tuple() | Iterator():
            items = [_plain(item) for _, item in zip(range(MAX_ITEMS + 1), value, strict=False)]
            if len(items) > MAX_ITEMS:
                raise SecurityError(f"it gives a list of more than {MAX_ITEMS:,}")
            return items
        case _:
            raise TypeError("it gives neither text nor a number, true, false or a list")


def _check_names(tree: nodes.Template, names: frozenset[str]) -> None:
    """Finds the names and the fields of `release` that do not exist before anything is rendered."""
    used = list(tree.find_all(nodes.Name))
    known = names | set(_environment().globals)
    # A name that is set in a branch counts as undeclared, since the branch may not be taken.
    unknown = find_undeclared_variables(tree) - known - {name.name for name in used if name.ctx == "store"}
    told = ", ".join(f"`{name}`" for name in sorted(names))
    for name in used:
        if name.name in unknown:
            raise TemplateSyntaxError(f"{name.name} is not known: templates have {told}", name.lineno)
    fields = fields_dict(ReleaseView)
    for access in tree.find_all(nodes.Getattr):
        of_release = isinstance(access.node, nodes.Name) and access.node.name == "release"
        if of_release and access.attr not in fields:
            raise TemplateSyntaxError(
                f"release has no field {access.attr}{meant(access.attr, tuple(fields))}", access.lineno
            )


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
