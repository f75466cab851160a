"""Hashing rates of a big album and of one with thousands of files; `mua-async bench hash` measures one."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

from mua_async.bench.hash_rate import CORE_LIMIT, measure, write_album
from pipeline.hashing.choice import find_engine


def main() -> None:
    for count, size in [(12, 2**30 // 12), (3000, 200_000)]:
        with TemporaryDirectory() as folder:
            rate = measure(write_album(Path(folder, "Album"), count, size), find_engine())
        limit = rate.inside[CORE_LIMIT]
        print(f"{count} files of {size} bytes: time to the limit's, {rate.size / limit / 1e9:.2f} GB/s")
        for name, seconds in {**rate.inside, **rate.programs}.items():
            print(f"  {name:<30}{seconds / limit:6.2f}")


if __name__ == "__main__":
    main()
