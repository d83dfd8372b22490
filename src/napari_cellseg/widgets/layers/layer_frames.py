"""Frames that a Labels layer shows: what its corrections need of them."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Any

import numpy as np
from psygnal import Signal

from napari_cellseg.postprocess.hierarchy import smallest_type

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Labels = NDArray[np.unsignedinteger]


class LayerFrames(ABC):
    """Frames of a layer; those of one in memory need to write nothing to a file.

    Attributes
    ----------
    widened : Signal
        The type has become another, in words.
    limit : int
        The highest number that can be written.
    written_back : bool
        Whether what the labels came from changes with them.
    """

    widened = Signal(str)

    @property
    @abstractmethod
    def shape(self) -> tuple[int, int, int]:
        """(T, Y, X)."""

    @property
    @abstractmethod
    def dtype(self) -> np.dtype[Any]:
        """Of every frame."""

    @property
    @abstractmethod
    def limit(self) -> int:
        """The highest number that can be written."""

    @property
    def written_back(self) -> bool:
        """Whether what the labels came from changes with them."""
        return False

    @property
    def pending(self) -> bool:
        """Whether frames are still to be written to their file."""
        return False

    @property
    def trouble(self) -> str:
        """Why frames cannot be written to their file, in words; empty if they can."""
        return ""

    @abstractmethod
    def read(self, t: int) -> Labels:
        """Frame t as it is shown, (Y, X); not to be written to."""

    @abstractmethod
    def write(self, t: int, labels: Labels) -> None:
        """Show other labels in frame t."""

    @abstractmethod
    def top(self) -> int:
        """Return the greatest number in any frame."""

    @abstractmethod
    def used(self) -> NDArray[np.int64]:
        """Return the numbers of all cells of all frames (N,), rising."""

    @abstractmethod
    def shown_by(self, data: Any) -> bool:
        """Whether data of a layer are these frames."""

    @abstractmethod
    def widen(self, dtype: np.dtype[Any]) -> None:
        """Hold the frames in a wider type."""

    def make_room(self, label: int) -> None:
        """Widen the type of the labels where a number needs it."""
        if label > np.iinfo(self.dtype).max:
            self.widen(np.dtype(smallest_type(label)))

    def take_over(self, data: Any) -> bool:
        """Go on with other data that the layer shows; False if they are another's.

        Raises
        ------
        ImageError
            If they are no labels that can be corrected.
        """
        return False

    def flush(self) -> bool:
        """Write what is still to be written to a file; whether it could be."""
        return True
