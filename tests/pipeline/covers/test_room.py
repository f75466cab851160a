"""Covers in worker threads: the loop runs on, and memory is bounded by pixels."""

from __future__ import annotations

from pathlib import Path

import anyio
import pytest

from pipeline.covers import PictureRoom, prepare_covers
from tests.support.pictures import USUAL, album_with, picture


async def test_the_loop_runs_on_while_a_cover_is_made(tmp_path: Path) -> None:
    album = album_with(tmp_path, {"cover.jpg": picture(size=(2000, 2000))})
    turns = 0
    async with anyio.create_task_group() as group:

        async def turn() -> None:
            nonlocal turns
            while True:
                turns += 1
                await anyio.lowlevel.checkpoint()

        group.start_soon(turn)
        covers = await prepare_covers(album, [USUAL], PictureRoom())
        group.cancel_scope.cancel()
    assert covers.largest is not None
    assert covers.largest.width == 1200
    assert turns > 10


async def test_no_more_pixels_than_allowed_are_decoded_at_once() -> None:
    room = PictureRoom(pixels=100)
    inside, most = 0, 0

    async def decode(pixels: int) -> None:
        nonlocal inside, most
        async with room.of(pixels):
            inside += pixels
            most = max(most, inside)
            await anyio.lowlevel.checkpoint()
            inside -= pixels

    async with anyio.create_task_group() as group:
        for pixels in (60, 30, 50, 40, 90, 10, 100):
            group.start_soon(decode, pixels)
    assert most == 100


async def test_a_picture_larger_than_the_room_is_decoded_alone() -> None:
    room = PictureRoom(pixels=100)
    async with room.of(200):
        with anyio.move_on_after(0.01) as waited:
            async with room.of(1):
                pytest.fail("decoded beside one that fills the room")
        assert waited.cancelled_caught
    async with room.of(100):
        pass


async def test_room_is_given_back_by_who_is_cancelled() -> None:
    room = PictureRoom(pixels=100)
    with anyio.CancelScope() as scope:
        async with room.of(100):
            scope.cancel()
            await anyio.sleep_forever()
    with anyio.fail_after(1):
        async with room.of(100):
            pass
