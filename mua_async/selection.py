"""From the ids on the command line to trackers that are ready, or to everything that keeps them from it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress

from attrs import field, frozen

from pipeline.errors import UsageError
from pipeline.secret import Secret
from trackers.generic_tracker import GenericTracker
from trackers.image_hosts.settings import ImageHostConfig
from trackers.registry import TrackerClass
from trackers.tracker_config import TrackerConfig

from .config.configuration import Configuration
from .config.image_hosts import with_keys
from .config.secret_ref import SecretResolver, is_literal, resolve
from .config.values import boolean
from .options import Common


@frozen
class SelectedTracker:
    """A tracker with its class and its configuration, secrets looked up."""

    config: TrackerConfig
    found: TrackerClass

    @property
    def cls(self) -> type[GenericTracker]:
        return self.found.cls

    def missing(self) -> list[str]:
        return self.cls.missing(self.config)


@frozen
class Selection:
    """The trackers of a run, and what the user should know of the configuration all the same."""

    trackers: tuple[SelectedTracker, ...]
    warnings: tuple[str, ...]
    unusable: Mapping[str, str] = field(factory=dict)
    """Why trackers cannot be used that only `all` asks for: the others go on."""


def select(
    common: Common,
    configuration: Configuration,
    ids: Sequence[str],
    *,
    dry_run: bool = False,
    lenient: bool = False,
) -> Selection:
    """The trackers of a run; UsageError with every problem of every one that is named.

    A dry run goes on without keys and tells of them as warnings. A lenient one leaves out, with its problems,
    a tracker that only `all` asks for.
    """
    selected: list[SelectedTracker] = []
    problems: dict[str, Sequence[str]] = {}
    warnings: list[str] = []
    for tracker_id in chosen_ids(configuration, ids):
        try:
            tracker, without_keys = _find(common, configuration, tracker_id, dry_run)
        except UsageError as error:
            problems[tracker_id] = error.problems or (str(error),)
            continue
        missing = tracker.missing()
        warnings += [*without_keys, *(missing if dry_run else ())]
        if missing and not dry_run:
            problems[tracker_id] = missing
        else:
            selected.append(tracker)
    named = {*map(str.upper, ids or configuration.default_trackers)}
    if problems and (not lenient or not selected or not named.isdisjoint(problems)):
        told = tuple(problem for found in problems.values() for problem in found)
        raise UsageError("not every tracker can be used", problems=told)
    used = {tracker.config.id for tracker in selected}
    for tracker_id, found in configuration.tracker_problems.items():
        if tracker_id not in used and tracker_id not in problems:
            warnings += found
    unusable = {tracker_id: "; ".join(found) for tracker_id, found in problems.items()}
    return Selection(tuple(selected), tuple(warnings), unusable)


def usable_image_hosts(
    common: Common, configuration: Configuration, *, dry_run: bool = False
) -> tuple[ImageHostConfig, ...]:
    """The image hosts with their keys; a dry run, which asks none of them, goes on without."""
    hosts = configuration.image_hosts.values()
    return tuple(hosts) if dry_run else with_keys(hosts, lambda name: resolve(name, common.environ))


def _find(
    common: Common, configuration: Configuration, tracker_id: str, dry_run: bool
) -> tuple[SelectedTracker, tuple[str, ...]]:
    """The tracker, and why keys are missing that a dry run does without."""

    def look_up(reference: str) -> Secret:
        return resolve(reference, common.environ)

    def look_up_if_there(reference: str) -> Secret | None:
        with suppress(UsageError):
            return look_up(reference)
        return None

    try:
        return find_tracker(common, configuration, tracker_id, look_up), ()
    except UsageError as error:
        if not dry_run:
            raise
        return find_tracker(common, configuration, tracker_id, look_up_if_there), error.problems


def chosen_ids(configuration: Configuration, ids: Sequence[str]) -> tuple[str, ...]:
    """Upper case, each once; `all` is every enabled one, nothing is the configured default."""
    wanted = ids or configuration.default_trackers
    if not wanted:
        raise UsageError(
            "no tracker is named", hint="give --tracker ID, or set default_trackers in the configuration"
        )
    return tuple(dict.fromkeys(_expanded(configuration, wanted)))


def _expanded(configuration: Configuration, ids: Sequence[str]) -> Iterator[str]:
    for tracker_id in map(str.upper, ids):
        if tracker_id != "ALL":
            yield tracker_id
            continue
        enabled = [name for name in configuration.tracker_ids() if is_enabled(configuration, name)]
        if not enabled:
            raise UsageError(
                "no tracker is enabled", hint="`mua-async tracker add ID` writes one into the configuration"
            )
        yield from enabled


def is_enabled(configuration: Configuration, tracker_id: str) -> bool:
    """Whether a run may use it; a broken table counts as enabled, so that its problems are told."""
    try:
        return boolean(configuration.table(tracker_id).get("enabled", True))
    except ValueError:
        return True


def find_tracker(
    common: Common, configuration: Configuration, tracker_id: str, resolver: SecretResolver
) -> SelectedTracker:
    """The tracker behind an id; UsageError for one that nobody knows, is off or is broken."""
    tracker_id = tracker_id.upper()
    if tracker_id not in known_ids(common, configuration):
        raise common.trackers.unknown_id(tracker_id, configuration.tracker_ids())
    if configuration.has_table(tracker_id) and not is_enabled(configuration, tracker_id):
        raise UsageError(f"trackers.{tracker_id} is disabled: set enabled = true to use it")
    config = tracker_config(configuration, tracker_id, resolver)
    return SelectedTracker(config, common.trackers.find(tracker_id, config.type))


def known_ids(common: Common, configuration: Configuration) -> tuple[str, ...]:
    """Every id that is configured, built in or a module of the user's; upper case, sorted."""
    return common.trackers.known_ids(configuration.tracker_ids())


def default_problems(common: Common, configuration: Configuration) -> tuple[str, ...]:
    """What is wrong with `default_trackers`: ids that nobody knows."""
    known = known_ids(common, configuration)
    unknown = [name for name in configuration.default_trackers if name not in known]
    told = (common.trackers.unknown_id(name, configuration.tracker_ids()) for name in unknown)
    return tuple(f"default_trackers: {error}" for error in told)


def tracker_config(
    configuration: Configuration, tracker_id: str, resolver: SecretResolver | None = None
) -> TrackerConfig:
    """The tracker's table, an empty one where there is none; without a resolver no secret is looked up."""
    if configuration.has_table(tracker_id):
        return configuration.tracker(tracker_id, resolver or _stand_in)
    return TrackerConfig(id=tracker_id)


def _stand_in(reference: str) -> Secret:
    """Tells that there is a secret; it has the form of an address, since an announce URL is checked."""
    return Secret(reference) if is_literal(reference) else Secret("https://not.looked.up/")
