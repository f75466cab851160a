"""The kit as its users meet it: a class to derive tests from, and a function that needs no pytest."""

from __future__ import annotations

import inspect
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import ClassVar

import anyio
from attrs import evolve, frozen

from pipeline.error_groups import leaves
from pipeline.errors import UsageError

from ..described.described_tracker import DescribedTracker
from ..generic_tracker import GenericTracker
from ..registry import TEST_PREFIX, load_module
from ..request import Answer
from ..tracker_config import Family, TrackerConfig
from .checks import CHECKS, Check
from .odd_answers import JSON_TYPE
from .play import Play, played
from .site import SiteRequest
from .stand import KEY, CheckFailed, Subject, on_stand

NOTHING_FOUND = b'{"data": [], "links": {"next": null}, "meta": {"per_page": 100}}'


@frozen
class CheckReport:
    """One check's verdict; `ok` is None where it was skipped, for the reason in `message`."""

    name: str
    summary: str
    """What is checked, in one sentence."""
    ok: bool | None
    message: str = ""
    endless: bool = False
    """It was ended because it took too long."""


class Endless(CheckFailed):
    """The check took longer than it may."""


class TrackerConformance:
    """Derive `TestMH` from it in a test file and set `tracker_class`: pytest runs every check as a test."""

    tracker_class: ClassVar[type[GenericTracker]]
    config: TrackerConfig | None = None
    """What a user must configure beside address and keys, if the class cannot know it."""
    deviations: Mapping[str, str] = {}
    """Checks that do not hold for this site, by name, each with the reason; they are skipped."""
    seconds: float = 60.0
    """A check that takes longer has failed."""
    play: Play = Play()
    """What the user's description tells of the site's answers."""

    def stored(self, site_url: str) -> Answer:
        """The site's answer to an upload that it stored; override it where the family's is another."""
        if self.play.stored is not None:
            return self.play.stored
        return Answer(200, JSON_TYPE, json.dumps(self._family_success(site_url)).encode())

    def respond(self, request: SiteRequest) -> Answer:
        """The site's answer to a login, a search and the like, which find nothing by default."""
        return self.play.respond(request) or Answer(200, JSON_TYPE, NOTHING_FOUND)

    def _family_success(self, site_url: str) -> Mapping[str, object]:
        if self.tracker_class.family == Family.UNIT3D:
            link = f"{site_url}/torrent/download/1001.0123456789abcdef0123456789abcdef"
            return {"success": True, "data": link, "message": "Torrent uploaded successfully."}
        if self.tracker_class.family == Family.GAZELLE:
            stored = {"groupId": 1, "torrentId": 1001, "private": True, "source": True, "warnings": []}
            return {"status": "success", "response": stored}
        return {"success": True, "id": 1001, "url": f"{site_url}/torrents/1001"}


def run_conformance(
    tracker_class: type[GenericTracker],
    kit: type[TrackerConformance] = TrackerConformance,
    config: TrackerConfig | None = None,
) -> tuple[CheckReport, ...]:
    """Every check's verdict on the class, without pytest; not for a running loop.

    `kit` tells of a site that differs from its family, `config` what the class alone does not know. Where
    `config` describes the site, that is played as it is described; what cannot be played is skipped, and says
    why. After a check that does not end, the others are not tried. An adapter that never gives way, such as
    an endless loop without `await`, cannot be ended.
    """
    made: TrackerConformance = type(kit.__name__, (kit,), {"tracker_class": tracker_class})()
    made.config = config or made.config
    _check_deviations(made)
    made.play = _play(made)
    reports: list[CheckReport] = []
    endless = ""
    for name in CHECKS:
        if endless:
            reports.append(CheckReport(name, _summary(name), None, f"Not tried: {endless} did not end."))
            continue
        reports.append(_report(made, name))
        endless = name if reports[-1].endless else ""
    return tuple(reports)


def kit_beside(adapter: Path) -> type[TrackerConformance]:
    """The kit that the test beside an adapter's file defines, or the plain one.

    UsageError where that test cannot be loaded.
    """
    test = adapter.with_name(f"{TEST_PREFIX}{adapter.name}")
    if not test.is_file():
        return TrackerConformance
    module = load_module(test)
    own = (
        item for item in vars(module).values() if inspect.isclass(item) and item.__module__ == module.__name__
    )
    return next((kit for kit in own if issubclass(kit, TrackerConformance)), TrackerConformance)


def _report(kit: TrackerConformance, name: str) -> CheckReport:
    summary = _summary(name)
    skipped = kit.deviations.get(name) or _unplayed(kit, name)
    if skipped:
        return CheckReport(name, summary, None, skipped)
    try:
        if broken := anyio.run(_broken_by, kit, CHECKS[name]):
            raise broken
    except Endless as error:
        return CheckReport(name, summary, False, str(error), endless=True)
    except BaseException as error:
        if any(isinstance(leaf, KeyboardInterrupt) for leaf in _leaves(error)):
            raise
        return CheckReport(name, summary, False, "; ".join(map(_failure, _leaves(error))))
    return CheckReport(name, summary, True, kit.play.left_out(name))


def _leaves(error: BaseException) -> list[BaseException]:
    return list(leaves(error)) if isinstance(error, BaseExceptionGroup) else [error]


def _failure(error: BaseException) -> str:
    match error:
        case CheckFailed():
            return str(error)
        case SystemExit():
            return f"it raises SystemExit({error.code!r}): an adapter must not end the program"
        case _:
            return f"it raises {type(error).__name__}: {error}"


def _summary(name: str) -> str:
    return (CHECKS[name].__doc__ or "").strip()


def _play(kit: TrackerConformance) -> Play:
    if kit.config is None or not issubclass(kit.tracker_class, DescribedTracker):
        return Play()
    return anyio.run(played, kit.config, KEY)


def _unplayed(kit: TrackerConformance, name: str) -> str:
    """Why the description does not allow the check, unless the kit tells the site's answers itself."""
    play = kit.play
    if type(kit).stored is not TrackerConformance.stored:
        play = evolve(play, no_success="")
    if type(kit).respond is not TrackerConformance.respond:
        play = evolve(play, no_way_in="")
    return play.unplayed(name)


async def _broken_by(kit: TrackerConformance, check: Check) -> BaseExceptionGroup[BaseException] | None:
    """A group of errors as a value: beside a SystemExit of a task, asyncio would print it as it ends."""
    try:
        await _checked_in_time(kit, check)
    except BaseExceptionGroup as group:
        return group
    return None


async def _checked_in_time(kit: TrackerConformance, check: Check) -> None:
    """As `_checked`; raises Endless where the adapter waits for what never comes."""
    with anyio.move_on_after(kit.seconds):
        await _checked(kit, check)
        return
    raise Endless(
        f"it does not end within {kit.seconds:g} s: the adapter awaits something that never comes, "
        "or loops round an await"
    )


async def _checked(kit: TrackerConformance, check: Check) -> None:
    """Raises CheckFailed, or what the adapter raised, as it is and not in a group."""
    subject = Subject(kit.tracker_class, _config(kit), kit.stored, kit.respond, kit.play.by_status)
    failure: Exception | None = None
    async with on_stand(subject) as stand:
        try:
            await check(stand)
        except Exception as error:  # noqa: BLE001 - raised again below, outside of the task group
            failure = error
        strays = stand.session.strays
    if strays:
        hosts = ", ".join(dict.fromkeys(strays))
        raise CheckFailed(f"it asks {hosts}, which is not its site: addresses begin with self.config.url")
    if failure is not None:
        raise failure


def _config(kit: TrackerConformance) -> TrackerConfig:
    if kit.config is not None:
        return kit.config
    return TrackerConfig(id=kit.tracker_class.__name__.removesuffix("Tracker").upper() or "XY")


def _check_deviations(kit: TrackerConformance) -> None:
    unknown = sorted(set(kit.deviations) - set(CHECKS))
    if unknown:
        raise UsageError(
            f"deviations name no check: {', '.join(unknown)}", hint=f"there are {', '.join(CHECKS)}"
        )
    unfounded = [name for name, reason in kit.deviations.items() if not reason.strip()]
    if unfounded:
        raise UsageError(
            f"deviations give no reason for {', '.join(unfounded)}", hint="write why the site differs there"
        )


def _as_test(name: str) -> Callable[[TrackerConformance], None]:
    def test(self: TrackerConformance) -> None:
        _check_deviations(self)
        self.play = _play(self)
        report = _report(self, name)
        if report.ok is None:
            from unittest import SkipTest  # only now: it takes long, and most adapters run without tests

            raise SkipTest(report.message)
        if not report.ok:
            raise CheckFailed(f"{self.tracker_class.__name__}: {report.message}")

    test.__doc__ = CHECKS[name].__doc__
    return test


for _name in CHECKS:
    setattr(TrackerConformance, f"test_{_name}", _as_test(_name))
