"""What was predicted of a stack is at hand when it is opened again."""

from __future__ import annotations

import gc
from typing import TYPE_CHECKING

from napari_cellseg.session import Answer, Engines, Place, Session
from napari_cellseg.session.engines import MOST
from napari_cellseg.settings import GB

if TYPE_CHECKING:
    from napari_cellseg.io.images import Stack
    from napari_cellseg.recipe import Recipe


class Owner:
    """Any object that can be referred to weakly."""


def predict(session: Session, *frames: int) -> None:
    assert session.engine is not None
    for answer in session.engine.segment(frames, session.request):
        if isinstance(answer, Answer):
            session.accept(answer)


def test_going_back_goes_on_where_it_was(recipe: Recipe, stack: Stack) -> None:
    session, owner = Session(recipe, "cpu"), Owner()
    here = Place(owner, stack.data, "TYX")
    session.open(stack, here)
    engine = session.engine
    predict(session, 0)
    session.open(None)
    session.open(stack, here)
    assert session.engine is engine
    assert session.can_follow(0)
    for other in (
        Place(owner, stack.data, "ZYX"),
        Place(owner, stack.data.copy(), "TYX"),
        Place(Owner(), stack.data, "TYX"),
    ):
        session.open(stack, other)
        assert session.engine is not engine
    again = Session(recipe, "cpu", engines=session.engines)
    again.open(stack, here)
    assert again.engine is engine
    session.engines.drop(owner)
    again.open(stack, here)
    assert again.engine is not engine


def test_an_engine_goes_with_its_owner(recipe: Recipe, stack: Stack) -> None:
    session, owner = Session(recipe, "cpu"), Owner()
    session.open(stack, Place(owner, stack.data, "TYX"))
    predict(session, 0)
    session.open(None)
    assert session.engines.held(None) > 0
    del owner
    gc.collect()
    assert session.engines.held(None) == 0


def test_the_last_few_are_kept(recipe: Recipe, stack: Stack) -> None:
    session = Session(recipe, "cpu")
    places = [Place(Owner(), stack.data, "TYX") for _ in range(MOST + 1)]
    for place in places:
        session.open(stack, place)
    found = [session.engines.find(place, "cpu") is not None for place in places]
    assert found == [False, *[True] * MOST]


def test_one_limit_holds_for_all(recipe: Recipe, stack: Stack) -> None:
    session = Session(recipe, "cpu")
    places = [Place(Owner(), stack.data, "TYX") for _ in range(2)]
    for place in places:
        session.open(stack, place)
        predict(session, 0, 1, 2, 3)
    first, second = (session.engines.find(place, "cpu") for place in places)
    assert first is not None
    assert second is not None
    assert second.memory == session.granted.limit - first.held
    limit = first.held
    session.engines.share(second, limit)
    # what is looked at has half of it at least
    assert 0 < first.held <= limit // 2
    assert second.held <= second.memory == limit - first.held
    Engines().share(second, GB)
    assert second.memory == GB
