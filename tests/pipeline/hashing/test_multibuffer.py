"""The extension proves itself before it is used, and nothing breaks where it is not there."""

from __future__ import annotations

import os
from array import array
from pathlib import Path

import pytest
from typing_extensions import Buffer

from pipeline.errors import UsageError
from pipeline.hashing.choice import find_engine
from pipeline.hashing.engines import HASHLIB, EngineKind, Unavailable
from pipeline.hashing.multibuffer import LABELS, Kernel, check, load, pieces_of
from tests.support.engines import ENGINES

needs_extension = pytest.mark.skipif(len(ENGINES) == 1, reason="the extension is not there")
HERE = Path(__file__)


def unavailable() -> EngineKind:
    raise Unavailable("no compiler")


def test_hashlib_takes_over_where_the_extension_is_missing() -> None:
    engine = find_engine("auto", unavailable)
    assert (engine.name, engine.make) == ("hashlib", HASHLIB.make)
    assert engine.note == "multibuffer cannot be used: no compiler"


def test_multibuffer_where_it_is_missing_is_refused_with_the_reason() -> None:
    with pytest.raises(UsageError, match="multibuffer engine cannot be used: no compiler"):
        find_engine("multibuffer", unavailable)


def test_an_unknown_engine_is_refused_with_the_names_of_all() -> None:
    with pytest.raises(
        UsageError, match=r"'fast' is no hashing engine \(choose auto, multibuffer, hashlib\)"
    ):
        find_engine("fast")


def test_hashlib_can_be_asked_for() -> None:
    assert find_engine("hashlib") is HASHLIB


@needs_extension
def test_the_engine_in_use_has_the_name_of_its_kernel() -> None:
    assert find_engine("auto").name == find_engine("multibuffer").name
    assert find_engine("auto").name in {
        "multibuffer (AVX-512 x16)",
        "multibuffer (SHA-NI x4)",
        "multibuffer (AVX2 x8)",
    }


def test_a_kernel_that_this_processor_lacks_is_unavailable() -> None:
    with pytest.raises(Unavailable):
        load("abacus")


def test_a_kernel_with_a_wrong_digest_fails_its_self_check() -> None:
    def hash_runs(_kernel: str, runs: object, _buffer: object) -> list[tuple[int, int, int]]:
        return []

    with pytest.raises(Unavailable, match=r"multibuffer \(AVX2 x8\) failed its self-check"):
        check(Kernel("avx2", 8, hash_runs), HERE)


@needs_extension
@pytest.mark.parametrize("bit", [0, 80_000])
def test_one_wrong_bit_in_any_lane_fails_the_self_check(bit: int) -> None:
    from pipeline.hashing import _multibuffer

    def hash_runs(
        kernel: str, runs: tuple[_multibuffer.Run, ...], buffer: Buffer
    ) -> list[tuple[int, int, int]]:
        faults = _multibuffer.hash_runs(kernel, runs, buffer)
        digests = runs[0][2][0][1]
        assert isinstance(digests, bytearray)
        digests[bit // 8 % len(digests)] ^= 1 << bit % 8
        return faults

    for name, lanes in _multibuffer.kernels():
        check(Kernel(name, lanes, _multibuffer.hash_runs), HERE)
        with pytest.raises(Unavailable, match="self-check"):
            check(Kernel(name, lanes, hash_runs), HERE)


@needs_extension
def test_arguments_that_do_not_fit_are_refused_before_anything_is_touched() -> None:
    from pipeline.hashing import _multibuffer

    kernel = next(name for name in LABELS if name in ENGINES)
    size = HERE.stat().st_size
    words, spans, paths = array("q", [0, 0, 0]), array("q", [0, size]), (os.fsencode(HERE),)
    digests = bytearray(20 * -(-size // 1024))
    good = (words, 0, ((1024, digests),), paths, spans)
    buffer = bytearray(2**16)
    assert _multibuffer.hash_runs(kernel, (good,), buffer) == []
    assert digests == pieces_of(HERE.read_bytes(), 1024)
    bad: list[tuple[str, _multibuffer.Run]] = [
        ("a buffer is too small", (words, 0, ((1024, bytearray(20)),), paths, spans)),
        ("a buffer is too small", (words, 1, ((1024, digests),), paths, spans)),
        ("a buffer is too small", (array("q", [0]), 0, ((1024, digests),), paths, spans)),
        ("a buffer is too small", (words, 0, ((1024, digests),), paths, array("q", [0]))),
        ("no such piece", (words, -1, ((1024, digests),), paths, spans)),
        ("no such piece", (words, 2**62, ((1024, digests),), paths, spans)),
        ("fit together", (words, 0, ((0, digests),), paths, spans)),
        ("fit together", (words, 0, ((1024, digests), (100, digests)), paths, spans)),
        ("fit together", (words, 0, ((1024, digests), (768, digests)), paths, spans)),
        ("too few or too many piece lengths", (words, 0, (), paths, spans)),
        ("at least one byte", (words, 0, ((1024, digests),), paths, array("q", [0, 0]))),
        ("at least one byte", (words, 0, ((1024, digests),), paths, array("q", [-1, 9]))),
        ("too long", (words, 0, ((1024, digests),), paths, array("q", [0, 2**63 - 1]))),
        ("must have segments", (words, 0, ((1024, digests),), (), array("q"))),
    ]
    for message, run in bad:
        with pytest.raises(ValueError, match=message):
            _multibuffer.hash_runs(kernel, (good, run), buffer)
    with pytest.raises(ValueError, match="no such kernel"):
        _multibuffer.hash_runs("abacus", (good,), buffer)
    with pytest.raises(ValueError, match="buffer is too small"):
        _multibuffer.hash_runs(kernel, (good,), bytearray(63))
