"""Scale, time and frame numbers out of the metadata of TIFF files."""

from __future__ import annotations

from typing import Any, NamedTuple
from xml.etree import ElementTree

LABELS = "label image: 0 is background"
NUMBERS = "frame numbers"

_MICRO = ("um", "µm", "μm", "micron", "microns", "micrometer", "micrometre",
          "micrometers", "\\u00b5m")  # fmt: skip
LENGTHS = dict.fromkeys(_MICRO, 1.0) | {
    "nm": 1e-3, "nanometer": 1e-3, "mm": 1e3, "millimeter": 1e3, "cm": 1e4,
    "nanometre": 1e-3, "millimetre": 1e3, "centimeter": 1e4,
    "m": 1e6, "meter": 1e6, "Å": 1e-4, "angstrom": 1e-4,
}  # fmt: skip
TIMES = {
    "s": 1.0, "sec": 1.0, "second": 1.0, "seconds": 1.0, "ms": 1e-3, "msec": 1e-3,
    "millisecond": 1e-3, "min": 60.0, "minute": 60.0, "minutes": 60.0, "h": 3600.0,
    "hour": 3600.0, "hours": 3600.0, "d": 86400.0, "day": 86400.0,
}  # fmt: skip


class Calibration(NamedTuple):
    """What a file's metadata say.

    Attributes
    ----------
    pixel_size : float or None
        Size of a pixel (µm); None where no unit of length is given.
    time_step : float or None
        Time between frames (s).
    frame_numbers : tuple of int or None
        Numbers of the frames, where they are not 0, 1, 2 ...
    labels : bool
        The values are ids of objects.
    pixel_height : float or None
        Height of a pixel (µm), where it is not `pixel_size`.
    """

    pixel_size: float | None = None
    time_step: float | None = None
    frame_numbers: tuple[int, ...] | None = None
    labels: bool = False
    pixel_height: float | None = None


def unequal(height: float | None, width: float | None) -> float | None:
    """`height`, unless one is not known or they are equal to a hundredth."""
    if not height or not width or abs(height / width - 1) < 0.01:
        return None
    return height


def convert(value: float | None, unit: str | None, units: dict[str, float]) -> Any:
    """`value` in µm or s; None where it is not positive or the unit is unknown."""
    factor = units.get((unit or "").strip()) or units.get((unit or "").strip().lower())
    return value * factor if value and value > 0 and factor else None


def imagej(
    metadata: dict[str, Any], resolution: float | None, height: float | None = None
) -> Calibration:
    """Calibration of an ImageJ hyperstack: ``unit`` and ``finterval``.

    Parameters
    ----------
    metadata : dict
        The ImageJ description.
    resolution : float or None
        Length of a pixel out of the TIFF's resolution tag, in ``unit``.
    height : float or None
        The same of its height.
    """
    interval, fps = metadata.get("finterval"), metadata.get("fps")
    if not interval and fps:
        interval = 1.0 / float(fps)
    size = convert(resolution, metadata.get("unit"), LENGTHS)
    return Calibration(
        size,
        convert(interval, str(metadata.get("tunit", "s")), TIMES),
        pixel_height=unequal(convert(height, metadata.get("unit"), LENGTHS), size),
    )


def ome(xml: str) -> Calibration:
    """Calibration of the first image of an OME-XML description."""
    try:
        root = ElementTree.fromstring(xml)
    except ElementTree.ParseError:
        return Calibration()
    image = root.find("{*}Image")
    pixels = None if image is None else image.find("{*}Pixels")
    if image is None or pixels is None:
        return Calibration()
    size = _quantity(pixels, "PhysicalSizeX", "µm", LENGTHS)
    return Calibration(
        size,
        _quantity(pixels, "TimeIncrement", "s", TIMES),
        _numbers(root),
        image.findtext("{*}Description") == LABELS,
        unequal(_quantity(pixels, "PhysicalSizeY", "µm", LENGTHS), size),
    )


def _quantity(
    pixels: ElementTree.Element, name: str, default: str, units: dict[str, float]
) -> float | None:
    try:
        value = float(pixels.get(name, ""))
    except ValueError:
        return None
    found: float | None = convert(value, pixels.get(f"{name}Unit", default), units)
    return found


def _numbers(root: ElementTree.Element) -> tuple[int, ...] | None:
    for entry in root.iter():
        if entry.tag.endswith("}M") and entry.get("K") == NUMBERS:
            return tuple(int(n) for n in (entry.text or "").split())
    return None
