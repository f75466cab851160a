"""The kit as its users meet it: a class to derive tests from, and a function that needs no pytest."""

from __future__ import annotations

import inspect
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import ClassVar

import anyio
from attrs import frozen

from pipeline.errors import UsageError

from ..generic_tracker import GenericTracker
from ..registry import TEST_PREFIX, load_module
from ..request import Answer
from ..tracker_config import Family, TrackerConfig
from .checks import CHECKS, Check
from .odd_answers import JSON_TYPE
from .site import SiteRequest
from .stand import CheckFailed, Subject, on_stand

NOTHING_FOUND = b'{"data": [], "links": {"next": null}, "meta": {"per_page": 100}}'


@frozen
class CheckReport:
    """One check's verdict; `ok` is None where it was skipped, for the reason in `message`."""

    name: str
    summary: str
    """What is checked, in one sentence."""
    ok: bool | None
    message: str = ""


class TrackerConformance:
    """Derive `TestMH` from it in a test file and set `tracker_class`: pytest runs every check as a test."""

    tracker_class: ClassVar[type[GenericTracker]]
    config: TrackerConfig | None = None
    """What a user must configure beside address and keys, if the class cannot know it."""
    deviations: Mapping[str, str] = {}
    """Checks that do not hold for this site, by name, each with the reason; they are skipped."""

    def stored(self, site_url: str) -> Answer:
        """The site's answer to an upload that it stored; override it where the family's is another."""
        return Answer(200, JSON_TYPE, json.dumps(self._family_success(site_url)).encode())

    def respond(self, request: SiteRequest) -> Answer:
        """The site's answer to a login, a search and the like, which find nothing by default."""
        return Answer(200, JSON_TYPE, NOTHING_FOUND)

    def _family_success(self, site_url: str) -> Mapping[str, object]:
        if self.tracker_class.family == Family.UNIT3D:
            link = f"{site_url}/torrent/download/1001.0123456789abcdef0123456789abcdef"
            return {"success": True, "data": link, "message": "Torrent uploaded successfully."}
        return {"success": True, "id": 1001, "url": f"{site_url}/torrents/1001"}


def run_conformance(
    tracker_class: type[GenericTracker],
    kit: type[TrackerConformance] = TrackerConformance,
    config: TrackerConfig | None = None,
) -> tuple[CheckReport, ...]:
    """Every check's verdict on the class, without pytest; not for a running loop.

    `kit` tells of a site that differs from its family, `config` what the class alone does not know.
    """
    made: TrackerConformance = type(kit.__name__, (kit,), {"tracker_class": tracker_class})()
    made.config = config or made.config
    _refuse_unknown(made)
    return tuple(_report(made, name) for name in CHECKS)


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
    summary = (CHECKS[name].__doc__ or "").strip()
    if name in kit.deviations:
        return CheckReport(name, summary, None, kit.deviations[name])
    try:
        anyio.run(_checked, kit, CHECKS[name])
    except CheckFailed as error:
        return CheckReport(name, summary, False, str(error))
    except Exception as error:  # noqa: BLE001 - a stranger's adapter may raise anything
        return CheckReport(name, summary, False, f"it raises {type(error).__name__}: {error}")
    return CheckReport(name, summary, True)


async def _checked(kit: TrackerConformance, check: Check) -> None:
    """Raises CheckFailed, or what the adapter raised, as it is and not in a group."""
    subject = Subject(kit.tracker_class, _config(kit), kit.stored, kit.respond)
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


def _refuse_unknown(kit: TrackerConformance) -> None:
    unknown = sorted(set(kit.deviations) - set(CHECKS))
    if unknown:
        raise UsageError(
            f"deviations name no check: {', '.join(unknown)}", hint=f"there are {', '.join(CHECKS)}"
        )


def _as_test(name: str) -> Callable[[TrackerConformance], None]:
    def test(self: TrackerConformance) -> None:
        _refuse_unknown(self)
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
