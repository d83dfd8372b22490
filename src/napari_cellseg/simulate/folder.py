"""Simulated cells as a folder that training reads."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import tifffile

from napari_cellseg.simulate.cells import NUCLEUS, PIXEL_SIZE, simulate_cells

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray


def write_cells(
    folder: Path,
    number: int,
    seed: int = 0,
    shape: tuple[int, int] = (512, 512),
    *,
    truth: bool = True,
) -> None:
    """Write simulated images of whole cells of 0.65 µm a pixel.

    ``images/000.tif`` ... hold the cytoplasm, ``nuclear/`` the same fields in the
    nuclear channel, ``labels/`` and ``nuclei/`` the truth.

    Parameters
    ----------
    folder : Path
        Made if it is not there; files of the same names are replaced.
    number : int
        How many images.
    seed : int
        The same seed gives the same images, the first ones whatever their number.
    shape : tuple of int
        ``(Y, X)`` of an image (px).
    truth : bool
        Without it ``labels/`` and ``nuclei/`` are left out: training then makes them
        from the two channels.
    """
    for index, stream in enumerate(np.random.SeedSequence(seed).spawn(number)):
        frame = simulate_cells(np.random.default_rng(stream), shape, NUCLEUS)
        parts = {"images": frame.cell_channel, "nuclear": frame.nuclear_channel}
        if truth:
            parts |= {"labels": frame.cells, "nuclei": frame.nuclei}
        for part, image in parts.items():
            file = folder / part / f"{index:03d}.tif"
            file.parent.mkdir(parents=True, exist_ok=True)
            _write(file, image)


def _write(file: Path, image: NDArray[np.uint16]) -> None:
    resolution = (1 / PIXEL_SIZE, 1 / PIXEL_SIZE)
    metadata = {"axes": "YX", "unit": "um"}
    tifffile.imwrite(file, image, imagej=True, resolution=resolution, metadata=metadata)
