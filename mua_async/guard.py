"""The entry point: makes sure that the packages are ours before anything of them is used.

`trackers` and `pipeline` are global names, and others on the package index use them too.
"""

from __future__ import annotations

import gc
import importlib
import io
import os
import sys
import warnings

PACKAGES = ("mua_async", "trackers", "pipeline")


def foreign_package() -> str | None:
    """Where a package of another distribution took one of our names; None if all are ours."""
    for name in PACKAGES:
        module = importlib.import_module(name)
        if getattr(module, "__distribution__", None) != "mua-async":
            places = getattr(module, "__path__", [getattr(module, "__file__", "?")])
            return f"{name} ({next(iter(places))})"
    return None


def prepare_streams() -> None:
    """Nothing that a command writes may end it: closed streams swallow it, odd characters are escaped."""
    for name in ("stdin", "stdout", "stderr"):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, "r+", encoding="utf-8"))  # noqa: SIM115 - stays open
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")


def main() -> None:
    """Runs the program and ends the process with its exit code."""
    try:
        foreign = foreign_package()
        if foreign is not None:
            sys.exit(
                f"mua-async: another package took the name {foreign}; "
                "install mua-async into an environment of its own (pipx install mua-async)"
            )
        from .cli import run  # only now: it imports the packages that were checked

        prepare_streams()
        warnings.simplefilter("ignore")  # such as Pillow's of a damaged EXIF block: nothing to act on
        code = run()
        gc.freeze()  # spares the last collections a look at all that was imported: a tenth of a short run
        sys.exit(code)
    except KeyboardInterrupt:  # before the command began
        sys.exit(130)
