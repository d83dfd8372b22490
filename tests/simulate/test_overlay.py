"""Pictures of a result."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np
import pytest

from napari_cellseg.errors import OutputError
from napari_cellseg.io.overlay import label_colors, montage, overlay, write_png

if TYPE_CHECKING:
    from pathlib import Path

LABELS = np.zeros((20, 30), np.uint16)
LABELS[4:16, 3:14] = 1
LABELS[4:16, 14:25] = 7
IMAGE = np.arange(600, dtype=np.float32).reshape(20, 30)


def test_outlines_lie_inside_and_inside_stays_grey() -> None:
    picture = overlay(IMAGE, LABELS, width=2)
    assert picture[4, 5].tolist() == label_colors(1).tolist()
    assert picture[10, 14].tolist() == label_colors(7).tolist()
    grey = np.ptp(picture.astype(int), axis=2) == 0
    assert grey[LABELS == 0].all()
    assert grey[10, 8]
    assert not grey[5, 8]
    assert grey[6, 8]


def test_the_border_of_the_frame_is_no_outline() -> None:
    picture = overlay(np.zeros((6, 6)), np.full((6, 6), 3))
    assert not picture.any()


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.int32, np.float64])
def test_every_dtype_is_stretched_alike(dtype: type) -> None:
    image = (IMAGE / 3).astype(dtype)
    picture = overlay(image, np.zeros_like(LABELS))
    assert picture.min() == 0
    assert picture.max() == 255


@pytest.mark.parametrize("value", [0.0, 5.0, np.nan])
def test_constant_frames_are_black(value: float) -> None:
    assert not overlay(np.full((5, 5), value), np.zeros((5, 5), int)).any()


def test_nan_is_black_and_does_not_spoil_the_rest() -> None:
    image = IMAGE.copy()
    image[0, 0] = np.nan
    picture = overlay(image, np.zeros_like(LABELS))
    assert not picture[0, 0].any()
    assert picture.max() == 255


@pytest.mark.parametrize("shape", [(0, 0), (0, 5), (1, 1)])
def test_tiny_frames(shape: tuple[int, int]) -> None:
    assert overlay(np.zeros(shape), np.zeros(shape, int)).shape == (*shape, 3)


def test_shapes_must_agree() -> None:
    with pytest.raises(ValueError, match="one \\(Y, X\\) shape"):
        overlay(IMAGE, LABELS[:-1])
    with pytest.raises(ValueError, match="one \\(T, Y, X\\) shape"):
        montage(IMAGE, LABELS)


def test_colors_are_stable_and_distinct() -> None:
    colors = label_colors(np.arange(1, 60))
    assert len(np.unique(colors, axis=0)) == 59
    assert np.array_equal(label_colors([40]), colors[39:40])
    steps = np.abs(np.diff(colors.astype(int), axis=0)).sum(axis=1)
    assert steps.min() > 80


def test_montage_puts_frames_side_by_side() -> None:
    images = np.stack([IMAGE, IMAGE, IMAGE * 0])
    strip = montage(images, np.stack([LABELS] * 3), [0, 2])
    assert strip.shape == (20, 64, 3)
    assert (strip[:, 30:34] == 255).all()
    assert strip[10, 34 + 8].tolist() == [0, 0, 0]
    assert montage(images, np.stack([LABELS] * 3)).shape == (20, 98, 3)


def test_montage_wants_frames_that_exist() -> None:
    stack = np.zeros((2, 4, 4), int)
    with pytest.raises(ValueError, match="at least one frame"):
        montage(stack, stack, [])
    with pytest.raises(ValueError, match="at least one frame"):
        montage(stack[:0], stack[:0])
    with pytest.raises(IndexError):
        montage(stack, stack, [5])


def test_png_is_read_back_as_written(tmp_path: Path) -> None:
    picture = overlay(IMAGE, LABELS)
    path = write_png(tmp_path / "a.png", picture)
    back = cv2.imread(str(path), cv2.IMREAD_COLOR)[..., ::-1]
    assert np.array_equal(back, picture)
    assert [p.name for p in tmp_path.iterdir()] == ["a.png"]


def test_png_into_a_file_names_it(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputError, match=r"a\.png.*a part of its path is a file"):
        write_png(tmp_path / "file" / "a.png", np.zeros((2, 2, 3), np.uint8))
