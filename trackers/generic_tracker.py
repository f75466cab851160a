"""The base of all trackers: uploads from configuration alone, and is adapted hook by hook."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import ClassVar
from urllib.parse import quote

import anyio
from attrs import evolve, frozen
from yarl import URL

from pipeline.errors import LOOK_FIRST, NotSent, Rejected, Skipped, TrackerError, Unknown
from pipeline.model.release import Release
from pipeline.model.rules import SiteRules
from pipeline.model.upload import Existing, TrackerProfile, UploadRequest, UploadResult
from pipeline.rules import problems as rule_problems
from pipeline.secret import Secret

from .addresses import is_private_enough, raised
from .answers import (
    REFUSING_STATUSES,
    describe,
    first_text,
    flatten,
    readable,
    redirects_to_login,
    refusal_text,
)
from .auth import missing_credentials, sign
from .class_data import class_data
from .client import Session
from .redaction import keys_in
from .request import Answer, FieldValue, FormFile, Request
from .tracker_config import ApiFormat, AuthType, CoverDemand, Family, Rate, TrackerConfig, lookup, site_of

TORRENT_TYPE = "application/x-bittorrent"
JSON_ONLY = ("Accept", "application/json")
"""Many sites answer a bad key with a page, or a redirect to one, unless JSON is all that is accepted."""


@frozen
class KeyProof:
    """What the site's answer shows of the key; `proved` only where a wrong one would have been refused."""

    proved: bool
    text: str


class GenericTracker:
    """A site that is described by its configuration; a subclass is data first, then hooks where it differs.

    The class attributes have the names and meanings of the configuration's keys; what the user writes wins.
    """

    family: ClassVar[str] = Family.GENERIC

    name: ClassVar[str | None] = None
    url: ClassVar[str | None] = None
    source_name: ClassVar[str | None] = None
    api_auth_type: ClassVar[AuthType | str] = AuthType.BEARER
    api_auth_name: ClassVar[str | None] = None
    api_format: ClassVar[ApiFormat | str] = ApiFormat.FORM
    custom_endpoint: ClassVar[str | None] = "api/upload"
    download_endpoint: ClassVar[str | None] = None
    cover: ClassVar[CoverDemand | str] = CoverDemand.OPTIONAL
    cover_field: ClassVar[str | None] = None
    rate_limit: ClassVar[Rate | str | Sequence[Rate | str]] = (Rate(30, 60.0),)
    category_ids: ClassVar[Mapping[str, str]] = {}
    format_ids: ClassVar[Mapping[str, str]] = {}
    resolution_ids: ClassVar[Mapping[str, str]] = {}
    name_template: ClassVar[str] = "default_name"
    description_template: ClassVar[str] = "default_description"
    rules: ClassVar[SiteRules] = SiteRules()

    def __init__(self, config: TrackerConfig, session: Session) -> None:
        """`config` is settled."""
        self.config = config
        self.session = session
        self._kept_login: object | None = None
        self._login_turn = anyio.Lock()

    @classmethod
    def settled(cls, config: TrackerConfig) -> TrackerConfig:
        """The configuration with this class's data wherever the user wrote nothing.

        A table of ids is taken whole: what the user's leaves out is refused, never looked up in the class's.
        UsageError where the class's data is wrong.
        """
        own = class_data(cls)
        return evolve(
            config, **{key: value for key, value in own.items() if getattr(config, key) in (None, {})}
        )

    @classmethod
    def missing(cls, config: TrackerConfig) -> list[str]:
        """What must be configured before anything can be sent, and where to write it."""
        settled = cls.settled(config)
        table = f"trackers.{config.id}"
        found = [f'{table}.{key} is missing: write {key} = "..."' for key in _missing_keys(settled)]
        if settled.api_auth_type is AuthType.SESSION and cls._login is GenericTracker._login:
            found.append(
                f"{table}.api_auth_type: session needs a table `login`, or an adapter module with `_login`"
            )
        if settled.api_format is ApiFormat.DOCUMENT and not settled.document_field:
            found.append(f"{table}.document_field is missing: the form field that holds the JSON document")
        return found + cls._undescribed(config)

    @classmethod
    def _undescribed(cls, config: TrackerConfig) -> list[str]:
        """The parts of the site's description that this class has its own code for."""
        return [
            f"trackers.{config.id}.{key} describes a site that {cls.__name__} knows itself: "
            'leave it out, or write type = "generic"'
            for key in ("fields", "answer", "login")
            if getattr(config, key) is not None
        ]

    @property
    def profile(self) -> TrackerProfile:
        config = self.config
        required = config.cover is CoverDemand.REQUIRED
        return TrackerProfile(
            id=config.id,
            name=self._name,
            site=site_of(config),
            announce_url=config.announce_url or Secret(""),
            source_name=config.source_name or "",
            anonymous=bool(config.anon),
            cover_wanted=required or self._cover_field is not None,
            cover_required=required,
            rules=self.rules,
            name_template=config.name_template or "",
            description_template=config.description_template or "",
        )

    def problems(self, release: Release) -> list[str]:
        """What keeps the release from being sent here: ids that are not configured, rules that it breaks."""
        found = [
            f'trackers.{self.config.id}.{table} has no {key}: add {key} = "..."'
            for table, key in self._lookups(release)
            if lookup(getattr(self.config, table), key) is None
        ]
        return found + rule_problems(release, self.rules)

    def _lookups(self, release: Release) -> list[tuple[str, str]]:
        """The id tables that an upload looks into, and under which keys."""
        return [("category_ids", str(release.album.release_type)), ("format_ids", str(release.album.codec))]

    def _id(self, table: str, key: str) -> str:
        found = lookup(getattr(self.config, table), key)
        if found is None:
            raise Skipped(f"trackers.{self.config.id}.{table} has no {key}", reason="rules")
        return found

    async def _login(self) -> None:
        """Logs in before the first request, and when the site has forgotten; raises where it is refused.

        Schemes that sign each request have nothing to do.
        """

    async def _login_holds(self) -> bool:
        """Whether the site still knows an earlier login, asked before an upload that relies on it.

        A site whose front page is open to all needs another question here.
        """
        return not self._denies_key(await self._ask_once(Request("GET", self._join(""))))

    async def _prepare_cover(self, request: UploadRequest) -> FormFile | None:
        """The cover as a file part, where the site has a field for it."""
        cover, field = request.release.cover, self._cover_field
        if cover is None or field is None:
            return None
        return FormFile(field, cover.filename, cover.mime, cover.data)

    async def _build_form_data(self, request: UploadRequest) -> dict[str, FieldValue]:
        """The text fields, in the order in which they are sent."""
        album = request.release.album
        return {
            "name": request.name,
            "description": request.description,
            "category_id": self._id("category_ids", str(album.release_type)),
            "format_id": self._id("format_ids", str(album.codec)),
            "anonymous": request.anonymous,
        }

    async def upload(self, request: UploadRequest) -> UploadResult:
        """Sends the release in one creating request, and reads the verdict out of the answer."""
        earlier = self._kept_login
        await self._ensure_lasting_login()
        login = self._kept_login
        form = self._signed(await self._upload_request(request))
        answer = await self.session.create(form)
        if answer.ok:
            return await self._parse_result(answer)
        if login is not None and self._denies_login(answer):
            self._forget(login)
            if login is earlier:
                raise self._login_expired()
        raise await self._handle_error_response(answer)

    async def _parse_result(self, answer: Answer) -> UploadResult:
        """The result out of a 2xx answer; raises Rejected or Unknown, since a 2xx is no success by itself."""
        document = answer.json_object()
        if document.get("success") is False:
            raise Rejected(f"{self._name} refuses it: {self._words(document) or 'it does not say why'}")
        if document.get("success") is not True:
            raise self._unclear(answer)
        data = document.get("data")
        places = [document, data] if isinstance(data, dict) else [document]
        link = first_text(places, "download_url", "torrent_url")
        return UploadResult(
            torrent_id=first_text(places, "id", "torrent_id"),
            url=self._public(first_text(places, "url", "link")),
            download_url=Secret(link) if link else None,
            message=readable(flatten(document.get("message")), self.session.redactor),
        )

    async def _handle_error_response(self, answer: Answer) -> TrackerError:
        """The error that an answer other than 2xx stands for."""
        if self._denies_key(answer):
            return self._bad_key()
        if answer.status in REFUSING_STATUSES:
            words = self._words(answer.json_object()) or describe(answer, self.session.redactor)
            return Rejected(
                f"{self._name} refuses it (status {answer.status}): {words}", hint=self._advice(answer)
            )
        return self._unclear(answer)

    async def find_existing(self, request: UploadRequest) -> Existing | None:
        """What the site has of this release; a site of unknown make cannot be asked."""
        return None

    async def fetch_torrent(self, download_url: Secret | None, torrent_id: str | None) -> bytes | None:
        """The site's own .torrent, from the address that it gave or from `download_endpoint`."""
        if download_url is None and self.config.download_endpoint and torrent_id:
            path = self.config.download_endpoint.replace("{id}", quote(torrent_id, safe=""))
            download_url = Secret(self._join(path))
        if download_url is None:
            return None
        answer = await self._ask(Request("GET", self._torrent_address(download_url.reveal())))
        if not answer.ok:
            told = describe(answer, self.session.redactor)
            raise NotSent(f"{self._name} does not give its torrent (status {answer.status}): {told}")
        return answer.body

    def _torrent_address(self, link: str) -> str:
        try:
            own = URL(self._join(""))
            address = raised(URL(self._absolute(link)), own)
        except ValueError:
            raise NotSent(f"{self._name} gives an odd address for its torrent", retryable=False) from None
        if not is_private_enough(address):
            raise NotSent(
                f"{self._name} gives an address at {address.host} for its torrent that is not https://",
                hint="others on the way could read it: fetch the torrent from the site's page",
                retryable=False,
            )
        return str(address)

    async def test_key(self) -> KeyProof:
        """Asks the site whether the key is good; raises a TrackerError where it is not."""
        answer = await self._ask(Request("GET", self._join("")))
        if self._denies_key(answer):
            raise self._bad_key()
        if answer.status == 404:
            return KeyProof(
                False,
                f"there is no page at {self._join('')} (status 404): check trackers.{self.config.id}.url",
            )
        return KeyProof(
            False,
            f"the site answers (status {answer.status}); only an upload can prove the key of a generic site",
        )

    async def listed_ids(self) -> Mapping[str, Mapping[str, str]]:
        """The names that the site itself gives its ids, by table of the configuration and id.

        A table is left out where nothing was learnt of it. A site of unknown make tells none.
        """
        return {}

    async def _ask(self, request: Request) -> Answer:
        """A GET, signed only where it goes to the tracker's own site: the key is for nobody else."""
        earlier = self._kept_login
        await self._ensure_login()
        answer = await self._ask_once(request)
        if earlier is not None and self._is_own(request.url) and self._denies_login(answer):
            self._forget(earlier)
            await self._ensure_login()
            answer = await self._ask_once(request)
        return answer

    async def _ask_once(self, request: Request) -> Answer:
        request = request.with_header(*JSON_ONLY)
        if self._is_own(request.url):
            request = self._signed(request)
        return await self.session.get(request)

    async def _upload_request(self, request: UploadRequest) -> Request:
        field = self.config.torrent_field or "torrent"
        files = [FormFile(field, plain_file_name(request.name), TORRENT_TYPE, request.torrent.data)]
        if cover := await self._prepare_cover(request):
            files.append(cover)
        form = Request(
            "POST",
            self.config.upload_url or self._join(self.config.custom_endpoint or ""),
            headers=(JSON_ONLY,),
            fields=await self._form_fields(request),
            files=tuple(files),
            format=self.config.api_format or ApiFormat.FORM,
        )
        return (
            form.in_document(self.config.document_field or "") if form.format is ApiFormat.DOCUMENT else form
        )

    async def _form_fields(self, request: UploadRequest) -> tuple[tuple[str, FieldValue], ...]:
        """The text fields as they are sent; a name may stand there more than once."""
        return tuple((await self._build_form_data(request)).items())

    def _signed(self, request: Request) -> Request:
        """The request with the credentials on it that the site's own addresses get."""
        return sign(request, self.config)

    async def _ensure_login(self) -> None:
        async with self._login_turn:
            if self._kept_login is None and not self.session.offline:
                await self._login()
                self._kept_login = object()

    async def _ensure_lasting_login(self) -> None:
        """Renews an earlier login that has expired: the one creating request must not be spent on it."""
        earlier = self._kept_login
        if (
            earlier is not None
            and self.config.api_auth_type is AuthType.SESSION
            and not await self._login_holds()
        ):
            self._forget(earlier)
        await self._ensure_login()

    def _forget(self, login: object) -> None:
        """Gives up that login, and none that was made since."""
        if self._kept_login is login:
            self._kept_login = None

    def _denies_login(self, answer: Answer) -> bool:
        return self.config.api_auth_type is AuthType.SESSION and self._denies_key(answer)

    def _login_expired(self) -> NotSent:
        return NotSent(
            f"{self._name} had forgotten the login, and took nothing",
            hint="send it again: the next upload logs in first",
            retryable=False,
        )

    def _join(self, endpoint: str) -> str:
        site = self.config.url or f"<trackers.{self.config.id}.url>"
        return f"{site.rstrip('/')}/{endpoint.lstrip('/')}"

    def _absolute(self, address: str) -> str:
        """An address that the site gave, whole even where that was a path; ValueError where it is none."""
        return str(URL(self._join("")).join(URL(address)))

    def _is_own(self, address: str) -> bool:
        return URL(address).origin() == URL(self._join("")).origin()

    def _public(self, address: str | None) -> str | None:
        """An address that the site gave, as it may be shown; None if it is none, or holds a key."""
        if address is None:
            return None
        try:
            url = URL(self._absolute(address))
        except ValueError:
            return None
        secret = url.user or url.password or any(keys_in(str(url)))
        return None if secret or url.scheme not in {"http", "https"} else str(url)

    def _words(self, document: Mapping[str, object]) -> str:
        """What the site says of a refusal, fit to be shown."""
        return readable(refusal_text(document), self.session.redactor)

    def _unclear(self, answer: Answer) -> Unknown:
        told = describe(answer, self.session.redactor)
        return Unknown(f"{self._name} answered with status {answer.status} and {told}", hint=LOOK_FIRST)

    def _denies_key(self, answer: Answer) -> bool:
        return answer.status == 401 or redirects_to_login(answer)

    def _bad_key(self) -> Rejected:
        return Rejected(f"{self._name} does not accept the key", hint=self._check_key())

    def _advice(self, answer: Answer) -> str:
        if answer.status == 403:
            return f"may your account upload? else {self._check_key()}"
        if answer.status in {404, 405}:
            return f"check trackers.{self.config.id}.url and .custom_endpoint"
        return ""

    def _check_key(self) -> str:
        keys = "api_key" if self.config.api_key else "username and password"
        return f"check trackers.{self.config.id}.{keys}"

    @property
    def _cover_field(self) -> str | None:
        return None if self.config.cover is CoverDemand.NONE else self.config.cover_field

    @property
    def _name(self) -> str:
        return self.config.name or self.config.id


def _missing_keys(config: TrackerConfig) -> list[str]:
    needed = {"url": config.url, "announce_url": config.announce_url}
    return [key for key, value in needed.items() if not value] + list(missing_credentials(config))


def plain_file_name(name: str) -> str:
    """A name that needs no quoting in a form, whatever the release is called."""
    return f"{re.sub(r'[^A-Za-z0-9_-]+', '.', name)[:100].strip('.') or 'upload'}.torrent"
