"""Layers that come without being selected."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from napari.viewer import Viewer


@contextmanager
def aside(viewer: Viewer) -> Iterator[None]:
    """Add layers inside of this, and the user keeps working on what was selected.

    napari selects a layer that is added. Whoever follows the active layer hears nothing
    of it: it is the same before and after.
    """
    selection = viewer.layers.selection
    before = set(selection)
    with selection.events.active.blocker():
        yield
        selection.intersection_update(before)
        selection.update(before)
