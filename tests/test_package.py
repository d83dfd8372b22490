"""The package root: cheap to import, usable without a window, described for napari."""

from __future__ import annotations

import ast
import os
import pkgutil
import subprocess
import sys
from importlib import import_module
from importlib.metadata import entry_points, version
from pathlib import Path

import pytest
from napari._app_model.constants import MenuId
from npe2 import PluginManifest

import napari_cellseg

PACKAGE = Path(napari_cellseg.__file__).parent
MANIFEST = PluginManifest.from_file(PACKAGE / "napari.yaml")
COMMANDS = {command.id: command for command in MANIFEST.contributions.commands or []}
HEAVY = ("torch", "napari", "qtpy", "numba", "numpy", "skimage", "pydantic")

MEASURE_IMPORT = """
import sys, time
begin = time.perf_counter()
import napari_cellseg
print(time.perf_counter() - begin)
print(*sorted(sys.modules))
"""

IMPORT_WITHOUT_WINDOW = """
import sys
from importlib import import_module

class Blocked:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {blocked}:
            raise ModuleNotFoundError(f"{{name}} is blocked", name=name)

sys.meta_path.insert(0, Blocked())
for name in {modules}:
    import_module(name)
print("all imported")
"""


def python(code: str) -> str:
    """What a fresh interpreter prints."""
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def modules_without_window() -> list[str]:
    """Every module of the package that is not a part of the window, found by file."""
    names = []
    for file in sorted(PACKAGE.rglob("*.py")):
        parts = file.relative_to(PACKAGE.parent).with_suffix("").parts
        if "widgets" not in parts:
            names.append(".".join(parts).removesuffix(".__init__"))
    return names


def test_import_is_quick_and_brings_nothing_heavy() -> None:
    runs = [python(MEASURE_IMPORT).splitlines() for _ in range(3)]
    assert min(float(run[0]) for run in runs) < 0.2
    assert not set(HEAVY) & set(runs[0][1].split())


def test_every_module_outside_the_window_works_without_napari() -> None:
    blocked = {"napari", "qtpy", "magicgui", "superqt", "vispy", "PyQt6", "PySide6"}
    modules = modules_without_window()
    assert "napari_cellseg.parameters" in modules
    code = IMPORT_WITHOUT_WINDOW.format(blocked=blocked, modules=modules)
    assert "all imported" in python(code)


@pytest.mark.parametrize("name", napari_cellseg.__all__)
def test_public_name_is_there(name: str) -> None:
    assert getattr(napari_cellseg, name) is not None
    assert name in dir(napari_cellseg)


def test_public_names_agree_with_what_type_checkers_see() -> None:
    tree = ast.parse((PACKAGE / "__init__.py").read_text(encoding="utf-8"))
    block = next(node for node in tree.body if isinstance(node, ast.If))
    seen = {
        alias.name: node.module.removeprefix("napari_cellseg.")
        for node in block.body
        if isinstance(node, ast.ImportFrom) and node.module
        for alias in node.names
    }
    assert seen == napari_cellseg._HOME
    assert set(napari_cellseg.__all__) == {*seen, "__version__"}


def test_no_public_name_hides_a_module() -> None:
    """Importing the module would replace the lazy name on the package."""
    modules = {module.name for module in pkgutil.iter_modules(napari_cellseg.__path__)}
    assert not modules & set(napari_cellseg._HOME)


def test_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'nonsense'"):
        _ = napari_cellseg.nonsense


def test_version_without_the_built_file(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "napari_cellseg._version", None)
    assert napari_cellseg._read_version() == version("napari-cellseg")


def test_manifest_names_the_distribution_and_is_found_by_napari() -> None:
    assert MANIFEST.name == "napari-cellseg"
    (entry,) = entry_points(group="napari.manifest", name="napari-cellseg")
    assert entry.value == "napari_cellseg:napari.yaml"


@pytest.mark.skipif(os.name == "nt", reason="git for Windows writes links as text")
def test_manifest_at_the_top_is_the_packaged_one() -> None:
    top = Path(__file__).parents[1] / "napari.yaml"
    assert top.resolve() == (PACKAGE / "napari.yaml").resolve()


@pytest.mark.parametrize("command", COMMANDS.values(), ids=COMMANDS)
def test_command_points_at_a_callable(command) -> None:
    module, _, name = command.python_name.partition(":")
    assert callable(getattr(import_module(module), name))


def test_every_contribution_uses_a_declared_command_and_each_is_used() -> None:
    points = MANIFEST.contributions
    used = {
        item.command
        for items in (
            points.readers,
            points.writers,
            points.widgets,
            points.sample_data,
            *points.menus.values(),
        )
        for item in items or []
    }
    assert used == set(COMMANDS)


@pytest.mark.parametrize("menu", MANIFEST.contributions.menus)
def test_menu_accepts_contributions(menu: str) -> None:
    assert menu.removeprefix("/") in {menu.value for menu in MenuId.contributables()}
