"""The rules of the house, read from the source: who may import whom, print, and ask the environment."""

from __future__ import annotations

import ast
import importlib
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGES = ("pipeline", "trackers", "mua_async")
"""From the bottom up: each may import those before it."""
FILES = [path for package in PACKAGES for path in sorted((ROOT / package).rglob("*.py"))]


def name_of(path: Path) -> str:
    return str(path.relative_to(ROOT))


def module_of(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


@pytest.fixture(params=FILES, ids=name_of)
def path(request: pytest.FixtureRequest) -> Path:
    found: Path = request.param
    return found


def imports(tree: ast.AST) -> Iterator[tuple[str, int]]:
    """Every imported module, and how many dots stand before it."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((alias.name, 0) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module or "", node.level


def test_there_are_files() -> None:
    assert len(FILES) > 50


def test_imports_go_only_downward(path: Path) -> None:
    package = path.relative_to(ROOT).parts[0]
    below = PACKAGES[: PACKAGES.index(package)]
    for module, level in imports(ast.parse(path.read_text())):
        top = module.partition(".")[0]
        if level:
            assert level < len(path.relative_to(ROOT).parts), "a relative import leaves the package"
        elif top in PACKAGES:
            assert top in below, f"{module} is above {package}, or is imported by its whole name"
        assert top != "tests"


def test_only_the_program_prints_or_asks_the_environment(path: Path) -> None:
    if path.is_relative_to(ROOT / "mua_async"):
        return
    for node in ast.walk(ast.parse(path.read_text())):
        match node:
            case ast.Call(func=ast.Name(id="print" | "input")):
                pytest.fail(f"line {node.lineno} prints")
            case ast.Attribute(value=ast.Name(id="os"), attr="environ" | "environb" | "getenv"):
                pytest.fail(f"line {node.lineno} asks the environment")
            case ast.Attribute(value=ast.Name(id="sys"), attr="stdout" | "stderr" | "stdin"):
                pytest.fail(f"line {node.lineno} uses a standard stream")
            case ast.ImportFrom(module="os", names=names):
                assert not {"environ", "environb", "getenv"} & {alias.name for alias in names}


def test_every_module_imports(path: Path) -> None:
    if path.name != "__main__.py":
        assert importlib.import_module(module_of(path)) is sys.modules[module_of(path)]


def test_only_the_flow_makes_streams(path: Path) -> None:
    if name_of(path) != "pipeline/flow.py":
        assert "create_memory_object_stream" not in path.read_text()


@pytest.mark.parametrize("package", PACKAGES)
def test_packages_say_whose_they_are(package: str) -> None:
    assert importlib.import_module(package).__distribution__ == "mua-async"
    assert (ROOT / package / "py.typed").exists()


def test_no_package_stands_below_the_tests() -> None:
    """`tests/pipeline` would shadow `pipeline`."""
    assert not list((ROOT / "tests").rglob("__init__.py"))
