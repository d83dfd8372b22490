"""Whether what is corrected reaches the file that the labels came from."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qtpy.QtCore import QTimer

if TYPE_CHECKING:
    from collections.abc import Callable

    from napari_cellseg.widgets.layers.layer_frames import LayerFrames

WAIT = 1000
"""Time after which it is looked whether a file could be written (ms)."""


class FileWatch:
    """Tells of a file that cannot be written, while something is to be written.

    Parameters
    ----------
    frames : LayerFrames
        What is written.
    tell : callable
        Takes words for the user.
    """

    def __init__(self, frames: LayerFrames, tell: Callable[[str], None]) -> None:
        self._frames, self._tell = frames, tell
        self._again = QTimer()
        self._again.setSingleShot(True)
        self._again.timeout.connect(self.look)

    def look(self) -> None:
        """Look now, and again later as long as something is to be written."""
        if self._frames.trouble:
            self._tell(self._frames.trouble)
        elif self._frames.pending:
            self._again.start(WAIT)

    def stop(self) -> None:
        """Look no more."""
        self._again.stop()
