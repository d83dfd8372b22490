"""Write what a benchmark printed into its section of docs/performance.md.

    python benchmarks/split.py | python scripts/performance_page.py split

Sections of other benchmarks stay as they are; the preface is written anew.
"""

from __future__ import annotations

import ast
import os
import platform
import re
import sys
from importlib.metadata import version
from pathlib import Path

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "performance.md"
VERSIONS = ("numpy", "numba", "opencv-python-headless", "scikit-image", "scipy")
PREFACE = """# Performance

`make bench` writes this page; `make bench BENCH="split movie"` measures some and leaves
the other sections. Figures are medians. What is compared was measured in turns in one
process: the ratios hold on other machines, the times do not. Accuracy is in
[results](results.md).

Last measured on {cores} cores ({machine}), Python {python}, {versions}.
"""


def preface() -> str:
    """Say what machine and versions these are."""
    return PREFACE.format(
        cores=os.cpu_count(),
        machine=f"{platform.system()}, {platform.machine()}",
        python=platform.python_version(),
        versions=", ".join(f"{name} {version(name)}" for name in VERSIONS),
    )


def section(name: str, output: str) -> str:
    """Head a benchmark's output with what its docstring says."""
    source = (ROOT / "benchmarks" / f"{name}.py").read_text(encoding="utf-8")
    words = ast.get_docstring(ast.parse(source)) or name
    return f"## {name}\n\n{words}\n\n{output.strip()}\n"


def sections() -> dict[str, str]:
    """Read the sections of the page by name."""
    if not PAGE.is_file():
        return {}
    _, *parts = re.split(r"^(?=## )", PAGE.read_text(encoding="utf-8"), flags=re.M)
    return {part.split()[1]: part.rstrip() + "\n" for part in parts}


def main(name: str) -> None:
    """Replace one section."""
    kept = sections() | {name: section(name, sys.stdin.read())}
    there = sorted(n for n in kept if (ROOT / "benchmarks" / f"{n}.py").is_file())
    text = "\n".join([preface(), *(kept[n] for n in there)])
    PAGE.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1])
