"""The base of all trackers: uploads from configuration alone, and is adapted hook by hook."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar
from urllib.parse import quote

from attrs import evolve, frozen

from pipeline.errors import Rejected, Skipped, TrackerError, Unknown
from pipeline.model.release import Release
from pipeline.model.rules import SiteRules
from pipeline.model.upload import (
    Existing,
    LookUp,
    SentUpload,
    TrackerProfile,
    UploadRequest,
    UploadResult,
)
from pipeline.rules import problems as rule_problems
from pipeline.secret import Secret

from .answers import REFUSING_STATUSES, first_text, flatten, readable, redirects_to_login
from .auth import sign
from .class_data import class_data
from .client import Session
from .kept_login import KeptLogin
from .missing_keys import missing_keys, needless_descriptions
from .profile import cover_field, profile_of
from .request import Answer, FieldValue, FormFile, Request
from .site_address import SiteAddress
from .torrent_part import torrent_part
from .tracker_config import ApiFormat, AuthType, CoverDemand, Family, Rate, TrackerConfig, lookup
from .verdicts import Verdicts, kind_of_refusal

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
    cover_in_description: ClassVar[bool] = False
    rate_limit: ClassVar[Rate | str | Sequence[Rate | str]] = (Rate(30, 60.0),)
    category_ids: ClassVar[Mapping[str, str]] = {}
    format_ids: ClassVar[Mapping[str, str]] = {}
    resolution_ids: ClassVar[Mapping[str, str]] = {}
    name_template: ClassVar[str] = "default_name"
    description_template: ClassVar[str] = "default_description"
    rules: ClassVar[SiteRules] = SiteRules()
    groups_formats: ClassVar[bool] = False
    """The site keeps all formats of a release in one group, which an upload can name."""

    def __init__(self, config: TrackerConfig, session: Session) -> None:
        """`config` is settled."""
        self.config = config
        self.session = session
        expires = config.api_auth_type is AuthType.SESSION
        self._kept_login = KeptLogin(session, self._login, self._login_holds if expires else None)
        self._address = SiteAddress(config.url or f"<trackers.{config.id}.url>")
        self._verdicts = Verdicts(config, session.redactor)

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
        can_log_in = cls._login is not GenericTracker._login
        return [*missing_keys(cls.settled(config), can_log_in=can_log_in), *cls._undescribed(config)]

    @classmethod
    def torrent_id_in(cls, page: str) -> str | None:
        """The id of the torrent whose page on the site has this address, where the address tells it."""
        return None

    @classmethod
    def _undescribed(cls, config: TrackerConfig) -> list[str]:
        """The parts of the site's description that this class has its own code for."""
        return needless_descriptions(config, cls.__name__)

    @property
    def profile(self) -> TrackerProfile:
        return profile_of(
            self.config,
            self.rules,
            wants_cover_url=self.wants_cover_url,
            groups_formats=self.groups_formats,
        )

    @property
    def wants_cover_url(self) -> bool:
        """Whether the cover is to lie at an image host: `request.cover_url` is its address then, or None.

        A site that takes the address in a field of its form wants it whatever the user wrote.
        """
        return bool(self.config.cover_in_description) and self.config.cover is not CoverDemand.NONE

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
        cover, field = request.release.cover, cover_field(self.config)
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
        earlier = self._kept_login.current
        login = await self._kept_login.ensure_lasting()
        form = self._signed(await self._upload_request(request))
        answer = await self.session.create(form, is_limited=self._is_limited)
        if answer.ok:
            return await self._parse_result(answer)
        if login is not None and self._denies_login(answer):
            self._kept_login.forget(login)
            if login is earlier:
                raise self._verdicts.login_expired()
        raise await self._handle_error_response(answer)

    async def _parse_result(self, answer: Answer) -> UploadResult:
        """The result out of a 2xx answer; raises Rejected or Unknown, since a 2xx is no success by itself."""
        document = answer.json_object()
        if document.get("success") is False:
            words = self._words(document)
            raise kind_of_refusal(words)(f"{self._name} refuses it: {words or 'it does not say why'}")
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
            return self._verdicts.refused(answer, self._words(answer.json_object()))
        return self._unclear(answer)

    async def find_existing(self, request: UploadRequest) -> Existing | None:
        """What the site has of this release; a site of unknown make cannot be asked."""
        return None

    async def find_sent(self, sent: SentUpload) -> LookUp:
        """What the site has of an upload that may have arrived; a site of unknown make cannot be asked.

        Nothing found is no proof, unless the answer says that it is `absent`.
        """
        return LookUp(asked=False)

    async def fetch_torrent(self, download_url: Secret | None, torrent_id: str | None) -> bytes | None:
        """The site's own .torrent, from the address that it gave or from `download_endpoint`."""
        if download_url is None and self.config.download_endpoint and torrent_id:
            path = self.config.download_endpoint.replace("{id}", quote(torrent_id, safe=""))
            download_url = Secret(self._join(path))
        if download_url is None:
            return None
        address = self._address.of_torrent(download_url.reveal(), self._name)
        answer = await self._ask(Request("GET", address))
        if not answer.ok:
            raise self._verdicts.no_torrent(answer)
        return answer.body

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
        earlier = self._kept_login.current
        await self._kept_login.ensure()
        answer = await self._ask_once(request)
        is_own = self._address.is_own(request.url)
        if earlier is not None and is_own and self._denies_login(answer):
            self._kept_login.forget(earlier)
            await self._kept_login.ensure()
            answer = await self._ask_once(request)
        return answer

    async def _ask_once(self, request: Request) -> Answer:
        if not any(name == "Accept" for name, _ in request.headers):
            request = request.with_header(*JSON_ONLY)
        if self._address.is_own(request.url):
            request = self._signed(request)
        return await self.session.get(request, is_limited=self._is_limited)

    async def _upload_request(self, request: UploadRequest) -> Request:
        field = self.config.torrent_field or "torrent"
        files = [torrent_part(field, request.name, request.torrent.data)]
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

    def _is_limited(self, answer: Answer) -> bool:
        """Whether the site turned the request away for its limit, though its status is not 429."""
        return False

    def _denies_login(self, answer: Answer) -> bool:
        return self.config.api_auth_type is AuthType.SESSION and self._denies_key(answer)

    def _join(self, endpoint: str) -> str:
        return self._address.join(endpoint)

    def _public(self, address: str | None) -> str | None:
        """An address that the site gave, as it may be shown; None if it is none, or holds a key."""
        return self._address.public(address)

    def _words(self, document: Mapping[str, object]) -> str:
        """What the site says of a refusal, fit to be shown."""
        return self._verdicts.words(document)

    def _unclear(self, answer: Answer) -> Unknown:
        return self._verdicts.unclear(answer)

    def _denies_key(self, answer: Answer) -> bool:
        return answer.status == 401 or redirects_to_login(answer)

    def _bad_key(self) -> Rejected:
        return self._verdicts.bad_key()

    @property
    def _name(self) -> str:
        return self._verdicts.name
