"""What becomes of covers of every kind, in which time and memory; and a library of large ones."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from pathlib import Path
from typing import Any

import anyio
from PIL import Image

from pipeline.covers import PictureRoom, prepare_covers
from pipeline.model.album import Album
from pipeline.model.cover import CoverSpec, PictureFormat
from pipeline.model.release import Cover
from tests.support.audio import make_track
from tests.support.pictures import (
    BLUE,
    RED,
    album_at,
    encoded,
    noise,
    picture,
    place_and_camera,
    png,
    text_bomb,
)

ALBUMS = 200
LARGE_BYTES = 12_000_000
USUAL = CoverSpec()
DEMANDS = (
    USUAL,
    CoverSpec(side_max=600, bytes_max=200_000),
    CoverSpec(side_max=1000, square=True, bytes_max=500_000),
    CoverSpec(side_max=900, formats=frozenset({PictureFormat.WEBP})),
)


def scan_of(size: tuple[int, int]) -> Image.Image:
    """A picture with the grain of a scanned sleeve, made of one tile."""
    image = Image.linear_gradient("L").resize(size).convert("RGB")
    tile = noise((500, 500))
    for left in range(0, size[0], 500):
        for top in range(0, size[1], 500):
            image.paste(Image.blend(image.crop((left, top, left + 500, top + 500)), tile, 0.25), (left, top))
    return image


CASES: Mapping[str, Callable[[], bytes | None]] = {
    "none at all": lambda: None,
    "fits already, 1000 x 1000": lambda: encoded(scan_of((1000, 1000)), "JPEG", quality=85),
    "JPEG of 60 megapixels": lambda: encoded(scan_of((10_000, 6_000)), "JPEG", quality=90),
    "progressive, 60 megapixels": lambda: encoded(
        scan_of((10_000, 6_000)), "JPEG", quality=90, progressive=True
    ),
    "PNG of 60 megapixels": lambda: encoded(scan_of((10_000, 6_000)), "PNG", compress_level=1),
    "CMYK, 9 megapixels": lambda: encoded(scan_of((3000, 3000)).convert("CMYK"), "JPEG"),
    "progressive, 1000 x 1000": lambda: encoded(scan_of((1000, 1000)), "JPEG", progressive=True),
    "WebP, 9 megapixels": lambda: encoded(scan_of((3000, 3000)), "WEBP"),
    "16-bit PNG, 4 megapixels": lambda: encoded(Image.new("I;16", (2000, 2000), 0x8000), "PNG"),
    "palette PNG, 4 megapixels": lambda: encoded(scan_of((2000, 2000)).convert("P"), "PNG"),
    "EXIF with a place": lambda: encoded(scan_of((1000, 1000)), "JPEG", exif=place_and_camera()),
    "truncated": lambda: encoded(scan_of((2000, 2000)), "JPEG")[:500_000],
    "animated GIF": lambda: picture(
        RED, (500, 500), "GIF", save_all=True, append_images=[Image.new("RGB", (500, 500), BLUE)]
    ),
    "1 pixel": lambda: picture(size=(1, 1), kind="GIF"),
    "HTML named .jpg": lambda: b"<!DOCTYPE html><title>404 Not Found</title>",
    "bomb of 2.5 gigapixels": lambda: png(50_000, 50_000, b""),
    "bomb of text": lambda: png(1000, 1000, b"", before=text_bomb()),
}


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        tell_cases(Path(folder))
    with tempfile.TemporaryDirectory() as folder:
        tell_library(Path(folder))


def tell_cases(root: Path) -> None:
    print(f"{'cover.jpg':<28}{'becomes':<62}{'CPU ms':>7}{'MiB':>5}")
    for name in CASES:
        # A process counts the memory of the one that started it as its own: this one stays small.
        in_child("make", name, str(root / name))
        (told, milliseconds), peak = in_child("cover", str(root / name))
        print(f"{name:<28}{told[:60]:<62}{milliseconds:>7.0f}{peak:>5.0f}", flush=True)


def in_child(*arguments: str) -> tuple[Any, float]:
    """What a process of its own tells, and the peak of its memory in MiB."""
    command = [sys.executable, "-m", "benchmarks.covers", *arguments]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    found = json.loads(process.stdout.read())
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    return found, usage.ru_maxrss / 1024


def make(name: str, folder: Path) -> None:
    """The first child's part."""
    make_track(folder / "01.flac")
    if data := CASES[name]():
        (folder / "cover.jpg").write_bytes(data)
    print(json.dumps(None))


def tell_one(folder: Path) -> None:
    """The second child's part."""
    album = album_at(folder)
    started = time.process_time()
    covers = anyio.run(lambda: prepare_covers(album, [USUAL], PictureRoom()))
    milliseconds = 1000 * (time.process_time() - started)
    match covers.made[USUAL]:
        case Cover() as cover:
            same = ", untouched" if cover.data == (folder / "cover.jpg").read_bytes() else ""
            kind = cover.mime.removeprefix("image/")
            told = f"{kind}, {cover.width} x {cover.height}, {len(cover.data) / 1024:.0f} KiB{same}"
        case error:
            told = error.message.removeprefix("cover.jpg: the picture cannot be used: ")
    print(json.dumps([told, milliseconds]))


def tell_library(root: Path) -> None:
    side = 4000
    data = b""
    for quality in range(88, 101, 2):
        data = encoded(scan_of((side, side)), "JPEG", quality=quality)
        if len(data) >= LARGE_BYTES:
            break
    print(f"\n{ALBUMS} albums, each with a cover of {len(data) / 1e6:.1f} MB, {side} x {side}")
    albums = make_library(root, data)
    files = [album.files.root / "cover.jpg" for album in albums]
    plain = timed(lambda: resize_all(files))
    usual = timed(lambda: anyio.run(cover_all, albums, (USUAL,)))
    four = timed(lambda: anyio.run(cover_all, albums, DEMANDS))
    for name, (wall, cpu) in {
        "plain Pillow resize, once for each": plain,
        "the stage, one demand": usual,
        f"the stage, {len(DEMANDS)} different demands": four,
    }.items():
        print(f"  {name:<38}{wall:>7.1f} s, {cpu:>7.1f} s of CPU, {cpu / plain[1]:>5.2f} of the plain")


def make_library(root: Path, data: bytes) -> list[Album]:
    cover = root / "cover.jpg"
    cover.write_bytes(data)
    track = make_track(root / "01.flac")
    albums = []
    for number in range(ALBUMS):
        folder = root / "library" / f"{number:03}"
        folder.mkdir(parents=True)
        os.link(cover, folder / "cover.jpg")
        os.link(track, folder / "01.flac")
        albums.append(album_at(folder))
    return albums


def timed(work: Callable[[], object]) -> tuple[float, float]:
    wall, cpu = time.perf_counter(), time.process_time()
    work()
    return time.perf_counter() - wall, time.process_time() - cpu


def resize_all(files: list[Path]) -> None:
    with ThreadPoolExecutor(os.cpu_count()) as threads:
        list(threads.map(resize, files))


def resize(path: Path) -> bytes:
    """What a script does."""
    memory = BytesIO()
    with Image.open(path) as image:
        image.thumbnail((USUAL.side_max, USUAL.side_max), Image.Resampling.LANCZOS)
        image.save(memory, "JPEG", quality=90)
    return memory.getvalue()


async def cover_all(albums: list[Album], specs: tuple[CoverSpec, ...]) -> None:
    room = PictureRoom()
    async with anyio.create_task_group() as group:
        for album in albums:
            group.start_soon(prepare_covers, album, specs, room)


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["make", name, folder]:
            make(name, Path(folder))
        case ["cover", folder]:
            tell_one(Path(folder))
        case _:
            main()
