"""`tracker list` and `show`: what is broken is told, and hides nothing else."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from mua_async.cli import run

GOOD = '[trackers.GOOD]\nurl = "https://good.example"\n'


@pytest.fixture
def config(tmp_path: Path) -> Path:
    return tmp_path / "config.toml"


def rows(config: Path, capsys: pytest.CaptureFixture[str]) -> dict[str, tuple[str, str]]:
    """State and origin by tracker."""
    assert run(["tracker", "list", "--json", "--config", str(config)]) == 0
    lines = map(json.loads, capsys.readouterr().out.splitlines())
    return {line["tracker"]: (line["state"], line["origin"]) for line in lines}


def test_a_table_under_no_id_is_told_and_hides_no_other(
    config: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config.write_text(f'{GOOD}[trackers."../x"]\nurl = "https://x.example"\n')
    found = rows(config, capsys)
    state, why = found["../x"]
    assert state == "broken"
    assert 'trackers."../x": is no tracker id' in why
    assert found["GOOD"][0] == "not ready"
    assert run(["tracker", "show", "GOOD", "--config", str(config)]) == 0
    assert "https://good.example" in capsys.readouterr().out
    assert run(["config", "check", "--config", str(config)]) == 1
    assert 'problem: trackers."../x": is no tracker id' in capsys.readouterr().out
    assert run(["doctor", "--config", str(config)]) == 1
    assert 'trackers."../x": is no tracker id' in capsys.readouterr().out


def test_a_module_that_raises_what_is_no_exception_hides_no_other(
    config: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config.write_text(GOOD)
    (config.parent / "trackers").mkdir()
    (config.parent / "trackers/odd_tracker.py").write_text("import asyncio\nraise asyncio.CancelledError")
    found = rows(config, capsys)
    assert found["ODD"][0] == "broken"
    assert "GOOD" in found


def test_a_configuration_that_is_still_to_be_made(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """`list` and `create` go on, and tell of it, since the name may be mistyped."""
    for arguments in (["list"], ["create", "XY"]):
        assert run(["tracker", *arguments, "--config", str(config)]) == 0
        assert f"{config} does not exist yet" in capsys.readouterr().err


def test_a_secret_in_a_field_is_not_shown(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    config.write_text(
        f"""{GOOD}type = "generic"
api_format = "json"
api_auth_type = "session"
[trackers.GOOD.fields]
title = "{{{{ name }}}}"
passkey = "s3cret-1"
form_key = "{{{{ release.title }}}}"
keywords = "shown"
user = {{ api_token = ["s3cret-2"], kind = "audio" }}
[trackers.GOOD.login]
endpoint = "login"
format = "json"
fields = {{ user = "{{{{ username }}}}", password = "{{{{ password }}}}", app_key = "s3cret-3" }}
token = "data.token"
header = "X-Key: {{{{ token }}}}"
[trackers.GOOD.answer]
done = {{ status = 201 }}
"""
    )
    for extra in ([], ["--json"]):
        assert run(["tracker", "show", "GOOD", "--config", str(config), *extra]) == 0
        shown = capsys.readouterr().out
        assert "s3cret" not in shown
        for kept in ("{{ name }}", "{{ release.title }}", "shown", "audio", "{{ username }}", "data.token"):
            assert kept in shown
