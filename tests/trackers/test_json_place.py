"""A value is put at a path of a JSON document, and nothing else of it is changed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trackers.described.rules import at
from trackers.json_place import placed


@pytest.mark.parametrize(
    ("document", "path", "expected"),
    [
        ({}, "file", {"file": 7}),
        ({"name": "x"}, "file", {"name": "x", "file": 7}),
        ({}, "file.content", {"file": {"content": 7}}),
        ({"file": {"name": "x"}}, "file.content", {"file": {"name": "x", "content": 7}}),
        ({}, "files.0.data", {"files": [{"data": 7}]}),
        ({"files": [{"name": "x"}]}, "files.0.data", {"files": [{"name": "x", "data": 7}]}),
        ({"files": ["x"]}, "files.1", {"files": ["x", 7]}),
    ],
)
def test_a_value_finds_its_place(document: object, path: str, expected: object) -> None:
    before = repr(document)
    assert placed(document, path, 7) == expected
    assert repr(document) == before


@pytest.mark.parametrize(
    ("document", "path", "told"),
    [
        ({"file": "x"}, "file", "something else stands at file"),
        ({"file": "x"}, "file.content", "no table stands on the way to file.content"),
        ({"file": {"content": 0}}, "file.content", "something else stands at file.content"),
        ({"files": ["x"]}, "files.0", "something else stands at files.0"),
        ({"files": ["x"]}, "files.name", "has no place name"),
        ({"files": ["x"]}, "files.3", "has no place 3"),
    ],
)
def test_what_stands_there_is_not_overwritten(document: object, path: str, told: str) -> None:
    with pytest.raises(ValueError, match=told):
        placed(document, path, 7)


@given(st.lists(st.sampled_from(["a", "b", "0"]), min_size=1, max_size=4).map(".".join))
def test_what_was_put_is_found_there(path: str) -> None:
    document = placed({}, f"in.{path}", "here")
    assert at(document, f"in.{path}") == "here"
