"""Writes an adapter's two files; what is there already is left alone."""

from __future__ import annotations

from pathlib import Path

from pipeline.errors import UsageError
from trackers.registry import FAMILIES, TrackerManager, module_stem

from .family import AdapterFamily
from .names import AdapterNames
from .source import adapter_source, conformance_source


def create_adapter(
    tracker_id: str, folder: Path, family: AdapterFamily | None = None, *, force: bool = False
) -> tuple[Path, Path]:
    """The adapter's file and its test's, both just written; `force` overwrites.

    Without a family it is generic, or what the built-in site of that id is, and has that one's data.
    UsageError for an id that is none, a file that is there, or a folder that cannot be written to.
    """
    names = AdapterNames.of(tracker_id)
    site = TrackerManager().builtin(tracker_id)
    if family is None:
        family = AdapterFamily(site.family) if site else AdapterFamily.GENERIC
    elif site and site.family != family:
        site = None
    adapter, test = folder / names.adapter_file, folder / names.test_file
    source = adapter_source(names, family.base, FAMILIES[family], site)
    texts = {adapter: source, test: conformance_source(names)}
    try:
        folder.mkdir(parents=True, exist_ok=True)
        _refuse_others(folder, names)
        if not force:
            _refuse_existing(*texts)
        for path, text in texts.items():
            path.write_text(text, "utf-8")
    except OSError as error:
        raise UsageError(
            f"the adapter cannot be written into {folder}: {error.strerror}",
            hint="choose another folder with --into DIR",
        ) from error
    return adapter, test


def _refuse_existing(*paths: Path) -> None:
    for path in paths:
        if path.exists() or path.is_symlink():
            raise UsageError(f"{path} exists already", hint="--force writes it anew, and loses what is in it")


def _refuse_others(folder: Path, names: AdapterNames) -> None:
    """Two modules for one id are an error when they are loaded: `MH_tracker.py` and `mh_tracker.py`."""
    for path in sorted(folder.glob("*.py")):
        if path.name != names.adapter_file and module_stem(path.stem) == names.stem:
            raise UsageError(
                f"{path} is a module for {names.tracker_id} already", hint=f"rename it {names.adapter_file}"
            )
