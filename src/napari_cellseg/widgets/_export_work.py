"""What of a Labels layer is exported, and the work of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from napari_cellseg.errors import ImageError
from napari_cellseg.session import Step
from napari_cellseg.widgets._layers import OURS
from napari_cellseg.widgets._placed import unplace
from napari_cellseg.widgets._source import guess_axes, pixel_size

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from napari.layers import Labels

    from napari_cellseg.io.images import Stack
    from napari_cellseg.recipe import Recipe


@dataclass(frozen=True, eq=False)
class Subject:
    """Labels to write.

    Attributes
    ----------
    labels : Stack
        The labels ``(T, Y, X)``.
    like : Stack
        The images they are of, or the labels themselves.
    recipe : Recipe or None
        What made them, if one recipe made all of them.
    warning : str
        What the user should know before; may be empty.
    """

    labels: Stack
    like: Stack
    recipe: Recipe | None
    warning: str


def subject_of(layer: Labels) -> Subject:
    """Take from a layer what is to be written.

    Raises
    ------
    ImageError
        If the layer is not a label image or a time-lapse of them.
    """
    from napari_cellseg.io._records import Stack

    note = layer.metadata.get(OURS, {})
    axes = note.get("axes") or guess_axes(layer)
    data: Any = layer.data[0] if getattr(layer, "multiscale", False) else layer.data
    if not note and set(axes) - set("TYX"):
        raise ImageError(
            f"{layer.name} has {layer.ndim} dimensions {tuple(data.shape)}, and only "
            "(Y, X) and (T, Y, X) can be exported: choose a layer of Segment cells."
        )
    size = pixel_size(layer, axes)
    labels = Stack.from_array(unplace(data, axes), layer.name, pixel_size=size)
    like = note.get("stack", labels)
    recipes = note.get("recipes", {})
    one = len(set(recipes.values())) == 1
    recipe = next(iter(recipes.values())) if one else None
    return Subject(labels, like, recipe, _warning(recipes, len(labels), bool(note)))


def write(
    subject: Subject, folder: Path, kind: Any, overwrite: bool
) -> Iterator[Step | str]:
    """Write labels, yielding steps, and in the end words for what was written."""
    yield Step("Preparing…")
    from napari_cellseg.pipeline.export import check, save, settle, targets

    labels = subject.labels
    (goal,) = targets(folder, [labels.name.replace(" ", "_")], kind)
    goal = settle(goal, subject.recipe)
    check([goal], overwrite, subject.recipe)
    frames = (_frame(labels, t) for t in range(len(labels)))
    done = None
    for done in save(
        frames, subject.like, goal, recipe=subject.recipe, overwrite=overwrite
    ):
        words = "Linking and writing…" if done.step == "writing" else "Reading labels"
        yield Step(words, done.done, done.total)
    assert done is not None
    beside = f" The recipe is in {goal.recipe}." if subject.recipe else ""
    frames_words = "1 frame" if done.total == 1 else f"{done.total} frames"
    wrote = f"{frames_words} with {done.objects} cells written to {goal.path}."
    yield f"{wrote}{beside} {subject.warning}".strip()


def _frame(labels: Stack, t: int) -> Any:
    frame = labels.frame(t)
    if frame.dtype.kind == "u":
        return frame
    if frame.min() < 0:
        raise ImageError(f"{labels.where(t)}: has negative labels: they are no cells.")
    return frame.astype(np.uint32)


def _warning(recipes: dict[int, Recipe], frames: int, ours: bool) -> str:
    if not ours:
        return ""
    if len(recipes) < frames:
        return (
            f"{frames - len(recipes)} of {frames} frames have no result yet and would "
            "be written empty: press Apply to all frames in Segment cells first."
        )
    if len(set(recipes.values())) > 1:
        return (
            "The frames were made by different settings, so no recipe is written: "
            "press Apply to all frames in Segment cells first."
        )
    return ""
