"""Work that ended early, in words for the user."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Fault:
    """Work that failed, in words for the user."""

    words: str


def unexpected(error: BaseException) -> str:
    """Words for a fault of ours."""
    return (
        f"Unexpected {type(error).__name__}: {error}. Please report it with what is "
        "written in the terminal."
    )
