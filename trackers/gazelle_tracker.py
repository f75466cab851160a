"""The Gazelle family: RED, OPS and their kin; upload by API key, or by the form after a login.

After the open code (OPSnet/Gazelle), and what the clients of the closed sites rely on.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar

from anyio import to_thread
from attrs import evolve

from pipeline.errors import NotSent, Skipped, TrackerError
from pipeline.model.album import Media, Role
from pipeline.model.release import Release
from pipeline.model.upload import Existing, LookUp, SentUpload, UploadRequest, UploadResult
from pipeline.rules import problems as rule_problems
from pipeline.secret import Secret
from pipeline.torrent import read_torrent

from .answers import describe
from .client import Session
from .gazelle import form, replies, words
from .gazelle.catalogue import Wanted
from .gazelle.form_page import Outcome, Verdict, auth_in, outcome_in
from .gazelle.readings import Readings
from .gazelle.replies import read_reply
from .gazelle.rules import gazelle_rules
from .gazelle.site_login import SiteLogin
from .gazelle.site_search import API, SiteSearch
from .generic_tracker import GenericTracker, KeyProof
from .redaction import learn
from .request import Answer, FieldValue, FormFile, Request
from .same_release import Files
from .tracker_config import AuthType, CoverDemand, Family, TrackerConfig

FORM, LOGIN = "upload.php", "login.php"
STAND_IN = "<auth>"
"""What a dry run shows for the form's token, which only the site knows."""
SAID_BY_A_SERVER = frozenset({401, 403, 405, 411, 413, 414, 415})
"""With these a request is turned away before the site's own code sees it, whatever the page says."""


class GazelleTracker(GenericTracker):
    """A Gazelle site; a site's file adds its address and its words, where they are not the family's."""

    family = Family.GAZELLE
    groups_formats = True
    api_auth_type: ClassVar[AuthType | str] = AuthType.HEADER
    api_auth_name = "Authorization"
    custom_endpoint = f"{API}?action=upload"
    torrent_field: ClassVar[str | None] = "file_input"
    rate_limit = "5/10s"
    category_ids = words.RELEASE_TYPES
    format_ids = words.FORMATS
    media_words: ClassVar[Mapping[Media, str]] = words.MEDIA
    bitrates: ClassVar[Sequence[str]] = words.BITRATES
    importance: ClassVar[Mapping[Role, str]] = words.IMPORTANCE
    text_bytes: ClassVar[tuple[int, int]] = (2, 80)
    """The fewest and the most of a label, a catalogue number and an edition's title."""
    rules = gazelle_rules()

    def __init__(self, config: TrackerConfig, session: Session) -> None:
        super().__init__(config, session)
        self._readings = Readings(self._verdicts, self._address)
        self._search = SiteSearch(self._ask, self._denies_key, self._readings)
        self._site_login = SiteLogin(self._verdicts, session)

    @classmethod
    def settled(cls, config: TrackerConfig) -> TrackerConfig:
        auth = config.api_auth_type or cls.api_auth_type
        is_own = cls.custom_endpoint == GazelleTracker.custom_endpoint
        if auth == AuthType.SESSION and config.custom_endpoint is None and is_own:
            config = evolve(config, custom_endpoint=FORM)
        return super().settled(config)

    @classmethod
    def torrent_id_in(cls, page: str) -> str | None:
        return replies.ids_in(page).torrent

    def problems(self, release: Release) -> list[str]:
        """What the site has no word for, what its form does not take, and the rules that are broken."""
        return [*form.form_problems(release.album, self._site_words), *rule_problems(release, self.rules)]

    @property
    def wants_cover_url(self) -> bool:
        """The form takes an address, and no picture."""
        return self.config.cover is not CoverDemand.NONE

    @property
    def _site_words(self) -> words.SiteWords:
        return words.SiteWords(
            site=self._name,
            table=f"trackers.{self.config.id}",
            release_types=self.config.category_ids,
            formats=self.config.format_ids,
            media=self.media_words,
            bitrates=frozenset(self.bitrates),
            text_bytes=self.text_bytes,
        )

    @property
    def _by_form(self) -> bool:
        return self.config.api_auth_type is AuthType.SESSION

    # What is sent

    async def _build_form_data(self, request: UploadRequest) -> dict[str, FieldValue]:
        return form.form_fields(request, self._site_words)

    async def _form_fields(self, request: UploadRequest) -> tuple[tuple[str, FieldValue], ...]:
        own: list[tuple[str, FieldValue]] = []
        if self._by_form:
            own = [("submit", "true"), ("auth", await self._form_auth())]
        artists = form.artist_fields(request.release.album, self.importance)
        return (*own, *artists, *await super()._form_fields(request))

    async def _upload_request(self, request: UploadRequest) -> Request:
        upload = await super()._upload_request(request)
        if self._by_form and request.group_id:
            upload = upload.with_param("groupid", request.group_id)
        try:
            logs = await to_thread.run_sync(self._log_files, request)
        except OSError as error:
            raise NotSent(f"a rip log cannot be read: {error.strerror}", retryable=False) from None
        return evolve(upload, files=(*upload.files, *logs))

    def _log_files(self, request: UploadRequest) -> list[FormFile]:
        """Blocks."""
        return [
            FormFile("logfiles[]", log.parts[-1], "text/plain", log.path.read_bytes())
            for log in form.counted_logs(request.release.album, self._site_words)
        ]

    async def _form_auth(self) -> FieldValue:
        """The form's token, fetched before the upload counts as sent; renews a login that has expired."""
        if self.session.offline:
            return STAND_IN
        page = await self._ask(Request("GET", self._join(FORM), headers=(("Accept", "text/html"),)))
        if self._denies_key(page):
            raise self._verdicts.login_expired()
        auth = auth_in(page)
        if auth is None:
            raise NotSent(
                f"{self._name} shows no upload form: {describe(page, self.session.redactor)}",
                hint="may your account upload? nothing was sent",
                retryable=False,
            )
        learn(self.session.redactor, Secret(auth))
        return Secret(auth)

    # What is answered

    async def upload(self, request: UploadRequest) -> UploadResult:
        if request.anonymous:
            raise Skipped(
                f"{self._name} has no anonymous uploads",
                reason="rules",
                hint=f"leave out --anonymous, and trackers.{self.config.id}.anon",
            )
        upload = self._signed(await self._upload_request(request))
        answer = await self.session.create(upload, is_limited=self._is_limited)
        reply = read_reply(answer)
        if self._by_form and reply is None:
            return await self._form_result(answer, request)
        # RED refuses with status 400 what it has already.
        if answer.ok or (reply is not None and reply.is_duplicate and answer.status < 500):
            return await self._parse_result(answer)
        raise await self._handle_error_response(answer)

    async def _parse_result(self, answer: Answer) -> UploadResult:
        reply = read_reply(answer)
        if reply is None:
            raise self._unclear(answer)
        return self._readings.upload(answer, reply)

    async def _handle_error_response(self, answer: Answer) -> TrackerError:
        if self._denies_key(answer):
            return self._bad_key()
        reply = read_reply(answer)
        if reply is not None and not reply.success and answer.status < 500:
            return self._readings.refusal(reply.error)
        if answer.status in SAID_BY_A_SERVER:
            return self._verdicts.refused(answer, "")
        return self._unclear(answer)

    def _is_limited(self, answer: Answer) -> bool:
        return replies.is_limited(answer)

    # The form

    async def _login(self) -> None:
        if self._by_form:
            await self._site_login.log_in(self._join(LOGIN))

    async def _form_result(self, answer: Answer, request: UploadRequest) -> UploadResult:
        """The result that a page tells of; raises what else it says."""
        outcome = outcome_in(answer)
        match outcome.verdict:
            case Verdict.STORED:
                return await self._stored_by_form(outcome, request)
            case Verdict.REFUSED if replies.DUPLICATE.search(outcome.markup):
                return self._readings.known_already(outcome.markup)
            case Verdict.REFUSED:
                raise self._readings.refusal(outcome.markup)
            case Verdict.EXPIRED:
                self._kept_login.forget(self._kept_login.current)
                raise self._verdicts.login_expired()
            case Verdict.UNCLEAR:
                raise await self._handle_error_response(answer)

    async def _stored_by_form(self, outcome: Outcome, request: UploadRequest) -> UploadResult:
        """The page names the group at most: the torrent is found by its hash, or by its files."""
        ids, message = outcome.ids, self._readings.said(outcome.markup)
        try:
            ids = evolve(ids, torrent=ids.torrent or await self._id_of(request, ids.group))
        except TrackerError as error:
            message = "; ".join(filter(None, (message, f"its id could not be found: {error.message}")))
        return self._readings.result(ids, message)

    async def _id_of(self, request: UploadRequest, group_id: str | None) -> str | None:
        found = await self._search.by_hash(request.torrent.infohash)
        if found is not None or group_id is None:
            return found.torrent_id if found else None
        return await self._search.in_group(group_id, _files_of(request))

    # What the site has

    async def find_existing(self, request: UploadRequest) -> Existing | None:
        """By the hash, which is exact; then in its group, and by artist and title, which lags."""
        found = await self._search.by_hash(request.torrent.infohash)
        wanted, files = self._wanted(request), _files_of(request)
        if found is None and request.group_id is not None:
            found = await self._search.by_group(request.group_id, wanted, files)
        return found or await self._search.by_name(wanted, files)

    async def find_sent(self, sent: SentUpload) -> LookUp:
        """By the hash alone, a read of the database; the search lags by minutes."""
        found = await self._search.by_hash(sent.torrent.infohash)
        return LookUp(found, absent=found is None and await to_thread.run_sync(self._keeps_hash, sent))

    def _keeps_hash(self, sent: SentUpload) -> bool:
        """Whether the site registers this very torrent, so that a hash not found tells. Blocks."""
        source, own = self.config.source_name, type(self).source_name
        torrent = read_torrent(sent.torrent.data)
        return own is not None and own == source == torrent.source and torrent.private

    def _wanted(self, request: UploadRequest) -> Wanted:
        album, site = request.release.album, self._site_words
        media = site.media.get(album.media, "") if album.media else ""
        return Wanted(album, media, site.encoding(album))

    async def fetch_torrent(self, download_url: Secret | None, torrent_id: str | None) -> bytes | None:
        """By its id; the answer holds the passkey. No freeleech token is ever spent."""
        if download_url is not None or torrent_id is None:
            return await super().fetch_torrent(download_url, torrent_id)
        page = "torrents.php" if self._by_form else API
        params = (("action", "download"), ("id", torrent_id))
        answer = await self._ask(Request("GET", self._join(page), params=params))
        if not answer.ok or not answer.body.startswith(b"d"):
            raise self._verdicts.no_torrent(answer)
        return answer.body

    async def test_key(self) -> KeyProof:
        """`index` names the account; it is never limited in the open code."""
        response = await self._search.response_to("index")
        for key in ("authkey", "passkey"):
            if isinstance(secret := response.get(key), str) and secret:
                learn(self.session.redactor, Secret(secret))
        owner = response.get("username")
        if not isinstance(owner, str):
            return KeyProof(False, "the site answers, and does not tell whose account it is")
        what = "login" if self._by_form else "key"
        return KeyProof(True, f"the {what} is {owner}'s; whether the account may upload is not told")


def _files_of(request: UploadRequest) -> Files:
    return [(file.parts, file.size) for file in request.release.album.files.files]
