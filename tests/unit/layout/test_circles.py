"""No circles between files: what imports each other can only be read, tested and moved together.

Imports for types alone count: they too say that one file cannot be understood without the other.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

from worker.observability.logs import OWN as ROOMS

ROOT = Path(__file__).parents[3]
Graph = Mapping[str, set[str]]


def test_no_files_import_each_other():
    found = ["\n  ".join(["these import each other:", *circle]) for circle in circles(imports_of_all_rooms())]
    assert not found, "\n".join(found)


def test_a_circle_is_seen(tmp_path):
    for name, content in {
        "room/__init__.py": "",
        "room/a.py": "from room import b",
        "room/b.py": "if True:\n    from room.inner.c import name",
        "room/inner/__init__.py": "",
        "room/inner/c.py": "def late():\n    import room.a",
        "room/apart.py": "from room.a import name",
        "room/by_itself.py": "from json import loads",
    }.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(content)
    assert circles(imports(tmp_path, ["room"])) == [["room/a.py", "room/b.py", "room/inner/c.py"]]


def test_every_room_is_read():
    graph = imports_of_all_rooms()
    assert {file.split("/")[0] for file in graph} == set(ROOMS)
    assert sum(len(imported) for imported in graph.values()) > 1000


@cache
def imports_of_all_rooms() -> Graph:
    """Return the imports of Herald's own files, read once: it takes more than a second."""
    return imports(ROOT, ROOMS)


def imports(root: Path, rooms) -> Graph:
    """Return for each file those that it imports, by their paths."""
    files = {_module(file.relative_to(root)): file for room in rooms for file in (root / room).rglob("*.py")}
    named = {module: str(file.relative_to(root)) for module, file in files.items()}
    return {
        named[module]: {named[one] for one in _imported(file) if one in named} - {named[module]}
        for module, file in files.items()
    }


def _module(path: Path) -> str:
    parts = path.with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def _imported(file: Path) -> Iterator[str]:
    """Yield all names that may be modules: of `from a import b` both `a.b` and `a`, which is loaded first."""
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def circles(graph: Graph) -> list[list[str]]:
    """Return the strongly connected components of more than one file (Tarjan's algorithm)."""
    number: dict[str, int] = {}
    lowest: dict[str, int] = {}
    path: list[str] = []
    found: list[list[str]] = []

    def visit(file: str) -> None:
        number[file] = lowest[file] = len(number)
        path.append(file)
        for imported in sorted(graph[file]):
            if imported not in number:
                visit(imported)
                lowest[file] = min(lowest[file], lowest[imported])
            elif imported in path:
                lowest[file] = min(lowest[file], number[imported])
        if lowest[file] == number[file]:
            circle = path[path.index(file) :]
            del path[path.index(file) :]
            if len(circle) > 1:
                found.append(sorted(circle))

    for file in sorted(graph):
        if file not in number:
            visit(file)
    return found
