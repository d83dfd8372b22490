"""How long one waits for the package, the command line and the dock.

    xvfb-run -a -s "-screen 0 1600x1000x24" python benchmarks/startup.py [RUNS]

Needs a display. Medians of fresh processes. The dock's time is what it adds once napari
is up.
"""

from __future__ import annotations

import statistics
import subprocess
import sys

from _timing import row, table

TIMED = """
import sys, time
{before}
begin = time.perf_counter()
{timed}
print(time.perf_counter() - begin)
assert "torch" not in sys.modules, "torch was imported"
{after}
"""

CASES = {
    "import napari_cellseg": ("", "import napari_cellseg", ""),
    "napari-cellseg --help": (
        "import contextlib, io",
        "from napari_cellseg.cli import main\n"
        "with contextlib.redirect_stdout(io.StringIO()), "
        "contextlib.suppress(SystemExit):\n"
        "    sys.argv = ['napari-cellseg', '--help']; main()",
        "",
    ),
    "open the Segment dock": (
        "import napari\nviewer = napari.Viewer(show=True)\n"
        "from qtpy.QtWidgets import QApplication\nQApplication.processEvents()",
        "viewer.window.add_plugin_dock_widget('napari-cellseg', 'Segment cells')\n"
        "QApplication.processEvents()",
        "viewer.close()",
    ),
}


def main() -> None:
    runs = int(sys.argv[1]) if len(sys.argv) > 1 else 5
    table("what", "median (s)")
    for name, (before, timed, after) in CASES.items():
        code = TIMED.format(before=before, timed=timed, after=after)
        times = [_run(code) for _ in range(runs + 1)][1:]
        row(name, f"{statistics.median(times):.2f}")


def _run(code: str) -> float:
    found = subprocess.run(
        [sys.executable, "-c", code], check=True, capture_output=True, text=True
    )
    return float(found.stdout.split()[0])


if __name__ == "__main__":
    main()
