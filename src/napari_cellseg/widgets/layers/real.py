"""napari's own objects, behind the proxies that it hands to plugins."""

from __future__ import annotations

from typing import TypeVar

T = TypeVar("T")


def real(thing: T) -> T:
    """Return the viewer or layer itself.

    A dock that napari opens is given a proxy of the viewer. Each layer got through it
    is a new proxy: it is identical to no other, and a weak reference to it is dead at
    once.

    Parameters
    ----------
    thing : T
        A viewer, a layer, None, or a proxy of one.
    """
    found: T = getattr(thing, "__wrapped__", thing)
    return found
