"""Errors that a user can mend: what was wrong, where, and what to do about it.

The command line prints their text and exits with 1; the window shows it in the dock.
"""

from __future__ import annotations


class CellsegError(Exception):
    """Base of the errors whose text is written for the user."""


class ImageError(CellsegError, ValueError):
    """An image or a stack cannot be read or is not of the expected form."""


class RecipeError(CellsegError, ValueError):
    """A recipe file or an override is not valid."""


class ModelError(CellsegError, ValueError):
    """A model file is absent, damaged or made for something else."""


class OutputError(CellsegError, OSError):
    """A result cannot be written without harm to what is already there."""


class EditError(CellsegError, ValueError):
    """A correction cannot be made as it was asked for."""


class JournalError(CellsegError, ValueError):
    """A journal of corrections cannot be used; it is left as it is."""
