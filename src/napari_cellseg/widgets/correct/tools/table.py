"""The table of tools."""

from __future__ import annotations

from napari_cellseg.widgets.correct.tools import (
    brush,
    carry,
    cells,
    now,
    status,
)
from napari_cellseg.widgets.correct.tools.interpolate import Interpolate
from napari_cellseg.widgets.correct.tools.merge import Merge
from napari_cellseg.widgets.correct.tools.split import Split
from napari_cellseg.widgets.correct.tools.tool import Tool

CLICK = "click a cell"

GROUPS: dict[str, tuple[Tool, ...]] = {
    "Cells": (
        Tool(
            "merge",
            "Merge",
            "A",
            "drag across cells, or click two",
            "Make one cell of several. It keeps the number of the first.",
            "gesture",
            Merge,
        ),
        Tool(
            "split",
            "Split",
            "S",
            "drag a line across; or click two or more places, then Enter",
            "Cut a cell along a line, or between the places that you click. The "
            "largest part, or that of the first place, keeps the number.",
            "gesture",
            Split,
            here=True,
        ),
        Tool(
            "delete",
            "Delete",
            "D",
            CLICK,
            "Remove a cell. It does not come back when frames are segmented again.",
            "cell",
            cells.delete,
        ),
        Tool(
            "separate",
            "Separate",
            "Shift+S",
            CLICK,
            "Make the loose pieces of a cell cells of their own.",
            "cell",
            cells.separate,
            here=True,
        ),
    ),
    "Outline": (
        Tool(
            "draw",
            "Draw new",
            "W",
            "paint with the brush; press again for another cell",
            "Paint a new cell with napari's brush, under a free number.",
            "brush",
            brush.draw,
            here=True,
        ),
        Tool(
            "erase",
            "Erase",
            "E",
            "paint over what should go",
            "Take pixels away with napari's eraser.",
            "brush",
            brush.erase,
            here=True,
        ),
        Tool(
            "fill",
            "Fill holes",
            "H",
            CLICK,
            "Fill the background that a cell encloses.",
            "cell",
            cells.fill,
        ),
        Tool(
            "smooth",
            "Smooth",
            "O",
            CLICK,
            "Smooth the outline of a cell.",
            "cell",
            cells.smooth,
        ),
    ),
    "Number and lock": (
        Tool(
            "relabel",
            "Relabel",
            "R",
            CLICK + ", then type its number",
            "Give a cell the number that you type.",
            "cell",
            cells.relabel,
        ),
        Tool(
            "renew",
            "New number",
            "Shift+R",
            CLICK,
            "Give a cell a number that no other cell has.",
            "cell",
            cells.renew,
        ),
        Tool(
            "lock",
            "Lock",
            "K",
            CLICK + "; again to unlock",
            "Lock a cell: nothing changes it until it is unlocked.",
            "cell",
            status.lock,
        ),
        Tool(
            "release",
            "Automatic",
            "T",
            "click a corrected cell, or where you deleted one",
            "Give a correction up: show what was found automatically.",
            "cell",
            status.release,
            here=True,
        ),
    ),
    "Other frames": (
        Tool(
            "copy_previous",
            "Copy previous",
            "C",
            "click where the cell lies in the frame before",
            "Copy a cell from the frame before.",
            "cell",
            carry.copy_previous,
            here=True,
        ),
        Tool(
            "copy_next",
            "Copy next",
            "Shift+C",
            "click where the cell lies in the frame after",
            "Copy a cell from the frame after.",
            "cell",
            carry.copy_next,
            here=True,
        ),
        Tool(
            "interpolate",
            "Interpolate",
            "I",
            "click a cell, then the same cell after the gap; of tracked cells just one",
            "Fill in a cell that is missing between two frames.",
            "gesture",
            Interpolate,
        ),
    ),
    "Propagate": (
        Tool(
            "forward",
            "Forward",
            "G",
            "click a corrected cell, or where you deleted one",
            "Make the same correction in later frames, until it no longer fits.",
            "cell",
            carry.forward,
        ),
        Tool(
            "backward",
            "Backward",
            "Shift+G",
            "click a corrected cell, or where you deleted one",
            "Make the same correction in earlier frames, until it no longer fits.",
            "cell",
            carry.backward,
        ),
    ),
    "Review": (
        Tool(
            "next",
            "Next",
            "N",
            "",
            "Go to the next cell in doubt.",
            "now",
            now.next_suspect,
        ),
        Tool("accept", "Accept", "Y", "", "This cell is right.", "now", now.accept),
        Tool(
            "skip",
            "Skip",
            "J",
            "",
            "Leave this cell in doubt for later.",
            "now",
            now.skip,
        ),
        Tool(
            "check",
            "Frame checked",
            "Shift+Y",
            "",
            "Mark the frame on screen as done, or take that back.",
            "now",
            now.check,
        ),
    ),
    "Steps": (
        Tool(
            "undo",
            "Undo",
            "Ctrl+Z",
            "",
            "Take the last step back.",
            "now",
            now.undo,
            fixed=True,
        ),
        Tool(
            "redo",
            "Redo",
            "Ctrl+Shift+Z",
            "",
            "Do again what was undone.",
            "now",
            now.redo,
            fixed=True,
        ),
        Tool(
            "sheet",
            "Keys on screen",
            "F1",
            "",
            "Show tools and keys over the picture, or hide them.",
            "now",
            now.sheet,
        ),
    ),
}
"""Tools by what they are for, in the order of their buttons."""

TOOLS: dict[str, Tool] = {
    tool.name: tool for tools in GROUPS.values() for tool in tools
}
"""By name."""
