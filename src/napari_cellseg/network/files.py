"""Model files: where they are, and which model one holds now. Free of torch."""

from __future__ import annotations

import json
from functools import cache, lru_cache
from importlib import resources
from pathlib import Path

from napari_cellseg.errors import ModelError


@cache
def installed_models() -> dict[str, Path]:
    """Names and files of the models that ship with the package."""
    folder = Path(str(resources.files("napari_cellseg.network") / "weights"))
    return {file.stem: file for file in sorted(folder.glob("*.safetensors"))}


def find_model(model: str | Path) -> Path:
    """Find a model's file by the name of an installed one, or by its path.

    Raises
    ------
    ModelError
        If there is none.
    """
    installed = installed_models()
    if str(model) in installed:
        return installed[str(model)]
    path = Path(model)
    if path.is_file():
        return path
    names = ", ".join(installed) or "none"
    raise ModelError(
        f"There is no model {str(model)!r}: it is neither a file nor installed "
        f"(installed: {names})."
    )


def stated_checksum(model: str | Path) -> str:
    """Checksum that a model's file states now; only `load_bundle` verifies it.

    The file's time and size tell whether it must be read again, so that asking costs
    microseconds.

    Returns
    -------
    str
        Empty if the file is no model of this package.

    Raises
    ------
    ModelError, OSError
        If there is no such file, or it cannot be read.
    """
    path = find_model(model)
    stamp = path.stat()
    return _stated(path, stamp.st_mtime_ns, stamp.st_size, stamp.st_ino)


@lru_cache(maxsize=64)
def _stated(path: Path, *stamp: int) -> str:
    """Read the checksum from the header: its length in 8 bytes, then JSON."""
    with path.open("rb") as file:
        length = int.from_bytes(file.read(8), "little")
        header = file.read(min(length, path.stat().st_size))
    try:
        return str(json.loads(header)["__metadata__"]["checksum"])
    except (ValueError, KeyError, TypeError, RecursionError):
        return ""
