"""The words of a site's upload form, and an album's audio said in them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from attrs import evolve, frozen

from pipeline.labels import Encoding, average_kbps, dsd_label, gazelle_encoding
from pipeline.model.album import Album, Media, Role
from pipeline.model.audio import Codec

from ..tracker_config import lookup

OTHER = "Other"

RELEASE_TYPES: Mapping[str, str] = {
    "ALBUM": "1",
    "SOUNDTRACK": "3",
    "EP": "5",
    "COMPILATION": "7",
    "SINGLE": "9",
    "LIVE": "11",
    "REMIX": "13",
    "BOOTLEG": "14",
    "INTERVIEW": "15",
    "MIXTAPE": "16",
}
"""Where all sites of the family agree; a demo and a DJ mix have other numbers at each."""

FORMATS: Mapping[str, str] = {"FLAC": "FLAC", "MP3": "MP3", "AAC": "AAC", "AC3": "AC3", "DTS": "DTS"}

MEDIA: Mapping[Media, str] = {
    Media.CD: "CD",
    Media.WEB: "WEB",
    Media.VINYL: "Vinyl",
    Media.DVD: "DVD",
    Media.SACD: "SACD",
    Media.DAT: "DAT",
    Media.CASSETTE: "Cassette",
}

BITRATES = (
    *("Lossless", "24bit Lossless", "V0 (VBR)", "V1 (VBR)", "V2 (VBR)", "APS (VBR)", "APX (VBR)"),
    *("320", "256", "192", OTHER),
)

IMPORTANCE: Mapping[Role, str] = {
    Role.MAIN: "1",
    Role.GUEST: "2",
    Role.REMIXER: "3",
    Role.COMPOSER: "4",
    Role.CONDUCTOR: "5",
    Role.DJ: "6",
    Role.PRODUCER: "7",
}


@frozen
class SiteWords:
    """What one site's form takes; `site` is how messages call it, `table` its place in the configuration."""

    site: str
    table: str
    release_types: Mapping[str, str]
    """Numbers by ReleaseType."""
    formats: Mapping[str, str]
    """By Codec."""
    media: Mapping[Media, str]
    bitrates: frozenset[str]
    text_bytes: tuple[int, int]
    """The fewest and the most of a label, a catalogue number and the title of an edition."""

    def encoding(self, album: Album) -> Encoding:
        """The album's audio; a value is None where the site has no true word for it."""
        said = _encoding(album)
        form_format = lookup(self.formats, album.codec)
        if said.encoding is None or said.encoding in self.bitrates or OTHER not in self.bitrates:
            known = said.encoding if said.encoding in self.bitrates else None
            return evolve(said, format=form_format, encoding=known)
        if said.encoding.isdigit():
            return Encoding(form_format, OTHER, said.encoding)
        if said.encoding.endswith("(VBR)"):
            average = average_kbps([track.stream for track in album.tracks])
            return Encoding(form_format, OTHER, str(average), vbr=True)
        return Encoding(form_format, None)

    def problems(self, album: Album) -> Iterator[str]:
        """What the site has no word for, each with what mends it."""
        kind, media = album.release_type, album.media
        if kind is not None and lookup(self.release_types, kind) is None:
            yield (
                f"{self.site} has no release type {kind}: {self.table}.category_ids.{kind} gives it one, "
                "--set release_type=... corrects a wrong one"
            )
        if media is not None and media not in self.media:
            listed = ", ".join(self.media.values())
            yield f"{self.site} has no media {media}: it takes {listed}; --set media=... corrects a wrong one"
        encoding = self.encoding(album)
        if encoding.format is None:
            listed = ", ".join(dict.fromkeys(self.formats.values()))
            yield f"{self.site} has no format {album.codec}: give it the album in one of {listed}"
        elif encoding.encoding is None:
            yield (
                f"{self.site} has no bitrate that is true of all tracks ({_bitrate_words(album)}): "
                "give it the album with one that it has"
            )


def _encoding(album: Album) -> Encoding:
    if album.codec is Codec.DSD:
        return Encoding("DSD", dsd_label([track.stream for track in album.tracks]))
    return gazelle_encoding(album)


def _bitrate_words(album: Album) -> str:
    streams = [track.stream for track in album.tracks]
    if album.codec is Codec.DSD:
        return dsd_label(streams) or "DSD of odd rates"
    depths = sorted({stream.bit_depth for stream in streams if stream.bit_depth})
    if depths:
        return f"{album.codec} of {' and '.join(map(str, depths))} bits"
    return f"{album.codec}, {average_kbps(streams)} kbps on average"
