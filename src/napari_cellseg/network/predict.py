"""From an image to maps: rescale, pad, predict in tiles, bring back."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import torch

from napari_cellseg.network.architectures import fuse_normalisation
from napari_cellseg.network.device import mixed_precision, place
from napari_cellseg.network.maps import Maps
from napari_cellseg.network.tiling import predict_tiled
from napari_cellseg.preprocess import rescale

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from napari_cellseg.network.bundle import Bundle
    from napari_cellseg.network.parameters import Network

LARGEST_SIDE = 32768


class Predictor:
    """A model on a device, ready to predict.

    Parameters
    ----------
    bundle : Bundle
        The model.
    device : torch.device
        Where it runs.
    """

    def __init__(self, bundle: Bundle, device: torch.device) -> None:
        self.bundle = bundle
        self.device = device
        self._network = place(fuse_normalisation(bundle.network), device)

    def steps(
        self, image: NDArray[np.float32], diameter: float, parameters: Network
    ) -> Iterator[Maps | None]:
        """Predict a frame, yielding None between tiles and the maps at the end.

        Parameters
        ----------
        image : float32 array of shape (Y, X)
            Normalised to about 0 ... 1.
        diameter : float
            Expected cell diameter (px).
        parameters : Network
            Size and overlap of the tiles.

        Yields
        ------
        None or Maps
            The maps have the image's shape.
        """
        zoom = self.bundle.diameter / diameter
        shape = tuple(min(LARGEST_SIDE, max(1, round(n * zoom))) for n in image.shape)
        small = rescale(image, (shape[0], shape[1]))
        for maps in predict_tiled(
            small, self._forward, parameters.tile, parameters.overlap
        ):
            yield None if maps is None else self._finish(maps, image.shape, diameter)

    def __call__(
        self, image: NDArray[np.float32], diameter: float, parameters: Network
    ) -> Maps:
        """Predict a frame at once; see ``steps``."""
        *_, maps = self.steps(image, diameter, parameters)
        assert maps is not None
        return maps

    @torch.inference_mode()
    def _forward(self, image: NDArray[np.float32]) -> NDArray[np.float32]:
        """(y, x) to raw maps (C, y, x), padded to the network's stride and back."""
        height, width = image.shape
        padded = _pad(image, self.bundle.architecture.stride)
        batch = torch.from_numpy(padded)[None, None].to(self.device)  # (1, 1, Y, X)
        with mixed_precision(self.device):
            raw = self._network(batch.contiguous(memory_format=torch.channels_last))
        maps = raw[0].float().cpu().numpy()  # (C, Y, X)
        return np.asarray(maps[:, :height, :width])

    def _finish(
        self, raw: NDArray[np.float32], shape: tuple[int, ...], diameter: float
    ) -> Maps:
        names = self.bundle.architecture.maps
        data = np.empty((len(names), *shape), np.float16)
        unit = self.bundle.unit * diameter / self.bundle.diameter  # px of the image
        for name, out, values in zip(names, data, raw, strict=True):
            full = rescale(values, (shape[0], shape[1]))
            out[:] = _logistic(full) if name == "foreground" else full * unit
        return Maps(names, data)


def _pad(image: NDArray[np.float32], stride: int) -> NDArray[np.float32]:
    """Mirror an image to sides that are multiples of the stride, with some margin."""
    missing = [
        (0, -n % stride + (stride if n < 2 * stride else 0)) for n in image.shape
    ]
    return np.pad(image, missing, mode="symmetric")


def _logistic(logit: NDArray[np.float32]) -> NDArray[np.float32]:
    return np.asarray(1 / (1 + np.exp(-logit.clip(-30, 30))), np.float32)
