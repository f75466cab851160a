"""Nothing that blocks is called in the event loop, through a whole run."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path

import anyio
import pytest
from blockbuster import BlockBuster, BlockingError, blockbuster_ctx
from PIL import Image

from pipeline.files import write_private
from tests.support.audio import make_album
from tests.support.program import Program
from trackers.sandbox import Fault


@pytest.fixture
def guarded(program: Program, tmp_path: Path) -> Iterator[BlockBuster]:
    """Blocking calls of our packages raise from now on, in any running loop."""
    program.add_site("MH")
    program.add_site("SP")
    # What is imported late is imported first: an import reads files, and happens once.
    warm_up = make_album(tmp_path / "Warm up", title="Warm up", tracks=1, seconds=0.1, cover=b"")
    program.watched().upload(warm_up)
    with blockbuster_ctx(["pipeline", "trackers", "mua_async"]) as buster:
        yield buster


def test_a_blocking_call_is_noticed(guarded: BlockBuster, tmp_path: Path) -> None:
    """The guard itself works."""

    async def block() -> None:
        write_private(tmp_path / "file", b"")

    with pytest.raises(BlockingError):
        anyio.run(block)


def test_a_run_blocks_the_loop_nowhere(program: Program, guarded: BlockBuster, tmp_path: Path) -> None:
    picture = io.BytesIO()
    Image.new("RGB", (600, 600), "red").save(picture, "JPEG")
    program.tables["MH"]["cover_field"] = "cover"
    for title in ("Alpha", "Beta"):
        make_album(tmp_path / "library" / title, title=title, tracks=2, seconds=0.2, cover=picture.getvalue())
    (tmp_path / "library/Beta/02 - Track 2.flac").write_bytes(b"")
    finished = program.upload(tmp_path / "library", "--yes")
    assert finished.counts == {"done": 2, "failed": 2}, finished.out
    assert "BlockingError" not in finished.out + finished.err
    again = program.upload(tmp_path / "library/Alpha", "--tracker", "SP")
    assert again.counts == {"existing": 1}
    assert "BlockingError" not in again.out + again.err
    shown = program.upload(tmp_path / "library/Alpha", "--debug")
    assert shown.code == 0
    assert "BlockingError" not in shown.out + shown.err


def test_what_earlier_runs_left_blocks_the_loop_nowhere(
    program: Program, guarded: BlockBuster, tmp_path: Path
) -> None:
    site = program.sites["SP"]
    album = make_album(tmp_path / "Alpha", title="Alpha", tracks=2, seconds=0.2)
    site.fault = Fault.RESET_AFTER
    runs = [program.upload(album)]
    site.fault = None
    runs.append(program("resume", "--json"))
    assert runs[-1].counts == {"existing": 1, "done": 1}
    for track in album.iterdir():
        track.touch()
    runs.append(program.upload(album))
    program.forget()
    runs += [program.upload(album, "--tracker", "SP"), program("status", "--json")]
    assert [run.code for run in runs] == [3, 0, 0, 0, 0]
    assert not [run for run in runs if "BlockingError" in run.out + run.err]
