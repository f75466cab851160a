"""What every adapter must do; each check is named as it is declared in `deviations`."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping

from attrs import evolve

from pipeline.errors import NotSent, TrackerError, Unknown
from pipeline.events import RequestPrepared
from pipeline.model.upload import UploadResult

from .leaks import expect_no_secret, recorded
from .odd_answers import OK_STATUSES, OTHER_STATUSES, OddAnswer, odd_answers, told_back
from .release import PICTURE
from .site import Fate
from .stand import SECRETS, CheckFailed, Stand
from .wire import carries, carries_text

Check = Callable[[Stand], Awaitable[None]]

TITLES = (
    "Ágætis byrjun 進撃の巨人 🎵 e\u0301",
    "\"Quotes\" & <tags> % + \\ / ; = 'n' #1",
    "Long title. " * 16 + "The end.",
)
MANY_PIECES = 600_000
"""Twenty bytes each: more than the system takes in before a connection breaks."""


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
    arrived = any(carries(sent.body, request.torrent.data) for sent in stand.site.created)
    expect(arrived, "the torrent that arrived is not the one that was to be sent")


async def sends_every_title_whole(stand: Stand) -> None:
    """Unicode, quotes and 200 characters arrive as they were sent."""
    for title in TITLES:
        sample = evolve(stand.sample, title=title)
        await stand.upload(stand.request(sample))
        bodies = [sent.body for sent in stand.site.created]
        expect(bool(bodies), f"nothing was sent of a release called {title!r}")
        whole = carries_text(bodies[-1], title)
        expect(whole, f"the title does not arrive as it was sent ({len(title)} characters): {title}")


async def takes_no_garbage_for_success(stand: Stand) -> None:
    """A 2xx with an empty, broken or foreign body is no success."""
    for odd in odd_answers(*OK_STATUSES):
        await _expect_outcome(stand, odd)


async def gives_every_answer_an_outcome(stand: Stand) -> None:
    """Each other status with each odd body gives the outcome that is true of it."""
    for odd in odd_answers(*OTHER_STATUSES):
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
    """A cover is sent where the class says so, and no other; an optional one may be missing."""
    wanted = stand.adapter.profile.cover_wanted
    await stand.upload(stand.request(evolve(stand.sample, cover=PICTURE)))
    arrived = any(carries(sent.body, PICTURE.data) for sent in stand.site.requests)
    expect(arrived or not wanted, "cover and cover_field declare a cover, and none arrives")
    expect(wanted or not arrived, "a cover arrives that cover and cover_field do not declare")
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
