"""From an image to maps: rescale, pad, predict in tiles, bring back."""

from __future__ import annotations

from math import sqrt
from typing import TYPE_CHECKING

import cv2
import numpy as np
import torch

from napari_cellseg.errors import RecipeError
from napari_cellseg.network.activation import activate
from napari_cellseg.network.architectures import fuse_normalisation
from napari_cellseg.network.device import mixed_precision, place
from napari_cellseg.network.maps import Maps
from napari_cellseg.network.tiling import predict_tiled
from napari_cellseg.network.turns import predict_turned
from napari_cellseg.postprocess.instances import consecutive
from napari_cellseg.preprocess import network_shape, rescale, zooms

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from napari_cellseg.network.bundle import Bundle
    from napari_cellseg.network.parameters import Network
    from napari_cellseg.preprocess import Scale

UNUSED = "background"
"""Not kept of what is predicted: it is what the other maps leave, and no stage asks."""


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
        self, image: NDArray[np.float32], scale: Scale, parameters: Network
    ) -> Iterator[Maps | None]:
        """Predict a frame, yielding None between tiles and the maps at the end.

        Parameters
        ----------
        image : float32 array of shape (Y, X)
            Normalised to about 0 ... 1.
        scale : Scale
            What the image is brought to, resolved.
        parameters : Network
            Size and overlap of the tiles. A Mask R-CNN sees the image at once.

        Yields
        ------
        None or Maps
            The maps have the image's shape. A background is not among them: it is what
            the others leave.

        Raises
        ------
        RecipeError
            If the scale is not resolved, or a Mask R-CNN is to be averaged over turns.
        """
        height, width = image.shape
        factors = zooms((height, width), scale, self.bundle.diameter)
        shape = network_shape((height, width), scale, self.bundle.diameter)
        small = rescale(image, shape)
        if self.bundle.architecture.has_instances:
            yield self._instances(small, (height, width), parameters)
            return
        turned = parameters.test_time == "turned and mirrored"
        predictor = self._average if turned else self._predict
        for maps in predict_tiled(
            small, predictor, parameters.tile, parameters.overlap
        ):
            if maps is None:
                yield None
            else:
                full = np.stack([rescale(m, (height, width)) for m in maps])
                # turns are averaged as probabilities, else logits are interpolated
                yield self._finish(full, factors, activated=turned)

    def __call__(
        self, image: NDArray[np.float32], scale: Scale, parameters: Network
    ) -> Maps:
        """Predict a frame at once; see ``steps``."""
        *_, maps = self.steps(image, scale, parameters)
        assert maps is not None
        return maps

    def _predict(self, image: NDArray[np.float32]) -> NDArray[np.float32]:
        """(y, x) to raw maps (C, y, x), padded to the network's stride and back."""
        height, width = image.shape
        padded = _pad(image, self.bundle.architecture.stride)
        return self._forward(padded)[:, :height, :width]

    def _average(self, image: NDArray[np.float32]) -> NDArray[np.float32]:
        """(y, x) to activated maps (C, y, x), the mean over turns and mirror images."""
        height, width = image.shape
        architecture = self.bundle.architecture
        # padded first, so that every turn sees the same pixels
        padded = _pad(image, architecture.stride)
        maps = predict_turned(
            padded, lambda turned: activate(self._forward(turned), architecture)
        )
        return maps[:, :height, :width]

    @torch.inference_mode()
    def _forward(self, image: NDArray[np.float32]) -> NDArray[np.float32]:
        """(y, x), multiples of the network's stride, to raw maps (C, y, x)."""
        batch = torch.from_numpy(image)[None, None].to(self.device)  # (1, 1, Y, X)
        with mixed_precision(self.device):
            raw = self._network(batch.contiguous(memory_format=torch.channels_last))
        return np.asarray(raw[0].float().cpu().numpy())  # (C, Y, X)

    def _finish(
        self, raw: NDArray[np.float32], factors: tuple[float, float], activated: bool
    ) -> Maps:
        architecture = self.bundle.architecture
        maps = raw if activated else activate(raw, architecture)
        kept = [i for i, name in enumerate(architecture.maps) if name != UNUSED]
        names = tuple(architecture.maps[i] for i in kept)
        data = np.empty((len(kept), *raw.shape[1:]), np.float16)
        unit = self.bundle.unit / _mean(factors)  # px of the image
        for name, out, i in zip(names, data, kept, strict=True):
            out[:] = maps[i] * unit if name == "distance" else maps[i]
        return Maps(names, data)

    def _instances(
        self, small: NDArray[np.float32], shape: tuple[int, int], parameters: Network
    ) -> Maps:
        from napari_cellseg.network.architectures.mask_rcnn import instances

        if parameters.test_time != "none":
            raise RecipeError(
                f"network.test_time is {parameters.test_time!r}, but the model "
                f"{self.bundle.name!r} gives cells, of which there is no mean: set it "
                "to 'none'."
            )
        height, width = small.shape
        padded = _pad(small, self.bundle.architecture.stride)
        labels, probability = instances(self._network, padded)
        # what was small may have been lost as the image was brought back
        own, _ = consecutive(_enlarge(labels[:height, :width], shape))
        data = rescale(probability[:height, :width], shape)[None].astype(np.float16)
        return Maps(("foreground",), data, own.astype(np.uint16))


def _mean(factors: tuple[float, float]) -> float:
    """Geometric mean: the factor on the root of an area."""
    along_y, along_x = factors
    return along_y if along_y == along_x else sqrt(along_y * along_x)


def _pad(image: NDArray[np.float32], stride: int) -> NDArray[np.float32]:
    """Mirror an image to sides that are multiples of the stride, with some margin."""
    missing = [
        (0, -n % stride + (stride if n < 2 * stride else 0)) for n in image.shape
    ]
    return np.pad(image, missing, mode="symmetric")


def _enlarge(labels: NDArray[np.uint16], shape: tuple[int, int]) -> NDArray[np.uint16]:
    """Bring labels to a shape: each pixel is that of the nearest centre."""
    if labels.shape == shape:
        return labels
    how = cv2.INTER_NEAREST_EXACT
    return np.asarray(cv2.resize(labels, shape[::-1], interpolation=how), np.uint16)
