"""Albums read by kept processes: the same as by the thread, whatever becomes of the processes."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import anyio
import pytest

from pipeline.errors import TagError
from pipeline.model.files import FileSet
from pipeline.reading.read import read_files
from pipeline.reading.readers import ALBUMS_BY_THREAD, Readers
from pipeline.scan import scan
from tests.support.audio import make_album

ALBUMS = ALBUMS_BY_THREAD + 4


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> list[FileSet]:
    root = tmp_path_factory.mktemp("library")
    for number in range(ALBUMS):
        make_album(root / f"{number:02}", title=f"Album {number}", tracks=1, seconds=0.1)
    return [found for found in scan([root]) if isinstance(found, FileSet)]


def children() -> list[int]:
    task = Path(f"/proc/{os.getpid()}/task")
    return [int(pid) for thread in task.iterdir() for pid in (thread / "children").read_text().split()]


async def test_processes_read_what_the_thread_reads(library: list[FileSet]) -> None:
    async with Readers(processes=2) as readers:
        for files in library:
            assert await readers.read(files) == read_files(files)
        assert len(children()) == 1, "a second process is started only when the first is busy"
    assert children() == []


async def test_many_at_once_each_get_their_own(library: list[FileSet]) -> None:
    found: dict[Path, str | None] = {}

    async def read(files: FileSet) -> None:
        found[files.root] = (await readers.read(files)).album.title

    async with Readers(processes=2) as readers, anyio.create_task_group() as group:
        for files in library * 3:
            group.start_soon(read, files)
    assert found == {files.root: f"Album {number}" for number, files in enumerate(library)}


async def test_a_process_that_dies_loses_no_album(library: list[FileSet]) -> None:
    async with Readers(processes=1) as readers:
        for files in library[: ALBUMS_BY_THREAD + 1]:
            await readers.read(files)
        (process,) = children()
        os.kill(process, signal.SIGKILL)
        for files in library[ALBUMS_BY_THREAD + 1 :]:
            assert (await readers.read(files)).album.files == files


async def test_what_is_wrong_with_an_album_is_told_alike(library: list[FileSet], tmp_path: Path) -> None:
    (make_album(tmp_path / "Broken", tracks=1, seconds=0.1) / "01 - Track 1.flac").write_bytes(b"fLaC")
    (broken,) = [found for found in scan([tmp_path]) if isinstance(found, FileSet)]
    with pytest.raises(TagError) as by_thread:
        read_files(broken)
    async with Readers(processes=1) as readers:
        for files in library:
            await readers.read(files)
        with pytest.raises(TagError) as by_process:
            await readers.read(broken)
    expected, told = by_thread.value, by_process.value
    assert (told.message, told.path, told.reason, told.hint) == (
        expected.message,
        expected.path,
        expected.reason,
        expected.hint,
    )


async def test_a_cancelled_reading_hands_no_album_to_the_next(library: list[FileSet]) -> None:
    async with Readers(processes=1) as readers:
        for files in library[: ALBUMS_BY_THREAD + 1]:
            await readers.read(files)
        with anyio.CancelScope() as scope:
            scope.cancel()
            await readers.read(library[0])
        assert (await readers.read(library[1])).album.files == library[1]


async def test_a_ctrl_c_at_the_terminal_is_not_for_them(library: list[FileSet]) -> None:
    async with Readers(processes=1) as readers:
        for files in library:
            await readers.read(files)
        (process,) = children()
        os.kill(process, signal.SIGINT)
        assert (await readers.read(library[0])).album.files == library[0]
        assert children() == [process]
        assert os.getsid(process) != os.getsid(0)
