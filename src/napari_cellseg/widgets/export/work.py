"""What of a Labels layer is exported, and the work of it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from napari_cellseg.errors import ImageError
from napari_cellseg.session import Step
from napari_cellseg.widgets.layers.canvas import OURS
from napari_cellseg.widgets.layers.placed import unplace
from napari_cellseg.widgets.layers.registry import find
from napari_cellseg.widgets.layers.source import guess_axes, pixel_size, time_step

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from napari.layers import Labels, Layer

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
    nuclei : Stack or None
        The nuclei of the same numbers, if the labels are cells grown from them.
    unfinished : int
        Number of frames without a result, which are empty.
    warning : str
        What the user should know of the result; may be empty.
    """

    labels: Stack
    like: Stack
    recipe: Recipe | None
    nuclei: Stack | None = None
    unfinished: int = 0
    warning: str = ""

    @property
    def refusal(self) -> str:
        """Words for why it should not be written yet; may be empty."""
        if not self.unfinished:
            return ""
        return (
            f"{self.unfinished} of {len(self.labels)} frames have no result yet: press "
            "Apply to all frames in Segment cells first. Or tick Write them empty."
        )


def nuclei_of(layer: Labels, others: Iterable[Layer]) -> Labels | None:
    """Find the layer of the nuclei that a layer's cells were grown from, if any."""
    note = layer.metadata.get(OURS, {})
    if note.get("kind") != "cells":
        return None
    for other in others:
        own: dict[str, Any] = other.metadata.get(OURS, {})
        same = all(own.get(key) == note[key] for key in ("image", "choice", "axes"))
        if (
            own.get("kind") == "nuclei"
            and same
            and other.data.shape == layer.data.shape
        ):
            return other
    return None


def subject_of(layer: Labels, kind: str, nuclei: Labels | None = None) -> Subject:
    """Take from a layer what is to be written in a format, and its nuclei with it.

    Raises
    ------
    ImageError
        If the layer is not a label image or a time-lapse of them, or its labels are no
        cells and the format links cells.
    """
    from napari_cellseg.io._records import Stack

    note = layer.metadata.get(OURS, {})
    if kind == "ctc" and note.get("kind") == "foreground":
        raise ImageError(
            f"{layer.name} has one label for all cells, and this format links cells: "
            "choose the cells, or another format."
        )
    axes = note.get("axes") or guess_axes(layer)
    data: Any = layer.data[0] if getattr(layer, "multiscale", False) else layer.data
    if not note and set(axes) - set("TYX"):
        raise ImageError(
            f"{layer.name} has {layer.ndim} dimensions {tuple(data.shape)}, and only "
            "(Y, X) and (T, Y, X) can be exported: choose a layer of Segment cells."
        )
    labels = Stack.from_array(unplace(data, axes), layer.name)
    beside = None
    if nuclei is not None:
        beside = Stack.from_array(unplace(nuclei.data, axes), nuclei.name)
    like = note.get("stack", labels)
    # they may have been typed since the labels were made
    size, step = pixel_size(layer, axes), time_step(layer, like.time_step)
    like = replace(like, pixel_size=size, time_step=step)
    recipes = note.get("recipes", {})
    one = len(set(recipes.values())) == 1
    recipe = next(iter(recipes.values())) if one else None
    corrected = _corrected(layer, nuclei)
    if not note:
        return Subject(labels, like, recipe, warning=_corrections_words(corrected))
    unfinished = len(set(range(len(labels))) - set(recipes) - set(corrected))
    warning = _warning(len(set(recipes.values())) > 1, corrected, unfinished)
    return Subject(labels, like, recipe, beside, unfinished, warning)


def _corrected(*layers: Labels | None) -> Counter[int]:
    """By frame, how many of the cells that layers show were corrected by hand."""
    found: Counter[int] = Counter()
    for layer in layers:
        bound = find(layer)
        if bound is not None:
            # what was painted just now, too
            bound.capture()
            found.update({t: len(m) for t, m in bound.corrections.marks.items()})
    return found


def write(
    subject: Subject, folder: Path, kind: Any, overwrite: bool
) -> Iterator[Step | str]:
    """Write labels, yielding steps, and in the end words for what was written."""
    yield Step("Preparing…")
    from napari_cellseg.pipeline.export import check, save, settle, targets

    labels, nuclei = subject.labels, subject.nuclei
    name, both = labels.name.replace(" ", "_"), nuclei is not None
    (goal,) = targets(folder, [name], kind, nuclei=both)
    goal = settle(goal, subject.recipe)
    check([goal], overwrite, subject.recipe)
    frames = (_layers(labels, nuclei, t) for t in range(len(labels)))
    done = None
    for done in save(
        frames, subject.like, goal, recipe=subject.recipe, overwrite=overwrite
    ):
        words = "Linking and writing…" if done.step == "writing" else "Reading labels"
        yield Step(words, done.done, done.total)
    assert done is not None
    beside = f" The recipe is {goal.recipe_path}." if subject.recipe else ""
    wrote = f"{_number(done.objects, 'mask')} in {_number(done.total, 'frame')}"
    if kind == "ctc":
        wrote += f", {_number(_tracks(goal.path), 'track')},"
    to = f"{goal.path}, their nuclei to {goal.nuclei_path}" if both else f"{goal.path}"
    yield f"{wrote} written to {to}.{beside} {subject.warning}".strip()


def _number(number: int, noun: str) -> str:
    return f"1 {noun}" if number == 1 else f"{number} {noun}s"


def _tracks(folder: Path) -> int:
    """Count the tracks of a challenge result: each has a line."""
    lines = (folder / "res_track.txt").read_text(encoding="utf-8").splitlines()
    return sum(bool(line.strip()) for line in lines)


def _layers(labels: Stack, nuclei: Stack | None, t: int) -> Any:
    cells = _frame(labels, t)
    return cells if nuclei is None else (cells, _frame(nuclei, t))


def _frame(labels: Stack, t: int) -> Any:
    frame = labels.frame(t)
    if frame.dtype.kind == "u":
        return frame
    if frame.min() < 0:
        raise ImageError(f"{labels.where(t)}: has negative labels: they are no cells.")
    return frame.astype(f"u{frame.dtype.itemsize}")


def _warning(differ: bool, corrected: Counter[int], unfinished: int) -> str:
    said = []
    if unfinished:
        said.append(f"Without a result, and empty: {_number(unfinished, 'frame')}.")
    if differ:
        said.append(
            "The frames were made by different settings, so no recipe is written: "
            "press Apply to all frames in Segment cells first."
        )
    said.append(_corrections_words(corrected))
    return " ".join(said).strip()


def _corrections_words(corrected: Counter[int]) -> str:
    """Say what no recipe makes; empty if there is nothing."""
    if not corrected:
        return ""
    number = corrected.total()
    are, these = ("is", "it") if number == 1 else ("are", "these")
    return (
        f"{_number(number, 'correction')} in {_number(len(corrected), 'frame')} {are} "
        f"in these masks; no recipe can make {these} again."
    )
