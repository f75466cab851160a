"""Hashing rates of a big album and of one with thousands of files; `mua-async bench hash` measures one."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

from mua_async.bench.hash_rate import measure, write_album


def main() -> None:
    for count, size in [(12, 2**30 // 12), (3000, 200_000)]:
        with TemporaryDirectory() as folder:
            rate = measure(write_album(Path(folder, "Album"), count, size))
        shares = f"ours {rate.ours / rate.limit:.0%} of the limit, torf {rate.torf / rate.limit:.0%}"
        print(f"{count} files of {size} bytes: {shares}, limit {rate.limit / 1e9:.2f} GB/s")


if __name__ == "__main__":
    main()
