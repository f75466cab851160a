"""Planning a library against a bare mutagen walk over the same files: the ratio should stay below 1.5."""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from mutagen.flac import FLAC

from pipeline.model.audio import Codec
from tests.support.audio import encode

ALBUMS, TRACKS, ROUNDS = 2000, 10, 3
WALK = """
import os, sys, mutagen
for folder, _, names in os.walk(sys.argv[1]):
    for name in names:
        mutagen.File(os.path.join(folder, name))
"""
TABLE = {
    "announce_url": "https://site.example/announce/no-real-key",
    "api_key": "no-real-key",
    "category_ids": {"*": "1"},
    "format_ids": {"*": "1"},
}


def make_library(root: Path, albums: int, tracks: int) -> None:
    """Tagged copies of one encoded file, two seconds long."""
    audio = encode(Codec.FLAC, seconds=2.0)
    for album in range(albums):
        folder = root / f"Artist {album % 100}" / f"Album {album}"
        folder.mkdir(parents=True)
        for number in range(1, tracks + 1):
            path = folder / f"{number:02}.flac"
            path.write_bytes(audio)
            tagged = FLAC(path)
            tagged.update(
                artist=f"Artist {album % 100}",
                albumartist=f"Artist {album % 100}",
                album=f"Album {album}",
                date="2001",
                title=f"Track {number}",
                tracknumber=f"{number}/{tracks}",
                releasetype="album",
            )
            tagged.save()


def measure(command: list[str]) -> tuple[float, float]:
    """Seconds, and the peak of its memory in MiB."""
    started = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        sys.exit(f"{command} ended with {process.returncode}")
    return time.perf_counter() - started, usage.ru_maxrss / 1024


def main() -> None:
    albums = int(sys.argv[1]) if len(sys.argv) > 1 else ALBUMS
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        make_library(folder / "library", albums, TRACKS)
        config = folder / "config.json"
        config.write_text(
            json.dumps({"trackers": {"MH": {"url": "https://site.example", **TABLE}, "YUS": TABLE}})
        )
        config.chmod(0o600)
        library = str(folder / "library")
        walk = [sys.executable, "-c", WALK, library]
        plan = [sys.executable, "-m", "mua_async", "plan", library, "--config", str(config)]
        plan += ["--tracker", "MH", "--tracker", "YUS", "--json"]
        measure(walk)
        rounds = [(measure(walk), measure(plan)) for _ in range(ROUNDS)]
    ratios = [planned[0] / walked[0] for walked, planned in rounds]
    seconds = statistics.median(planned[0] for _, planned in rounds)
    peak = max(planned[1] for _, planned in rounds)
    print(
        f"{albums} albums of {TRACKS}, 2 trackers: {albums / seconds:.0f} albums/s ({seconds:.1f} s), "
        f"{statistics.median(ratios):.2f} times a bare mutagen walk ({min(ratios):.2f} to "
        f"{max(ratios):.2f} in {ROUNDS} rounds), peak {peak:.0f} MiB"
    )


if __name__ == "__main__":
    main()
