"""Labels to files as they come: linked over time where asked, the recipe beside.

The window's Export dock and the command line both write through this.
"""

from __future__ import annotations

from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal, TypeAlias

import numpy as np

from napari_cellseg.errors import OutputError, RecipeError
from napari_cellseg.io._names import NUCLEI, stem, without_nuclei
from napari_cellseg.io.results import (
    SUFFIXES,
    LayersWriter,
    check_free,
    staged,
    writing,
)
from napari_cellseg.pipeline.challenge import ChallengeWriter
from napari_cellseg.pipeline.whole import segment_stack
from napari_cellseg.recipe import load_recipe
from napari_cellseg.tracking import Linking

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from napari_cellseg.io.images import Stack
    from napari_cellseg.pipeline.fast import Segmentation
    from napari_cellseg.pipeline.stages import Pipeline
    from napari_cellseg.recipe import Recipe
    from napari_cellseg.tracking import Track

    Labels: TypeAlias = NDArray[np.unsignedinteger]

Format = Literal["ctc", "tiff", "zarr"]
RECIPE = "recipe.toml"
_TABLE = 2**24


@dataclass(frozen=True)
class Progress:
    """How far an export is.

    Attributes
    ----------
    step : {"frames", "writing", "done"}
        Frames are coming; they are linked and written; all is there.
    done, total : int
        Finished frames, and all.
    objects : int
        Objects in the finished frames, counted frame by frame.
    """

    step: Literal["frames", "writing", "done"]
    done: int
    total: int
    objects: int


@dataclass(frozen=True)
class Target:
    """Where one stack's labels go.

    Attributes
    ----------
    folder : Path
        The folder that the user chose.
    name : str
        Stem of what is written there. Empty for ``ctc`` in the folder itself.
    format : {"ctc", "tiff", "zarr"}
        ctc: ``mask000.tif ...`` linked over time, and ``res_track.txt``; tiff: one
        label file; zarr: OME-Zarr labels.
    recipe : str
        Name of the recipe's file in ``folder``.
    nuclei : bool
        Whether the nuclei of the cells are written too, a second layer of the same
        ids: to ``<name>_nuclei``, or for ``ctc`` to the folder ``nuclei`` in that of
        the cells, under the same tracks.
    """

    folder: Path
    name: str
    format: Format = "tiff"
    recipe: str = RECIPE
    nuclei: bool = False

    @property
    def path(self) -> Path:
        """The file or folder of the labels."""
        return self.folder / f"{self.name}{SUFFIXES.get(self.format, '')}"

    @property
    def nuclei_path(self) -> Path:
        """The file or folder of the nuclei, where they are written."""
        if self.format == "ctc":
            return self.path / NUCLEI
        return self.path.with_stem(f"{self.path.stem}_{NUCLEI}")

    @property
    def paths(self) -> tuple[Path, ...]:
        """All files or folders of labels, the cells' first."""
        return (self.path, self.nuclei_path) if self.nuclei else (self.path,)

    @property
    def recipe_path(self) -> Path:
        """The file of the recipe."""
        return self.folder / self.recipe


def targets(
    folder: Path,
    names: Sequence[str],
    kind: Format,
    *,
    shared: bool = False,
    nuclei: bool = False,
) -> list[Target]:
    """Targets of one or several stacks in a folder, with or without nuclei.

    The challenge result of a single stack is the folder itself. Of several stacks, each
    has a file or folder of its name; and a recipe of its own, unless they share one.

    Raises
    ------
    OutputError
        If two stacks have one name.

    Examples
    --------
    >>> from pathlib import Path
    >>> [t.path.as_posix() for t in targets(Path("out"), ["a", "b"], "tiff")]
    ['out/a.tif', 'out/b.tif']
    >>> [t.path.as_posix() for t in targets(Path("out"), ["a"], "ctc")]
    ['out']
    """
    if len(names) == 1:
        name = "" if kind == "ctc" else names[0]
        return [Target(folder, name, kind, nuclei=nuclei)]
    made = [*names, *(f"{name}_{NUCLEI}" for name in names if nuclei)]
    double = [name for name in made if made.count(name) > 1]
    if double:
        what = "inputs" if names.count(double[0]) > 1 else "results"
        raise OutputError(
            f"{len(double)} {what} are named {double[0]!r} and would overwrite each "
            f"other in {folder}: rename them, or run them into folders of their own."
        )
    own = [RECIPE if shared else f"{name}.{RECIPE}" for name in names]
    return [Target(folder, n, kind, r, nuclei) for n, r in zip(names, own, strict=True)]


def settle(goal: Target, recipe: Recipe | None) -> Target:
    """Choose the file of the recipe, beside the results that are there.

    Where ``recipe.toml`` is another and results lean on it that have none of their own,
    or where this result had one of its own, it is ``<name>.recipe.toml``.
    """
    own = f"{goal.name}.{RECIPE}"
    if recipe is None or not goal.name or goal.recipe != RECIPE:
        return goal
    shared = goal.recipe_path
    with writing(goal.folder):
        taken = shared.exists() and not _is(recipe, shared) and _is_leaned_on(goal)
        taken = taken or (goal.folder / own).exists()
    return replace(goal, recipe=own) if taken else goal


def check(
    goals: Iterable[Target],
    overwrite: bool = False,
    recipe: Recipe | None = None,
    sources: Sequence[Path] = (),
) -> None:
    """Refuse what cannot be written before any work is done.

    The very recipe that is to be written is in nobody's way.

    Parameters
    ----------
    goals : iterable of Target
        Where the results are to go.
    overwrite : bool
        Former results may be replaced.
    recipe : Recipe, optional
        What is to be written beside.
    sources : sequence of Path
        Files and folders of the images, which are never touched.

    Raises
    ------
    OutputError
        If a folder cannot be made or written to, results are there already and may
        not be replaced, or the place is that of the images; the text names them.
    """
    for goal in (settle(goal, recipe) for goal in goals):
        for source in sources:
            _spare(goal, source)
        recipes = goal.recipe_path
        with writing(goal.folder):
            other = recipes.exists() and not _is(recipe, recipes)
        beside = [goal.recipe] if other else []
        folder = goal.format == "ctc"
        for path in goal.paths:
            check_free(path, overwrite, folder=folder, beside=beside)
            beside = []


def save(
    labels: Iterable[Labels | tuple[Labels, Labels] | None],
    stack: Stack,
    goal: Target,
    *,
    recipe: Recipe | None = None,
    tracks: Sequence[Track] | None = None,
    overwrite: bool = False,
) -> Iterator[Progress]:
    """Write the labels of a stack as they come; what is held of them does not grow.

    If ``labels`` raises, or the caller throws into this generator or closes it, the
    frames finished until then are kept beside the result's place, under a name with
    ``partial``; the error's notes say where. A former result stays until the new one
    is complete.

    Parameters
    ----------
    labels : iterable of array of shape (Y, X), or None
        Labels of each frame in order, unsigned; a pair of cells and nuclei where the
        goal has nuclei. None is handed on as a sign of life between frames.
    stack : Stack
        What the labels are of: its length, pixel size, time step and frame numbers.
    goal : Target
        Where they go.
    recipe : Recipe, optional
        Written beside, see ``settle``, with the numbers that made the labels; ``ctc``
        is linked by its section ``tracking``, or by the defaults without a recipe.
    tracks : sequence of Track, optional
        The lineage of labels whose ids are consistent over time already; ``ctc`` then
        links nothing.
    overwrite : bool
        Replace a former result.

    Yields
    ------
    Progress
        After each frame, before the result is completed, for ``ctc`` after each file
        written, and at the end.

    Raises
    ------
    OutputError
        If the result cannot be written, or one is there already.
    """
    own = [*stack.files, *([stack.source] if stack.source else [])]
    goal = settle(goal, recipe)
    check([goal], overwrite, recipe, own)
    linking = recipe.tracking if recipe else Linking()
    total, done, objects = len(stack), 0, 0
    with (
        _no_empty_folders(goal.path),
        _writer(goal, stack, linking, tracks, overwrite) as writer,
    ):
        try:
            for frame in labels:
                if frame is not None:
                    layers = frame if isinstance(frame, tuple) else (frame,)
                    writer.add(*layers)
                    done, objects = done + 1, objects + _count(layers[0])
                yield Progress("frames", done, total, objects)
            yield Progress("writing", done, total, objects)
        except BaseException as error:
            error.add_note(_kept(done, stack, writer.kept))
            raise
        if isinstance(writer, ChallengeWriter):
            # so that the caller can stop between any two files
            for _ in writer.finish():
                yield Progress("writing", done, total, objects)
    if recipe is not None:
        with staged(goal.recipe_path, overwrite=True) as beside:
            recipe.save(beside)
    yield Progress("done", done, total, objects)


def segment_to(
    pipeline: Pipeline, recipe: Recipe, goal: Target, *, overwrite: bool = False
) -> Iterator[Progress]:
    """Segment a pipeline's stack and write the labels; see ``save``.

    Parameters
    ----------
    pipeline : Pipeline
        Of the stack; with a cache of 0 bytes memory does not grow with the frames.
    recipe : Recipe
        Without automatic fields, see ``resolve``; written beside.
    goal : Target
        Where the labels go, and the nuclei where the recipe grows cells.
    overwrite : bool
        Replace a former result.
    """
    goal = replace(goal, nuclei=recipe.cells.grow)
    frames = segment_stack(pipeline, recipe)
    labels = (_layers(found) if found else None for _, found in frames)
    return save(labels, pipeline.stack, goal, recipe=recipe, overwrite=overwrite)


def _writer(
    goal: Target,
    stack: Stack,
    linking: Linking,
    tracks: Sequence[Track] | None,
    overwrite: bool,
) -> LayersWriter | ChallengeWriter:
    if goal.format != "ctc":
        return LayersWriter(goal.paths, stack, overwrite)
    return ChallengeWriter(goal.path, stack, linking, tracks, overwrite, goal.nuclei)


def _layers(found: Segmentation) -> Labels | tuple[Labels, Labels]:
    return found.labels if found.nuclei is None else (found.labels, found.nuclei)


def _count(labels: Labels) -> int:
    if labels.max(initial=0) < _TABLE:
        return int(np.count_nonzero(np.bincount(labels.ravel())[1:]))
    return int(np.count_nonzero(np.unique(labels)))


def _spare(goal: Target, source: Path) -> None:
    """Refuse a place where the result would replace, or join, the images."""
    source = source.resolve()
    taken = {source, source.parent} if goal.format == "ctc" else {source}
    if goal.path.resolve() in taken or goal.folder.resolve() == source:
        place = goal.path if goal.path.resolve() == source else goal.folder
        raise OutputError(
            f"{place}: holds the images themselves and is left as it is: choose "
            "another folder for the result."
        )


def _is_leaned_on(goal: Target) -> bool:
    """Whether another result in the folder has no recipe of its own."""
    return any(
        (path.suffix in SUFFIXES.values() or (path / "res_track.txt").exists())
        and path not in (goal.path, goal.nuclei_path)
        and not path.name.startswith(".")
        and not (goal.folder / f"{stem(path)}.{RECIPE}").exists()
        and not (goal.folder / f"{without_nuclei(stem(path))}.{RECIPE}").exists()
        for path in goal.folder.iterdir()
    )


def _is(recipe: Recipe | None, path: Path) -> bool:
    try:
        return recipe is not None and load_recipe(path) == recipe
    except RecipeError:
        return False


@contextmanager
def _no_empty_folders(path: Path) -> Iterator[None]:
    """If the work fails, take away folders that were made for it and hold nothing."""
    made = [p for p in (path, *path.parents) if not p.exists()]
    try:
        yield
    except BaseException:
        for folder in made:
            with suppress(OSError):
                folder.rmdir()
        raise


def _kept(done: int, stack: Stack, place: Path | None) -> str:
    if not done or place is None:
        return "No frame was finished; nothing was written."
    first, last = stack.number(0), stack.number(done - 1)
    which = f"frames {first} to {last} are" if done > 1 else f"frame {first} is"
    return f"Finished: {done} of {len(stack)} frames; {which} kept in {place}."
