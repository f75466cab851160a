"""Says what a site's rules have it say: templates to answers."""

from __future__ import annotations

import re

from aiohttp import web

from pipeline.templating import TEMPLATE_FAULTS, compile_template, fault_in, render

from .answers import Refused, page
from .rules import AnswerTemplate

CONTENT_TYPE = "text/html; charset=utf-8"


def spoken(template: AnswerTemplate, **values: object) -> web.Response:
    """The answer with the values in it."""
    headers = {name: one_line(said(text, **values)) for name, text in template.headers.items()}
    if not any(name.lower() == "content-type" for name in headers):
        headers["Content-Type"] = CONTENT_TYPE
    body = said(template.body, **values).encode()
    return web.Response(status=template.status, headers=headers, body=body)


def said(source: str, **values: object) -> str:
    """The text of a template. Raises Refused with an error of the server where it fails on its values."""
    try:
        return render(compile_template(source, frozenset(values)), **values)
    except TEMPLATE_FAULTS as error:
        raise Refused(page("A template of the rules fails", 500, text=fault_in(error))) from None


def one_line(text: str) -> str:
    """The text without what would end a header."""
    return re.sub(r"[\x00-\x1f\x7f]+", " ", text).strip()
