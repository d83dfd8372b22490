"""The kernels of the fast half, ready before a slider needs them."""

from __future__ import annotations

import sys
from threading import Thread
from typing import TYPE_CHECKING

from napari_cellseg.session.requests import Step

if TYPE_CHECKING:
    from collections.abc import Iterator

PATIENCE = 0.1
"""How often to look whether they are ready (s)."""


def prepare() -> Iterator[Step]:
    """Compile the kernels, or load them from disk, and say which of the two it is.

    Yields
    ------
    Step
        Until they are ready.
    """
    failed: list[BaseException] = []

    def work() -> None:
        try:
            _warm_up()
        # handed to the thread that waits
        except BaseException as error:  # noqa: BLE001
            failed.append(error)

    thread = Thread(target=work, name="cellseg-kernels", daemon=True)
    thread.start()
    while thread.is_alive():
        thread.join(PATIENCE)
        yield Step(
            "Compiling the split (once on this computer)…"
            if _compiling()
            else "Loading the model…"
        )
    if failed:
        raise failed[0]


def _warm_up() -> None:
    import numpy as np

    from napari_cellseg.postprocess import warm_up
    from napari_cellseg.postprocess.changes import changed

    warm_up()
    one = np.ones((1, 1), np.uint16)
    changed(one, one)


def _compiling() -> bool:
    """Whether a kernel was not found on disk in this process."""
    names = [n for n in sys.modules if n.startswith("napari_cellseg.postprocess.")]
    kernels = [k for n in names for k in vars(sys.modules[n]).copy().values()]
    stats = [getattr(kernel, "stats", None) for kernel in kernels]
    return any(getattr(s, "cache_misses", None) for s in stats)
