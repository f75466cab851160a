"""The benchmarks measure like with like."""

from __future__ import annotations

from pathlib import Path

from mua_async.bench.hash_rate import album_at, measure
from pipeline.hashing.choice import find_engine


def test_junk_beside_the_music_is_no_other_album_to_torf(tmp_path: Path) -> None:
    album = tmp_path / "Album"
    (album / "CD1").mkdir(parents=True)
    for number, name in enumerate(["a.flac", "CD1/[b] *.flac", "Thumbs.db", ".DS_Store"]):
        (album / name).write_bytes(bytes([number]) * 70_000)
    rate = measure(album_at(album), find_engine("auto"), rounds=1)
    assert rate.size == 140_000
    assert {"torf", "hashlib"} <= rate.inside.keys()
    assert all(seconds > 0 for seconds in (*rate.inside.values(), *rate.programs.values()))


def test_one_file(tmp_path: Path) -> None:
    (tmp_path / "a.flac").write_bytes(b"x" * 70_000)
    assert measure(album_at(tmp_path / "a.flac"), find_engine("hashlib"), rounds=1).size == 70_000
