"""The fields of an upload, as Gazelle's form names them; a flag is there or is left out, never 0."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence

from pipeline.album import VARIOUS_ARTISTS
from pipeline.labels import technical_label
from pipeline.model.album import Album, Media, Role
from pipeline.model.files import AlbumFile, FileSet
from pipeline.model.upload import UploadRequest
from pipeline.text import printable

from ..request import FieldValue
from ..tracker_config import lookup
from .rules import FORBIDDEN_NAMES, LOGS_OF_NO_RIP
from .words import SiteWords

ON = "1"
MUSIC = "0"
"""The category; they are counted from 0."""
TITLE_BYTES = 200
TAGS_BYTES = 200
SHORTEST_TAG = 2
SHORTEST_DESCRIPTION = 10
LONGEST_IMAGE = 255
IMAGE_ADDRESS = re.compile(r"https?://[^/]+/\S+\.(?:gif|png|webm|jpe?g|tiff?)(?:\?\S*)?", re.IGNORECASE)
ORIGINAL = "original release"
"""What an edition must not be called."""
LOSSLESS_CD = ("CD", "Lossless")
"""The media and the bitrate of an upload whose logs count."""

Fields = dict[str, FieldValue]


def form_problems(album: Album, words: SiteWords) -> Iterator[str]:
    """What the form would not take of the album, each with what mends it; sends and asks nothing."""
    yield from words.problems(album)
    if album.title and (size := _size(album.title)) > TITLE_BYTES:
        yield (
            f"the title has {size} bytes, {words.site} takes {TITLE_BYTES}: "
            "--set title=..., or tag the files anew"
        )
    fewest, most = words.text_bytes
    for name in ("label", "catalogue_number", "edition"):
        text = getattr(album, name)
        if text and not fewest <= _size(text) <= most:
            yield (
                f"the {name.replace('_', ' ')} “{printable(text)}” has {_size(text)} bytes, "
                f"{words.site} takes {fewest} to {most}: --set {name}=..."
            )
    if not artists_of(album):
        yield f"{words.site} wants a main artist: --set artist=..., or tag the files"
    if album.genres and not joined_tags(album.genres):
        listed = printable(", ".join(album.genres))
        yield f"no genre ({listed}) makes a tag of {words.site}, of letters and digits: --set tags=..."
    yield from _name_problems(album.files, words.site)


def form_fields(request: UploadRequest, words: SiteWords) -> Fields:
    """All fields but the artists, which come more than once; those of the edition always."""
    album = request.release.album
    encoding = words.encoding(album)
    return {
        "type": MUSIC,
        **({"groupid": request.group_id} if request.group_id else {}),
        "title": _line(album.title),
        "year": str(album.year or ""),
        "releasetype": lookup(words.release_types, str(album.release_type)) or "",
        **_original(album),
        "remaster": ON,
        "remaster_year": str(album.edition_year or album.year or ""),
        "remaster_title": _edition_title(album),
        "remaster_record_label": _line(album.label),
        "remaster_catalogue_number": _line(album.catalogue_number),
        **_flags(unknown=is_unknown_edition(album), scene=album.scene is not None),
        "format": encoding.format or "",
        "bitrate": encoding.encoding or "",
        **({"other_bitrate": encoding.other_bitrate} if encoding.other_bitrate else {}),
        **_flags(vbr=encoding.vbr),
        "media": words.media.get(album.media, "") if album.media else "",
        "tags": joined_tags(album.genres),
        **_texts(request),
        # Otherwise OPS would read `&amp;` in a title as `&`.
        "workaround_broken_html_entities": "0",
    }


def artist_fields(album: Album, importance: Mapping[Role, str]) -> Iterator[tuple[str, FieldValue]]:
    """Each artist with the number of what it did, in order."""
    for name, role in artists_of(album):
        if role in importance:
            yield "artists[]", name
            yield "importance[]", importance[role]


def artists_of(album: Album) -> list[tuple[str, Role]]:
    """The artists in their roles, each once in a role, at least one of them a main artist; empty without."""
    credited = [(_line(credit.name), credit.role) for credit in album.credits if _line(credit.name)]
    if not any(role is Role.MAIN for _, role in credited):
        if not _line(album.artist):
            return []
        credited.insert(0, (_line(album.artist), Role.MAIN))
    first: dict[tuple[str, Role], tuple[str, Role]] = {}
    for name, role in credited:
        first.setdefault((name.casefold(), role), (name, role))
    return list(first.values())


def main_artists(album: Album) -> list[str]:
    """Without the stand-in for many."""
    return [name for name, role in artists_of(album) if role is Role.MAIN and name != VARIOUS_ARTISTS]


def joined_tags(genres: Sequence[str]) -> str:
    """As many whole tags as a site takes, as it stores them: `Post-Rock` is `post.rock`, `R&B` is `rb`."""
    kept: list[str] = []
    for tag in dict.fromkeys(map(normal_tag, genres)):
        if len(tag) >= SHORTEST_TAG and len(",".join((*kept, tag))) <= TAGS_BYTES:
            kept.append(tag)
    return ",".join(kept)


def normal_tag(genre: str) -> str:
    """Accents are taken off first: what is no letter, digit or dot would be dropped."""
    decomposed = unicodedata.normalize("NFKD", genre.lower())
    dotted = re.sub(r"[\s-]+", ".", "".join(mark for mark in decomposed if not unicodedata.combining(mark)))
    return re.sub(r"\.{2,}", ".", re.sub(r"[^a-z0-9.]", "", dotted)).strip(".")


def is_unknown_edition(album: Album) -> bool:
    """Whether nothing tells which edition of several a physical medium is."""
    known = (album.edition_year, album.edition, album.label, album.catalogue_number, album.barcode)
    return album.media is not Media.WEB and not any(known)


def is_image_address(address: str) -> bool:
    """Whether the site takes it for a picture's; so is what stands for one in a dry run."""
    is_address = _size(address) <= LONGEST_IMAGE and IMAGE_ADDRESS.fullmatch(address) is not None
    return is_address or address.startswith("<")


def counted_logs(album: Album, words: SiteWords) -> list[AlbumFile]:
    """The rip logs that the site scores: of a lossless CD, where the torrent itself holds them."""
    encoding = words.encoding(album)
    if (words.media.get(album.media, "") if album.media else "", encoding.encoding) != LOSSLESS_CD:
        return []
    sent = {file.parts for file in album.files.files}
    logs = [log.file for log in album.rip_logs if log.file.parts in sent]
    return [
        file
        for file in logs
        if file.parts[-1].lower().endswith(".log") and file.parts[-1].lower() not in LOGS_OF_NO_RIP
    ]


def _original(album: Album) -> Fields:
    """Label and number of the first release, where this is one: those of another are not known."""
    reissue = album.edition or (album.edition_year or album.year) != album.year
    texts = {"record_label": _line(album.label), "catalogue_number": _line(album.catalogue_number)}
    return {} if reissue else {name: text for name, text in texts.items() if text}


def _edition_title(album: Album) -> str:
    title = _line(album.edition)
    return "" if title.casefold() == ORIGINAL else title


def _texts(request: UploadRequest) -> Fields:
    """What a field would refuse is left out of it."""
    texts: Fields = {}
    if request.cover_url and is_image_address(request.cover_url):
        texts["image"] = request.cover_url
    if _size(request.description) >= SHORTEST_DESCRIPTION:
        texts["album_desc"] = request.description
    album = request.release.album
    texts["release_desc"] = "\n".join(
        (
            technical_label([track.stream for track in album.tracks]),
            *([f"Scene release: {album.scene}"] if album.scene else []),
            *(f"Rip log: {log.ripper}" for log in album.rip_logs),
        )
    )
    return texts


def _flags(**flags: bool) -> Fields:
    return {name: ON for name, is_set in flags.items() if is_set}


def _name_problems(files: FileSet, site: str) -> Iterator[str]:
    """Of the folder, and of what stands anywhere in a path."""
    folder = "" if files.single else files.name
    if found := [character for character in ':?<>\\*|"' if character in folder]:
        yield f"the folder {printable(folder)}: {site} refuses {' '.join(found)} in a name: rename it"
    for file in files.files:
        path = "/".join((folder, *file.parts)).lower()
        if forbidden := [name for name in FORBIDDEN_NAMES if name in path]:
            shown = printable("/".join(file.parts))
            yield f"{shown}: {site} refuses {forbidden[0]} in a path: rename it, or give --stage DIR"
            return


def _line(text: str | None) -> str:
    return " ".join((text or "").split())


def _size(text: str) -> int:
    return len(text.encode("utf-8", "replace"))
