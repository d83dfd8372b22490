"""What napari uses a key for on Labels layers."""

from __future__ import annotations

from napari.layers import Labels

from napari_cellseg.widgets.correct.keymap import normal


def use_of(key: str) -> str:
    """Return what napari itself does at a key, in its own words; empty if nothing."""
    for binding, action in Labels.class_keymap.items():
        if normal(str(binding)) == key:
            return str(getattr(action, "__name__", "")).replace("_", " ")
    return ""
