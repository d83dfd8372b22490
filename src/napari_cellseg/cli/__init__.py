"""The command line: parses, calls the same functions as the window, writes.

Results go to standard output, progress and messages to standard error. Exit codes: 0
all done, 1 the work failed, 2 the command was not understood, 130 stopped by Ctrl-C.
"""

from __future__ import annotations

from napari_cellseg.cli._app import app, main

__all__ = ["app", "main"]
