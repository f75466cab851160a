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
from trackers.described import patterns
from trackers.described.description import AnswerRules, Rule, Search
from trackers.described.fields import RELEASE_NAMES, SEARCH_NAMES
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
        "fields": {"title": "{{ release.tittle }}", "key": "{{ csrf }}"},
        "answer": {"refused": {"json": "error"}},
        "login": {"endpoint": "in", "fields": {"p": "{{ password }}"}, "token": "t"},
        "search": {
            "endpoint": "search",
            "params": {"q": "{{ release.title }}"},
            "name": {"json": "name"},
            "absent": True,
        },
        "source_name": "X",
    }
    assert sorted(check_tracker("X", table)) == sorted(shown.splitlines())


def test_every_name_and_condition_stands_in_the_document() -> None:
    words = {
        *RELEASE_NAMES,
        *SEARCH_NAMES,
        *fields_dict(AnswerRules),
        *fields_dict(Rule),
        *fields_dict(Search),
    }
    words -= {"place"}
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


def test_several_values_may_be_wanted_at_once() -> None:
    values = [{"json": "a", "equals": 1}, {"json": "error", "exists": False}]
    assert not in_answer(done={"all": values})
    assert not in_answer(done=[{"status": 200, "all": values}, {"text": "x"}], refused={"all": values})


@pytest.mark.parametrize(
    ("table", "told"),
    [
        ({"fields": {"file": "x"}}, ".torrent_field: something that is no table stands on the way"),
        ({"fields": {"file": {"content": "x"}}}, ".torrent_field: something else stands at file.content"),
        ({"torrent_field": "file..content"}, ".torrent_field: must be a path of names and numbers"),
        ({"torrent_field": "torrent", "fields": {"torrent": "x"}}, ".torrent_field: something else stands"),
        ({"cover_field": "file.content"}, ".cover_field: something else stands at file.content"),
        ({"cover_field": "file.content.image"}, ".cover_field: something that is no table stands"),
    ],
)
def test_each_file_of_a_json_body_needs_a_place_of_its_own(table: dict[str, object], told: str) -> None:
    (problem,) = problems(**{"api_format": "json", "torrent_field": "file.content", **table})
    assert f".{problem}".startswith(told)


def test_files_stand_beside_the_fields_of_their_tables() -> None:
    assert not problems(
        api_format="json",
        torrent_field="file.content",
        cover_field="file.image",
        fields={"file": {"name": "{{ torrent_name }}"}},
    )


def test_a_form_has_no_field_twice() -> None:
    assert problems(cover_field="torrent") == ["cover_field: is the field of `torrent_field`, too"]
    told = problems(api_format="document", document_field="torrent")
    assert told == ["document_field: is the field of `torrent_field`, too"]


KEY = {"api_auth_type": "field", "api_auth_name": "k"}


@pytest.mark.parametrize(
    ("table", "told"),
    [
        ({**KEY, "fields": {"k": "x"}}, "fields.k: is the field of `api_auth_name`, too"),
        (
            {"api_auth_type": "field", "fields": {"api_token": "x"}},
            "fields.api_token: is the field of `api_a",
        ),
        ({**KEY, "torrent_field": "k"}, "api_auth_name: is the field of `torrent_field`, too"),
        ({**KEY, "api_auth_name": "torrent"}, "api_auth_name: is the field of `torrent_field`, too"),
        ({**KEY, "cover_field": "k"}, "api_auth_name: is the field of `cover_field`, too"),
        (
            {**KEY, "api_format": "document", "document_field": "k"},
            "api_auth_name: is the field of `document_field`, too",
        ),
        (
            {**KEY, "api_format": "json", "fields": {"k": "x"}},
            "fields.k: is the field of `api_auth_name`, too",
        ),
        (
            {**KEY, "api_format": "json", "torrent_field": "k.data"},
            "api_auth_name: is the field of `torrent_field`, too",
        ),
    ],
)
def test_the_key_has_a_field_of_its_own(table: dict[str, object], told: str) -> None:
    (problem,) = problems(**table)
    assert problem.startswith(told)


def test_a_key_that_is_in_no_field_of_the_upload_collides_with_none() -> None:
    assert not problems(api_auth_type="header", api_auth_name="k", fields={"k": "x"})
    document = {"api_format": "document", "document_field": "d", "fields": {"k": "x", "torrent": "y"}}
    assert not problems(**KEY, **document)
    assert not problems(**KEY, api_format="json", torrent_field="a.k", fields={"a": {"b": "x"}})


CSRF = {"endpoint": "upload", "regex": "(x)"}


@pytest.mark.parametrize(
    ("table", "told"),
    [
        ({"fields": {"a": "{{ csrf }}"}}, "csrf: is missing: the page that holds the token"),
        ({"fields": {"a": "{{ name }}"}, "csrf": CSRF}, "csrf: none of `fields` sends {{ csrf }}"),
        ({"csrf": CSRF}, "csrf: none of `fields` sends {{ csrf }}"),
        ({"fields": {"a": "{{ csrf }}"}, "csrf": {"regex": "(x)"}}, "csrf.endpoint: is missing"),
        ({"fields": {"a": "{{ csrf }}"}, "csrf": {"endpoint": "u"}}, "csrf: must have one of json, regex"),
        ({"fields": {"a": "{{ csrf }}"}, "csrf": {**CSRF, "regex": "x"}}, "csrf.regex: must have one group"),
    ],
)
def test_a_token_of_the_form_has_a_page_and_a_field(table: dict[str, object], told: str) -> None:
    (problem,) = problems(**table)
    assert problem.startswith(told)


def test_a_token_may_stand_deep_in_a_json_body() -> None:
    fields = {"form": {"keys": ["{{ csrf }}"]}}
    assert not problems(api_format="json", fields=fields, csrf=CSRF)


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
        ({}, ": must have one of status, json, equals, exists, text, regex, location, all"),
        ("yes", ": must be a table of keys and values"),
        ([], ": must not be empty: leave the key out"),
        ({"json": "a"}, ".json: says where to look, not what must stand there"),
        ({"json": "a..b", "equals": 1}, ".json: must be a path of names and numbers"),
        ({"json": "$.a", "equals": 1}, ".json: must be a path of names and numbers"),
        ({"json": "a[0].b", "equals": 1}, ".json: has brackets: write a.0.b"),
        ({"json": "$.a['b'][1]", "equals": 1}, ".json: has brackets: write a.b.1"),
        ({"json": "[", "equals": 1}, ".json: has brackets: write data.0.id"),
        ({"regex": "^(?!.*error)"}, ".regex: fits an empty page, so that it proves no success"),
        ({"regex": "(stored)?", "status": 200}, ".regex: fits an empty page"),
        ({"json": "a", "regex": ".*"}, ".regex: fits an empty page"),
        ({"all": [{"text": "a"}, {"regex": "a*"}]}, ".all[1].regex: fits an empty page"),
        ({"text": " "}, ".text: must not be empty"),
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
        ({"all": {"json": "a", "equals": 1}}, ".all: must be a list of two or more tables of conditions"),
        ({"all": [{"json": "a", "equals": 1}]}, ".all: must be a list of two or more"),
        ({"all": [{"json": "a", "equals": 1}, {}]}, ".all[1]: must have one of status, json, equals"),
        ({"all": [{"json": "a"}, {"text": "x"}]}, ".all[0].json: says where to look"),
        ({"all": [{"text": "x"}, {"all": []}]}, ".all[1].all: unknown key"),
        ({"all": [{"json": "a", "equals": 1}, {"json": "a", "equals": 2}]}, ".all: never holds: a cannot"),
        ({"all": [{"json": "a", "exists": False}] * 2}, ".all: false proves no success by itself"),
    ],
)
def test_wrong_rules(rule: object, told: str) -> None:
    assert any(line.startswith(f"answer.done{told}") for line in in_answer(done=rule))


def test_what_shows_no_success_may_fit_an_empty_page() -> None:
    assert not in_answer(done={"location": "^(?!.*login)"}, refused={"regex": "^(?!.*stored)"})


def test_an_expression_that_takes_too_long_on_an_empty_page_is_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(patterns, "SECONDS", 0.3)
    (told,) = in_answer(done={"regex": "(((a?){999}){999}){999}(?=b)"})
    assert told == "answer.done.regex: takes longer than 0.3 s, even on an empty page"


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


# Searches

SEARCH: dict[str, Any] = {
    "endpoint": "api/torrents",
    "params": {"q": "{{ name }}"},
    "infohash": {"json": "hash"},
}
PAGES: dict[str, Any] = {
    "endpoint": "browse.php",
    "params": {"q": "{{ name }}"},
    "entries": {"regex": "<li>(.*?)</li>"},
    "empty": {"text": "Nothing found"},
    "name": {"regex": "<b>(.*?)</b>"},
}


def in_search(base: dict[str, Any] = SEARCH, **changes: Any) -> list[str]:
    table = {key: value for key, value in {**base, **changes}.items() if value is not None}
    return problems(search=table, source_name="X")


@pytest.mark.parametrize(
    ("base", "changes", "told"),
    [
        (SEARCH, {"endpoint": None}, "endpoint: is missing: where it is asked"),
        (SEARCH, {"params": None}, "params: is missing: what is asked for"),
        (SEARCH, {"params": {"page": 1}}, "params: none of them asks for {{ name }} or {{ infohash }}"),
        (
            SEARCH,
            {"params": {"q": "{{ release.title }}"}},
            "params.q: is no template: line 1: release is not",
        ),
        (SEARCH, {"params": {"q": "{{ description }}"}}, "params.q: is no template: line 1: description is"),
        (SEARCH, {"params": {"q": ["{{ name }}"]}}, "params.q: must be text, a number, true or false"),
        (SEARCH, {"infohash": None}, "infohash: is missing, and so is `name`"),
        (SEARCH, {"infohash": {"regex": "(x)"}}, "infohash.regex: unknown key"),
        (SEARCH, {"name_proves": True, "name": {"json": "n"}}, "name_proves: is for a site that tells no"),
        (PAGES, {"empty": None}, "empty: is missing: what a page without finds shows"),
        (PAGES, {"empty": {"status": 404}}, "empty: must look at something in the answer beside its status"),
        (PAGES, {"empty": {"json": "a", "exists": False}}, "empty: must look at something in the answer"),
        (PAGES, {"empty": [{"text": "a"}, {"regex": "x*"}]}, "empty[1].regex: fits an empty page"),
        (PAGES, {"done": {"regex": "x*"}}, "done.regex: fits an empty page"),
        (PAGES, {"name": {"json": "n"}}, "name.json: unknown key"),
        (PAGES, {"entries": {"regex": "no group"}}, "entries.regex: must have one group"),
        (PAGES, {"absent": True}, "absent: needs `infohash`"),
        (
            PAGES,
            {"name": None, "infohash": {"regex": "(x)"}, "name_proves": True},
            "name_proves: is for a site",
        ),
        (PAGES, {"entrys": {}}, "entrys: unknown key: did you mean `entries`?"),
    ],
)
def test_wrong_searches(base: dict[str, Any], changes: dict[str, Any], told: str) -> None:
    assert any(line.startswith(f"search.{told}") for line in in_search(base, **changes))


def test_good_searches_are_taken() -> None:
    assert not in_search()
    assert not in_search(absent=True, entries={"json": "data"}, done={"json": "ok", "equals": True})
    assert not in_search(PAGES, name_proves=True, url={"regex": "(/t/.)"})
    assert not in_search(empty={"status": 404, "json": "message", "text": "no such"})


def test_a_miss_proves_nothing_where_the_site_s_source_is_not_told() -> None:
    (told,) = problems(search={**SEARCH, "absent": True})
    assert told.startswith("search.absent: needs `source_name`")


def test_a_search_and_the_key_have_different_parameters() -> None:
    for way in ("param", "field"):
        (told,) = problems(api_auth_type=way, api_auth_name="q", search=SEARCH)
        assert told == "search.params.q: is the field of `api_auth_name`, too"
    assert not problems(api_auth_type="header", api_auth_name="q", search=SEARCH)


def test_a_family_with_a_search_of_its_own_takes_none() -> None:
    assert problems(type="unit3d", search=SEARCH) == ['search: is for type = "generic" only']


# Logins


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"done": None}, "login.done: is missing: what shows that the login worked"),
        ({"done": {"regex": "^(?!.*wrong)"}}, "login.done.regex: fits an empty page"),
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
                [
                    *answer_rules.CONDITIONS,
                    *("all", "done", "id", "fields", "endpoint", "token", "header", "csrf", "x"),
                    *("params", "entries", "empty", "name", "infohash", "absent"),
                ]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=10,
)


@given(
    st.dictionaries(
        st.sampled_from(
            ["fields", "csrf", "login", "answer", "search", "api_format", "torrent_field", "type"]
        ),
        ANYTHING,
    )
)
def test_any_description_is_taken_or_refused(table: dict[str, object]) -> None:
    assert all(isinstance(line, str) for line in check_tracker("X", table))


def test_what_is_shown_of_a_description_is_plain_data() -> None:
    steps = described.login(LOGIN)
    assert json.loads(json.dumps(attrs.asdict(steps)))["done"][0]["status"] == [302]
