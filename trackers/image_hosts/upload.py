"""One picture to one host."""

from __future__ import annotations

import re

import anyio
from yarl import URL

from pipeline.errors import NotSent
from pipeline.model.release import Cover

from ..addresses import is_private_enough
from ..answers import describe, flatten, readable
from ..client import Session
from ..described.rules import at
from ..request import Answer, FormFile, Request, Text
from .settings import ImageHostConfig, KeyPlace

PLACE = re.compile(r"\{([^{}]+)\}")
LONGEST_ADDRESS = 255
"""Characters; Gazelle takes no more."""
ADDRESS = re.compile(r"[!-~]+")
IN_BBCODE = set("[]<>\"'\\")
"""What would end the picture's tag, or begin another."""


class HostFault(Exception):
    """The host did not take the picture, for the reason given."""


async def send_picture(host: ImageHostConfig, session: Session, cover: Cover) -> str:
    """The picture's address; raises HostFault, at the latest when the host's time is over."""
    answer: Answer | None = None
    with anyio.move_on_after(host.timeout):
        try:
            answer = await session.post(_request(host, cover))
        except NotSent as error:
            raise HostFault(error.message) from None
    if answer is None:
        raise HostFault(f"no answer within {host.timeout:g} s")
    if not answer.ok:
        said = readable(flatten(answer.json()), session.redactor) or describe(answer, session.redactor)
        raise HostFault(f"status {answer.status}: {said}")
    address = _address_in(answer, host)
    if address is None:
        raise HostFault(f"its answer holds no address: {describe(answer, session.redactor)}")
    return address


def _request(host: ImageHostConfig, cover: Cover) -> Request:
    shape = host.shape
    fields: list[tuple[str, Text]] = list(shape.fields.items())
    request = Request(
        "POST", shape.url, files=(FormFile(shape.file_field, cover.filename, cover.mime, cover.data),)
    )
    if host.api_key and shape.key_name:
        match shape.key_place:
            case KeyPlace.FIELD:
                fields.append((shape.key_name, host.api_key))
            case KeyPlace.PARAM:
                request = request.with_param(shape.key_name, host.api_key)
            case KeyPlace.HEADER:
                request = request.with_header(shape.key_name, host.api_key)
    for name, value in fields:
        request = request.with_field(name, value)
    return request


def _address_in(answer: Answer, host: ImageHostConfig) -> str | None:
    """The address that the answer tells; None where it tells none that may be published."""
    document = answer.json()
    parts = {"text": answer.text.strip(), "origin": str(URL(host.shape.url).origin())}
    missing = False

    def told(place: re.Match[str]) -> str:
        nonlocal missing
        found = parts.get(place[1], at(document, place[1]))
        missing = missing or not isinstance(found, str) or not found
        return str(found)

    address = PLACE.sub(told, host.shape.address)
    if (
        missing
        or len(address) > LONGEST_ADDRESS
        or not ADDRESS.fullmatch(address)
        or IN_BBCODE & set(address)
    ):
        return None
    try:
        url = URL(address)
        usable = is_private_enough(url) and len(url.path) > 1
    except ValueError:
        return None
    return address if usable else None
