"""Every field that sites are sent, compared with what is true of a corpus of albums."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from pipeline.model.album import ReleaseType
from pipeline.model.audio import Codec
from pipeline.torrent import read_torrent
from tests.support.corpus.build import build_corpus
from tests.support.corpus.manifest import CorpusAlbum, Truth
from tests.support.program import Line, Program, untouched
from trackers.sandbox import StoredUpload

CATEGORIES = {str(kind): str(number) for number, kind in enumerate(ReleaseType, 1)}
FORMATS = {str(codec): str(number) for number, codec in enumerate(Codec, 101)}
TABLE = {"category_ids": CATEGORIES, "format_ids": FORMATS, "cover": "none"}
FORMAT_FIELDS = {"YUS": "type_id", "MH": "format_id"}
CLAIM = re.compile(
    r"\b[0-9./]+ ?(?:bit|kHz|kbps)\b|\bV[0-9]\b|\bq[0-9]+\b|\b(?:ABR|VBR|CBR)\b|\bDSD[0-9]+\b", re.IGNORECASE
)
"""What a description or a name may say of the audio."""
AVERAGE = re.compile(r"(?:average|(?<=ABR)) [0-9]+( kbps)?", re.IGNORECASE)
"""True of any file, and said as what it is."""
YEAR = re.compile(r"\b(?:19|20)[0-9]{2}\b")


def test_sites_are_told_the_truth_or_nothing(program: Program, tmp_path: Path) -> None:
    library = tmp_path / "library"
    library.mkdir()
    albums = build_corpus(library)
    assert len(albums) >= 150
    for tracker in FORMAT_FIELDS:
        program.add_site(tracker, TABLE, category_ids=CATEGORIES.values(), type_ids=FORMATS.values())

    with untouched(library):
        finished = program.upload(library, "--yes")

    ends = _ends(finished.lines)
    wrong = [
        f"{album.truth.id} at {tracker}: {problem}"
        for album in albums
        for tracker in FORMAT_FIELDS
        for problem in _problems(album, tracker, ends, program)
    ]
    assert not wrong, "\n".join(wrong)


def _ends(lines: list[Line]) -> Mapping[tuple[str, str], Line]:
    """The line that ends each album at each tracker; a stage that failed ends it at all of them."""
    ends: dict[tuple[str, str], Line] = {}
    for line in lines:
        if line["event"] in {"upload_done", "upload_failed", "upload_skipped"}:
            ends[line["album"], line["tracker"]] = line
        elif line["event"] in {"stage_failed", "album_skipped"}:
            ends |= {(line["album"], tracker): line for tracker in FORMAT_FIELDS}
    return ends


def _problems(
    album: CorpusAlbum, tracker: str, ends: Mapping[tuple[str, str], Line], program: Program
) -> Iterator[str]:
    end = ends.get((str(album.folder), tracker))
    if end is None:
        yield "has no end"
        return
    reason = album.truth.refused_by(tracker)
    if reason is not None:
        if reason not in {end.get("reason"), end.get("stage")}:
            yield f"should be refused for {reason}: {dict(end)}"
        return
    if end["event"] != "upload_done":
        yield f"should be sent: {dict(end)}"
        return
    (stored,) = [upload for upload in program.sites[tracker].uploads if str(upload.id) == end["torrent_id"]]
    yield from _false_fields(album.truth, tracker, stored)
    yield from _false_claims(album.truth, stored)
    yield from _false_files(album, stored)


def _false_fields(truth: Truth, tracker: str, stored: StoredUpload) -> Iterator[str]:
    expected = {
        "name": truth.name,
        "category_id": CATEGORIES[truth.category],
        FORMAT_FIELDS[tracker]: FORMATS[truth.format],
    }
    if tracker == "YUS":
        expected["keywords"] = ", ".join(truth.genres)
    for field, value in expected.items():
        if not re.fullmatch(re.escape(value).replace(r"\#", "[0-9]+"), stored.fields.get(field, "")):
            yield f"{field} is {stored.fields.get(field)!r}, not {value!r}"


def _false_claims(truth: Truth, stored: StoredUpload) -> Iterator[str]:
    """Whatever the description says of bits, rates and years has to be so."""
    description = stored.fields["description"]
    yield from (f"lacks the track {track!r}" for track in truth.tracks if track not in description)
    facts = description.partition("[code]")[0] + stored.name
    claims = {match[0] for match in CLAIM.finditer(AVERAGE.sub("", facts.replace(truth.title, "")))}
    yield from (
        f"says {claim!r}" for claim in sorted(claims - {*truth.told, "ABR" * ("ABR #" in truth.told)})
    )
    known = {str(truth.year), *YEAR.findall(truth.edition), *YEAR.findall(truth.title)}
    yield from (f"says {year}" for year in sorted(set(YEAR.findall(facts)) - known))


def _false_files(album: CorpusAlbum, stored: StoredUpload) -> Iterator[str]:
    site = read_torrent(stored.received_torrent)
    sent = {"/".join(parts) for parts, _ in site.files}
    there = {path.relative_to(album.folder).as_posix() for path in album.folder.rglob("*") if path.is_file()}
    if sent != there - album.truth.left_out:
        yield f"the torrent differs in {sorted(sent ^ (there - album.truth.left_out))}"
