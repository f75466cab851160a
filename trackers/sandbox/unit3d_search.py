"""What UNIT3D shows of its torrents: the filter with its cache, one torrent, the newest."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from itertools import islice
from typing import TypeAlias

from aiohttp import web

from .answers import Refused, json_answer
from .state import SiteState, StoredUpload
from .torrents import fold
from .unit3d_answers import not_found, server_error

CACHE_SECONDS = 300.0
WORDS_THAT_COUNT = 10
"""The search engine looks at no more words of a query."""
NEWEST = 25
PER_PAGE, MOST_PER_PAGE = 25, 100
LISTS = ("categories", "types", "resolutions", "genres", "free")
SORT_FIELDS = frozenset({"name", "size", "seeders", "leechers", "times_completed", "created_at", "bumped_at"})
SORT_DIRECTIONS = frozenset({"asc", "desc"})

Query: TypeAlias = tuple[tuple[str, str], ...]
Attributes: TypeAlias = dict[str, object]


class Search:
    def __init__(self, state: SiteState, clock: Callable[[], float] = time.monotonic) -> None:
        self._state = state
        self._clock = clock
        self._cache: dict[Query | None, tuple[float, list[StoredUpload]]] = {}

    async def filter(self, request: web.Request) -> web.Response:
        """The page of matches that is asked for."""
        given = {name: value.strip() for name, value in request.query.items()}
        if any(name in given for name in LISTS):
            # Without brackets it is no array, on which the site's code fails.
            raise Refused(server_error(request))
        if errors := dict(_sort_errors(given)):
            return json_answer({"message": next(iter(errors.values()))[0], "errors": errors}, 422)
        key = tuple(sorted(item for item in request.query.items() if item[0] != "api_token"))
        matches = self._cached(key, lambda: list(self._matches(request, given)))
        per_page = min(_number(given, "perPage", PER_PAGE), MOST_PER_PAGE)
        return self._page_of(matches, request, per_page, _number(given, "page", 1))

    async def show(self, request: web.Request) -> web.Response:
        torrent_id = int(request.match_info["id"])
        upload = self._state.find(torrent_id)
        if upload is None or upload.pending:
            raise Refused(not_found(request, "Torrent", torrent_id))
        attributes = self._attributes(upload)
        attributes["folder"] = upload.registered.folder
        if not self._state.settings.since(9, 1, 6):
            attributes["info_hash"] = upload.registered.infohash
        payload = {"type": "torrent", "id": str(upload.id), "attributes": attributes}
        return json_answer(payload, indent=4)

    async def index(self, request: web.Request) -> web.Response:
        newest = self._cached(None, lambda: list(islice(self._visible(), NEWEST)))
        return json_answer(
            {
                "data": [self._item(upload) for upload in newest],
                "links": {"first": None, "last": None, "prev": None, "next": None},
                "meta": {
                    "path": f"{self._state.url}{request.path}",
                    "per_page": NEWEST,
                    "next_cursor": None,
                    "prev_cursor": None,
                },
            }
        )

    def details_link(self, upload: StoredUpload) -> str:
        return f"{self._state.url}/torrents/{upload.id}"

    def download_link(self, upload: StoredUpload) -> str:
        return f"{self._state.url}/torrent/download/{upload.id}.{self._state.settings.rsskey}"

    def _cached(self, key: Query | None, find: Callable[[], list[StoredUpload]]) -> list[StoredUpload]:
        cached = self._cache.get(key)
        if cached is not None and self._clock() - cached[0] < CACHE_SECONDS:
            return cached[1]
        found = find()
        self._cache[key] = (self._clock(), found)
        return found

    def _visible(self) -> Iterator[StoredUpload]:
        return (upload for upload in reversed(self._state.uploads) if not upload.pending)

    def _matches(self, request: web.Request, given: Mapping[str, str]) -> Iterator[StoredUpload]:
        categories, types = _listed(request, "categories"), _listed(request, "types")
        file_name = given.get("file_name")
        for upload in self._visible():
            if (
                _has_words(upload, given.get("name", ""))
                and (not file_name or _has_file(upload, file_name))
                and (not categories or upload.fields["category_id"] in categories)
                and (not types or upload.fields["type_id"] in types)
            ):
                yield upload

    def _page_of(
        self, matches: list[StoredUpload], request: web.Request, per_page: int, page: int
    ) -> web.Response:
        start = (page - 1) * per_page
        shown = matches[start : start + per_page]

        def link(number: int) -> str:
            return f"{self._state.url}{request.rel_url.update_query(page=number)}"

        return json_answer(
            {
                "data": [self._item(upload) for upload in shown],
                "links": {
                    "first": link(1),
                    "last": None,
                    "prev": link(page - 1) if page > 1 else None,
                    "next": link(page + 1) if len(matches) > start + per_page else None,
                    "self": f"{self._state.url}{request.rel_url}",
                },
                "meta": {
                    "current_page": page,
                    "per_page": per_page,
                    "from": start + 1 if shown else None,
                    "to": start + len(shown) if shown else None,
                },
            }
        )

    def _item(self, upload: StoredUpload) -> dict[str, object]:
        attributes = self._attributes(upload)
        if not self._state.settings.since(9, 1, 6):
            # The search index hexes what the query already hexed.
            attributes["info_hash"] = upload.registered.infohash.encode().hex()
        return {"type": "torrent", "id": str(upload.id), "attributes": attributes}

    def _attributes(self, upload: StoredUpload) -> Attributes:
        fields, files = upload.fields, upload.registered.files
        category, kind = fields["category_id"], fields["type_id"]
        anonymous = fields["anonymous"] == "1"
        stored = datetime.fromtimestamp(upload.stored_at, UTC)
        return {
            "name": upload.name,
            "release_year": None,
            "category": self._state.settings.category_names.get(category, f"Category {category}"),
            "type": self._state.settings.type_names.get(kind, f"Type {kind}"),
            "media_info": fields.get("mediainfo"),
            "bd_info": fields.get("bdinfo"),
            "description": fields["description"],
            "size": upload.registered.size,
            "num_file": len(files),
            "files": [
                {"index": index, "id": index, "name": file.path, "size": file.size}
                for index, file in enumerate(files)
            ],
            "freeleech": "0%",
            "double_upload": False,
            "refundable": False,
            "internal": False,
            "featured": False,
            "personal_release": fields.get("personal_release") == "1",
            "uploader": "Anonymous" if anonymous else self._state.settings.username,
            "seeders": 0,
            "leechers": 0,
            "times_completed": 0,
            "tmdb_id": None,
            "imdb_id": None,
            "tvdb_id": None,
            "mal_id": None,
            "igdb_id": None,
            "category_id": int(fields["category_id"]),
            "type_id": int(fields["type_id"]),
            "resolution_id": None,
            "created_at": stored.strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
            "details_link": self.details_link(upload),
            "download_link": self.download_link(upload),
            "magnet_link": None,
        }


def _sort_errors(given: Mapping[str, str]) -> Iterator[tuple[str, list[str]]]:
    for name, allowed in (("sortField", SORT_FIELDS), ("sortDirection", SORT_DIRECTIONS)):
        if given.get(name, "") not in allowed | {""}:
            words = re.sub(r"([A-Z])", r" \1", name).lower()
            yield name, [f"The selected {words} is invalid."]


def _listed(request: web.Request, name: str) -> set[str]:
    return {value.strip() for key, value in request.query.items() if re.fullmatch(rf"{name}\[\d*\]", key)}


def _number(given: Mapping[str, str], name: str, default: int) -> int:
    text = given.get(name, "")
    return max(1, int(text)) if re.fullmatch("[0-9]{1,9}", text) else default


def _has_words(upload: StoredUpload, wanted: str) -> bool:
    """Whether every word is in the name, the last of them maybe only begun."""
    words = _words(fold(wanted))[:WORDS_THAT_COUNT]
    present = _words(upload.collated_name)
    return all(word in present for word in words[:-1]) and all(
        any(candidate.startswith(word) for candidate in present) for word in words[-1:]
    )


def _has_file(upload: StoredUpload, path: str) -> bool:
    return any(file.path.casefold() == path.casefold() for file in upload.registered.files)


def _words(text: str) -> list[str]:
    return re.findall(r"\w+", text)
