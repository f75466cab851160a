"""Killed at any moment, with sites that fail: each album reaches each site once, or is listed as unknown."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from random import Random

import pytest
from anyio.from_thread import BlockingPortal
from attrs import define, field

from tests.support.audio import make_album
from tests.support.crash_world import FAULTS, SITES, Driver, Run, World, driver
from trackers.sandbox import Fault

PLANNED = 12
"""Faults for each site and run; there are not more uploads."""
LATENCIES = (0.0, 0.0, 0.05, 0.4)
"""Seconds: by the time that a slow site stores, the program may be dead for long."""
LATEST_KILL = 1.2
"""Seconds; some runs have ended by then."""


@define
class Crashes:
    """Makes scenarios of their own, and adds up what came of them."""

    folder: Path
    portal: BlockingPortal
    drivers: Sequence[Driver]
    totals: Counter[str] = field(factory=Counter)

    def world(self, name: str, library: Path, latencies: Sequence[float] = (0.0,) * len(SITES)) -> World:
        return World(self.folder / name, library, self.portal, self.drivers, latencies)

    def boundaries(self, library: Path) -> list[str]:
        """Those of an upload that nothing disturbs."""
        with self.world("clean", library) as world:
            assert world.run(Run("upload")) == [0]
            return world.points()

    def kill_at_boundary(self, library: Path, point: str, *, faulty: bool) -> None:
        """With faults, a second run that goes on is killed at the same boundary."""
        random = Random(point)
        with self.world(f"{point}{' faulty' if faulty else ''}", library) as world:
            world.plan_faults(_faults(random) if faulty else {})
            world.run(Run("upload", kill_at=point))
            if faulty:
                world.plan_faults(_faults(random))
                world.run(Run(kill_at=point))
            self.judge(world, f"{point}, faulty={faulty}")

    def judge(self, world: World, case: str) -> None:
        """Fails with the whole history where something is wrong."""
        resumed, uploaded = world.settle()
        for findings in (resumed, uploaded):
            if findings.wrong:
                pytest.fail(f"{case}: {findings.wrong}\n{world.told()}", pytrace=False)
        self.totals["kills"] += world.kills
        self.totals["scenarios"] += 1
        self.totals["stored"] += uploaded.stored
        self.totals["unknown"] += len(uploaded.unknown)


@pytest.fixture(scope="module")
def drivers() -> Iterator[Sequence[Driver]]:
    with ExitStack() as stack:
        yield [stack.enter_context(driver()) for _ in range(2)]


@pytest.fixture
def crashes(tmp_path: Path, portal: BlockingPortal, drivers: Sequence[Driver]) -> Iterator[Crashes]:
    crashes = Crashes(tmp_path, portal, drivers)
    yield crashes
    print(f"crashes: {dict(crashes.totals)}")


@pytest.fixture(scope="module")
def two_albums(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return _library(tmp_path_factory.mktemp("two"), "Alpha", "Beta")


@pytest.fixture(scope="module")
def four_albums(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return _library(tmp_path_factory.mktemp("four"), "Alpha", "Beta", "Gamma", "Delta")


def test_killed_at_boundaries_of_many_kinds(crashes: Crashes, two_albums: Path) -> None:
    kinds = dict[str, list[str]]()
    for point in crashes.boundaries(two_albums):
        kinds.setdefault(point.partition("#")[0], []).append(point)
    for number, (kind, points) in enumerate([*kinds.items()][::2]):
        crashes.kill_at_boundary(two_albums, Random(kind).choice(points), faulty=number % 2 == 1)


@pytest.mark.long
@pytest.mark.parametrize("faulty", [False, True])
def test_killed_at_every_boundary(crashes: Crashes, two_albums: Path, faulty: bool) -> None:
    for point in crashes.boundaries(two_albums):
        crashes.kill_at_boundary(two_albums, point, faulty=faulty)


@pytest.mark.parametrize("seeds", [range(4), pytest.param(range(200), marks=pytest.mark.long)], ids=str)
def test_killed_at_random_moments(crashes: Crashes, four_albums: Path, seeds: range) -> None:
    for seed in seeds:
        random = Random(seed)
        with crashes.world(str(seed), four_albums, random.choices(LATENCIES, k=len(SITES))) as world:
            for command in ("upload", *random.choices(("resume", "upload"), k=random.randint(0, 2))):
                world.plan_faults(_faults(random))
                world.run(_killed_at_random(random, command))
            crashes.judge(world, f"seed {seed}")


@pytest.mark.parametrize(
    "seeds", [range(1000, 1001), pytest.param(range(1000, 1050), marks=pytest.mark.long)], ids=str
)
def test_two_processes_are_killed_over_one_data_folder(
    crashes: Crashes, four_albums: Path, seeds: range
) -> None:
    for seed in seeds:
        random = Random(seed)
        with crashes.world(str(seed), four_albums, random.choices(LATENCIES, k=len(SITES))) as world:
            for _ in range(random.randint(1, 3)):
                world.plan_faults(_faults(random))
                commands = random.choices(("upload", "upload", "resume"), k=2)
                world.run(*(_killed_at_random(random, command) for command in commands))
            world.plan_faults({})
            world.run(Run("upload"), Run())
            crashes.judge(world, f"seed {seed}")


def _library(folder: Path, *titles: str) -> Path:
    for title in titles:
        make_album(folder / title, title=title, tracks=1, seconds=0.1, tags={"genre": "rock"})
    return folder


def _faults(random: Random) -> dict[str, list[Fault | None]]:
    """Half of the uploads are struck."""
    choice = (*FAULTS, *(None for _ in FAULTS))
    return {name: random.choices(choice, k=PLANNED) for name in SITES}


def _killed_at_random(random: Random, command: str) -> Run:
    return Run(command, kill_after=random.uniform(0, LATEST_KILL))
