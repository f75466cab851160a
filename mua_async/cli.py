"""The command line: commands are imported when they are called, so that `--help` costs nothing."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from contextlib import suppress

import click

from . import __version__
from .lazy_group import LazyGroup

COMMANDS: Mapping[str, str] = {
    "upload": "Send albums to trackers and leave them seeding.",
    "plan": "Offline preflight: what would go where, and what breaks which rule.",
    "status": "What went where, by the journal.",
    "resume": "Go on with what earlier uploads left open.",
    "resolve": "Say by hand what became of an upload that is unknown.",
    "hash": "Make torrents, and nothing else.",
    "demo": "The main job against two embedded sites: no account, no network.",
    "sandbox": "An embedded tracker site to try configurations and adapters on.",
    "tracker": "Add, change, show and test trackers.",
    "config": "Find, check and import the configuration.",
    "doctor": "What works here, what does not, and what to do.",
    "bench": "Measure hashing and fan-out.",
}
EXIT_PROBLEM, EXIT_USAGE, EXIT_INTERRUPTED = 1, 2, 130


@click.group(
    cls=LazyGroup,
    package=f"{__package__}.commands",
    modules=COMMANDS,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(__version__, prog_name="mua-async")
def cli() -> None:
    """Send music albums to many private trackers at once, and leave each upload seeding.

    Try `mua-async demo` first: it needs no account.
    """


def run(arguments: list[str] | None = None) -> int:
    """Runs a command and returns its exit code; what is wrong is told on stderr in plain lines."""
    from pipeline.errors import MuaError

    try:
        code = int(cli.main(arguments, prog_name="mua-async", standalone_mode=False) or 0)
    except click.exceptions.NoArgsIsHelpError as error:
        error.show()
        return error.exit_code
    except click.ClickException as error:
        _tell(error.format_message().rstrip("."), _where_to_look(error))
        return error.exit_code
    except (click.Abort, KeyboardInterrupt):
        _tell("interrupted")
        return EXIT_INTERRUPTED
    except MuaError as error:
        _tell(error.message, error.hint, *getattr(error, "problems", ()))
        return EXIT_USAGE
    except OSError as error:  # such as a full disk behind stdout: the answer is lost
        _tell(str(error))
        return EXIT_PROBLEM
    return _flushed(code)


def _flushed(code: int) -> int:
    """The exit code of a command that has ended; what stdout lost makes only a clean one a problem."""
    try:
        sys.stdout.flush()
    except OSError as error:
        _tell(str(error))
        return code or EXIT_PROBLEM
    return code


def _where_to_look(error: click.ClickException) -> str:
    context = error.ctx if isinstance(error, click.UsageError) else None
    return f"see {context.command_path} --help" if context else ""


def _tell(message: str, hint: str = "", *problems: str) -> None:
    from .display.text import sentence

    with suppress(OSError):  # stderr may be as full as stdout
        click.echo(f"error: {sentence(message, hint)}", err=True)
        for problem in problems:
            click.echo(f"  {sentence(problem)}", err=True)
