"""Axes: what the files call them, and what the user says they are."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from napari_cellseg.errors import ImageError

if TYPE_CHECKING:
    from pathlib import Path

LETTERS = "TCZYX"


def override(axes: str, shape: tuple[int, ...], path: Path) -> str:
    """Check axes that the user gave against the shape of the data.

    Raises
    ------
    ImageError
        If a letter is unknown or doubled, Y or X is missing, or the number of letters
        is not the number of dimensions.
    """
    axes = axes.upper()
    if set(axes) - set(LETTERS) or len(set(axes)) < len(axes):
        problem = "use each of the letters T, C, Z, Y and X at most once"
    elif not {"Y", "X"} <= set(axes):
        problem = "Y and X are needed"
    elif len(axes) != len(shape):
        problem = (
            f"the data has {len(shape)} dimensions {shape}: give {len(shape)} letters"
        )
    else:
        return axes
    raise ImageError(f"{path}: cannot have the axes {axes!r}: {problem}")


def from_file(axes: str, shape: tuple[int, ...], path: Path) -> str:
    """Letters of ``TCZYXS`` for those a file gives: an unnamed axis is time.

    Raises
    ------
    ImageError
        If more than one axis is unnamed, or one is unnamed beside T.
    """
    unnamed = [a for a in axes if a not in "TCZYXS"]
    named = "".join("T" if a in unnamed else a for a in axes)
    if not unnamed or max(Counter(named).values()) == 1:
        return named
    raise ImageError(
        f"{path}: does not say which axes its dimensions {shape} are: name them, "
        f"for example --axes {LETTERS[-len(shape) :]}"
    )
