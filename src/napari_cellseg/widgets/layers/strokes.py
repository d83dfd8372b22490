"""What is painted on a frame, told from the frame as it was before."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from napari.layers import Labels as LabelsLayer
    from numpy.typing import NDArray

    from napari_cellseg.correction.marks import Edit
    from napari_cellseg.session.corrections import Corrections

    Labels = NDArray[np.unsignedinteger]


class Strokes:
    """Keeps the frame on screen as it was, and takes what differs as a stroke.

    Parameters
    ----------
    corrections : Corrections
        Of the layer that is painted on.

    Attributes
    ----------
    painted : bool
        Whether napari told of a stroke that was not taken yet.
    busy : bool
        Whether one is being taken.
    """

    def __init__(self, corrections: Corrections) -> None:
        self.painted = self.busy = False
        self._corrections = corrections
        self._kept: Labels | None = None

    def waiting(self, layer: LabelsLayer) -> bool:
        """Whether there may be something to take."""
        # some strokes are told of when they are through only
        return not self.busy and bool(self.painted or layer._staged_history)

    def forget(self, layer: LabelsLayer) -> None:
        """Let napari forget what it would undo: it would write what was before."""
        self.painted = False
        for name in ("_undo_history", "_redo_history", "_staged_history"):
            # napari has no public name for them
            history = getattr(layer, name, None)
            if history is not None:
                history.clear()

    def take(self, t: int) -> Edit | None:
        """Take what was painted on frame t; None if nothing was."""
        before = self._kept
        if before is None:
            return None
        self.busy = True
        try:
            edit = self._corrections.stroke(t, before)
            if edit is not None and self._corrections.automatic(t) is before:
                self._kept = None
        finally:
            self.busy = False
            self.keep(t)
        return edit

    def keep(self, t: int) -> None:
        """Keep frame t as it is now."""
        frame, kept = self._corrections.frames.read(t), self._kept
        alike = (frame.shape, frame.dtype)
        if kept is not None and (kept.shape, kept.dtype) == alike:
            # memory that is at hand already is written twice as fast
            np.copyto(kept, frame)
        else:
            self._kept = frame.copy()

    def is_kept(self, t: int) -> bool:
        """Whether frame t is as it was kept."""
        frame, kept = self._corrections.frames.read(t), self._kept
        return (
            kept is not None
            and kept.dtype == frame.dtype
            and np.array_equal(kept, frame)
        )
