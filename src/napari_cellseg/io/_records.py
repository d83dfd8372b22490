"""The records that reading hands on: an image of any axes, a stack ``(T, Y, X)``."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from napari_cellseg.errors import ImageError
from napari_cellseg.io._lazy import as_dask

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True, eq=False)
class Image:
    """A lazy image of any axes.

    Attributes
    ----------
    data : dask.array.Array or numpy.ndarray
        One dimension a letter of `axes`.
    axes : str
        Letters of ``TCZYX``, each at most once, Y and X always.
    name : str
        The file's or folder's name without suffix.
    source : Path or None
        The file or folder.
    pixel_size : float or None
        Size of a pixel in y and x (µm), where the file says so.
    pixel_height : float or None
        Its size in y (µm), where it is another one.
    time_step : float or None
        Time from frame to frame (s), where the file says so.
    files : tuple of Path
        One file a frame, where frames are files.
    frame_numbers : tuple of int or None
        The frames' numbers, where their names carry them; gaps are kept.
    rgb : bool
        The channels are colour samples of one image (alpha is left out).
    labels : bool
        The file says that its values are ids of objects.
    """

    data: Any
    axes: str
    name: str
    source: Path | None = None
    pixel_size: float | None = None
    time_step: float | None = None
    files: tuple[Path, ...] = ()
    frame_numbers: tuple[int, ...] | None = None
    rgb: bool = False
    labels: bool = False
    pixel_height: float | None = None

    def size(self, axis: str) -> int:
        """Length of an axis; 1 where the image does not have it."""
        return int(self.data.shape[self.axes.index(axis)]) if axis in self.axes else 1

    def stack(
        self,
        channel: int | None = None,
        z: int | Literal["max", "mean"] = "max",
    ) -> Stack:
        """Choose a channel, project or choose z, and keep ``(T, Y, X)``.

        Parameters
        ----------
        channel : int or None
            Index of the channel. None is the first one; of a colour image, the mean of
            red, green and blue, which is the grey image itself where it was stored as
            RGB.
        z : int, "max" or "mean"
            Index of a plane or the projection along z.

        Returns
        -------
        Stack
            Lazy, of the image's dtype: means are rounded for integers.

        Raises
        ------
        ImageError
            If there is no such channel or plane, or the values are no grey levels.
        """
        data, axes = self.data, self.axes
        if "C" in axes:
            how: int | str = "mean" if self.rgb and channel is None else channel or 0
            data, axes = self._reduce(data, axes, "C", how)
        elif channel:
            raise ImageError(f"{self._what}: has no channel {channel}: it has only one")
        if "Z" in axes:
            data, axes = self._reduce(data, axes, "Z", z)
        order = [axes.index(a) for a in "TYX" if a in axes]
        stack = Stack.from_array(
            data.transpose(order),
            name=self.name,
            pixel_size=self.pixel_size,
            time_step=self.time_step,
            files=self.files,
            numbers=self.frame_numbers,
            source=self.source,
        )
        return replace(stack, pixel_height=self.pixel_height)

    @property
    def _what(self) -> str:
        return str(self.source or self.name)

    def _reduce(
        self, data: Any, axes: str, letter: str, how: int | str
    ) -> tuple[Any, str]:
        axis = axes.index(letter)
        left = axes.replace(letter, "")
        if how == "max":
            return data.max(axis=axis), left
        if how == "mean":
            mean = data.mean(axis=axis, dtype=np.float64)
            mean = mean.round() if data.dtype.kind in "ui" else mean
            return mean.astype(data.dtype), left
        kind = "channel" if letter == "C" else "z plane"
        if not isinstance(how, int) or not 0 <= how < data.shape[axis]:
            raise ImageError(
                f"{self._what}: has no {kind} {how}: choose 0 to {data.shape[axis] - 1}"
            )
        return data[(slice(None),) * axis + (how,)], left


@dataclass(frozen=True, eq=False)
class Stack:
    """A lazy stack ``(T, Y, X)`` of grey levels or labels.

    Attributes
    ----------
    data : dask.array.Array or numpy.ndarray
        ``(T, Y, X)``, any integer or float dtype.
    name : str
        Stem of the files that are written for it.
    pixel_size : float or None
        Size of a pixel (µm).
    pixel_height : float or None
        Its size in y (µm), where it is another one.
    time_step : float or None
        Time from frame to frame (s).
    files : tuple of Path
        One file a frame, where frames are files.
    single : bool
        There was no T axis: results are written as ``(Y, X)``.
    source : Path or None
        The file or folder.
    numbers : tuple of int or None
        The frames' numbers, where their names carry them; else they count from 0.
    """

    data: Any
    name: str
    pixel_size: float | None = None
    time_step: float | None = None
    files: tuple[Path, ...] = ()
    single: bool = False
    source: Path | None = None
    numbers: tuple[int, ...] | None = None
    pixel_height: float | None = None

    @classmethod
    def from_array(
        cls,
        array: Any,
        name: str = "image",
        *,
        pixel_size: float | None = None,
        time_step: float | None = None,
        files: tuple[Path, ...] = (),
        source: Path | None = None,
        numbers: tuple[int, ...] | None = None,
    ) -> Stack:
        """Stack of a ``(Y, X)`` or ``(T, Y, X)`` array: NumPy, dask or zarr.

        Raises
        ------
        ImageError
            If it has other dimensions, no pixels, or is neither integer nor float.
        """
        data = as_dask(array)
        _check(data, str(source or name))
        single = data.ndim == 2
        data = data[np.newaxis] if single else data
        n = len(data)
        return cls(
            data=data,
            name=name,
            pixel_size=pixel_size,
            time_step=time_step,
            files=files if len(files) == n else (),
            single=single,
            source=source,
            numbers=numbers if numbers is not None and len(numbers) == n else None,
        )

    def __len__(self) -> int:
        return int(self.data.shape[0])

    @property
    def shape(self) -> tuple[int, int, int]:
        """``(T, Y, X)``."""
        t, y, x = self.data.shape
        return int(t), int(y), int(x)

    @property
    def dtype(self) -> np.dtype[Any]:
        """Type of the pixels."""
        dtype: np.dtype[Any] = np.dtype(self.data.dtype)
        return dtype

    def number(self, t: int) -> int:
        """Return the number that frame t bears in its file's name, else t."""
        return self.numbers[t] if self.numbers else t

    def where(self, t: int) -> str:
        """Words for errors: a frame and its file, or the file of a single image."""
        file = self.files[t] if self.files else self.source
        if file and self.single and self.numbers is None:
            return file.name
        words = f"frame {self.number(t)}"
        return f"{words} ({file.name})" if file else f"{words} of {self.name}"

    def frame(self, t: int) -> np.ndarray:
        """Read frame t, and only that.

        Returns
        -------
        numpy.ndarray
            ``(Y, X)``. Not to be written to: it may be the stack's own memory.

        Raises
        ------
        IndexError
            If t is not in ``range(len(self))``.
        ImageError
            If the frame cannot be read; it names the file.
        """
        if not 0 <= t < len(self):
            raise IndexError(f"frame {t} of a stack of {len(self)}")
        try:
            return np.asarray(self.data[t])
        except (OSError, ValueError, RuntimeError) as error:
            # a file's own error begins with its path, which `where` names as well
            file = self.files[t] if self.files else self.source
            why = str(error).removeprefix(f"{file}: ")
            raise ImageError(f"{self.where(t)}: {why}") from error


def _check(data: Any, what: str) -> None:
    if data.ndim not in (2, 3):
        raise ImageError(
            f"{what}: has {data.ndim} dimensions {tuple(data.shape)}, where (Y, X) or "
            "(T, Y, X) is needed: choose a channel and a z plane or projection first"
        )
    if 0 in data.shape:
        raise ImageError(f"{what}: holds no pixels: its shape is {tuple(data.shape)}")
    if data.dtype.kind == "b":
        raise ImageError(
            f"{what}: is true or false only, a mask: convert it to 8 bit to use it "
            "as an image, or label its objects to use it as labels"
        )
    if data.dtype.kind not in "uif":
        raise ImageError(
            f"{what}: values of type {data.dtype} are no grey levels: convert the "
            "image to integers or floats"
        )
