"""Where label frames go one by one: an OME-Zarr label image."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import zarr

from napari_cellseg.io._atomic import remove, replace
from napari_cellseg.io._sinks import largest

if TYPE_CHECKING:
    from pathlib import Path

    from napari_cellseg.io._records import Stack


class ZarrSink:
    """OME-Zarr 0.5 label image of one level, a chunk at most 1024 x 1024 of a frame.

    One level only: napari does not let a user correct labels of several.
    """

    def __init__(self, target: Path, like: Stack) -> None:
        self.target = target
        self.part = target.with_name(f"{target.stem}.partial.zarr")
        self.like = like
        remove(self.part)
        self._group = zarr.open_group(self.part, mode="w", zarr_format=3)
        self._array = self._create("0", np.dtype(np.uint16))
        self._group.attrs.update(self._attributes())

    def _create(self, name: str, dtype: np.dtype[Any]) -> Any:
        t, y, x = self.like.shape
        page = (min(y, 1024), min(x, 1024))
        single = self.like.single
        return self._group.create_array(
            name,
            shape=(y, x) if single else (t, y, x),
            chunks=page if single else (1, *page),
            dtype=dtype,
            dimension_names=["y", "x"] if single else ["t", "y", "x"],
        )

    def add(self, t: int, labels: np.ndarray) -> None:
        """Write frame t."""
        if largest(labels) > np.iinfo(self._array.dtype).max:
            self._widen(t)
        self._array[... if self.like.single else t] = labels

    def _widen(self, count: int) -> None:
        """Write what is there again as uint32."""
        self._create("wide", np.dtype(np.uint32))
        wide: Any = self._group["wide"]
        for t in range(count):
            wide[t] = self._array[t]
        remove(self.part / "0")
        (self.part / "wide").rename(self.part / "0")
        self._array = self._group["0"]

    def close(self) -> None:
        """Do nothing: every frame is complete when it is written."""

    def commit(self) -> None:
        """Rename."""
        replace(self.part, self.target)

    def _attributes(self) -> dict[str, Any]:
        like = self.like
        space: dict[str, str] = {"type": "space"}
        space |= {"unit": "micrometer"} if like.pixel_size else {}
        axes: list[dict[str, str]] = [{"name": n, **space} for n in "yx"]
        scale = [like.pixel_size or 1.0] * 2
        if not like.single:
            unit = {"unit": "second"} if like.time_step else {}
            axes = [{"name": "t", "type": "time", **unit}, *axes]
            scale = [like.time_step or 1.0, *scale]
        level = {
            "path": "0",
            "coordinateTransformations": [{"type": "scale", "scale": scale}],
        }
        image = {"name": like.name, "axes": axes, "datasets": [level]}
        ome = {"version": "0.5", "multiscales": [image], "image-label": {}}
        ours = {"frame_numbers": list(like.numbers)} if like.numbers else {}
        return {"ome": ome, "napari-cellseg": ours}
