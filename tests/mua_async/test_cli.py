"""The command line: help, errors in one line, and the small commands around the main job."""

from __future__ import annotations

import itertools
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import click
import pytest

from mua_async.cli import COMMANDS, cli, run
from mua_async.lazy_group import LazyGroup
from mua_async.options import FilledPath

MH = '[trackers.MH]\nurl = "https://mh.example"\nannounce_url = "env:ANNOUNCE"\napi_key = "env:MH_KEY"\n'


def all_commands(group: click.Group = cli, *above: str) -> list[tuple[str, ...]]:
    context = click.Context(group)
    found: list[tuple[str, ...]] = []
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        found.append((*above, name))
        if isinstance(command, click.Group):
            found += all_commands(command, *above, name)
    return found


@pytest.fixture
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty configuration, named by the environment."""
    path = tmp_path / "config.toml"
    path.write_text("")
    path.chmod(0o600)
    monkeypatch.setenv("MUA_ASYNC_CONFIG", str(path))
    monkeypatch.setenv("MUA_ASYNC_DATA_DIR", str(tmp_path / "data"))
    for name in ("ANNOUNCE", "MH_KEY"):
        monkeypatch.delenv(name, raising=False)
    return path


@pytest.mark.parametrize("command", all_commands(), ids=" ".join)
def test_every_command_has_help(command: tuple[str, ...], capsys: pytest.CaptureFixture[str]) -> None:
    assert run([*command, "--help"]) == 0
    shown = capsys.readouterr().out
    assert shown.startswith(f"Usage: mua-async {' '.join(command)}")
    if command[-1] not in {"tracker", "config", "bench"}:
        for option in ("--config", "--data-dir", "--json", "--quiet", "--verbose"):
            assert option in shown


def test_the_list_of_commands_is_told_without_importing_them(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["--help"]) == 0
    shown = capsys.readouterr().out
    assert all(f"  {name} " in shown for name in COMMANDS)


def test_no_command_shows_the_help(capsys: pytest.CaptureFixture[str]) -> None:
    assert run([]) == 2
    assert capsys.readouterr().err.startswith("Usage: mua-async")


def test_an_unknown_command(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["uplaod"]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("error: No such command 'uplaod'")
    assert isinstance(cli, LazyGroup)


def test_an_error_stays_on_one_line(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    missing = config.parent / "a\nb\x1b[31m"
    config.write_text(MH)
    os.environ.update(MH_KEY="secret-key", ANNOUNCE="https://mh.example/announce/passkey")
    try:
        assert run(["upload", str(missing), "--tracker", "MH"]) == 2
    finally:
        del os.environ["MH_KEY"], os.environ["ANNOUNCE"]
    first, second = capsys.readouterr().err.splitlines()
    assert first == "error: nothing was sent: a PATH is missing"
    assert second.endswith(r"a\nb\x1b[31m does not exist")


def test_an_interruption_at_a_prompt(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupt(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("mua_async.commands.config.json_line", interrupt)
    assert run(["config", "path", "--json"]) == 130
    assert "error: interrupted" in capsys.readouterr().err


def test_where_the_configuration_is(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["config", "path"]) == 0
    assert capsys.readouterr().out == f"{config}\n"
    assert run(["config", "path", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["path"] == str(config)


def test_a_configuration_that_is_right(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    config.write_text(MH + "[trackers.OFF]\nenabled = false\n")
    assert run(["config", "check"]) == 0
    assert capsys.readouterr().out.splitlines()[-1] == f"{config}: 2 trackers, 0 problems"


def test_a_configuration_that_is_not(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    config.write_text('[trackers.MH]\nuurl = "x"\n[trackers.SP]\n')
    assert run(["config", "check", "--json"]) == 1
    told = json.loads(capsys.readouterr().out)
    assert told["event"] == "config_checked"
    assert any("trackers.MH.uurl" in problem for problem in told["problems"])
    assert any("trackers.SP.api_key is missing" in problem for problem in told["problems"])


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (
            'nonsense = 1\n[trackers.MH]\nuurl = "x"\n',
            ["nonsense: unknown key", "trackers.MH.uurl: unknown key"],
        ),
        ("a = = 2\n", ["no valid TOML"]),
        ("default_trackers = 5\n", ["default_trackers: must be a list"]),
    ],
)
def test_a_configuration_that_cannot_be_used_is_reported_like_any_other(
    config: Path, capsys: pytest.CaptureFixture[str], text: str, told: list[str]
) -> None:
    config.write_text(text)
    assert run(["config", "check", "--json"]) == 1
    shown = capsys.readouterr()
    problems = json.loads(shown.out)["problems"]
    assert shown.err == ""
    assert len(problems) == len(told)
    assert all(part in problem for part, problem in zip(told, problems, strict=True))
    assert run(["config", "check"]) == 1
    shown = capsys.readouterr()
    assert shown.err == ""
    assert shown.out.count("problem: ") == len(problems)
    assert "config check" not in shown.out
    ending = "1 problem" if len(problems) == 1 else f"{len(problems)} problems"
    assert shown.out.splitlines()[-1] == f"{config}: unusable, {ending}"


def test_a_configuration_that_is_not_there_is_a_wrong_argument(
    config: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["config", "check", "--config", f"{config}.toml"]) == 2
    assert "does not exist" in capsys.readouterr().err


def test_default_trackers_that_nobody_knows(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    config.write_text('default_trackers = ["MHH", "SP"]\n')
    assert run(["config", "check"]) == 1
    shown = capsys.readouterr().out
    assert "problem: default_trackers: no tracker is called MHH (did you mean MH?" in shown
    assert shown.splitlines()[-1] == f"{config}: 0 trackers, 1 problem"
    assert run(["doctor"]) == 1
    assert "PROBLEM default_trackers: no tracker is called MHH" in capsys.readouterr().out


def test_an_unknown_tracker_is_not_called_unready(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["tracker", "test", "XX"]) == 2
    assert "not ready" not in capsys.readouterr().err


@pytest.mark.parametrize(
    "arguments",
    [
        ["upload", ""],
        ["hash", ""],
        ["hash", ".", "-o", ""],
        ["demo", ""],
        ["bench", "hash", ""],
        ["config", "path", "--config", ""],
        ["config", "path", "--data-dir", ""],
    ],
    ids=" ".join,
)
def test_an_empty_path_is_not_the_current_folder(
    config: Path, capsys: pytest.CaptureFixture[str], arguments: list[str]
) -> None:
    assert run(arguments) == 2
    assert "the path is empty" in capsys.readouterr().err


def test_no_command_takes_a_path_in_another_way() -> None:
    def parameters(command: click.Command) -> list[click.Parameter]:
        if not isinstance(command, click.Group):
            return command.params
        context = click.Context(command)
        found = [command.get_command(context, name) for name in command.list_commands(context)]
        return [parameter for one in found if one is not None for parameter in parameters(one)]

    paths = [
        parameter for parameter in parameters(cli) if isinstance(parameter.type, click.Path | click.File)
    ]
    assert len(paths) > 10
    assert [parameter.name for parameter in paths if not isinstance(parameter.type, FilledPath)] == []


@pytest.mark.parametrize("command", [("tracker", "list"), ("config", "path", "--json")], ids=" ".join)
def test_an_answer_that_cannot_be_written_is_a_problem(command: tuple[str, ...]) -> None:
    with open("/dev/full", "w") as full:
        arguments = [sys.executable, "-m", "mua_async", *command]
        finished = subprocess.run(arguments, stdout=full, stderr=subprocess.PIPE, text=True, timeout=20)
    assert finished.returncode == 1
    assert finished.stderr == "error: [Errno 28] No space left on device\n"


def test_an_error_that_cannot_be_told_keeps_its_exit_code() -> None:
    with open("/dev/full", "w") as full:
        finished = subprocess.run([sys.executable, "-m", "mua_async", "hash", ""], stderr=full, timeout=20)
    assert finished.returncode == 2


def test_the_demo_tells_that_its_folder_is_gone(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["demo"]) == 0
    told, _, folder = capsys.readouterr().out.splitlines()[-1].rpartition(": ")
    assert told == "The demo's files are gone"
    assert not Path(folder).exists()


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_the_sandbox_ends_as_a_run_does(number: signal.Signals, code: int) -> None:
    command = [sys.executable, "-m", "mua_async", "sandbox", "--flavor", "unit3d"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        lines = list(itertools.takewhile(lambda line: line != "[trackers.SANDBOX-UNIT3D]\n", process.stdout))
        assert "chmod 600" in "".join(lines)
        process.send_signal(number)
        assert process.wait(20) == code


def test_a_tracker_module_that_is_broken_is_a_problem_of_the_configuration(
    config: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (config.parent / "trackers").mkdir()
    (config.parent / "trackers/mh_tracker.py").write_text("import no_such_module_of_theirs\n")
    config.write_text(MH)
    assert run(["config", "check"]) == 1
    assert "problem:" in capsys.readouterr().out
    assert run(["tracker", "list"]) == 0
    assert "broken" in capsys.readouterr().out


def test_the_list_of_trackers(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    config.write_text(MH + '[trackers.NEW]\nurl = "https://new.example"\n[trackers.OFF]\nenabled = false\n')
    assert run(["tracker", "list", "--json"]) == 0
    rows = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    states = {row["tracker"]: row["state"] for row in rows}
    assert (states.pop("MH"), states.pop("NEW"), states.pop("OFF")) == ("ready", "not ready", "disabled")
    assert {"SP", "YUS"} <= states.keys()
    assert set(states.values()) == {"not configured"}


def test_what_a_tracker_would_use(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    config.write_text(MH.replace("env:MH_KEY", "a-key-in-the-file"))
    assert run(["tracker", "show", "mh"]) == 0
    shown = capsys.readouterr().out
    assert 'api_key = "****"' in shown
    assert 'custom_endpoint = "special/upload"' in shown
    assert "a-key-in-the-file" not in shown
    assert run(["tracker", "show", "MHH"]) == 2
    assert "did you mean MH?" in capsys.readouterr().err


def test_a_tracker_that_is_not_ready(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    config.write_text(MH)
    assert run(["tracker", "test", "MH"]) == 2
    assert "ANNOUNCE is not set" in capsys.readouterr().err


def test_the_doctor_names_what_is_wrong(
    config: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    watch = '[clients.w]\ntype = "watch"\npath = "/dev/null/watch"\n'
    config.write_text(MH + "[trackers.OFF]\nenabled = false\nnonsense = 1\n" + watch)
    assert run(["doctor", "--json"]) == 1
    findings = {line["check"]: line for line in map(json.loads, capsys.readouterr().out.splitlines())}
    assert findings["trackers.MH"]["ok"] is False
    assert "MH_KEY is not set" in findings["trackers.MH"]["message"]
    assert findings["trackers.OFF"]["ok"] is None
    assert "/dev/null is no folder" in findings["clients.w"]["message"]
    monkeypatch.setenv("MH_KEY", "secret-key")
    monkeypatch.setenv("ANNOUNCE", "https://mh.example/announce/passkey")
    config.write_text(MH)
    assert run(["doctor"]) == 0
    shown = capsys.readouterr().out
    assert "ok      trackers.MH: ready (built in)" in shown
    assert "secret-key" not in shown


def test_the_doctor_of_a_newcomer(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("MUA_ASYNC_CONFIG", raising=False)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    assert run(["doctor"]) == 0
    assert "none yet; it would be" in capsys.readouterr().out
