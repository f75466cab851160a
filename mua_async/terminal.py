"""Questions at the terminal, on stderr: stdout is for what a command tells."""

from __future__ import annotations

import sys
from getpass import getpass

import click
from rich.console import Console
from rich.text import Text

from .options import Common

YES, NO = frozenset({"y", "yes"}), frozenset({"n", "no"})


def can_ask(common: Common) -> bool:
    """Whether somebody is there to answer."""
    return not common.json and sys.stdin.isatty() and sys.stderr.isatty()


def ask(question: str, *, default: str = "", hidden: bool = False) -> str:
    """The answer without spaces around it; the default where it is empty. A hidden one is not echoed."""
    prompt = f"{question} [{default}]: " if default else f"{question}: "
    try:
        # getpass shows its prompt itself, once the echo is off: what is typed at once must not be seen.
        answer = getpass(prompt) if hidden else Console(stderr=True).input(Text(prompt))
    except EOFError:
        raise click.Abort from None
    return answer.strip() or default


def confirm(question: str, *, default: bool) -> bool:
    while True:
        answer = ask(f"{question} {'[Y/n]' if default else '[y/N]'}").lower()
        if not answer:
            return default
        if answer in YES | NO:
            return answer in YES
        tell("write yes or no")


def tell(text: str) -> None:
    Console(stderr=True).print(Text(text), soft_wrap=True)
