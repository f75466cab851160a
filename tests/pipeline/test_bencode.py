"""The spans are those that an encoder made."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from libtorrent import bdecode, bencode

from pipeline.bencode import DEEPEST, BencodeError, top_level

VALUES: st.SearchStrategy[Any] = st.recursive(
    st.binary(max_size=20) | st.integers(-(2**63), 2**63 - 1),
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(st.binary(max_size=5), inner, max_size=5),
)
DICTIONARIES = st.dictionaries(st.binary(max_size=5), VALUES, max_size=6)


@given(DICTIONARIES)
def test_each_span_is_the_encoded_value(table: dict[bytes, Any]) -> None:
    data = bencode(table)
    spans = top_level(data)
    assert {key: data[span] for key, span in spans.items()} == {
        key: bencode(value) for key, value in table.items()
    }


@given(DICTIONARIES, st.data())
def test_damaged_bytes_are_refused_or_still_decodable(table: dict[bytes, Any], data: st.DataObject) -> None:
    damaged = bytearray(bencode(table))
    at = data.draw(st.integers(0, len(damaged) - 1))
    damaged[at : at + 1] = data.draw(st.binary(max_size=2))
    try:
        spans = top_level(bytes(damaged))
    except BencodeError:
        return
    for span in spans.values():
        top_level(b"d1:x" + damaged[span] + b"e")


@given(st.binary(max_size=200))
def test_any_other_bytes_are_refused(data: bytes) -> None:
    try:
        spans = top_level(data)
    except BencodeError:
        return
    assert bdecode(data) is not None
    assert len(spans) <= len(data)


def test_keys_in_any_order_are_taken_as_they_stand() -> None:
    data = b"d4:infod1:bi1e1:ai2ee8:announce1:xe"
    assert data[top_level(data)[b"info"]] == b"d1:bi1e1:ai2ee"


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"d",
        b"de ",
        b"le",
        b"<html>",
        b"d1:a",
        b"d1:ae",
        b"d1:ai1e1:ai2ee",
        b"di1ei2ee",
        b"d1:ai-0ee",
        b"d1:ai01ee",
        b"d1:ai1",
        b"d1:a5:shore",
        b"d1:a99999999999999999999:e",
        b"d1:a" + b"l" * (DEEPEST + 1) + b"e" * (DEEPEST + 1) + b"e",
        b"d1:a" + b"l" * 1_000_000,
    ],
)
def test_what_is_refused(data: bytes) -> None:
    with pytest.raises(BencodeError):
        top_level(data)
