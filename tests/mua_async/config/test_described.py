"""Descriptions of sites: the examples of the document load, and what is wrong or missing is told whole."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import attrs
import pytest
from attrs import fields_dict
from hypothesis import given
from hypothesis import strategies as st

from mua_async.config import answer_rules, described
from mua_async.config.configuration import read_configuration
from mua_async.config.schema import check_tracker
from pipeline.secret import Secret
from tests.support.documents import DESCRIBED_SITES, described_examples
from trackers.described.description import AnswerRules, Rule
from trackers.described.fields import RELEASE_NAMES
from trackers.registry import TrackerManager

LOGIN = {"endpoint": "in", "fields": {"p": "{{ password }}"}, "done": {"status": 302}}
DONE = {"json": "ok", "equals": True}


def problems(**table: Any) -> list[str]:
    """What is said of a tracker X, without its name."""
    return [line.removeprefix("trackers.X.") for line in check_tracker("X", table)]


def in_answer(**rules: Any) -> list[str]:
    return problems(answer={"done": DONE, **rules})


def in_login(**changes: Any) -> list[str]:
    table = {key: value for key, value in {**LOGIN, **changes}.items() if value is not None}
    return problems(api_auth_type="session", login=table)


# The document


@pytest.mark.parametrize("tracker_id", described_examples())
def test_an_example_loads_and_lacks_nothing(tracker_id: str) -> None:
    document: dict[str, object] = {"trackers": {tracker_id: described_examples()[tracker_id]}}
    configuration = read_configuration(Path("/config.toml"), document)
    assert not configuration.tracker_problems
    config = configuration.tracker(tracker_id, lambda reference: Secret("https://x.example/announce/abc"))
    assert not TrackerManager(None).find(tracker_id, config.type).cls.missing(config)
    assert config.answer is not None


def test_every_message_of_the_document_is_said() -> None:
    (shown,) = re.findall(r"^```text\n(.*?)^```$", DESCRIBED_SITES, re.MULTILINE | re.DOTALL)
    table = {
        "api_format": "document",
        "fields": {"title": "{{ release.tittle }}"},
        "answer": {"refused": {"json": "error"}},
        "login": {"endpoint": "in", "fields": {"p": "{{ password }}"}, "token": "t"},
    }
    assert sorted(check_tracker("X", table)) == sorted(shown.splitlines())


def test_every_name_and_condition_stands_in_the_document() -> None:
    words = {*RELEASE_NAMES, *fields_dict(AnswerRules), *fields_dict(Rule)} - {"place"}
    assert not {word for word in words if f"`{word}" not in DESCRIBED_SITES}


# Fields


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({}, "fields: must not be empty: leave the key out"),
        ({"a": "{{ relase.artist }}"}, "fields.a: is no template: line 1: relase is not known"),
        ({"a": "{{ password }}"}, "fields.a: is no template: line 1: password is not known"),
        ({"a": "{{ release.artist "}, "fields.a: is no template: line 1: "),
        ({"{{ nme }}": "x"}, 'fields."{{ nme }}": is no template: line 1: nme is not known'),
        ({"a": None}, "fields.a: must be text, a number, true, false"),
        ({"torrent": "x"}, "fields.torrent: is the field of `torrent_field`, too"),
        ({"a": {"b": "x"}}, 'fields.a: a form has no tables in its fields: write api_format = "json"'),
        ({"a": [["x"]]}, "fields.a: a form has no tables in its fields"),
    ],
)
def test_wrong_fields(fields: object, told: str) -> None:
    (problem,) = problems(fields=fields)
    assert problem.startswith(told)


def test_json_has_nested_fields_and_all_their_faults_are_told() -> None:
    assert not problems(api_format="json", fields={"a": {"b": ["{{ name }}", {"c": 1.5}]}})
    wrong = {"a": {"b": ["{{ nam }}", {"c": None}], "d": "{{"}}
    places = [line.partition(": ")[0] for line in problems(api_format="json", fields=wrong)]
    assert places == ["fields.a.b[0]", "fields.a.b[1].c", "fields.a.d"]


def test_a_document_and_its_field_go_together() -> None:
    assert problems(api_format="document") == [
        "document_field: is missing: the form field that holds the JSON document"
    ]
    assert problems(document_field="x") == ['document_field: is for api_format = "document" only']


# Answers


@pytest.mark.parametrize(
    ("rule", "told"),
    [
        ({}, ": must have one of status, json, equals, exists, text, regex, location"),
        ("yes", ": must be a table of keys and values"),
        ([], ": must not be empty: leave the key out"),
        ({"json": "a"}, ".json: says where to look, not what must stand there"),
        ({"json": "a..b", "equals": 1}, ".json: must be a path of names and numbers"),
        ({"json": "$.a", "equals": 1}, ".json: must be a path of names and numbers"),
        ({"equals": 1}, ".equals: needs `json`, the path of the value"),
        ({"json": "a", "equals": 1, "exists": True}, ".exists: is needless beside `equals`"),
        ({"json": "a", "exists": False}, ".exists: false proves no success by itself"),
        ({"json": "a", "equals": [1]}, ".equals: must be text, a number, true or false"),
        ({"regex": "(a"}, ".regex: is no regular expression: missing ), unterminated subpattern"),
        ({"location": "*"}, ".location: is no regular expression: nothing to repeat"),
        ({"regx": "a"}, ".regx: unknown key: did you mean `regex`?"),
        ([{"text": "a"}, {"text": ""}], "[1].text: must not be empty"),
        ({"status": 500}, ".status: must be a number from 200 to 399"),
        ({"status": [200, 422]}, ".status: must be a number from 200 to 399"),
        ({"status": True}, ".status: must be a number from 200 to 399"),
    ],
)
def test_wrong_rules(rule: object, told: str) -> None:
    assert any(line.startswith(f"answer.done{told}") for line in in_answer(done=rule))


def test_an_answer_without_done_is_refused_with_all_else_that_is_wrong() -> None:
    told = problems(answer={"refused": {"status": 500}, "id": {"json": "a", "regex": "(b)"}, "x": 1})
    assert [line.partition(": ")[0] for line in told] == [
        "answer.x",
        "answer.refused.status",
        "answer.id",
        "answer.done",
    ]


@pytest.mark.parametrize(
    ("source", "told"),
    [
        ({}, ": must have one of json, regex, location"),
        ({"regex": "no group"}, ".regex: must have one group"),
        ({"regex": "(a)(b)"}, ".regex: must have one group"),
        ({"text": "x"}, ".text: unknown key"),
    ],
)
def test_wrong_places_of_an_id(source: object, told: str) -> None:
    assert any(line.startswith(f"answer.id{told}") for line in in_answer(id=source))


# Logins


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"done": None}, "login.done: is missing: what shows that the login worked"),
        ({"token": "a"}, "login.header: is missing: how the token is sent"),
        ({"header": "X: {{ token }}"}, "login.token: is missing: where it stands in the answer"),
        ({"token": "a", "header": "X: token"}, "login.header: does not hold {{ token }}"),
        ({"token": "a", "header": "{{ token }}"}, "login.header: must be a name and what it holds"),
        ({"token": "a", "header": "X: {{ password }}"}, "login.header: is no template: line 1: password"),
        ({"endpoint": None}, "login.endpoint: is missing"),
        ({"fields": None}, "login.fields: is missing"),
        ({"fields": {"u": "{{ username }}"}}, "login.fields: none of them sends {{ password }}"),
        ({"fields": {"p": "{{ password }}", "n": "{{ name }}"}}, "login.fields.n: is no template"),
        ({"fields": {"p": "{{ password }}", "t": "{{ csrf }}"}}, "login.csrf: is missing"),
        ({"csrf": {"endpoint": "in", "regex": "(x)"}}, "login.csrf: none of the fields sends {{ csrf }}"),
        ({"csrf": {"regex": "(x)"}}, "login.csrf.endpoint: is missing"),
        ({"format": "xml"}, "login.format: must be one of form, json"),
    ],
)
def test_wrong_logins(changes: dict[str, object], told: str) -> None:
    assert any(line.startswith(told) for line in in_login(**changes))


def test_a_good_login_is_taken() -> None:
    assert not in_login()
    assert not in_login(done=None, token="data.0.t", header="Authorization: Bearer {{ token }}")


def test_a_login_and_its_scheme_go_together() -> None:
    assert problems(login=LOGIN) == ['login: needs api_auth_type = "session"']
    assert in_answer(expired={"status": 403}) == [
        'answer.expired: is for a login, with api_auth_type = "session"'
    ]


def test_a_family_that_reads_its_answers_itself_takes_no_description() -> None:
    told = problems(type="unit3d", answer={"done": DONE}, fields={"a": "b"})
    assert told == ['fields: is for type = "generic" only', 'answer: is for type = "generic" only']


def test_a_built_in_site_is_not_described() -> None:
    configuration = read_configuration(Path("/c.toml"), {"trackers": {"MH": {"answer": {"done": DONE}}}})
    config = configuration.tracker("MH", lambda reference: None)
    told = TrackerManager(None).find("MH", config.type).cls.missing(config)
    assert any("trackers.MH.answer describes a site that MHTracker knows itself" in line for line in told)


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=6),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                [*answer_rules.CONDITIONS, "done", "id", "fields", "endpoint", "token", "header", "csrf", "x"]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=10,
)


@given(st.dictionaries(st.sampled_from(["fields", "login", "answer", "api_format", "type"]), ANYTHING))
def test_any_description_is_taken_or_refused(table: dict[str, object]) -> None:
    assert all(isinstance(line, str) for line in check_tracker("X", table))


def test_what_is_shown_of_a_description_is_plain_data() -> None:
    steps = described.login(LOGIN)
    assert json.loads(json.dumps(attrs.asdict(steps)))["done"][0]["status"] == [302]
