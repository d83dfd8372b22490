"""Pair predictions with the truth by the numbers or stems of their names."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, overload

from napari_cellseg.errors import ImageError
from napari_cellseg.io._folder import image_files
from napari_cellseg.io._labels import read_labels
from napari_cellseg.io._names import (
    frame_numbers,
    is_zarr,
    natural_key,
    stem,
    without_nuclei,
)

if TYPE_CHECKING:
    import numpy as np

    from napari_cellseg.io._records import Stack


@dataclass(frozen=True, eq=False)
class _Entry:
    """One label frame, not yet read."""

    stack: Stack
    t: int
    stem: str
    number: int | None

    @property
    def place(self) -> int | None:
        """Its number in its own file; None for a single image."""
        return self.stack.number(self.t) if len(self.stack) > 1 else None

    @property
    def name(self) -> str:
        return self.stack.where(self.t)

    def read(self) -> np.ndarray:
        """Read the frame; errors say whether it is of the predictions or the truth."""
        try:
            return self.stack.frame(self.t)
        except ImageError as error:
            assert self.stack.source is not None
            raise ImageError(f"{self.stack.source.parent}: {error}") from error


@dataclass(frozen=True, eq=False)
class Pair:
    """A frame of the truth and the prediction of it; unpacks as name, pred, truth.

    Attributes
    ----------
    name : str
        The truth's frame and file.
    """

    name: str
    _pred: _Entry | None
    _truth: _Entry

    @property
    def truth(self) -> np.ndarray:
        """True labels ``(Y, X)``, read now."""
        return self._truth.read()

    @property
    def pred(self) -> np.ndarray | None:
        """Predicted labels ``(Y, X)``, read now; None where there is no prediction."""
        return None if self._pred is None else self._pred.read()

    @property
    def frame(self) -> int | None:
        """The truth's frame number, where it has one."""
        return self._truth.number

    def __iter__(self) -> Iterator[str | np.ndarray | None]:
        yield self.name
        yield self.pred
        yield self.truth


@dataclass(frozen=True, eq=False)
class Pairing(Sequence[Pair]):
    """The pairs in the truth's order, and what is in none.

    Attributes
    ----------
    pairs : tuple of Pair
        One a frame of the truth.
    left_out : tuple of str
        Predictions without truth.
    """

    pairs: tuple[Pair, ...]
    left_out: tuple[str, ...]

    @property
    def missing(self) -> tuple[str, ...]:
        """Names of the frames that have no prediction."""
        return tuple(p.name for p in self.pairs if p._pred is None)

    def __len__(self) -> int:
        return len(self.pairs)

    @overload
    def __getitem__(self, index: int) -> Pair: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[Pair, ...]: ...
    def __getitem__(self, index: int | slice) -> Pair | tuple[Pair, ...]:
        return self.pairs[index]


def pair(pred: str | Path, truth: str | Path) -> Pairing:
    """Pair label files or folders; a frame is read when its pair is asked for it.

    Two files of a single image each are a pair. Else frames are paired by the stems of
    their files if any stem is in both, and by frame number if not: the number in the
    file's name (``mask007.tif``, ``man_seg007.tif``), or the index within a stack. The
    nuclei beside the cells of a result, ``<stem>_nuclei``, are a second layer and no
    prediction of their own: they are left aside unless the truth has nuclei too.

    Parameters
    ----------
    pred, truth : path
        Each a label file, an OME-Zarr, a folder of label frames, or a folder that holds
        one stack or, without image files, OME-Zarrs.

    Returns
    -------
    Pairing
        A pair for each frame of the truth; ``pred`` is None where it has none.

    Raises
    ------
    ImageError
        If nothing matches, or the sizes of a pair differ.
    """
    pred, truth = Path(pred), Path(truth)
    files, truths = _label_files(pred), _label_files(truth)
    predicted = _entries(_without_second_layer(files, truths))
    true = _entries(truths)
    given = files == [pred] and truths == [truth]
    if given and len(predicted) == len(true) == 1:
        found: list[_Entry | None] = [predicted[0]]
    else:
        found = _match(predicted, true)
    if not any(found):
        raise ImageError(
            f"{pred}: none of its {len(predicted)} label frames is named like one of "
            f"{truth}: give both the same stems or frame numbers, such as mask007.tif "
            "and man_seg007.tif"
        )
    for p, t in zip(found, true, strict=True):
        if p is not None and p.stack.shape[1:] != t.stack.shape[1:]:
            raise ImageError(
                f"{pred}: {p.name} is {_size(p)}, but its truth {t.name} is "
                f"{_size(t)}: compare images of one size"
            )
    used = {id(p) for p in found}
    return Pairing(
        tuple(Pair(t.name, p, t) for p, t in zip(found, true, strict=True)),
        tuple(p.name for p in predicted if id(p) not in used),
    )


def _size(entry: _Entry) -> str:
    return " x ".join(map(str, entry.stack.shape[1:]))


def _match(predicted: list[_Entry], true: list[_Entry]) -> list[_Entry | None]:
    by_stem = {(p.stem, p.place): p for p in predicted}
    found = [by_stem.get((t.stem, t.place)) for t in true]
    if any(found):
        return found
    by_number = {p.number: p for p in predicted if p.number is not None}
    return [None if t.number is None else by_number.get(t.number) for t in true]


def _without_second_layer(files: list[Path], truths: list[Path]) -> list[Path]:
    """Leave out nuclei whose cells are there, but not those that the truth has."""
    cells, wanted = set(map(stem, files)), set(map(stem, truths))
    return [
        file
        for file in files
        if without_nuclei(stem(file)) not in cells - {stem(file)}
        or stem(file) in wanted
    ]


def _entries(files: list[Path]) -> list[_Entry]:
    stems = [stem(f) for f in files]
    numbers = frame_numbers(stems) or (None,) * len(files)
    entries = []
    for file, name, number in zip(files, stems, numbers, strict=True):
        stack = read_labels(file)
        if len(stack) == 1 and stack.numbers is None and number is not None:
            stack = replace(stack, numbers=(number,))
        # of several stacks, frame numbers do not say which one is meant
        counts = len(files) == 1 if len(stack) > 1 else stack.numbers is not None
        entries += [
            _Entry(stack, t, name, stack.number(t) if counts else None)
            for t in range(len(stack))
        ]
    return entries


def _label_files(path: Path) -> list[Path]:
    """List the label files of a folder; a file or an OME-Zarr is its own."""
    if not path.is_dir() or is_zarr(path):
        return [path]
    try:
        return image_files(path)
    except ImageError:
        entries = sorted(path.iterdir(), key=natural_key)
        if found := [e for e in entries if e.is_dir() and is_zarr(e)]:
            return found
        raise
