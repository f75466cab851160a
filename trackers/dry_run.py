"""The session of `--debug`: shows the creating request and opens no socket."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from types import TracebackType
from typing import Self

from pipeline.errors import Skipped
from pipeline.events import PreparedFile, RequestPrepared
from pipeline.secret import Redactor

from .attempt import take_creation
from .client import USER_AGENT, IsLimited
from .request import Answer, FieldValue, FormFile, Request, masked
from .tracker_config import ApiFormat

CONTENT_TYPES = {ApiFormat.JSON: "application/json", ApiFormat.FORM: "multipart/form-data"}


class DrySession:
    offline = True

    def __init__(self, redactor: Redactor) -> None:
        self.redactor = redactor

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Nothing was opened."""

    async def get(self, request: Request, *, is_limited: IsLimited | None = None) -> Answer:
        raise _nothing_sent()

    async def post(self, request: Request) -> Answer:
        raise _nothing_sent()

    async def create(self, request: Request, *, is_limited: IsLimited | None = None) -> Answer:
        take_creation().cell.report(
            RequestPrepared,
            method=request.method,
            url=self._address(request),
            headers=(
                *((name, self._shown(value)) for name, value in request.headers),
                ("User-Agent", USER_AGENT),
                ("Content-Type", CONTENT_TYPES[request.format]),
            ),
            fields=tuple(self._fields(request)),
            files=tuple(_file(part) for part in request.files),
        )
        raise _nothing_sent()

    def _address(self, request: Request) -> str:
        """As it would be asked for, secrets in its query masked."""
        query = "&".join(f"{name}={self._shown(value)}" for name, value in request.params)
        joint = "&" if "?" in request.url else "?"
        return self.redactor(request.url) + (joint + query if query else "")

    def _fields(self, request: Request) -> Iterator[tuple[str, str]]:
        """As the body holds them: JSON has a bool as a word, and each file as text in a field of its own."""
        is_json = request.format is ApiFormat.JSON
        for name, value in request.fields:
            yield name, json.dumps(value) if is_json and isinstance(value, bool) else self._shown(value)
        if is_json:
            yield from ((part.field, f"<{part.filename} in base64>") for part in request.files)

    def _shown(self, value: FieldValue) -> str:
        # Not only Secrets are masked: an adapter may have made a plain text of one.
        return self.redactor(masked(value))


def _file(part: FormFile) -> PreparedFile:
    return PreparedFile(
        field=part.field,
        name=part.filename,
        size=len(part.data),
        sha1=hashlib.sha1(part.data, usedforsecurity=False).hexdigest(),
    )


def _nothing_sent() -> Skipped:
    return Skipped("a dry run sends nothing", reason="debug")
