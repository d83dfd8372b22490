"""The canonical cases are what their names say."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

if TYPE_CHECKING:
    from napari_cellseg.tracking.lineage import Track

    Cases = dict[str, tuple[np.ndarray, tuple[Track, ...]]]

NAMES = (
    "one_cell",
    "touching_pair",
    "division",
    "missed_frame",
    "leaves_field",
    "empty_frame",
)


def test_every_case_is_there(case: Cases) -> None:
    assert tuple(case) == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_labels_and_tracks_agree(case: Cases, name: str) -> None:
    labels, tracks = case[name]
    assert labels.dtype == np.uint16
    for t, frame in enumerate(labels):
        shown = set(np.unique(frame).tolist()) - {0}
        assert shown == {track.label for track in tracks if t in track.frames()}
