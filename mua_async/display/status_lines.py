"""What `mua-async status` says: albums with where they went, counts, and what to do."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

from attrs import field, frozen

from pipeline.journal import CellRecord, State, Step
from pipeline.outcome import Outcome
from pipeline.text import printable

from .lines import Line
from .outcomes import LOOKS, NOT_SEEDING, Look
from .settle import settle_lines
from .text import count_of, date_text, sentence

LISTED = 20
"""Albums; of more than that, only what needs somebody is listed."""
MOST_LISTED = 50
"""Albums; of more that need somebody, the gravest are listed, and the rest counted."""

PENDING = Look("pending", "pending", "…", "cyan")
ORDER = (*LOOKS.values(), PENDING)
WORD_WIDTH = max(len(look.word) for look in ORDER)
GRAVE = (State.UNKNOWN, State.DONE, State.EXISTING, State.REJECTED, State.NOT_SENT)
"""What needs somebody, the gravest first; what is stored does so if nothing seeds it."""
BY_HAND = "nothing here tells that it seeds: ask your client, or fetch its torrent from the site"


@frozen
class StatusReport:
    """What there is to say of these records, which come album by album.

    `resumed` tells which of them `resume` sends; `whole` lists all albums, whatever their number.
    """

    records: Sequence[CellRecord]
    resumed: Callable[[CellRecord], bool]
    whole: bool = False
    quiet: bool = False
    """Only what needs somebody."""
    _albums: Mapping[Path, list[CellRecord]] = field(init=False)

    @_albums.default
    def _by_album(self) -> Mapping[Path, list[CellRecord]]:
        albums: dict[Path, list[CellRecord]] = {}
        for record in self.records:
            albums.setdefault(record.album, []).append(record)
        return albums

    def lines(self) -> Iterator[Line]:
        body = list(self._listed())
        yield from body
        if not self.quiet:
            yield from [Line("")] if body else []
            yield from self._counts()
        yield from self._advice()

    def _listed(self) -> Iterator[Line]:
        albums = list(self._albums.values())
        if not self.whole and (self.quiet or len(albums) > LISTED):
            open_ends = (list(filter(needs_somebody, records)) for records in albums)
            albums = sorted(filter(None, open_ends), key=_gravest)
        listed = albums if self.whole else albums[:MOST_LISTED]
        id_width = max((len(record.tracker) for record in self.records), default=0)
        for records in listed:
            yield Line(printable(str(records[0].album)), "bold")
            for record in records:
                yield from _record_lines(record, id_width)
        if left_out := len(albums) - len(listed):
            yield Line(f"and {count_of(left_out, 'more album')}: --verbose lists all")

    def _counts(self) -> Iterator[Line]:
        """For each tracker how many albums ended how."""
        counts: dict[str, Counter[Look]] = {}
        for record in self.records:
            counts.setdefault(record.tracker, Counter())[look_of(record)] += 1
        width = max(map(len, counts), default=0)
        yield Line(count_of(len(self._albums), "album"), "dim")
        for tracker, counted in sorted(counts.items()):
            told = ", ".join(f"{counted[look]} {look.word}" for look in ORDER if counted[look])
            yield Line(told, "bold", f"  {tracker:<{width}}  ")

    def _advice(self) -> Iterator[Line]:
        unknown = [record for record in self.records if record.state is State.UNKNOWN]
        yield from settle_lines([(record.album, record.tracker) for record in unknown])
        unsent = [record for record in self.records if record.state in {State.NOT_SENT, State.PENDING}]
        resumed = [record for record in unsent if self.resumed(record)]
        unseeded = [record for record in self.records if record.state.is_stored and not record.finished]
        if resumed or unseeded:
            parts = {"not sent": len(resumed), "not with the client": len(unseeded)}
            told = ", ".join(f"{count} {words}" for words, count in parts.items() if count)
            yield Line(f"{told}: `mua-async resume` goes on", "yellow")
        if unasked := len(unsent) - len(resumed):
            yield Line(f"{unasked} not sent: `mua-async upload PATH --tracker ID` sends it", "yellow")
        if refused := sum(record.state is State.REJECTED for record in self.records):
            yield Line(f"{refused} rejected: once it is mended, `mua-async upload` tries it again", "yellow")


def needs_somebody(record: CellRecord) -> bool:
    """Whether something is left to be done about it, by a command or by hand."""
    if record.state.is_stored:
        return not record.finished
    return record.state is not State.SKIPPED


def look_of(record: CellRecord) -> Look:
    outcome = record.state.outcome
    return PENDING if outcome == State.PENDING else LOOKS[Outcome(outcome)]


def _gravest(records: Sequence[CellRecord]) -> int:
    """The lower, the graver."""
    return min(map(_rank, records))


def _rank(record: CellRecord) -> int:
    return GRAVE.index(record.state) if record.state in GRAVE else len(GRAVE)


def _record_lines(record: CellRecord, id_width: int) -> Iterator[Line]:
    look = look_of(record)
    lead = f"  {record.tracker:<{id_width}}  "
    first, *others = _details(record) or [""]
    yield Line(f"{look.word:<{WORD_WIDTH}}  {date_text(record.at)}  {first}".rstrip(), look.style, lead)
    indent = " " * (len(lead) + WORD_WIDTH + 2)
    yield from (Line(text, NOT_SEEDING.style, indent) for text in others)


def _details(record: CellRecord) -> list[str]:
    """For what is stored where it is, and what is wrong with its torrent; else why it is not."""
    if record.state.is_stored:
        where = sentence(record.url or record.torrent_id or "")
        return [where, *_torrent_problem(record)]
    if record.state is State.SENDING:
        return ["a run is sending it"]
    if record.state is State.SKIPPED:
        return [f"{record.reason}: {sentence(record.message)}"]
    return [sentence(record.message)]


def _torrent_problem(record: CellRecord) -> list[str]:
    match record.step:
        case Step.FETCHED if not record.finished:
            return ["its torrent is still to be handed to the client"]
        case Step.NONE | Step.ANSWERED:
            return [BY_HAND if record.finished else "its torrent is still to be fetched"]
        case _:
            return []
