"""What is at hand of a frame: its labels, the image, what the network said of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from zlib import crc32

from napari_cellseg.correction.review import FrameView, suspects
from napari_cellseg.session.conflicts import unsettled
from napari_cellseg.session.requests import Step

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    import numpy as np
    from numpy.typing import NDArray

    from napari_cellseg.correction.marks import Mark
    from napari_cellseg.correction.review import ReviewParameters, Suspect
    from napari_cellseg.io.images import Stack
    from napari_cellseg.postprocess.hierarchy import Saddle
    from napari_cellseg.recipe import Recipe
    from napari_cellseg.session.corrections import Corrections
    from napari_cellseg.session.engine import Engine

SPLIT = ("distance map", "distance transform")
"""Landscapes whose saddles h is compared to."""


@dataclass(frozen=True, eq=False)
class Evidence:
    """Images of labels, and what made them; nothing is predicted for it.

    Any thread may ask.

    Attributes
    ----------
    images : Stack or None
        What the labels are of, frame by frame.
    engine : Engine or None
        Where they were made.
    recipes : mapping of int to Recipe
        By frame, what made it, with numbers where fields may be automatic.
    """

    images: Stack | None = None
    engine: Engine | None = None
    recipes: Mapping[int, Recipe] = field(default_factory=dict)

    def image(self, t: int) -> NDArray[Any] | None:
        """Frame t of the images (Y, X); None if there are none."""
        return None if self.images is None else self.images.frame(t)

    def probability(self, t: int) -> NDArray[np.float32] | None:
        """Return the network's map of frame t (Y, X); None if it is not at hand."""
        recipe = self.recipes.get(t)
        return None if recipe is None else self._map(t, recipe.postprocess.map)

    def landscape(self, t: int) -> NDArray[np.float32] | None:
        """Return the distances (px) that frame t was split by, where a network said so.

        Shape (Y, X); None if it was split by others, or they are not at hand.
        """
        recipe = self.recipes.get(t)
        by_map = recipe is not None and recipe.postprocess.landscape == "distance map"
        return self._map(t, "distance") if by_map else None

    def threshold(self, t: int) -> float:
        """Return what frame t's probability was cut at; the middle if not known."""
        recipe = self.recipes.get(t)
        return 0.5 if recipe is None else recipe.postprocess.threshold

    def splits(self, t: int) -> tuple[list[Saddle], float]:
        """Return the saddles of frame t that are near h, and h (px)."""
        at_hand = self._at_hand(t)
        if at_hand is None:
            return [], 0.0
        engine, recipe = at_hand
        post = recipe.postprocess
        if post.h is None or post.markers != "depth" or post.landscape not in SPLIT:
            return [], 0.0
        found = engine.pipeline.follow(t, recipe, beside=True)
        return ([], 0.0) if found is None else (found.split.doubtful(post.h), post.h)

    def view(
        self, t: int, labels: NDArray[np.unsignedinteger], conflicts: Any = ()
    ) -> FrameView:
        """Gather what a review looks at.

        Parameters
        ----------
        t : int
            The frame.
        labels : unsigned array of shape (Y, X)
            As they are shown.
        conflicts : sequence of Conflict
            Of this frame.
        """
        saddles, h = self.splits(t)
        return FrameView(
            t=t,
            labels=labels,
            image=self.image(t),
            probability=self.probability(t),
            threshold=self.threshold(t),
            saddles=saddles,
            h=h,
            conflicts=conflicts,
        )

    def _map(self, t: int, name: str) -> NDArray[np.float32] | None:
        at_hand = self._at_hand(t)
        if at_hand is None:
            return None
        engine, recipe = at_hand
        # looked up, and not predicted, as it is at hand
        maps = next(engine.pipeline.predict(t, recipe))
        return None if maps is None else maps.get(name)

    def _at_hand(self, t: int) -> tuple[Engine, Recipe] | None:
        """Return what made frame t, if its maps need not be predicted."""
        recipe = self.recipes.get(t)
        if self.engine is None or recipe is None:
            return None
        return (self.engine, recipe) if self.engine.has_maps(t, recipe) else None


@dataclass(frozen=True, eq=False)
class Found:
    """What a review found.

    Attributes
    ----------
    suspects : list of Suspect
        By falling doubt.
    marks : dict of int to dict
        Marks of each frame when it was looked at: a cell with another one was
        corrected since.
    checksums : dict of int to int
        Of each frame's labels when it was looked at.
    """

    suspects: list[Suspect]
    marks: dict[int, dict[int, Mark]]
    checksums: dict[int, int]


def checksum(labels: NDArray[np.unsignedinteger]) -> int:
    """Tell labels (Y, X) from others, whatever their type is.

    Examples
    --------
    >>> import numpy as np
    >>> labels = np.array([[0, 7], [7, 7]], np.uint8)
    >>> checksum(labels) == checksum(labels.astype(np.uint16))
    True
    >>> checksum(labels) == checksum(labels.T[::-1])
    False
    """
    return crc32(labels.astype("uint32", order="C").data)


def find_suspects(
    corrections: Corrections,
    evidence: Evidence,
    parameters: ReviewParameters | None = None,
) -> Iterator[Step | Found]:
    """Review all frames of a movie, in a worker's thread.

    Parameters
    ----------
    corrections : Corrections
        Of the movie; read while it may be worked on.
    evidence : Evidence
        What is known beside the labels.
    parameters : ReviewParameters, optional
        Reasons and their weights.

    Yields
    ------
    Step or Found
        A step every frame, and what was found at the end.
    """
    total = corrections.frames.shape[0]
    marks: dict[int, dict[int, Mark]] = {}
    checksums: dict[int, int] = {}

    def views() -> Iterator[FrameView]:
        for t in range(total):
            marks[t] = dict(corrections.marks.get(t, {}))
            labels = corrections.frames.read(t).copy()
            checksums[t] = checksum(labels)
            yield evidence.view(t, labels, unsettled(corrections, t))

    yield Step("Reviewing", 0, total)
    for found in suspects(views(), parameters, total=total):
        if isinstance(found, list):
            yield Found(found, marks, checksums)
        else:
            yield Step("Reviewing", *found)
