"""What every adapter must do; each check is named as it is declared in `deviations`."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence

from attrs import evolve

from pipeline.errors import NotSent, TrackerError, Unknown
from pipeline.events import RequestPrepared
from pipeline.model.upload import UploadRequest, UploadResult

from .leaks import expect_no_secret, recorded
from .odd_answers import OK_STATUSES, OTHER_STATUSES, OddAnswer, odd_answers, told_back
from .release import PICTURE, PICTURE_URL
from .site import Fate
from .stand import SECRETS, CheckFailed, Stand
from .wire import TORRENT_MARK

Check = Callable[[Stand], Awaitable[None]]

TITLES = (
    "Ágætis byrjun 進撃の巨人 🎵 e\u0301",
    "\"Quotes\" & <tags> % + \\ / ; = 'n' #1",
    "Long title. " * 16 + "The end.",
)
MANY_PIECES = 600_000
"""Twenty bytes each: more than the system takes in before a connection breaks."""


DESCRIPTION = "An album.\n\n[b]Tracks[/b]: 10"
"""Tells nothing of the title."""
ROOM = 100
"""Characters that a name has beside the title: artist, year, format and the like."""


def expect(condition: bool, failure: str) -> None:
    if not condition:
        raise CheckFailed(failure)


async def takes_a_release(stand: Stand) -> None:
    """Its data is complete, and some ordinary release breaks none of its rules."""
    missing = stand.subject.cls.missing(stand.config)
    expect(not missing, f"with address and keys given it still lacks: {'; '.join(missing)}")
    problems = stand.adapter.problems(stand.sample.release())
    expect(not problems, f"no FLAC or MP3 release is good enough for it: {'; '.join(problems)}")


async def reads_a_success(stand: Stand) -> None:
    """The answer of a site that stored the upload is a success."""
    _expect_success(await stand.upload())


async def creates_once(stand: Stand) -> None:
    """An upload is one creating request, and so is the next."""
    for count in (1, 2):
        _expect_success(await stand.upload())
        sent = len(stand.site.created)
        expect(sent == count, f"{sent} requests brought a torrent for {count} upload(s)")


async def leaves_the_torrent_alone(stand: Stand) -> None:
    """The torrent arrives byte for byte."""
    request = stand.request()
    await stand.upload(request)
    brought = [value for sent in stand.site.created for value in sent.values() if TORRENT_MARK in value]
    untouched = bool(brought) and all(value == request.torrent.data for value in brought)
    expect(untouched, "the torrent that arrived is not the one that was to be sent")


async def sends_every_title_whole(stand: Stand) -> None:
    """Unicode, quotes and 200 characters arrive as they were sent, in a field of the name or title."""
    for title in TITLES:
        request = stand.request(evolve(stand.sample, title=title))
        # That the title stands in the description, too, is no matter here.
        await stand.upload(evolve(request, description=DESCRIPTION))
        expect(bool(stand.site.created), f"nothing was sent of a release called {title!r}")
        whole = any(_names(value, title) for value in stand.site.created[-1].values())
        expect(whole, f"no field has the title as it was sent ({len(title)} characters): {title}")


async def takes_no_garbage_for_success(stand: Stand) -> None:
    """A 2xx with an empty, broken or foreign body is no success."""
    for odd in odd_answers(*_without_meaning(stand, OK_STATUSES)):
        await _expect_outcome(stand, odd)


async def gives_every_answer_an_outcome(stand: Stand) -> None:
    """Each other status with each odd body gives the outcome that is true of it."""
    for odd in odd_answers(*_without_meaning(stand, OTHER_STATUSES)):
        await _expect_outcome(stand, odd)


async def knows_what_a_lost_connection_means(stand: Stand) -> None:
    """Lost before the body was sent is not_sent, lost after it is unknown."""
    stand.site.fate = Fate.LOST_AFTER
    outcome = await stand.upload()
    expect(isinstance(outcome, Unknown), f"lost after the body: {_told(outcome)} instead of unknown")
    stand.site.fate = Fate.LOST_BEFORE
    outcome = await stand.upload(stand.request(evolve(stand.sample, pieces=MANY_PIECES)))
    expect(isinstance(outcome, NotSent), f"lost before the body: {_told(outcome)} instead of not_sent")


async def keeps_secrets(stand: Stand) -> None:
    """No key stands in a repr, a log, a message or an address, even where the site gives it back."""
    expect_no_secret("its repr", repr(stand.adapter), repr(vars(stand.adapter)), repr(stand.adapter.profile))
    with recorded() as said:
        expect_no_secret("what it tells of a success", *_texts(await stand.upload()))
        for secret in SECRETS:
            for answer in told_back(secret):
                stand.site.verdict = answer
                outcome = await stand.upload()
                expect_no_secret(f"what it tells of status {answer.status}", *_texts(outcome))
    expect_no_secret("the log or the standard streams", said.getvalue())
    expect_no_secret("the events", *map(repr, stand.events))


async def handles_the_cover_as_declared(stand: Stand) -> None:
    """A cover or its address is sent where the class says so, and no other; an optional one may be absent."""
    wanted = stand.adapter.profile.cover_wanted
    await stand.upload(_with_cover(stand))
    values = [value for sent in stand.site.requests for value in sent.values()]
    arrived = any(PICTURE.data == value or PICTURE_URL.encode() in value for value in values)
    expect(arrived or not wanted, "the class declares a cover, and neither it nor its address arrives")
    expect(wanted or not arrived, "a cover arrives that the class does not declare")
    if not stand.adapter.profile.cover_required:
        _expect_success(await stand.upload(stand.request(evolve(stand.sample, cover=None))))


async def takes_no_garbage_for_a_search_result(stand: Stand) -> None:
    """Where the site is asked for what exists, an odd answer is neither a find nor `nothing found`."""
    await stand.upload()
    for odd in odd_answers(200, 500):
        stand.site.respond = odd.answers
        before = len(stand.site.requests)
        found = await stand.find_existing()
        if len(stand.site.requests) > before:
            expect(isinstance(found, TrackerError), f"a search answered {odd} gives {found!r}")


async def rehearses_offline(stand: Stand) -> None:
    """With `--debug` it shows its request, secrets masked, and opens no socket."""
    await stand.upload(adapter=stand.rehearsing())
    shown = [event for event in stand.events if isinstance(event, RequestPrepared)]
    expect(len(shown) == 1, f"--debug shows {len(shown)} requests: {'; '.join(map(repr, shown))}")
    expect(not stand.site.requests, "--debug sends something")
    expect_no_secret("what --debug shows", repr(shown))


CHECKS: Mapping[str, Check] = {
    check.__name__: check
    for check in (
        takes_a_release,
        reads_a_success,
        creates_once,
        leaves_the_torrent_alone,
        sends_every_title_whole,
        takes_no_garbage_for_success,
        gives_every_answer_an_outcome,
        knows_what_a_lost_connection_means,
        keeps_secrets,
        handles_the_cover_as_declared,
        takes_no_garbage_for_a_search_result,
        rehearses_offline,
    )
}


NEEDING_NO_SITE = frozenset({"takes_a_release", "rehearses_offline"})
NEEDING_A_SUCCESS = frozenset({"reads_a_success", "creates_once", "handles_the_cover_as_declared"})
ODD_STATUSES: Mapping[str, Sequence[int]] = {
    "takes_no_garbage_for_success": OK_STATUSES,
    "gives_every_answer_an_outcome": OTHER_STATUSES,
}
"""With which statuses a check plays answers that say nothing."""


def _with_cover(stand: Stand) -> UploadRequest:
    """With the address of the cover, too, where the adapter wants it."""
    request = stand.request(evolve(stand.sample, cover=PICTURE))
    if not stand.adapter.wants_cover_url:
        return request
    shown = f"[img]{PICTURE_URL}[/img]\n" if stand.config.cover_in_description else ""
    return evolve(request, cover_url=PICTURE_URL, description=shown + request.description)


def _names(value: bytes, title: str) -> bool:
    """Whether it is the title, or a name with the title in it: one line, and little else."""
    text = value.decode(errors="replace")
    return title in text and "\n" not in text and len(text) <= len(title) + ROOM


def _without_meaning(stand: Stand, statuses: Sequence[int]) -> list[int]:
    return [status for status in statuses if status not in stand.subject.by_status]


async def _expect_outcome(stand: Stand, odd: OddAnswer) -> None:
    stand.site.fate = Fate.CUT_OFF if odd.cut_off else Fate.ANSWERED
    stand.site.verdict = odd.answer
    before = len(stand.site.created)
    outcome = await stand.upload()
    sent = len(stand.site.created) - before
    expect(sent == 1, f"{odd}: {sent} requests brought a torrent")
    allowed = ", ".join(kind.outcome for kind in odd.allowed)
    expect(isinstance(outcome, odd.allowed), f"{odd} is taken for {_told(outcome)}; it may be {allowed}")
    if isinstance(outcome, TrackerError):
        expect(bool(outcome.message.strip()), f"{odd}: the error has no message")


def _expect_success(outcome: UploadResult | TrackerError) -> None:
    expect(isinstance(outcome, UploadResult), f"the site's success is taken for {_told(outcome)}")


def _told(outcome: UploadResult | TrackerError) -> str:
    return "done" if isinstance(outcome, UploadResult) else f"{outcome.outcome} ({outcome})"


def _texts(outcome: UploadResult | TrackerError) -> tuple[str, ...]:
    shown = (str(outcome), repr(outcome))
    return shown if isinstance(outcome, UploadResult) else (*shown, outcome.message, outcome.hint)
