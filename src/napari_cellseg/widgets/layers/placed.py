"""Frames laid out along the axes of the image that they belong to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from numpy.lib.stride_tricks import as_strided

if TYPE_CHECKING:
    from numpy.typing import NDArray


def place(frames: NDArray[Any], axes: str, shape: tuple[int, ...]) -> NDArray[Any]:
    """View frames along the axes of an image, repeated over its channels and planes.

    napari aligns layers by their trailing axes, so that a result needs every axis of
    its image. The repeated axes take no memory: their stride is 0.

    Parameters
    ----------
    frames : array of shape (T, Y, X)
        The frames; the view writes to them.
    axes : str
        Letters of ``TCZYX``, one an axis of the image.
    shape : tuple of int
        The image's.

    Returns
    -------
    array of the image's shape

    Examples
    --------
    >>> import numpy as np
    >>> frames = np.array([[[1, 2]]])
    >>> place(frames, "CYX", (2, 1, 2)).tolist()
    [[[1, 2]], [[1, 2]]]
    """
    if axes == "TYX":
        return frames
    stride = dict(zip("TYX", frames.strides, strict=True))
    # positive strides within the frames' own memory, or 0: no pixel is beyond it
    return as_strided(frames, shape, [stride.get(a, 0) for a in axes])


def unplace(data: Any, axes: str) -> Any:
    """Undo `place`: the first of what is repeated along channels and planes.

    Returns
    -------
    array of shape (T, Y, X) or (Y, X)

    Examples
    --------
    >>> import numpy as np
    >>> frames = np.arange(6).reshape(2, 1, 3)
    >>> np.array_equal(unplace(place(frames, "TCYX", (2, 4, 1, 3)), "TCYX"), frames)
    True
    """
    data = data[tuple(slice(None) if a in "TYX" else 0 for a in axes)]
    left = [a for a in axes if a in "TYX"]
    return data.transpose([left.index(a) for a in "TYX" if a in left])
