"""Lines on streams that do not take them."""

from __future__ import annotations

import os

from mua_async.display.lines import LineWriter


def test_a_full_disk_ends_nothing_and_is_remembered() -> None:
    with open("/dev/full", "w") as stream:
        writer = LineWriter(stream)
        writer.write("one")
        assert writer.failed
        writer.write("two")


def test_a_reader_that_left_is_no_failure() -> None:
    reader, pipe = os.pipe()
    os.close(reader)
    with open(pipe, "w") as stream:
        writer = LineWriter(stream)
        writer.write("one")
        assert (writer.closed, writer.failed) == (True, False)
