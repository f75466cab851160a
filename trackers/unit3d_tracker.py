"""The UNIT3D family, versions 7 to 9.2: API upload, look-up by name and file, a rewritten torrent."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import TypeAlias
from urllib.parse import quote
from uuid import uuid4

from attrs import frozen
from yarl import URL

from pipeline.errors import KeyRefused, NameTaken, NotSent, Rejected, TrackerError
from pipeline.model.album import ReleaseType
from pipeline.model.release import Release
from pipeline.model.rules import SiteRules
from pipeline.model.upload import Existing, LookUp, SentUpload, UploadRequest, UploadResult
from pipeline.secret import Secret

from .addresses import LONGEST_ADDRESS
from .answers import flatten, readable
from .generic_tracker import GenericTracker, KeyProof
from .redaction import learn
from .request import Answer, FieldValue, Request
from .same_release import Entry, Files, same_files, same_release, search_words
from .tracker_config import Family

MUSIC_TYPES = tuple(kind for kind in ReleaseType if kind not in {ReleaseType.SPOKEN, ReleaseType.INTERVIEW})
"""What goes into a site's category of music; most sites have others for the rest, or do not take it."""

PER_PAGE = 100
MOST_PAGES = 5
"""Of a search: 500 hits."""

STORED = "Torrent uploaded successfully."
"""What stock sites say of every success."""
BANNED = "This Account is Banned!"
"""The one answer with status 200 and no `success` that is given before the upload is looked at."""

DOWNLOAD_LINK = re.compile(r"/torrents?/download/([0-9]+)(?:\.(?!torrent\b)([^/?#\ud800-\udfff]+))?")
PAGE = re.compile(r"/torrents/([0-9]+)(?:[/?#]|$)")
CATEGORY_MISSING = re.compile(r"\[App\\Models\\Category\] (\S+)")
MUSIC_WORD = re.compile("musi[ckq]|m[uú]sica|audio", re.IGNORECASE)
META_IDS = ("imdb", "tvdb", "tmdb", "mal", "igdb")
LONGEST_KEYWORDS = 255
"""Characters; beyond them stock sites fail after the upload was stored."""
ID_TABLES = {"category_id": "category_ids", "type_id": "format_ids", "resolution_id": "resolution_ids"}
"""Which table of the configuration gives a field of the form."""
LISTED = {"category_ids": "category", "format_ids": "type"}
"""Tables whose ids a torrent's attributes name: `category` is the name of `category_id`."""


Query: TypeAlias = tuple[tuple[str, str], ...]
"""Names and values; a name may come more than once."""


@frozen
class SearchPage:
    entries: list[Entry]
    next_query: Query | None
    """What asks for the page that follows; None for the last one."""


class Unit3dTracker(GenericTracker):
    """A UNIT3D site; a site's file adds its address and its ids."""

    family = Family.UNIT3D
    custom_endpoint = "api/torrents/upload"
    rules = SiteRules(
        name_length=255,
        inner_path_length=255,
        forbidden_characters='\\/?<>:*|"' + "".join(map(chr, range(32))),
        forbidden_prefixes=("~",),
        windows_names=True,
        description_bytes=65535,
    )

    @classmethod
    def torrent_id_in(cls, page: str) -> str | None:
        match = PAGE.search(page)
        return match[1] if match else None

    def _lookups(self, release: Release) -> list[tuple[str, str]]:
        resolutions = [("resolution_ids", "OTHER")] if self.config.resolution_ids else []
        return [*super()._lookups(release), *resolutions]

    async def _build_form_data(self, request: UploadRequest) -> dict[str, FieldValue]:
        """The smallest form that every version takes: old ones require film ids, `stream` and `sd`."""
        album = request.release.album
        form: dict[str, FieldValue] = {
            "name": request.name,
            "description": request.description,
            "category_id": self._id("category_ids", str(album.release_type)),
            "type_id": self._id("format_ids", str(album.codec)),
            "anonymous": request.anonymous,
        }
        if self.config.resolution_ids:
            form["resolution_id"] = self._id("resolution_ids", "OTHER")
        if keywords := joined_keywords(album.genres):
            form["keywords"] = keywords
        return form | dict.fromkeys((*META_IDS, "stream", "sd"), "0")

    async def _parse_result(self, answer: Answer) -> UploadResult:
        document = answer.json_object()
        self._check_banned(document)
        if document.get("success") is False:
            raise self._refused(document)
        match = _download_match(document.get("data"))
        if document.get("success") is not True or match is None:
            raise self._unclear(answer)
        message = flatten(document.get("message"))
        return UploadResult(
            torrent_id=match[1],
            url=self._page_of(match[1]),
            download_url=self._download_link(match),
            message="" if message == STORED else readable(message, self.session.redactor),
        )

    def _download_link(self, match: re.Match[str]) -> Secret:
        """Its last part is a key of the user's, the same in all of them."""
        if match[2]:
            learn(self.session.redactor, Secret(match[2]))
        return Secret(match.string)

    def _page_of(self, torrent_id: str) -> str:
        return self._join(f"torrents/{torrent_id}")

    async def _handle_error_response(self, answer: Answer) -> TrackerError:
        document = answer.json_object()
        if answer.status == 404 and document.get("success") is False:
            return self._refused(document)
        message = flatten(document.get("message"))
        if answer.status == 404 and (match := CATEGORY_MISSING.search(message)):
            told = readable(message, self.session.redactor)
            return Rejected(
                f"{self._name} has no such category: {told}", hint=self._unknown_category(match[1])
            )
        return await super()._handle_error_response(answer)

    def _check_banned(self, document: Mapping[str, object]) -> None:
        if document.get("message") == BANNED and "success" not in document:
            raise KeyRefused(f"{self._name} says: {BANNED}", hint="ask the site's staff")

    def _refused(self, document: Mapping[str, object]) -> Rejected:
        """A refusal, with the configuration's key to change where the site names a field that has one."""
        data = document.get("data")
        words = readable(flatten(data), self.session.redactor) or self._words(document)
        named = data if isinstance(data, dict) else {}
        hints = [self._check_table(field) for field in ID_TABLES if field in named]
        # Other languages say it otherwise; of these two fields nothing else can be wrong with what we send.
        kind = NameTaken if named and named.keys() <= {"name", "info_hash"} else Rejected
        return kind(f"{self._name} refuses it: {words or 'it does not say why'}", hint="; ".join(hints))

    def _unknown_category(self, site_id: str) -> str:
        """The configuration's keys that have this id."""
        keys = [key for key, value in self.config.category_ids.items() if value == site_id]
        table = f"trackers.{self.config.id}.category_ids"
        told = [f'{table}.{key} = "{site_id}": the site has no such category' for key in keys]
        return "; ".join(told) or self._check_table("category_id")

    def _check_table(self, field: str) -> str:
        return f"check trackers.{self.config.id}.{ID_TABLES[field]}"

    async def find_existing(self, request: UploadRequest) -> Existing | None:
        """The same files, or the same release in the same format; uploads in moderation are invisible."""
        files = [(file.parts, file.size) for file in request.release.album.files.files]
        by_file = await self._find_same_files(files)
        if by_file is not None:
            return by_file
        by_name, whole = await self._search(self._by_name(request))
        if (same := _first_same_files(by_name, files)) is not None:
            return self._existing(same, same_content=True)
        for entry in by_name:
            if same_release(entry, request):
                return self._existing(entry, same_content=False)
        if not whole:
            raise NotSent(
                f"{self._name} finds too much for {request.name} to look through",
                hint="--allow-duplicate sends it without this check",
                retryable=False,
            )
        return None

    async def find_sent(self, sent: SentUpload) -> LookUp:
        """By its files, then by its name; a miss proves nothing, since it may wait in moderation."""
        if found := await self._find_same_files(sent.files):
            return LookUp(found)
        by_name, _ = await self._search((("name", sent.name),))
        same = _first_same_files(by_name, sent.files)
        return LookUp(None if same is None else self._existing(same, same_content=True))

    async def _find_same_files(self, files: Files) -> Existing | None:
        """What has the file whose name says most, and all the others, too."""
        by_file, _ = await self._search((("file_name", "/".join(_longest_named(files))),))
        same = _first_same_files(by_file, files)
        return None if same is None else self._existing(same, same_content=True)

    async def fetch_torrent(self, download_url: Secret | None, torrent_id: str | None) -> bytes | None:
        """From the link that the site gives, now for the id: it holds a key, and is not kept."""
        if download_url is None and torrent_id is not None:
            download_url = await self._download_link_of(torrent_id)
        return await super().fetch_torrent(download_url, torrent_id)

    async def _download_link_of(self, torrent_id: str) -> Secret:
        answer = await self._ask(Request("GET", self._join(f"api/torrents/{quote(torrent_id, safe='')}")))
        if answer.status == 404:
            raise NotSent(
                f"{self._name} does not show torrent {torrent_id}",
                hint="it may wait in moderation: try again later, or fetch it from its page",
                retryable=False,
            )
        attributes = answer.json_object().get("attributes")
        match = _download_match(attributes.get("download_link")) if isinstance(attributes, dict) else None
        if not answer.ok or match is None:
            raise self._cannot_be_asked(answer)
        return self._download_link(match)

    def _by_name(self, request: UploadRequest) -> Query:
        """The words of the release, its format, and every category that music may be in."""
        categories = dict.fromkeys(self.config.category_ids.values())
        return (
            ("name", search_words(request)),
            ("types[]", self._id("format_ids", str(request.release.album.codec))),
            *(("categories[]", category) for category in categories),
        )

    async def _search(self, query: Query) -> tuple[list[Entry], bool]:
        """Every approved torrent that the site's filter finds, and whether that is all of them."""
        found: list[Entry] = []
        # A search is cached for five minutes, and would tell what was there before our own upload; a
        # parameter that the site does not know makes it look afresh.
        query = (*query, ("perPage", str(PER_PAGE)), ("_", uuid4().hex))
        for _ in range(MOST_PAGES):
            search = Request("GET", self._join("api/torrents/filter"), params=query)
            page = self._read_page(await self._ask(search))
            found += page.entries
            # UNIT3D 8.3.0 names a next page after the last one, too.
            if page.next_query is None or not page.entries:
                return found, True
            query = page.next_query
        return found, False

    def _read_page(self, answer: Answer) -> SearchPage:
        """What a search answered; anything but its documented shape must not pass for `nothing found`."""
        if self._denies_key(answer):
            raise self._bad_key()
        document = answer.json_object()
        self._check_banned(document)
        entries, links = document.get("data"), document.get("links")
        if not answer.ok or not isinstance(entries, list) or not all(map(_is_entry, entries)):
            raise self._cannot_be_asked(answer)
        following = links.get("next") if isinstance(links, dict) else None
        return SearchPage(
            [{**entry["attributes"], "id": entry["id"]} for entry in entries],
            tuple(URL(following).query.items()) if isinstance(following, str) else None,
        )

    def _cannot_be_asked(self, answer: Answer) -> NotSent:
        return NotSent(
            f"{self._name} could not be asked: {self._unclear(answer).message}",
            hint=f"check trackers.{self.config.id}.url",
            retryable=False,
        )

    def _existing(self, entry: Entry, *, same_content: bool) -> Existing:
        torrent_id = str(entry["id"])
        match = _download_match(entry.get("download_link"))
        return Existing(
            same_content=same_content,
            torrent_id=torrent_id,
            url=self._page_of(torrent_id),
            download_url=self._download_link(match) if match else None,
            name=str(entry.get("name") or ""),
        )

    async def test_key(self) -> KeyProof:
        """`/api/user` names the key's owner; older sites lack it and are asked for one torrent instead."""
        answer = await self._ask(Request("GET", self._join("api/user")))
        if answer.status == 404:
            newest = Request("GET", self._join("api/torrents"), params=(("perPage", "1"),))
            self._read_page(await self._ask(newest))
            return KeyProof(True, "the key is accepted")
        if self._denies_key(answer):
            raise self._bad_key()
        document = answer.json_object()
        self._check_banned(document)
        owner = document.get("username")
        if not answer.ok or not isinstance(owner, str):
            raise self._cannot_be_asked(answer)
        return KeyProof(True, f"the key is {owner}'s; whether the account may upload is not told")

    async def listed_ids(self) -> Mapping[str, Mapping[str, str]]:
        """What approved torrents tell of categories and types: no answer lists them all.

        Asks for the newest torrents, for those of music, and for each configured id that none of them has;
        one that is still missing then is unknown to the site, or nothing is there under it.
        """
        names: dict[str, dict[str, str]] = {table: {} for table in LISTED}
        await self._learn(names, ())
        categories = names["category_ids"]
        music = [site_id for site_id, name in categories.items() if MUSIC_WORD.search(name)]
        for site_id in dict.fromkeys((*self.config.category_ids.values(), *music)):
            await self._learn(names, (("categories[]", site_id),))
        for site_id in dict.fromkeys(self.config.format_ids.values()):
            if site_id not in names["format_ids"]:
                await self._learn(names, (("types[]", site_id),))
        return {table: found for table, found in names.items() if found}

    async def _learn(self, names: Mapping[str, dict[str, str]], query: Query) -> None:
        """Adds the names of the ids that one page of a search bears."""
        query = (*query, ("perPage", str(PER_PAGE)), ("_", uuid4().hex))
        page = self._read_page(
            await self._ask(Request("GET", self._join("api/torrents/filter"), params=query))
        )
        for entry in page.entries:
            for table, attribute in LISTED.items():
                site_id, name = entry.get(f"{attribute}_id"), entry.get(attribute)
                if re.fullmatch("[0-9]{1,18}", str(site_id)) and isinstance(name, str):
                    names[table].setdefault(str(site_id), name)


def joined_keywords(genres: Sequence[str]) -> str:
    """As many whole genres as a site takes, comma-separated."""
    kept: list[str] = []
    for genre in genres:
        if len(", ".join((*kept, genre))) <= LONGEST_KEYWORDS:
            kept.append(genre)
    return ", ".join(kept)


def _download_match(link: object) -> re.Match[str] | None:
    return DOWNLOAD_LINK.search(link) if isinstance(link, str) and len(link) <= LONGEST_ADDRESS else None


def _longest_named(files: Files) -> tuple[str, ...]:
    """The path whose name says most: tracks named `01.flac` match the world."""
    return max((parts for parts, _ in files), key=lambda parts: len(parts[-1]))


def _first_same_files(entries: Sequence[Entry], files: Files) -> Entry | None:
    return next((entry for entry in entries if same_files(entry, files)), None)


def _is_entry(entry: object) -> bool:
    return (
        isinstance(entry, dict)
        and isinstance(entry.get("id"), str | int)
        and isinstance(entry.get("attributes"), dict)
    )
