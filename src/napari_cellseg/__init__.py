"""Segment, correct and export cells in time-lapse microscopy.

The names below work without napari and without a display. They are imported when they
are first used, so that `import napari_cellseg` costs next to nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from napari_cellseg.io.images import Image, Stack, open_image
    from napari_cellseg.pipeline import segment
    from napari_cellseg.recipe import Recipe, load_recipe

_HOME = {
    "Image": "io.images",
    "Recipe": "recipe",
    "Stack": "io.images",
    "load_recipe": "recipe",
    "open_image": "io.images",
    "segment": "pipeline",
}

__all__ = [
    "Image",
    "Recipe",
    "Stack",
    "__version__",
    "load_recipe",
    "open_image",
    "segment",
]


def _read_version() -> str:
    try:
        from napari_cellseg._version import __version__
    except ImportError:
        from importlib.metadata import PackageNotFoundError, version

        try:
            return version("napari-cellseg")
        except PackageNotFoundError:
            return "0+unknown"
    return __version__


def __getattr__(name: str) -> Any:
    if name == "__version__":
        value: Any = _read_version()
    elif name in _HOME:
        value = getattr(import_module(f"{__name__}.{_HOME[name]}"), name)
    else:
        msg = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(msg)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
