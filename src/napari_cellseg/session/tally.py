"""How many frames are up to date, and which can become so by themselves."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from napari_cellseg.session.engine import decisive

if TYPE_CHECKING:
    from napari_cellseg.parameters import Parameters
    from napari_cellseg.recipe import Recipe
    from napari_cellseg.session.state import Session


@dataclass(frozen=True)
class Tally:
    """The frames of a stack.

    Attributes
    ----------
    total : int
        All.
    fresh : int
        Shown by the recipe as it is now.
    late : tuple of int
        Shown by another recipe, and their maps are at hand: they follow.
    lost : int
        Shown by a recipe with the same maps, which are not at hand any more.
    """

    total: int = 0
    fresh: int = 0
    late: tuple[int, ...] = ()
    lost: int = 0

    @property
    def all_follow(self) -> bool:
        """Whether every frame is up to date or becomes so by itself."""
        return self.fresh + len(self.late) == self.total


def tally(session: Session) -> Tally:
    """Count a session's frames."""
    engine, resolved = session.engine, session.resolved
    if engine is None:
        return Tally()
    total = len(engine.stack)
    if resolved is None:
        return Tally(total)
    behind, lost = _Kinds(resolved), 0
    fresh, late = 0, []
    at_hand = engine.with_maps(session.recipe)
    for t in range(total):
        shown = session.shown.get(t)
        if shown is None or t in session.pinned:
            continue
        kind = behind.of(shown)
        if kind == "fresh":
            fresh += 1
        elif t in at_hand:
            late.append(t)
        elif kind == "late":
            lost += 1
    return Tally(total, fresh, tuple(late), lost)


class _Kinds:
    """How recipes stand to the newest; each is looked at once, for there are few."""

    def __init__(self, newest: Recipe) -> None:
        self._newest = newest
        self._known: dict[int, str] = {}

    def of(self, recipe: Recipe) -> str:
        key = id(recipe)
        if key not in self._known:
            self._known[key] = self._compare(recipe)
        return self._known[key]

    def _compare(self, recipe: Recipe) -> str:
        if decisive(recipe) == decisive(self._newest):
            return "fresh"
        return "late" if maps_of(recipe) == maps_of(self._newest) else "other"


def maps_of(recipe: Recipe) -> tuple[Parameters, ...]:
    """Return the sections of a recipe that decide what the network says of a frame."""
    return recipe.preprocess, recipe.scale, recipe.network
