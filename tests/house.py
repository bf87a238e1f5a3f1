"""Measures how the code is laid out: ``python -m tests.house [CHECKOUT]`` prints the figures as a table."""

from __future__ import annotations

import ast
import sys
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class Layout:
    """The modules of a checkout by dotted name, and what each imports from the project."""

    trees: dict[str, ast.Module]
    packages: frozenset[str]
    imports: dict[str, frozenset[str]] = field(default_factory=dict)

    @classmethod
    def read(cls, root: Path = ROOT) -> Layout:
        trees: dict[str, ast.Module] = {}
        packages: set[str] = set()
        for top in ("parsing", "tui"):
            for path in sorted((root / top).rglob("*.py")):
                parts = path.relative_to(root).with_suffix("").parts
                name = ".".join(part for part in parts if part != "__init__")
                trees[name] = ast.parse(path.read_text("utf-8"))
                if path.name == "__init__.py":
                    packages.add(name)
        layout = cls(trees, frozenset(packages))
        layout.imports.update({name: layout._imported(name) for name in trees})
        return layout

    def _imported(self, module: str) -> frozenset[str]:
        """Modules that this one imports, also for types only; of a package the module that has the name.

        A name that the package itself exports is the package's, also where a module of it has the same name.
        """
        found: set[str] = set()
        for node in ast.walk(self.trees[module]):
            if isinstance(node, ast.Import):
                found.update(alias.name for alias in node.names)
            elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
                for alias in node.names:
                    whole = f"{node.module}.{alias.name}"
                    is_module = whole in self.trees and alias.name not in self._exported(node.module)
                    found.add(whole if is_module else node.module)
        return frozenset(found & set(self.trees)) - {module}

    def _exported(self, package: str) -> frozenset[str]:
        """Names that a package's ``__init__`` takes from its modules."""
        if package not in self.packages:
            return frozenset()
        return frozenset(
            alias.asname or alias.name
            for node in self.trees[package].body
            if isinstance(node, ast.ImportFrom) and node.module != package
            for alias in node.names
        )


def circles(layout: Layout) -> list[list[str]]:
    """Groups of modules that reach one another by imports (Tarjan's strongly connected components)."""
    numbers: dict[str, int] = {}
    low: dict[str, int] = {}
    stack: list[str] = []
    found: list[list[str]] = []

    def visit(name: str) -> None:
        numbers[name] = low[name] = len(numbers)
        stack.append(name)
        for other in sorted(layout.imports[name]):
            if other not in numbers:
                visit(other)
                low[name] = min(low[name], low[other])
            elif other in stack:
                low[name] = min(low[name], numbers[other])
        if low[name] == numbers[name]:
            group = stack[stack.index(name) :]
            del stack[stack.index(name) :]
            if len(group) > 1:
                found.append(sorted(group))

    for name in layout.trees:
        if name not in numbers:
            visit(name)
    return found


def deep_imports(layout: Layout) -> list[str]:
    """Modules of ``tui`` that import from below a package of ``parsing``."""
    deep = []
    for module, names in layout.imports.items():
        for name in names if module.startswith("tui") else ():
            parts = name.split(".")
            if parts[0] == "parsing" and len(parts) > 2:
                deep.append(f"{module} imports {name}")
    return sorted(deep)


def crowded_folders(layout: Layout) -> dict[str, int]:
    """Modules of each folder, subfolders and dunder files apart."""
    counts: dict[str, int] = defaultdict(int)
    for name in layout.trees:
        if name not in layout.packages and not name.endswith("__"):
            counts[name.rpartition(".")[0]] += 1
    return dict(counts)


def class_names(layout: Layout) -> dict[str, list[str]]:
    """Public and private class names that stand in more than one module, with these modules."""
    places: dict[str, list[str]] = defaultdict(list)
    for module, tree in layout.trees.items():
        for node in ast.walk(tree):
            if isinstance(node, ast.ClassDef):
                places[node.name].append(module)
    return {name: modules for name, modules in sorted(places.items()) if len(modules) > 1}


def base_names(layout: Layout) -> dict[str, list[str]]:
    """Base names of modules that stand in more than one folder."""
    places: dict[str, list[str]] = defaultdict(list)
    for name in layout.trees:
        if not name.endswith("__"):
            places[name.rpartition(".")[2]].append(name)
    return {name: modules for name, modules in sorted(places.items()) if len(modules) > 1}


def table(layout: Layout) -> list[tuple[str, str]]:
    groups = circles(layout)
    crowds = sorted(((count, name) for name, count in crowded_folders(layout).items() if count > 15), reverse=True)
    return [
        ("modules", str(len(layout.trees))),
        ("import circles (files in each)", ", ".join(str(len(group)) for group in groups) or "none"),
        ("folders of more than fifteen modules", ", ".join(f"{name} {count}" for count, name in crowds) or "none"),
        ("deep imports from tui into parsing", str(len(deep_imports(layout)))),
        ("class names for two things", str(len(class_names(layout)))),
        ("base names in two folders", str(len(base_names(layout)))),
    ]


if __name__ == "__main__":
    measured = table(Layout.read(Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT))
    print(
        "\n".join(["| quality | figure |", "| --- | --- |", *(f"| {name} | {figure} |" for name, figure in measured)])
    )
