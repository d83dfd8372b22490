"""The documents say what the code does."""

from __future__ import annotations

import re
import runpy
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *(ROOT / "docs").glob("*.md")]


def test_the_recipe_reference_is_the_current_one() -> None:
    script = ROOT / "scripts" / "recipe_reference.py"
    page = subprocess.run(
        [sys.executable, "-X", "utf8", str(script)],
        capture_output=True,
        check=True,
    ).stdout.decode()
    written = (ROOT / "docs" / "recipe.md").read_text(encoding="utf-8")
    assert page.replace("\r\n", "\n") == written, "run: make reference"


def test_the_figure_of_growth_shows_the_figures_on_the_page() -> None:
    figure = runpy.run_path(str(ROOT / "scripts" / "growth_figure.py"))
    page = (ROOT / "docs" / "performance.md").read_text(encoding="utf-8")
    section = page.split("\n## growth\n")[1].split("\n## ")[0]
    builds, cuts = figure["read"](section)
    assert len(builds) == len(cuts) >= 6
    drawn = figure["FIGURE"].read_text(encoding="utf-8")
    assert drawn == figure["draw"](section), "run: make bench BENCH=growth"
    assert drawn.count("<circle") == len(builds) + len(cuts)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page: Path) -> None:
    links = re.findall(r"\]\(([^)#]+)[^)]*\)", page.read_text(encoding="utf-8"))
    local = [link for link in links if "://" not in link]
    missing = [link for link in local if not (page.parent / link).exists()]
    assert not missing
