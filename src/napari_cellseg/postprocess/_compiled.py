"""Compile a kernel with numba, kept on disk between sessions where that is possible."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar, cast

import numba

if TYPE_CHECKING:
    from collections.abc import Callable

F = TypeVar("F", bound="Callable[..., object]")


def compiled(function: F) -> F:
    """Compile at the first call, without the GIL, cached on disk.

    numba keeps the cache beside the file, or in the user's cache folder where the
    installation is read-only. With no writable folder at all it refuses to cache; the
    kernel is then compiled anew in every process.
    """
    try:
        kernel = numba.njit(nogil=True, cache=True)(function)
    except RuntimeError:
        kernel = numba.njit(nogil=True)(function)
    return cast("F", kernel)
