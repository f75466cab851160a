"""A tracker, hook by hook: `mua-async tracker create` makes an adapter of it.

Every hook does here what its family does. Keep those in which your site differs, and delete the others.
"""

from __future__ import annotations

from typing import ClassVar

from pipeline.errors import TrackerError
from pipeline.model.upload import Existing, UploadRequest, UploadResult

from .generic_tracker import GenericTracker
from .request import Answer, FieldValue, FormFile


class TemplateTracker(GenericTracker):
    # How it is shown, and what it writes into `info.source` of its torrents.
    name = "TEMPLATE"
    source_name = "TEMPLATE"
    # How the key is sent: bearer, token, param, header, field, basic or session.
    api_auth_type = "bearer"
    # How an upload is written: form (multipart) or json (the torrent in base64).
    api_format = "form"
    # The site's numbers, by type of release and by codec; "*" stands for all others.
    # What is missing here is refused, or is the user's to configure.
    category_ids: ClassVar[dict[str, str]] = {}
    format_ids: ClassVar[dict[str, str]] = {}
    # What the site refuses, checked before anything is sent; see SiteRules.
    rules = GenericTracker.rules

    # Override it where the site's fields have other names, or it wants more of them.
    async def _build_form_data(self, request: UploadRequest) -> dict[str, FieldValue]:
        return await super()._build_form_data(request)

    # Override it where the site takes covers otherwise than as a file in the form.
    async def _prepare_cover(self, request: UploadRequest) -> FormFile | None:
        return await super()._prepare_cover(request)

    # Override it where api_auth_type is "session": log in with self.session.post, and
    # raise Rejected where the site refuses. It is called again when the login expires.
    async def _login(self) -> None:
        await super()._login()

    # Override it where the site can be asked for what it has: with self._ask.
    async def find_existing(self, request: UploadRequest) -> Existing | None:
        return await super().find_existing(request)

    # Override it where an upload takes more than one request. Exactly one of them
    # creates it, through self.session.create. Ask nothing if self.session.offline.
    async def upload(self, request: UploadRequest) -> UploadResult:
        return await super().upload(request)

    # Override it where the site tells of a success in another way. A 2xx is none by
    # itself: raise Rejected for a refusal, self._unclear(answer) for what says neither.
    async def _parse_result(self, answer: Answer) -> UploadResult:
        return await super()._parse_result(answer)

    # Override it where refusals need to be told apart. Give Rejected only where the
    # site says no; leave the rest to the family, which calls it unknown.
    async def _handle_error_response(self, answer: Answer) -> TrackerError:
        return await super()._handle_error_response(answer)
