"""Two compilers that do not bear each other in one process."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_MAPPED = Path("/proc/self/maps")
"""Linux's list of the libraries that a process has loaded."""


def draws_with_llvm() -> bool:
    """Whether LLVM is loaded, as Mesa does to draw without a GPU or on some."""
    try:
        return "libLLVM" in _MAPPED.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return False


@contextmanager
def without_triton() -> Iterator[None]:
    """Import what would import Triton, without it where that ends the process.

    torchvision looks for Triton, whose own LLVM clashes with the one that OpenGL has
    loaded: a segmentation fault. Nothing here is compiled by it.
    """
    from torch.utils import _triton

    if "triton" in sys.modules or not draws_with_llvm():
        yield
        return
    # an entry of None is a package that cannot be imported; torch remembers it
    sys.modules["triton"] = None  # type: ignore[assignment]
    try:
        _triton.has_triton_package()
        yield
    finally:
        del sys.modules["triton"]
