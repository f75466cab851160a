"""One album to more and more slow sites: the time must not grow with their number."""

from __future__ import annotations

from mua_async.bench.fan_out import measure
from mua_async.demo import ALBUM


def main() -> None:
    for sites in (1, 2, 4, 8):
        result = measure(ALBUM, sites, latency=1.0)
        ratio = result.at_once / result.one_by_one
        print(
            f"{sites} sites of 1 s: at once {result.at_once:.2f} s (own work {result.own_work:.2f} s), "
            f"one by one {result.one_by_one:.2f} s, ratio {ratio:.2f}"
        )


if __name__ == "__main__":
    main()
