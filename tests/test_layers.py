"""Each import contract is broken once on purpose, in a copy, and must be reported."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("importlinter", reason="import-linter is of the lint group")

ROOT = Path(__file__).parents[1]
LINT = (
    "import sys; from importlinter.cli import lint_imports_command as c; sys.exit(c())"
)

LAYERS = "Layers"
WINDOW = "The window's toolkits are imported by the window alone"
COMMAND_LINE = "The command line's toolkit is imported by the command line alone"
TORCH_BELOW = "torch is imported by the network and its training alone"
TORCH_ABOVE = "What stands above the network reaches torch through it"

VIOLATIONS = [
    (LAYERS, "postprocess", "import napari_cellseg.pipeline"),
    (LAYERS, "cli", "import napari_cellseg.widgets"),
    (LAYERS, "pipeline", "import napari_cellseg.training"),
    (WINDOW, "pipeline", "import napari"),
    (WINDOW, "cli", "from qtpy import QtCore"),
    (COMMAND_LINE, "recipe", "import typer"),
    (TORCH_BELOW, "metrics", "import torch"),
    (TORCH_ABOVE, "session", "import torch"),
]


def broken_contracts(folder: Path) -> set[str]:
    """Names of the contracts that the package in `folder` does not keep."""
    done = subprocess.run(
        [sys.executable, "-c", LINT, "--no-cache"],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        env=dict(os.environ) | {"PYTHONPATH": str(folder), "COLUMNS": "200"},
    )
    assert "Contracts:" in done.stdout, done.stdout + done.stderr
    return set(re.findall(r"^(.+) BROKEN\b", done.stdout, flags=re.MULTILINE))


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A copy of the package's modules and of their contracts."""
    shutil.copytree(
        ROOT / "src" / "napari_cellseg",
        tmp_path / "napari_cellseg",
        ignore=shutil.ignore_patterns("__pycache__", "weights", "recipes"),
    )
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return tmp_path


def append(folder: Path, module: str, line: str) -> None:
    """Add a line to a module, be it a file or a package."""
    package = folder / "napari_cellseg"
    file = package / f"{module}.py"
    if not file.exists():
        file = package / module / "__init__.py"
    text = file.read_text(encoding="utf-8")
    file.write_text(f"{text}\n{line}\n", encoding="utf-8")


def test_the_package_keeps_its_contracts(copy: Path) -> None:
    assert broken_contracts(copy) == set()


@pytest.mark.parametrize(("contract", "module", "line"), VIOLATIONS)
def test_violation_is_reported(
    copy: Path, contract: str, module: str, line: str
) -> None:
    append(copy, module, line)
    assert contract in broken_contracts(copy)


def test_every_contract_is_tried() -> None:
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    tables = text.split("[[tool.importlinter.contracts]]\n")[1:]
    names = {table.splitlines()[0].split('"')[1] for table in tables}
    assert names == {contract for contract, *_ in VIOLATIONS}
