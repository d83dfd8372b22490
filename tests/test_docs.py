"""The documents say what the code does."""

from __future__ import annotations

import re
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


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page: Path) -> None:
    links = re.findall(r"\]\(([^)#]+)[^)]*\)", page.read_text(encoding="utf-8"))
    local = [link for link in links if "://" not in link]
    missing = [link for link in local if not (page.parent / link).exists()]
    assert not missing
