"""Corrections of a Labels layer in the window: painting, keys, what befalls layers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from napari_cellseg.widgets.layers.corrected import adopt, find

if TYPE_CHECKING:
    from napari.viewer import Viewer
    from numpy.typing import NDArray

    from napari_cellseg.widgets.layers.corrected import Corrected


@pytest.fixture
def labels() -> NDArray[np.uint16]:
    """Two cells in each of three frames."""
    labels = np.zeros((3, 40, 48), np.uint16)
    labels[:, 5:15, 5:15] = 1
    labels[:, 5:15, 25:35] = 2
    return labels


@pytest.fixture
def corrected(viewer: Viewer, labels: NDArray[np.uint16]) -> Corrected:
    layer = viewer.add_labels(labels, axis_labels=("t", "y", "x"))
    viewer.dims.set_current_step(0, 0)
    return adopt(viewer, layer)


def paint(corrected: Corrected, y: int, x: int, label: int) -> None:
    """Paint as napari's brush does between press and release of the mouse."""
    layer = corrected.layer
    with layer.block_history():
        layer.paint((corrected.t, y, x)[-layer.ndim :], label, refresh=False)
        layer._partial_labels_refresh()


def test_a_stroke_becomes_a_mark(
    corrected: Corrected, labels: NDArray[np.uint16], qtbot: Any
) -> None:
    auto = labels[0].copy()
    paint(corrected, 30, 30, 7)
    painted = corrected.frame.copy()
    assert painted[30, 30] == 7
    qtbot.waitUntil(lambda: 7 in corrected.corrections.marks.get(0, {}))
    assert not corrected.layer._undo_history
    other = np.roll(auto, 3, axis=0)
    composed = corrected.corrections.take(0, other)
    assert np.array_equal(composed == 7, painted == 7)
    assert find(corrected.layer) is corrected
