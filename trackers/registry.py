"""Finds the class of a tracker id: the user's own, an installed package's, a family, a built-in site."""

from __future__ import annotations

import difflib
import importlib
import importlib.util
import inspect
import pkgutil
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, TextIO

from attrs import frozen

from pipeline.errors import UsageError

from .class_data import class_data
from .described.described_tracker import DescribedTracker
from .gazelle_tracker import GazelleTracker
from .generic_tracker import GenericTracker
from .strangers import LONGEST_IMPORT, importing
from .tracker_config import ID_PATTERN, Family
from .unit3d_tracker import Unit3dTracker

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

ENTRY_POINTS = "mua_async.trackers"
FAMILIES: Mapping[str, type[GenericTracker]] = {
    Family.GENERIC: DescribedTracker,
    Family.UNIT3D: Unit3dTracker,
    Family.GAZELLE: GazelleTracker,
}
SUFFIX = "_tracker"
TEST_PREFIX = "test_"
NOT_SITES = frozenset({*FAMILIES, "template"})
"""What else is called so in our package."""


@frozen
class TrackerClass:
    """A tracker's class and where it comes from, in words."""

    cls: type[GenericTracker]
    origin: str
    overrides: bool = False
    """A built-in site of the same id stands behind it."""


class TrackerManager:
    """Knows every tracker id and the class behind it.

    The order: a module in the user's folder or an installed package; the family that `type` names; the
    built-in module; the generic family.
    """

    def __init__(self, folder: Path | None = None, prints: TextIO | None = None) -> None:
        """`prints` gets what modules print when they are imported; without it that goes to stdout."""
        self._folder = folder
        self._prints = prints

    def builtin_ids(self) -> tuple[str, ...]:
        """The sites that ship with the package."""
        names = (module.name for module in pkgutil.iter_modules([str(Path(__file__).parent)]))
        stems = (name.removesuffix(SUFFIX) for name in names if name.endswith(SUFFIX))
        return tuple(sorted(stem.upper() for stem in stems if stem not in NOT_SITES))

    def user_ids(self) -> tuple[str, ...]:
        """The ids that have a module in the user's folder or an installed package."""
        files = [path.stem.removesuffix(SUFFIX) for path in self._user_files()]
        found = {module_stem(name): name.upper() for name in (*files, *(point.name for point in _packages()))}
        return tuple(sorted(found.values()))

    def known_ids(self, configured: Iterable[str]) -> tuple[str, ...]:
        """The configured ids, and those of all modules that none of them stands for; upper case, sorted."""
        ids = set(configured)
        served = {module_stem(tracker_id) for tracker_id in ids}
        others = (*self.builtin_ids(), *self.user_ids())
        return tuple(sorted(ids.union(name for name in others if module_stem(name) not in served)))

    def find(self, tracker_id: str, family: str | None = None) -> TrackerClass:
        """The class for an id; UsageError where a module is broken, or two claim the id."""
        builtin = self.builtin(tracker_id)
        own = self.own(tracker_id)
        if own is not None:
            return TrackerClass(own.cls, own.origin, overrides=builtin is not None)
        if family is not None:
            return TrackerClass(_family(family), f"family {family.lower()}")
        cls, origin = (builtin, "built in") if builtin else (DescribedTracker, "family generic")
        return TrackerClass(cls, "; ".join(filter(None, (origin, self.misnamed(tracker_id)))))

    def builtin(self, tracker_id: str) -> type[GenericTracker] | None:
        """The class of a site that ships with the package."""
        stem = module_stem(tracker_id)
        if stem.upper() not in self.builtin_ids():
            return None
        module = importlib.import_module(f".{stem}{SUFFIX}", __package__)
        return class_in(module, tracker_id, str(module.__file__))

    def unknown_id(self, tracker_id: str, configured: tuple[str, ...]) -> UsageError:
        """The error for an id that nobody knows, with the one that was perhaps meant."""
        if not ID_PATTERN.fullmatch(tracker_id):
            return UsageError(
                f"{tracker_id} is no tracker id",
                hint="an id has letters, digits, - and _, a letter or digit first",
            )
        known = self.known_ids(configured)
        near = difflib.get_close_matches(tracker_id.upper(), known, n=1, cutoff=0.5)
        meant = f"did you mean {near[0]}? " if near else ""
        advice = (
            f"{meant}known are {', '.join(known)}",
            f"`mua-async tracker add {tracker_id.upper()}` adds a new one",
            self.misnamed(tracker_id),
        )
        return UsageError(f"no tracker is called {tracker_id}", hint="; ".join(filter(None, advice)))

    def misnamed_packages(self) -> dict[str, str]:
        """The names that installed packages give and that are no ids, each with what is wrong."""
        return {
            point.name: f"{_package_origin(point)}: its entry point {point.name!r} is no tracker id: "
            "letters, digits, - and _, a letter or digit first"
            for point in _entry_points()
            if not ID_PATTERN.fullmatch(point.name)
        }

    def own(self, tracker_id: str) -> TrackerClass | None:
        """What the user put in for the id, be it a file or a package."""
        stem = module_stem(tracker_id)
        files = [path for path in self._user_files() if module_stem(path.stem) == f"{stem}{SUFFIX}"]
        packages = [point for point in _packages() if module_stem(point.name) == stem]
        origins = [*map(str, files), *map(_package_origin, packages)]
        if len(origins) > 1:
            raise UsageError(
                f"two modules claim the tracker {tracker_id.upper()}: {' and '.join(origins)}",
                hint="keep one of them",
            )
        if files:
            module = load_module(files[0], prints=self._prints)
            return TrackerClass(class_in(module, tracker_id, origins[0]), origins[0])
        if packages:
            return TrackerClass(_load_package(packages[0], self._prints), origins[0])
        return None

    def _user_files(self) -> list[Path]:
        """The adapters in the user's folder; a `test_mh_tracker.py` beside them is none."""
        if self._folder is None or not self._folder.is_dir():
            return []
        found = self._folder.glob(f"*{SUFFIX}.py")
        return sorted(
            path
            for path in found
            if ID_PATTERN.fullmatch(path.stem) and not path.name.startswith(TEST_PREFIX) and path.is_file()
        )

    def misnamed(self, tracker_id: str) -> str:
        """Tells of a file in the user's folder that was perhaps meant for the id; empty if there is none."""
        wanted = f"{module_stem(tracker_id)}{SUFFIX}"
        if self._folder is None or not self._folder.is_dir():
            return ""
        stems = sorted(
            path.stem for path in self._folder.glob("*.py") if not path.name.startswith(TEST_PREFIX)
        )
        near = [stem for stem in stems if _is_near(stem, wanted)]
        if not near:
            return ""
        return f"looked for {wanted}.py in {self._folder}, found {', '.join(f'{stem}.py' for stem in near)}"


def module_stem(tracker_id: str) -> str:
    """`MH-2` is the module `mh_2_tracker`."""
    return tracker_id.lower().replace("-", "_")


def find_adapter(tracker_id: str, folder: Path) -> type[GenericTracker]:
    """The adapter in `folder`, found by its id as the program finds it; UsageError where there is none."""
    manager = TrackerManager(folder)
    found = manager.own(tracker_id)
    if found is None:
        wanted = f"{module_stem(tracker_id)}{SUFFIX}.py"
        raise UsageError(f"there is no {wanted} in {folder}", hint=manager.misnamed(tracker_id))
    return found.cls


def load_module(path: Path, *, seconds: float = LONGEST_IMPORT, prints: TextIO | None = None) -> ModuleType:
    """The module in a file, under a private name and never through `sys.path`.

    UsageError for whatever it raises, and where it takes longer than so many seconds.
    """
    spec = importlib.util.spec_from_file_location(f"_mua_async_user_{module_stem(path.stem)}", path)
    if spec is None or spec.loader is None:
        raise UsageError(f"{path} cannot be loaded as a Python module")
    module = importlib.util.module_from_spec(spec)
    # Dataclasses and the like look their own module up there.
    sys.modules[spec.name] = module
    try:
        hint = "mend the module, or take it out of the folder"
        with importing(str(path), hint, seconds=seconds, prints=prints):
            spec.loader.exec_module(module)
    except UsageError:
        sys.modules.pop(spec.name, None)
        raise
    return module


def class_in(module: ModuleType, tracker_id: str, origin: str) -> type[GenericTracker]:
    """The module's `<ID>Tracker`, compared without case, `_` and `-`."""
    wanted = f"{tracker_id.upper().replace('-', '_')}Tracker"
    own = {
        name: item
        for name, item in vars(module).items()
        if inspect.isclass(item) and item.__module__ == module.__name__
    }
    for name, cls in own.items():
        if _bare(name) == _bare(wanted):
            return _checked(cls, origin)
    near = difflib.get_close_matches(wanted, own, n=1) or [*own]
    file = Path(str(module.__file__)).name
    raise UsageError(
        f"{origin} has no class {wanted}: found {', '.join(near) or 'no class at all'} in {file}",
        hint=f"the class of {tracker_id.upper()} is called {wanted}",
    )


def _checked(cls: type, origin: str) -> type[GenericTracker]:
    if not issubclass(cls, GenericTracker):
        raise UsageError(f"{origin}: {cls.__name__} is no subclass of GenericTracker")
    try:
        class_data(cls)
    except UsageError as error:
        raise UsageError(f"{origin}: {error.message}", hint=error.hint) from None
    return cls


def _family(name: str) -> type[GenericTracker]:
    family = FAMILIES.get(name.lower())
    if family is None:
        raise UsageError(f"no family of trackers is called {name}", hint=f"there are {', '.join(FAMILIES)}")
    return family


def _packages() -> list[EntryPoint]:
    """The installed adapters, by id; none is imported for it."""
    return [point for point in _entry_points() if ID_PATTERN.fullmatch(point.name)]


def _entry_points() -> list[EntryPoint]:
    # Imported here, since it takes longer than the rest of this module.
    from importlib.metadata import entry_points

    return list(entry_points(group=ENTRY_POINTS))


def _package_origin(point: EntryPoint) -> str:
    return f"package {point.dist.name if point.dist else '?'} ({point.value})"


def _load_package(point: EntryPoint, prints: TextIO | None) -> type[GenericTracker]:
    origin = _package_origin(point)
    with importing(origin, "mend the package, or uninstall it", prints=prints):
        loaded = point.load()
    if not inspect.isclass(loaded):
        raise UsageError(f"{origin} is no class")
    return _checked(loaded, origin)


def _is_near(stem: str, wanted: str) -> bool:
    """Whether a file's name is a slip of the pen; the module of another tracker is none."""
    if stem == wanted:
        return False
    if _bare(stem) in {_bare(wanted), _bare(wanted.removesuffix(SUFFIX))}:
        return True
    return not stem.endswith(SUFFIX) and bool(difflib.get_close_matches(wanted, [stem], cutoff=0.8))


def _bare(name: str) -> str:
    return name.lower().replace("_", "").replace("-", "")
