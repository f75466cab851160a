"""What a Gazelle site has: groups with their torrents, as its replies tell of them, and its search."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from html import escape
from typing import TypeAlias

from attrs import define, field, frozen

from .gazelle_fields import Upload
from .gazelle_kinds import GazelleKind
from .state import SiteState, StoredUpload
from .torrents import fold

GROUPS_PER_PAGE = 50
Table: TypeAlias = dict[str, object]


@frozen
class Group:
    id: int
    artists: tuple[tuple[str, int], ...]
    title: str
    year: int
    release_type: str
    tags: tuple[str, ...]

    @property
    def mains(self) -> tuple[str, ...]:
        return tuple(name for name, role in self.artists if role == 1)

    @property
    def artist(self) -> str:
        return "Various Artists" if len(self.mains) > 2 else " &amp; ".join(map(escape, self.mains))


@frozen
class Listed:
    """A torrent in a group."""

    upload: StoredUpload
    group: Group
    terms: Upload


@define
class Catalogue:
    kind: GazelleKind
    state: SiteState
    groups: dict[int, Group] = field(factory=dict)
    listed: dict[int, Listed] = field(factory=dict)
    """By the id of the torrent."""

    def group_for(self, terms: Upload) -> Group:
        """The group that it joins: the one named, one of the same name, or else a new one."""
        if terms.group is not None:
            return self.groups[terms.group]
        for group in self.groups.values():
            mains = {fold(name) for name in group.mains} & {fold(name) for name in terms.mains}
            same = (group.title, group.release_type, group.year) == (
                terms.title,
                terms.release_type,
                terms.year,
            )
            if mains and same:
                return group
        group = Group(
            len(self.groups) + 1, terms.artists, terms.title, terms.year, terms.release_type, terms.tags
        )
        self.groups[group.id] = group
        return group

    def add(self, upload: StoredUpload, group: Group, terms: Upload) -> None:
        self.listed[upload.id] = Listed(upload, group, terms)

    def torrent_reply(self, listed: Listed) -> Table:
        return {"group": self._group(listed.group), "torrent": self._torrent(listed)}

    def group_reply(self, group: Group) -> Table:
        """By edition, not by the time of the upload."""
        members = [listed for listed in self.listed.values() if listed.group is group]
        members.sort(
            key=lambda listed: (listed.terms.edition.year or 0, listed.terms.media, -listed.upload.id)
        )
        return {"group": self._group(group), "torrents": list(map(self._torrent, members))}

    def browse(self, query: Mapping[str, str]) -> Table:
        """The page of groups that is asked for; what is new is not found yet."""
        ripe = time.time() - self.state.settings.search_lag
        members: dict[int, list[Listed]] = {}
        for listed in self.listed.values():
            if listed.upload.stored_at <= ripe and _matches(listed, query):
                members.setdefault(listed.group.id, []).append(listed)
        page = max(1, int(query["page"])) if query.get("page", "").isdigit() else 1
        found = list(members)
        shown = found[(page - 1) * GROUPS_PER_PAGE : page * GROUPS_PER_PAGE]
        if not shown:
            return {"results": [], "youMightLike": []}
        return {
            "currentPage": page,
            "pages": -(-len(found) // GROUPS_PER_PAGE),
            "results": [self._result(self.groups[group_id], members[group_id]) for group_id in shown],
        }

    def _result(self, group: Group, members: list[Listed]) -> Table:
        named = self.kind.release_types[group.release_type]
        newest = max(listed.upload.stored_at for listed in members)
        return {
            "groupId": str(group.id) if self.kind.camel_case else group.id,
            "groupName": self._name(group.title),
            "artist": group.artist,
            "cover": "",
            "tags": list(group.tags),
            "bookmarked": False,
            "vanityHouse": False,
            "groupYear": group.year,
            "releaseType": named,
            "groupTime": _time(newest) if self.kind.camel_case else str(int(newest)),
            "maxSize": max(listed.upload.registered.size for listed in members),
            "totalSnatched": 0,
            "totalSeeders": 0,
            "totalLeechers": 0,
            "torrents": [self._hit(listed, index) for index, listed in enumerate(members, 1)],
        }

    def _hit(self, listed: Listed, index: int) -> Table:
        artists = [{"id": 1, "name": self._name(name), "aliasid": 1} for name in listed.group.mains]
        common = self._common(listed)
        return {"torrentId": listed.upload.id, "editionId": index, "artists": artists, **common}

    def _torrent(self, listed: Listed) -> Table:
        upload = listed.upload
        registered = upload.registered
        files = "|||".join(f"{self._name(file.path)}{{{{{{{file.size}}}}}}}" for file in registered.files)
        infohash = registered.infohash if self.kind.camel_case else registered.infohash.upper()
        return {
            "infoHash": infohash,
            "id": upload.id,
            **self._common(listed),
            "remasterRecordLabel": self._name(listed.terms.edition.record_label),
            "freeTorrent": "0",
            "reported": False,
            "description": upload.fields.get("release_desc", ""),
            "fileList": files,
            "filePath": self._name(registered.folder or ""),
            "userId": 2,
            "username": self.state.settings.username,
        }

    def _common(self, listed: Listed) -> Table:
        terms, edition = listed.terms, listed.terms.edition
        logs = [name for name in listed.upload.files if name.startswith("logfiles")]
        return {
            "media": terms.media,
            "format": terms.format,
            "encoding": terms.encoding,
            "remastered": edition.year is not None,
            "remasterYear": edition.year or (None if self.kind.camel_case else 0),
            "remasterTitle": self._name(edition.title),
            "remasterCatalogueNumber": self._name(edition.catalogue_number),
            "scene": terms.scene,
            "hasLog": bool(logs),
            "hasCue": False,
            "logScore": 0,
            "logCount": len(logs),
            "fileCount": len(listed.upload.registered.files),
            "size": listed.upload.registered.size,
            "seeders": 0,
            "leechers": 0,
            "snatched": 0,
            "time": _time(listed.upload.stored_at),
        }

    def _group(self, group: Group) -> Table:
        artists = [{"id": index, "name": self._name(name)} for index, name in enumerate(group.mains, 1)]
        return {
            "id": group.id,
            "name": self._name(group.title),
            "year": group.year,
            "releaseType": int(group.release_type),
            "releaseTypeName": self.kind.release_types[group.release_type],
            "categoryId": 1,
            "categoryName": "Music",
            "tags": list(group.tags),
            "musicInfo": {"artists": artists, "with": [], "composers": []},
        }

    def _name(self, text: str) -> str:
        return escape(text) if self.kind.escapes_names else text


def _matches(listed: Listed, query: Mapping[str, str]) -> bool:
    group, terms = listed.group, listed.terms
    names = " ".join(name for name, _ in group.artists)
    words = {"artistname": names, "groupname": group.title, "searchstr": f"{names} {group.title}"}
    exact = {
        "format": terms.format,
        "encoding": terms.encoding,
        "media": terms.media,
        "year": str(group.year),
    }
    return all(_has_words(text, query[name]) for name, text in words.items() if query.get(name)) and all(
        text == query[name] for name, text in exact.items() if query.get(name)
    )


def _has_words(text: str, wanted: str) -> bool:
    present = set(_words(text))
    return all(word in present for word in _words(wanted))


def _words(text: str) -> Iterator[str]:
    return (match[0] for match in re.finditer(r"\w+", fold(text)))


def _time(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%d %H:%M:%S")
