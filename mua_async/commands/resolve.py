"""`mua-async resolve`: says by hand what became of an upload that is unknown."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from functools import partial
from pathlib import Path

import click
from anyio import to_thread
from attrs import frozen
from yarl import URL

from pipeline.errors import UsageError
from pipeline.journal import CellJournal, CellRecord, Journal, State, has_journal
from pipeline.model.files import FileSet
from pipeline.model.upload import UploadResult
from pipeline.outcome import Outcome
from pipeline.reading.read import read_files
from pipeline.scan import scan
from pipeline.text import printable, valid_text
from trackers.redaction import keys_in
from trackers.tracker_config import site_of

from ..display.text import date_text, sentence, shell_word
from ..options import PATH, Common, common_options
from ..output import json_line
from ..records import OpenOrders, ask_journal, tracker_of
from ..selection import SelectedTracker
from ..tally import EXIT_OK
from ..upload_order import whole_path
from .tracker.switch import configured_id

DONE, ABSENT = "done", "absent"
BY_HAND = "noted by hand: the site has not got it"


@frozen
class Verdict:
    """What the user has seen on the site."""

    done: bool
    url: str | None = None
    torrent_id: str | None = None


@click.command("resolve")
@click.argument("path", type=PATH, metavar="PATH")
@click.option("-t", "--tracker", "tracker_id", required=True, metavar="ID", help="The tracker.")
@click.option("--as", "seen", type=click.Choice([DONE, ABSENT]), required=True, help="Is it on the site?")
@click.option("--url", metavar="URL", help="The torrent's page there.")
@common_options
def command(common: Common, path: Path, tracker_id: str, seen: str, url: str | None) -> int:
    """Say what became of an upload that is unknown: look at the site first.

    PATH is the album, whether it is still there or not. `done` lets `resume` fetch its torrent and hand it
    over; `absent` lets `resume` and `upload` send it.
    """
    configuration = common.config.load()
    name = configured_id(common, configuration, tracker_id)
    tracker = tracker_of(common, configuration, name)
    verdict = _verdict(tracker, seen, url)
    data = common.locations.data
    if not has_journal(data):
        raise UsageError(f"nothing was sent from here: {printable(str(data))} holds no journal")
    album = Path(whole_path(path))
    record, goes_on = ask_journal(data, partial(_settle, tracker=tracker, album=album, verdict=verdict))
    if not verdict.done:
        _warn_if_early(record, tracker)
    if common.json:
        _write_json(record)
    elif not common.quiet:
        click.echo(f"{name}: {printable(str(record.album))} is noted as {_noted(record)}")
        click.echo(_what_follows(record, goes_on=goes_on))
    return EXIT_OK


def _verdict(tracker: SelectedTracker, seen: str, url: str | None) -> Verdict:
    if seen == ABSENT and url is not None:
        raise UsageError("--url names the page of what is there: it goes with --as done")
    if url is None:
        return Verdict(seen == DONE)
    page = _page(url)
    own = URL(tracker.cls.settled(tracker.config).url or "").host
    if page.host != own:
        click.echo(f"warning: {page.host} is not the host of trackers.{tracker.config.id}.url", err=True)
        return Verdict(True, url)
    return Verdict(True, url, tracker.cls.torrent_id_in(url))


def _page(text: str) -> URL:
    """UsageError for what is no address, or holds a key: it is shown, and kept in the journal."""
    try:
        page = URL(text)
    except ValueError:
        page = URL()
    if page.scheme not in {"http", "https"} or not page.host or printable(text) != text or " " in text:
        raise UsageError("--url must be the address of a page, as in https://site.example/torrents/77")
    if page.user or page.password or any(keys_in(text)):
        raise UsageError("--url holds what looks like a key", hint="give the page, not the download")
    return page


async def _settle(
    journal: Journal, tracker: SelectedTracker, album: Path, verdict: Verdict
) -> tuple[CellRecord, bool]:
    """The record as it stands now, and whether `resume` comes to it."""
    name = tracker.config.id
    record = await _find(journal, tracker, album)
    if record.state is not State.UNKNOWN:
        raise _not_unknown(record, name)
    log = CellJournal(journal, record)
    if verdict.done:
        await log.stored(UploadResult(verdict.torrent_id, verdict.url), existing=False)
    else:
        await log.failed(Outcome.NOT_SENT, BY_HAND)
    if journal.failure is not None:
        raise journal.failure
    if log.record is record:
        raise UsageError("another run has just settled it", hint="see `mua-async status`")
    return log.record, verdict.done or OpenOrders.of(await journal.open_jobs()).cover(log.record)


async def _find(journal: Journal, tracker: SelectedTracker, album: Path) -> CellRecord:
    """What went to the tracker's site from that path, or has the same audio; what is unknown goes first."""
    site = site_of(tracker.cls.settled(tracker.config))
    known = [*await journal.records_at(album), *await _records(journal, await journal.content_at(album))]
    if all(record.site != site for record in known):
        known += await _records(journal, await to_thread.run_sync(_content_of, album))
    here = [record for record in known if record.site == site]
    if not here:
        raise _never_sent(tracker.config.id, album, known)
    return next((record for record in here if record.state is State.UNKNOWN), here[0])


async def _records(journal: Journal, content_id: str | None) -> Iterable[CellRecord]:
    return (await journal.records(content_id)).values() if content_id else ()


def _content_of(path: Path) -> str | None:
    """Reads the one album at the path; None where nothing is there. Blocks.

    An AlbumError where it cannot be read, a UsageError where it is more than one.
    """
    if not path.exists():
        return None
    albums = scan([path])
    first, second = next(albums), next(albums, None)
    if not isinstance(first, FileSet):
        raise first
    if second is not None:
        raise UsageError(f"{printable(str(path))} holds more than one album", hint="name the album itself")
    return read_files(first).album.content_id


def _never_sent(name: str, album: Path, known: Sequence[CellRecord]) -> UsageError:
    text = f"{printable(str(album))} was never sent to {name}, as far as is known here"
    moved = [record.site for record in known if record.tracker == name]
    if moved:
        return UsageError(
            text, hint=f'it went to {moved[0]}: is that the same site? trackers.{name}.site = "{moved[0]}"'
        )
    return UsageError(text, hint="`mua-async status` lists what is")


def _not_unknown(record: CellRecord, name: str) -> UsageError:
    subject = f"{printable(str(record.album))} is not unknown at {name}"
    since = date_text(record.at)
    match record.state:
        case State.DONE | State.EXISTING:
            return UsageError(f"{subject}: it is there ({record.state}, {since})", hint=record.url or "")
        case State.SENDING:
            return UsageError(f"{subject}: a run is sending it", hint="wait until that has ended")
        case State.PENDING:
            return UsageError(f"{subject}: it was never sent", hint="`mua-async resume` or `upload` sends it")
        case _:
            told = record.state.replace("_", " ")
            return UsageError(f"{subject}: it is {told} ({since})", hint="`mua-async upload` tries it again")


def _warn_if_early(record: CellRecord, tracker: SelectedTracker) -> None:
    """A request can reach the site long after its sender was killed."""
    left = tracker.config.settle_after - record.doubt.elapsed() if record.doubt else 0.0
    if left > 0:
        told = f"it may still arrive in the next {math.ceil(left)} s: look again before it is sent"
        click.echo(f"warning: {told}", err=True)


def _noted(record: CellRecord) -> str:
    if not record.state.is_stored:
        return "not sent"
    where = f": {sentence(record.url)}" if record.url else ""
    return f"done{where}"


def _what_follows(record: CellRecord, *, goes_on: bool) -> str:
    if record.state.is_stored and record.torrent_id:
        return "`mua-async resume` fetches its torrent and hands it over"
    if record.state.is_stored:
        return "`mua-async resume` hands over the torrent that was sent, for the site's own is not known"
    if goes_on:
        return "`mua-async resume` sends it"
    return f"`mua-async upload {shell_word(record.album)} --tracker {record.tracker}` sends it"


def _write_json(record: CellRecord) -> None:
    json_line(
        "resolved",
        album=valid_text(str(record.album)),
        content_id=record.content_id,
        tracker=record.tracker,
        outcome=record.state,
        torrent_id=record.torrent_id,
        url=record.url,
    )
