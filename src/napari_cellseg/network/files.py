"""Model files: where they are, and which model one holds now. Free of torch."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from functools import cache, lru_cache
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from napari_cellseg.errors import ModelError
from napari_cellseg.network.parameters import Architecture
from napari_cellseg.parameters import nearest
from napari_cellseg.preprocess.histogram import Reference
from napari_cellseg.settings import models_folder

if TYPE_CHECKING:
    from collections.abc import Mapping

    from napari_cellseg.preprocess import Preprocess

SUFFIX = ".safetensors"


@dataclass(frozen=True)
class Stated:
    """What a model's file says of itself.

    Attributes
    ----------
    checksum : str
        Empty if the file is no model of this package.
    reference : Reference or None
        Histogram of the brightest training image, if it was trained with one.
    architecture : Architecture or None
        Of its network; None if it is not known here.
    card : dict
        How it was trained; empty if it does not say.
    """

    checksum: str = ""
    reference: Reference | None = None
    architecture: Architecture | None = None
    card: Mapping[str, Any] = field(default_factory=dict)


@cache
def shipped_models() -> dict[str, Path]:
    """Names and files of the models that ship with the package."""
    return _models(Path(str(resources.files("napari_cellseg.network") / "weights")))


def installed_models() -> dict[str, Path]:
    """Names and files of the models that ship, then of the user's own.

    Of two with one name the one that ships counts.
    """
    return shipped_models() | {
        name: path
        for name, path in _models(models_folder()).items()
        if name not in shipped_models()
    }


def _models(folder: Path) -> dict[str, Path]:
    return {file.stem: file for file in sorted(folder.glob(f"*{SUFFIX}"))}


def find_model(model: str | Path) -> Path:
    """Find a model's file by the name of an installed one, or by its path.

    The models that ship are looked at first, then the user's models folder.

    Raises
    ------
    ModelError
        If there is none; of a recipe's model the text names the command that makes it.
    """
    shipped = shipped_models().get(str(model))
    if shipped is not None:
        return shipped
    # asked at every slider's move: one look, and no list of the folder
    places = [Path(model)]
    if Path(model).name == str(model):
        places.insert(0, models_folder() / f"{model}{SUFFIX}")
    for path in places:
        if path.is_file():
            return path
    raise ModelError(_absent(str(model)))


def _absent(model: str) -> str:
    recipes = resources.files("napari_cellseg") / "recipes"
    if Path(model).name == model and (recipes / f"{model}.toml").is_file():
        return (
            f"The model {model!r} does not ship with the package and is not in "
            f"{models_folder()}. Train it with: napari-cellseg train DATA --recipe "
            f"{model}"
        )
    names = ", ".join(installed_models()) or "none"
    return (
        f"There is no model {model!r}: it is neither a file nor installed "
        f"(installed: {names}). {nearest(model, list(installed_models()))}".rstrip()
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
    return stated(model).checksum


def stated_reference(model: str | Path) -> Reference | None:
    """Histogram of the brightest training image that a model's file states.

    Returns
    -------
    Reference or None
        None if the model was not trained with it, or its file is none of this package.

    Raises
    ------
    ModelError, OSError
        If there is no such file, or it cannot be read.
    """
    return stated(model).reference


def stated(model: str | Path) -> Stated:
    """Read what a model's file says of itself, once; only `load_bundle` verifies it.

    Raises
    ------
    ModelError, OSError
        If there is no such file, or it cannot be read.
    """
    path = find_model(model)
    stamp = path.stat()
    return _stated(path, stamp.st_mtime_ns, stamp.st_size, stamp.st_ino)


def needed_reference(preprocess: Preprocess, model: str | Path) -> Reference | None:
    """Histogram that frames are matched to, where the preprocessing matches them.

    Returns
    -------
    Reference or None
        None if it does not, or the model states none.

    Raises
    ------
    ModelError, OSError
        If one is needed and there is no such file, or it cannot be read.
    """
    return stated_reference(model) if preprocess.method == "match" else None


@lru_cache(maxsize=64)
def _stated(path: Path, *stamp: int) -> Stated:
    """Read the header: its length in 8 bytes, then JSON."""
    with path.open("rb") as file:
        length = int.from_bytes(file.read(8), "little")
        header = file.read(min(length, path.stat().st_size))
    try:
        found = json.loads(header)["__metadata__"]
        text = found.get("reference")
        return Stated(
            str(found["checksum"]),
            Reference.loads(text) if text else None,
            _architecture(found.get("architecture", "")),
            dict(json.loads(found.get("card", "{}"))),
        )
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return Stated()


def _architecture(text: str) -> Architecture | None:
    try:
        return Architecture.model_validate_json(text)
    except ValidationError:
        return None
