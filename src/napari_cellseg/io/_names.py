"""What file names say: their natural order and the numbers of frames."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

NUCLEI = "nuclei"
"""Ends the name of a result's second layer, or names its folder."""

_ZARR = ("zarr.json", ".zgroup", ".zarray")
_DIGITS = re.compile(r"(\d+)")


def natural_key(path: Path) -> tuple[tuple[int, str], ...]:
    """Sort key that puts ``t2`` before ``t10``, whatever the letters' case.

    Examples
    --------
    >>> from pathlib import Path
    >>> sorted([Path("t10.tif"), Path("t2.tif")], key=natural_key)[0].name
    't2.tif'
    """
    parts = _DIGITS.split(path.name.lower())
    return tuple((int(p), p) if p.isdigit() else (-1, p) for p in parts)


def stem(path: Path) -> str:
    """Name of an image without the suffixes of its format.

    Examples
    --------
    >>> from pathlib import Path
    >>> stem(Path("a.b.ome.tif")), stem(Path("x.ome.zarr")), stem(Path("01"))
    ('a.b', 'x', '01')
    """
    return re.sub(
        r"(\.ome)?\.(tiff?|zarr|png|jpe?g|bmp)$", "", path.name, flags=re.IGNORECASE
    )


def without_nuclei(name: str) -> str:
    """Name of the cells that nuclei of a name belong to; any other name as it is.

    Examples
    --------
    >>> without_nuclei("t1_nuclei"), without_nuclei("nuclei")
    ('t1', 'nuclei')
    """
    return name.removesuffix(f"_{NUCLEI}")


def is_zarr(path: Path) -> bool:
    """Whether a folder is a Zarr group or array."""
    return path.suffix == ".zarr" or any((path / mark).exists() for mark in _ZARR)


def frame_numbers(stems: Sequence[str]) -> tuple[int, ...] | None:
    """Numbers of frames that file names carry, or None where they are unclear.

    The names must differ in exactly one run of digits; a single name gives its last.
    None also where a number occurs twice.

    Examples
    --------
    >>> frame_numbers(["man_seg002", "man_seg010"])
    (2, 10)
    >>> frame_numbers(["t0_c0", "t0_c1", "t1_c0"]) is None
    True
    """
    parts = [_DIGITS.split(s) for s in stems]
    if not parts or len(parts[0]) < 2 or len({tuple(p[::2]) for p in parts}) > 1:
        return None
    runs = list(zip(*(map(int, p[1::2]) for p in parts), strict=True))
    varying = [r for r in runs if len(set(r)) > 1] if len(parts) > 1 else [runs[-1]]
    if len(varying) != 1 or len(set(varying[0])) < len(parts):
        return None
    return varying[0]
