"""What the user reads when a command fails, and the exit code."""

from __future__ import annotations

import logging
import sys
from typing import Any

import typer
from typer.core import TyperGroup

from napari_cellseg.errors import CellsegError

STOPPED = 130
"""Exit code after Ctrl-C: 128 and the number of the signal."""


class Commands(TyperGroup):
    """Commands whose errors are said in words, without a traceback."""

    def invoke(self, ctx: Any) -> Any:
        """Run the command that was asked for."""
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt as error:
            say(_text(error, "Stopped."))
            raise typer.Exit(STOPPED) from None
        except (CellsegError, OSError, MemoryError, RuntimeError) as error:
            words = explain(error)
            if words is None:
                raise
            report(error, words)
            raise typer.Exit(1) from None


class Warnings(logging.Handler):
    """Says what the package logs as a warning."""

    def emit(self, record: logging.LogRecord) -> None:
        """Write it to standard error."""
        say(f"{record.levelname.capitalize()}: {record.getMessage()}")


def say(text: str) -> None:
    """Write a line to standard error, after what was written to standard output."""
    sys.stdout.flush()
    typer.echo(text, err=True)


def number(count: int, noun: str) -> str:
    """Words for a number of things.

    Examples
    --------
    >>> number(1, "cell"), number(2, "cell")
    ('1 cell', '2 cells')
    """
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def report(error: BaseException, words: str | None = None) -> None:
    """Write an error and its notes to standard error."""
    say(f"Error: {_text(error, words or str(error))}")


def explain(error: BaseException) -> str | None:
    """Words for an error that is no fault of the program; None for one that is."""
    if isinstance(error, CellsegError):
        return str(error)
    if isinstance(error, BrokenPipeError):
        return None
    # by name: torch is not imported to ask for the type of its error
    if type(error).__name__ == "OutOfMemoryError":
        return (
            "The GPU's memory is full. Use smaller tiles (--set network.tile=256), or "
            "the processor (--device cpu)."
        )
    if isinstance(error, MemoryError):
        return (
            "The computer's memory is full. Close other programs, or use smaller tiles."
        )
    if isinstance(error, OSError):
        place = f"{error.filename}: " if error.filename else ""
        return f"{place}{error.strerror or error}"
    return None


def _text(error: BaseException, words: str) -> str:
    return "\n".join([words, *getattr(error, "__notes__", ())])
