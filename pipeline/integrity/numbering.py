"""What the tags of an album say of its tracks together: numbers, totals, MQA."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from ..audio.mqa import claims_mqa
from ..model.album import Album, Track
from ..model.finding import Finding, Severity

TOTALS = ("tracktotal", "totaltracks")


def examine_numbering(album: Album) -> tuple[Finding, ...]:
    """Looks at tags alone; every finding is a warning."""
    discs: dict[int, list[Track]] = {}
    for track in album.tracks:
        discs.setdefault(track.disc or 1, []).append(track)
    findings: list[Finding] = []
    before = 0
    for disc, tracks in sorted(discs.items()):
        place = f"disc {disc}" if len(discs) > 1 else "the album"
        findings += _numbers(album, place, tracks, before)
        findings += _totals(album, place, tracks)
        before = max((track.number or 0 for track in tracks), default=0)
    for track in album.tracks:
        findings += _of_track(track)
    return tuple(findings)


def _numbers(album: Album, place: str, tracks: list[Track], before: int) -> Iterator[Finding]:
    """`before` is the last number of the disc before: some albums count on."""
    counts = Counter(track.number for track in tracks if track.number is not None)
    if not counts:
        return
    first = before + 1 if min(counts) == before + 1 else 1
    missing = _ranges([number for number in range(first, max(counts)) if number not in counts])
    if missing:
        yield _warn("missing_track", album, f"{_named(album, place)} has no track {missing}")
    repeated = _ranges(sorted(number for number, count in counts.items() if count > 1))
    if repeated:
        yield _warn("duplicate_track", album, f"{_named(album, place)} has more than one track {repeated}")


def _totals(album: Album, place: str, tracks: list[Track]) -> Iterator[Finding]:
    """A total may be the disc's or the album's."""
    there = {len(tracks), len(album.tracks)}
    told = {total for track in tracks if (total := _total(track)) is not None}
    for total in sorted(told - there):
        message = f"the tags of {_named(album, place)} tell of {total} tracks, {len(tracks)} are there"
        yield _warn("track_total", album, message)


def _total(track: Track) -> int | None:
    _, _, behind = next(iter(track.tags.get("tracknumber", ())), "").partition("/")
    texts = [behind, *(text for name in TOTALS for text in track.tags.get(name, ()))]
    return next((int(text) for text in texts if text.isascii() and text.isdigit() and int(text)), None)


def _of_track(track: Track) -> Iterator[Finding]:
    name = "/".join(track.file.parts)
    if claims_mqa(track.tags):
        yield Finding(Severity.WARNING, "mqa", track.file.path, f"{name} is MQA, as its tags say")
    if track.stream.duration <= 0:
        yield Finding(Severity.WARNING, "no_duration", track.file.path, f"{name} holds no audio")


def _warn(reason: str, album: Album, message: str) -> Finding:
    return Finding(Severity.WARNING, reason, album.files.root, message)


def _named(album: Album, place: str) -> str:
    return f"{place} of {album.files.name}" if place.startswith("disc") else album.files.name


def _ranges(numbers: list[int]) -> str:
    """`3`, `3-5`, `2, 7-9`: however many there are, the text stays short."""
    runs: list[list[int]] = []
    for number in numbers:
        if runs and number == runs[-1][1] + 1:
            runs[-1][1] = number
        else:
            runs.append([number, number])
    return ", ".join(str(first) if first == last else f"{first}-{last}" for first, last in runs)
