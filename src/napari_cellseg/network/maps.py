"""What a network says of a frame."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray


@dataclass(frozen=True)
class Maps:
    """Named maps of one frame.

    Attributes
    ----------
    names : tuple of str
        ``foreground``, ``nucleus``, ``cytoplasm`` (probability, 0 ... 1), ``distance``
        (px of the image, to the cell's own outline).
    data : float16 array of shape (C, Y, X)
        One map a name. Half precision keeps a movie's maps in memory.
    instances : uint16 array of shape (Y, X), or None
        Cells 1, 2, ..., that a Mask R-CNN tells apart itself; 0 is background.
    """

    names: tuple[str, ...]
    data: NDArray[np.float16]
    instances: NDArray[np.uint16] | None = None

    def __getitem__(self, name: str) -> NDArray[np.float32]:
        """One map, float32 of shape (Y, X)."""
        return np.asarray(self.data[self.names.index(name)], np.float32)

    def get(self, name: str) -> NDArray[np.float32] | None:
        """One map, or None where the network does not predict it."""
        if name not in self:
            return None
        return self[name]

    @property
    def nbytes(self) -> int:
        """Memory held (bytes)."""
        own = 0 if self.instances is None else self.instances.nbytes
        return self.data.nbytes + own

    def __contains__(self, name: str) -> bool:
        return name in self.names
