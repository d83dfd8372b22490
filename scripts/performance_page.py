"""Write what a benchmark printed into its section of docs/performance.md.

    python benchmarks/split.py | python scripts/performance_page.py split

Sections of other benchmarks stay as they are; the preface is written anew. `growth`
gets its figure as well.
"""

from __future__ import annotations

import ast
import os
import platform
import re
import sys
from importlib.metadata import version
from pathlib import Path

from growth_figure import FIGURE, draw

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "performance.md"
VERSIONS = ("numpy", "numba", "opencv-python-headless", "scikit-image", "scipy")
PREFACE = """# Performance

`make bench` writes this page; `make bench BENCH="split movie"` measures some and leaves
the other sections. Each says what it was measured on. Times are medians, but for the
largest image of `growth`, which is timed once, and what was measured before the kernels
were compiled; memory is a peak. `first_split`, `memory` and `startup` take fresh
processes. In `fast_half`, `movie`, `slider` and `split` what is compared was measured
in turns in one process: there the ratios tell more than the times, which are those of
one machine. Accuracy is in [results](results.md).
"""
CAPTION = "Time of a build and of a cut against foreground pixels, with slope 1"
STAMP = "Measured on {cores} cores ({machine}), Python {python}, {versions}."


def stamp() -> str:
    """Say what machine and versions these are."""
    return STAMP.format(
        cores=os.cpu_count(),
        machine=f"{platform.system()}, {platform.machine()}",
        python=platform.python_version(),
        versions=", ".join(f"{name} {version(name)}" for name in VERSIONS),
    )


def section(name: str, output: str) -> str:
    """Head a benchmark's output with what its docstring says, and stamp it."""
    source = (ROOT / "benchmarks" / f"{name}.py").read_text(encoding="utf-8")
    words = ast.get_docstring(ast.parse(source)) or name
    parts = [f"## {name}", words, stamp(), output.strip()]
    if name == "growth":
        FIGURE.write_text(draw(output), encoding="utf-8")
        parts.append(f"![{CAPTION}](images/{FIGURE.name})")
    return "\n\n".join(parts) + "\n"


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
    text = "\n".join([PREFACE, *(kept[n] for n in there)])
    PAGE.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1])
