"""`mua-async sandbox --rules FILE`: what a file may say, and what is said of one that is wrong."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from mua_async.sandbox_rules import read_site
from pipeline.errors import UsageError
from trackers.described.description import LoginFormat
from trackers.sandbox.rules import AnswerTemplate, CsrfPage, LoginRules, SandboxRules
from trackers.tracker_config import ApiFormat, AuthType

ANSWERS = """
[answer]
done = { status = 201, body = '{"id": {{ id }}}', headers = { Content-Type = "application/json" } }
duplicate = { status = 409 }
refused = { status = 400, body = "{{ message }}" }
unauthorized = { status = 401 }
"""
WHOLE = """
name = "Old Times"
username = "me"
password = "secret of the sandbox"
custom_endpoint = "takeupload.php"
api_auth_type = "session"
torrent_field = "file"
name_field = "title"
required = ["title", "type"]
known_ids = { type = [1, "2"] }
page = "details.php?id={id}"
download_endpoint = "download.php?id={id}"

[login]
endpoint = "takelogin.php"
fields = { user = "{{ username }}", pass = "{{ password }}", form = 1, stay = true, token = "{{ csrf }}" }
csrf = { endpoint = "login.php", body = "<i>{{ csrf }}</i>" }
cookie = "sid"
lasts = 3
done = { status = 302, headers = { Location = "{{ site }}/" } }
refused = { body = "{{ message }}" }
"""
LOGIN = """
[login]
endpoint = "in"
fields = { pass = "{{ password }}" }
refused = { status = 403 }
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "site.toml"


def problems_of(file: Path, text: str) -> list[str]:
    file.write_text(text)
    with pytest.raises(UsageError) as raised:
        read_site(file)
    assert str(file) in raised.value.message
    return list(raised.value.problems)


def test_a_file_is_a_site_and_its_account(file: Path) -> None:
    file.write_text(WHOLE + ANSWERS)
    site = read_site(file)
    assert (site.settings.username, site.settings.password) == ("me", "secret of the sandbox")
    assert site.rules == SandboxRules(
        name="Old Times",
        custom_endpoint="takeupload.php",
        api_auth_type=AuthType.SESSION,
        torrent_field="file",
        name_field="title",
        required=("title", "type"),
        known_ids={"type": frozenset({"1", "2"})},
        page="details.php?id={id}",
        download_endpoint="download.php?id={id}",
        login=LoginRules(
            endpoint="takelogin.php",
            fields={
                "user": "{{ username }}",
                "pass": "{{ password }}",
                "form": "1",
                "stay": "1",
                "token": "{{ csrf }}",
            },
            csrf=CsrfPage("login.php", "<i>{{ csrf }}</i>"),
            cookie="sid",
            lasts=3,
            done=AnswerTemplate(302, {"Location": "{{ site }}/"}),
            refused=AnswerTemplate(200, body="{{ message }}"),
        ),
        done=AnswerTemplate(201, {"Content-Type": "application/json"}, '{"id": {{ id }}}'),
        duplicate=AnswerTemplate(409),
        refused=AnswerTemplate(400, body="{{ message }}"),
        unauthorized=AnswerTemplate(401),
    )


def test_little_has_to_be_said(file: Path) -> None:
    file.write_text('custom_endpoint = "up"' + ANSWERS)
    rules = read_site(file).rules
    assert (rules.api_auth_type, rules.api_format) == (AuthType.BEARER, ApiFormat.FORM)
    assert (rules.torrent_field, rules.name_field, rules.login) == ("torrent", "name", None)


def test_a_login_may_answer_with_a_token(file: Path) -> None:
    login = (
        LOGIN + 'format = "json"\nheader = "Authorization: JWT {{ token }}"\ndone = { body = "{{ token }}" }'
    )
    file.write_text('custom_endpoint = "up"\napi_auth_type = "session"' + login + ANSWERS)
    found = read_site(file).rules.login
    assert found is not None
    assert (found.format, found.header_name, found.header_value) == (
        LoginFormat.JSON,
        "Authorization",
        "JWT {{ token }}",
    )


def test_all_that_is_wrong_is_told_at_once(file: Path) -> None:
    text = """
custom_endpoin = "up"
api_auth_type = "bearr"
required = "title"
known_ids = { type = [true] }
page = "details.php"

[login]
endpoint = "in"
lasts = 0
fields = { user = "{{ usrname }}" }
header = "Authorization"

[answer]
done = { status = 600, body = "{{ id" }
refused = { status = "400", headers = { "A B" = "x" } }
duplicate = {}
denied = { status = 401 }
"""
    assert problems_of(file, text) == [
        "answer.denied: unknown key: did you mean `done`?",
        "answer.done.body: is no template: line 1: unexpected end of template, "
        "expected 'end of print statement'.",
        "answer.done.status: must be a whole number from 200 to 599",
        "answer.duplicate: says nothing: write `status`, `headers` or `body`",
        'answer.refused.headers."A B": must be the name of a header, parameter or field, '
        "without spaces or colons",
        "answer.refused.status: must be a whole number from 200 to 599",
        "answer.unauthorized: is missing",
        "api_auth_type: must be one of bearer, token, param, header, field, basic, session: "
        "did you mean `bearer`?",
        "custom_endpoin: unknown key: did you mean `custom_endpoint`?",
        "custom_endpoint: is missing",
        "known_ids.type[0]: must be an id: a number, or text in quotes",
        "login.done: must hand out {{ token }}, which `header` wants",
        "login.fields.user: is no template: line 1: usrname is not known: templates have "
        "`csrf`, `password`, `username`",
        'login.header: must be a name and what it holds, as in "Authorization: Bearer {{ token }}"',
        "login.lasts: must be a whole number from 1 to 1000000",
        "login.refused: is missing",
        "page: must contain `{id}` once, and no other braces, as in torrents/download/{id}",
        'required: must be a list, as in ["5", "6"]',
    ]


@pytest.mark.parametrize(
    ("top", "tables", "problem"),
    [
        ('api_auth_type = "session"', "", 'login: is missing: api_auth_type = "session" needs it'),
        ("", LOGIN + 'cookie = "c"', 'login: is only for api_auth_type = "session"'),
        (
            'api_auth_name = "key"',
            "",
            "api_auth_name: is only for api_auth_type = param, header, field",
        ),
        (
            'api_format = "document"',
            "",
            'document_field: belongs to api_format = "document": write both or neither',
        ),
        (
            'document_field = "d"',
            "",
            'document_field: belongs to api_format = "document": write both or neither',
        ),
        ('page = "t/{id}"\ndownload_endpoint = "t/{id}"', "", "page: must not be `download_endpoint`"),
        (
            'api_auth_type = "session"',
            LOGIN,
            "login.cookie: is missing: by this, or by `header`, the site knows one again",
        ),
        (
            'api_auth_type = "session"',
            LOGIN + 'cookie = "c"\nheader = "A: {{ token }}"\ndone = { body = "{{ token }}" }',
            "login.cookie: give this or `header`, not both",
        ),
        (
            'api_auth_type = "session"',
            LOGIN + 'header = "A: {{ token }}"',
            "login.done: must hand out {{ token }}, which `header` wants",
        ),
        ('api_auth_type = "session"', LOGIN + 'header = "A: b"', "login.header: does not hold {{ token }}"),
        (
            'api_auth_type = "session"',
            LOGIN.replace("password", "username") + 'cookie = "c"',
            "login.fields: ask for no {{ password }}: anybody could log in",
        ),
        (
            'api_auth_type = "session"',
            LOGIN.replace("}}", "}}{{ csrf }}") + 'cookie = "c"',
            "login.fields: ask for {{ csrf }}: a table `csrf` must say which page shows it",
        ),
        (
            'api_auth_type = "session"',
            LOGIN + 'cookie = "c"\ncsrf = { endpoint = "in", body = "{{ csrf }}" }',
            "login.csrf: is of no use: no field asks for {{ csrf }}",
        ),
        (
            'api_auth_type = "session"',
            LOGIN + 'cookie = "c"\ncsrf = { endpoint = "in", body = "none" }',
            "login.csrf.body: must show {{ csrf }}",
        ),
        (
            'api_auth_type = "session"',
            LOGIN.replace('"in"', '"up"') + 'cookie = "c"',
            "login.endpoint: must not be the path of `custom_endpoint`",
        ),
    ],
)
def test_what_does_not_go_together_is_told(file: Path, top: str, tables: str, problem: str) -> None:
    assert problem in problems_of(file, f'custom_endpoint = "up"\n{top}\n{tables}\n{ANSWERS}')


def test_a_broken_table_is_not_told_twice(file: Path) -> None:
    text = 'custom_endpoint = "up"\napi_auth_type = "session"\nlogin = 3\n' + ANSWERS
    assert problems_of(file, text) == ["login: must be a table of keys and values"]


@pytest.mark.parametrize(
    ("text", "told"), [("a = ", ":1:"), ("a = 1\na = 2", "TOML"), ("\x00", "TOML"), ("x" * 9, "TOML")]
)
def test_what_is_no_toml_is_told_with_its_place(file: Path, text: str, told: str) -> None:
    file.write_text(text)
    with pytest.raises(UsageError, match=told):
        read_site(file)


def test_the_examples_of_the_guide_are_sites(file: Path) -> None:
    guide = Path(__file__).parents[2] / "docs" / "sandbox-rules.md"
    examples = re.findall(r"```toml\n(.*?)```", guide.read_text(), re.DOTALL)
    for example in examples:
        file.write_text(example)
        assert read_site(file).rules.custom_endpoint
    assert len(examples) == 3
