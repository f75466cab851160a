"""Readers of albums: one thread for a few, kept processes for a library.

Tags are parsed by Python code, which threads share and processes do not.
"""

from __future__ import annotations

import os
import subprocess
import sys
from types import TracebackType
from typing import Self

from anyio import (
    BrokenResourceError,
    CancelScope,
    CapacityLimiter,
    ClosedResourceError,
    EndOfStream,
    IncompleteRead,
    Semaphore,
    open_process,
    to_thread,
)
from anyio.abc import Process
from anyio.streams.buffered import BufferedByteReceiveStream
from attrs import define, field

from ..model.files import FileSet
from .messages import LENGTH_BYTES, Answer, Refusal, length_of, packed, unpacked
from .read import FoundAlbum, read_files

ALBUMS_BY_THREAD = 8
"""So many are read before a process is worth its start."""
MOST_PROCESSES = 4
GONE = (BrokenResourceError, ClosedResourceError, EndOfStream, IncompleteRead, OSError)
"""What using a process raises that has ended."""


@define
class Readers:
    """Reads any number of albums; its processes live as long as its context."""

    processes: int = field(factory=lambda: max(1, min((os.cpu_count() or 1) - 1, MOST_PROCESSES)))
    _thread: CapacityLimiter = field(factory=lambda: CapacityLimiter(1), init=False)
    _places: Semaphore = field(init=False)
    _idle: list[ReadingProcess] = field(factory=list, init=False)
    _read: int = field(default=0, init=False)

    def __attrs_post_init__(self) -> None:
        self._places = Semaphore(self.processes)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        for process in self._idle:
            await process.end()

    async def read(self, files: FileSet) -> FoundAlbum:
        """As `read_files`; a process that has died is replaced by the thread."""
        self._read += 1
        if self._read <= ALBUMS_BY_THREAD:
            return await self._by_thread(files)
        async with self._places:
            answer = await self._by_process(files)
        if answer is None:
            return await self._by_thread(files)
        if isinstance(answer.result, Refusal):
            raise answer.result.error()
        return answer.result

    async def _by_thread(self, files: FileSet) -> FoundAlbum:
        return await to_thread.run_sync(read_files, files, limiter=self._thread)

    async def _by_process(self, files: FileSet) -> Answer | None:
        """None where there was no right answer; a process is only used again after one."""
        process: ReadingProcess | None = None
        answer: Answer | None = None
        try:
            process = self._idle.pop() if self._idle else await ReadingProcess.start()
            answer = await process.ask(files)
        except GONE:
            answer = None
        finally:
            if process is not None and answer is not None and answer.root == files.root:
                self._idle.append(process)
            elif process is not None:
                await process.end()
        return answer if answer is not None and answer.root == files.root else None


@define
class ReadingProcess:
    """One process; it is asked one thing at a time."""

    _process: Process
    _answers: BufferedByteReceiveStream

    @classmethod
    async def start(cls) -> ReadingProcess:
        """In a session of its own, so that a Ctrl-C at the terminal is not for it."""
        begin = f"import sys; sys.path[:] = {sys.path!r}; from {__package__}.worker import main; main()"
        process = await open_process(
            [sys.executable, "-c", begin],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        if process.stdout is None:
            raise BrokenResourceError
        return cls(process, BufferedByteReceiveStream(process.stdout))

    async def ask(self, files: FileSet) -> Answer | None:
        """None for what is no answer of ours; raises one of GONE where the process has ended."""
        if self._process.stdin is None:
            return None
        await self._process.stdin.send(packed(files))
        head = await self._answers.receive_exactly(LENGTH_BYTES)
        answer = unpacked(await self._answers.receive_exactly(length_of(head)))
        return answer if isinstance(answer, Answer) else None

    async def end(self) -> None:
        """At once: it only reads."""
        with CancelScope(shield=True):
            if self._process.returncode is None:
                self._process.kill()
            await self._process.aclose()
