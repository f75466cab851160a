"""What a user's rules make of answers: nothing is done that no rule proves."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from multidict import CIMultiDict

from mua_async.config.described import answer as read_rules
from trackers.described import patterns
from trackers.described.description import AnswerRules
from trackers.described.rules import RuleFault, Verdict, at, extract, judge, matches, words
from trackers.request import Answer

BOTH = {"status": 200, "all": [{"json": "ok", "equals": True}, {"json": "id", "exists": True}]}
STORED = {"done": {"json": "ok", "equals": True}}


def rules(**table: Any) -> AnswerRules:
    return read_rules({**STORED, **table})


def page(body: object, status: int = 200, headers: Mapping[str, str] = {}) -> Answer:
    data = body.encode() if isinstance(body, str) else json.dumps(body).encode()
    return Answer(status, CIMultiDict(headers), data)


def redirect(location: str, status: int = 302) -> Answer:
    return page("", status, {"Location": location})


@pytest.mark.parametrize(
    ("done", "answer", "holds"),
    [
        ({"json": "ok", "equals": True}, page({"ok": True}), True),
        ({"json": "ok", "equals": True}, page({"ok": 1}), False),
        ({"json": "ok", "equals": 1}, page({"ok": True}), False),
        ({"json": "ok", "equals": 1}, page({"ok": 1.0}), True),
        ({"json": "ok", "equals": "1"}, page({"ok": 1}), False),
        ({"json": "a.0.b", "equals": "x"}, page({"a": [{"b": "x"}]}), True),
        ({"json": "a.1.b", "equals": "x"}, page({"a": [{"b": "x"}]}), False),
        ({"json": "id", "exists": True}, page({"id": 0}), True),
        ({"json": "id", "exists": True}, page({"id": None}), False),
        ({"json": "error", "exists": False, "status": 200}, page({"id": 7}), True),
        ({"json": "said", "text": "stored"}, page({"said": {"a": ["is stored"]}}), True),
        ({"json": "said", "regex": "^stored"}, page({"said": "is stored"}), False),
        ({"json": "said", "regex": "."}, page({"id": 7}), False),
        ({"regex": "stored( twice)?"}, page("is stored"), True),
        ({"json": "error", "exists": False, "status": 200}, page("<html>"), False),
        ({"json": "error", "exists": False, "status": 200}, page({"error": "x"}), False),
        ({"status": 201}, page("", 201), True),
        ({"status": [200, 201]}, page("", 204), False),
        ({"text": "Thank you"}, page("<html>Thank you</html>"), True),
        ({"text": "Thank you"}, page("<html>Thank you</html>", 404), False),
        ({"text": "Thank you", "status": 201}, page("<html>Thank you</html>"), False),
        ({"regex": r"<h1>\s*Stored"}, page("<h1>\n Stored"), True),
        ({"location": r"^/t/\d+$"}, redirect("/t/7"), True),
        ({"location": r"^/t/\d+$"}, redirect("/login"), False),
        ({"location": r"^/t/\d+$"}, page("", 201, {"Location": "/t/7"}), False),
        ({"location": "^(?!.*login)"}, redirect("/t/7"), True),
        ({"location": "^(?!.*login)"}, page("<html>"), False),
        ({"location": "^(?!.*login)"}, page("", 200, {"Location": "/t/7"}), False),
        ({"location": "^(?!.*login)"}, page("", 302), False),
        ({"location": "^(?!.*login)"}, page("", 404, {"Location": "/t/7"}), False),
        ({"status": 302}, redirect("/t/7"), True),
        ({"status": 302}, redirect("/login?next=upload"), False),
        ({"status": 302}, redirect("https://x.example/sign-in.php"), False),
        ({"status": 302, "location": "^/torrent/7/"}, redirect("/torrent/7/login"), True),
        ({"status": 302, "all": [{"json": "a", "exists": False}] * 2}, redirect("/login"), False),
        ([{"status": 201}, {"text": "yes"}], page("yes"), True),
        (BOTH, page({"ok": True, "id": 7}), True),
        (BOTH, page({"ok": True, "id": None}), False),
        (BOTH, page({"ok": False, "id": 7}), False),
        (BOTH, page({"ok": True, "id": 7}, 201), False),
        ([BOTH, {"text": "yes"}], page("yes"), True),
    ],
)
async def test_a_success_is_what_its_rule_proves(done: object, answer: Answer, holds: bool) -> None:
    verdict = await judge(rules(done=done), answer)
    assert verdict is (Verdict.DONE if holds else Verdict.UNCLEAR)


@pytest.mark.parametrize(
    ("answer", "verdict"),
    [
        (page({"ok": False, "code": 1}), Verdict.REFUSED),
        (page({"ok": False, "code": 1, "why": "a dupe"}), Verdict.DUPLICATE),
        (page({"code": 1, "why": "a dupe", "session": "gone"}), Verdict.DUPLICATE),
        (page({"code": 1, "session": "gone"}), Verdict.EXPIRED),
        (page({"ok": True}), Verdict.DONE),
        (page({"ok": True, "code": 1}), Verdict.UNCLEAR),
        (page({"ok": True, "session": "gone"}), Verdict.UNCLEAR),
        (page({"ok": True, "why": "a dupe"}), Verdict.UNCLEAR),
        (page({"ok": False}), Verdict.UNCLEAR),
        (page({"ok": True}, 500), Verdict.UNCLEAR),
        (page({"code": 1}, 502), Verdict.UNCLEAR),
        (page({"session": "gone"}, 503), Verdict.UNCLEAR),
        (page({"ok": True}, 422), Verdict.UNCLEAR),
        (page({"code": 1}, 422), Verdict.REFUSED),
    ],
)
async def test_refusals_are_told_apart_and_contradictions_prove_nothing(
    answer: Answer, verdict: Verdict
) -> None:
    table = rules(
        refused={"json": "code", "equals": 1},
        duplicate={"json": "why", "text": "dupe"},
        expired={"json": "session", "equals": "gone"},
    )
    assert await judge(table, answer) is verdict


GARBAGE = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=8,
)


@given(GARBAGE, st.integers(min_value=200, max_value=599))
async def test_nothing_else_is_a_success(document: object, status: int) -> None:
    verdict = await judge(rules(), page(document, status))
    proved = status < 400 and isinstance(document, dict) and document.get("ok") is True
    assert verdict is (Verdict.DONE if proved else Verdict.UNCLEAR)


@given(GARBAGE, st.text(max_size=12))
def test_any_path_in_any_document_finds_something_or_nothing(document: object, path: str) -> None:
    at(document, path)


async def test_a_rule_that_takes_forever_decides_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(patterns, "SECONDS", 0.5)
    slow = rules(refused=[{"status": 422}, {"regex": "(a+)+$"}])
    with pytest.raises(RuleFault, match=r"answer\.refused\[1\] takes longer"):
        await judge(slow, page("a" * 64 + "!"))


@pytest.mark.parametrize(
    ("source", "answer", "found"),
    [
        ({"json": "data.id"}, page({"data": {"id": 7}}), "7"),
        ({"json": "data.id"}, page({"data": {"id": True}}), None),
        ({"json": "data.id"}, page({"data": {"id": "x" * 3000}}), None),
        ({"json": "data.id"}, page({"data": {"id": " "}}), None),
        ({"regex": r"/t/(\d+)"}, page('<a href="/t/7">'), "7"),
        ({"regex": r'href="([^"]+)'}, page('<a href="/t?a=1&amp;b=2">'), "/t?a=1&b=2"),
        ({"location": r"id=(\d+)"}, redirect("/t?id=7"), "7"),
        ({"location": r"id=(\d+)"}, redirect("/t"), None),
    ],
)
async def test_an_id_or_address_is_found(source: object, answer: Answer, found: str | None) -> None:
    table = rules(id=source)
    assert table.id is not None
    assert await extract(table.id, answer) == found


@pytest.mark.parametrize(
    ("source", "answer", "said"),
    [
        ({"json": "errors"}, page({"errors": "too short"}), "too short"),
        ({"json": "errors"}, page({"errors": ["a", "b"]}), "a, b"),
        (
            {"json": "errors"},
            page({"errors": {"name": ["taken", "long"], "x": "y"}}),
            "name: taken, long; x: y",
        ),
        ({"json": "errors"}, page("no JSON"), ""),
        ({"regex": "<li>(.*?)</li>"}, page("<li>a &amp; b</li><li>c</li>"), "a & b; c"),
    ],
)
async def test_the_sites_words_are_found_in_any_shape(source: object, answer: Answer, said: str) -> None:
    table = rules(message=source)
    assert table.message is not None
    assert await words(table.message, answer) == said


async def test_without_rules_nothing_matches() -> None:
    assert not await matches((), page({"ok": True}))
