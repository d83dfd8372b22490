"""Where annotated images lie: folders of images and labels, and challenge data sets."""

from __future__ import annotations

import csv
import logging
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from napari_cellseg.errors import ImageError
from napari_cellseg.io._folder import image_files
from napari_cellseg.io._names import frame_numbers, stem

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

logger = logging.getLogger(__name__)

_SEQUENCE = re.compile(r"\d+")
_TRUTH = ("ST", "GT")


@dataclass(frozen=True)
class Pair:
    """An image file, the files of its truth, and what an index says of them.

    Attributes
    ----------
    name : str
        What the card of a model calls it.
    image : Path
        The image.
    labels : Path or None
        Label image of the cells; None where it is made from two channels.
    attributes : mapping of str to str
        What the index says; of a challenge data set, sequence and frame.
    nuclei : Path or None
        Label image of the cells' nuclei.
    nuclear : Path or None
        Image of the nuclear channel, which labels are made from.
    """

    name: str
    image: Path
    labels: Path | None
    attributes: Mapping[str, str]
    nuclei: Path | None = None
    nuclear: Path | None = None


def find_pairs(folder: Path, where: Mapping[str, str]) -> list[Pair]:
    """Find the annotated images of a folder.

    It is one of

    - ``images/`` and ``labels/`` with files of the same names, and perhaps label images
      of the cells' nuclei in ``nuclei/``;
    - ``images/`` and ``nuclear/``, images of the cells and of their nuclei in another
      channel, which labels are made from;
    - a data set of the Cell Tracking Challenge: sequences ``01/``, ``02/`` with
      ``01_ST/SEG`` or ``01_GT/SEG`` beside them. The silver truth has every cell, so it
      is taken alone where a sequence has it. Frames without truth are left out.

    An ``index.csv`` beside ``images`` (a column ``id`` with the names) may say more of
    each image. Of the columns in ``where``, those that the index has decide which
    images are taken; a folder whose index has none of them is taken whole. Other files
    and hidden ones are passed over.

    Raises
    ------
    ImageError
        If the folder is none of these, an image has no truth, the index cannot be read,
        or nothing is left.
    """
    sequences = _sequences(folder)
    if sequences:
        pairs = [p for number in sequences for p in _challenge_pairs(folder, number)]
    else:
        pairs = _named_pairs(folder)
    columns = {column for pair in pairs for column in pair.attributes}
    asked = {key: value for key, value in where.items() if key in columns}
    pairs = [
        p
        for p in pairs
        if all(p.attributes.get(key) == value for key, value in asked.items())
    ]
    if not pairs:
        raise ImageError(f"{folder} has no annotated image with {dict(where)}.")
    return pairs


def _sequences(folder: Path) -> list[str]:
    """Names of the sequences that have truth."""
    if not folder.is_dir():
        return []
    return sorted(
        path.name
        for path in folder.iterdir()
        if path.is_dir() and _SEQUENCE.fullmatch(path.name) and _truth(path)
    )


def _truth(sequence: Path) -> Path | None:
    """Folder of a sequence's truth: the silver one where there is any."""
    places = (sequence.with_name(f"{sequence.name}_{kind}") / "SEG" for kind in _TRUTH)
    return next((place for place in places if place.is_dir()), None)


def _challenge_pairs(folder: Path, sequence: str) -> list[Pair]:
    truth = _truth(folder / sequence)
    assert truth is not None
    labels = _by_number(truth)
    images = _by_number(folder / sequence)
    pairs = [
        Pair(
            f"{sequence}/{stem(file)}",
            file,
            labels[number],
            {"sequence": sequence, "frame": str(number)},
        )
        for number, file in images.items()
        if number in labels
    ]
    if not pairs:
        raise ImageError(
            f"{folder / sequence}: none of its {len(images)} frames has the number of "
            f"one of the {len(labels)} in {truth}."
        )
    left_out = len(images) - len(pairs)
    if left_out:
        logger.warning(
            "%s: %d of %d frames are not in %s and are left out",
            folder / sequence,
            left_out,
            len(images),
            truth,
        )
    return pairs


def _by_number(folder: Path) -> dict[int, Path]:
    files = image_files(folder)
    numbers = frame_numbers([stem(file) for file in files])
    if numbers is None:
        raise ImageError(
            f"{folder}: its files' names do not number its frames: name them as the "
            "challenge does, t000.tif and man_seg000.tif."
        )
    return dict(zip(numbers, files, strict=True))


def _named_pairs(folder: Path) -> list[Pair]:
    images, labels, nuclear = (folder / n for n in ("images", "labels", "nuclear"))
    if not images.is_dir():
        raise ImageError(
            f"{folder} has no folder 'images', and is no data set of the Cell Tracking "
            "Challenge, which has 01/ and 01_ST/SEG or 01_GT/SEG."
        )
    if not labels.is_dir() and not nuclear.is_dir():
        raise ImageError(
            f"{folder} has no folder 'labels', nor 'nuclear' with images of the "
            "nuclear channel, which labels can be made from."
        )
    attributes = _index(folder / "index.csv")
    files = image_files(images)
    if not labels.is_dir():
        made = _partners(files, nuclear, "image of the nuclear channel")
        return [
            Pair(file.stem, file, None, attributes.get(file.stem, {}), None, channel)
            for file, channel in zip(files, made, strict=True)
        ]
    cells = _partners(files, labels, "label image")
    nuclei: list[Path] | list[None] = [None] * len(files)
    if (folder / "nuclei").is_dir():
        nuclei = _partners(files, folder / "nuclei", "label image")
    return [
        Pair(file.stem, file, cell, attributes.get(file.stem, {}), nucleus)
        for file, cell, nucleus in zip(files, cells, nuclei, strict=True)
    ]


def _partners(files: list[Path], folder: Path, what: str) -> list[Path]:
    """Find the file of the same name in another folder for each."""
    there = {file.stem: file for file in image_files(folder)}
    for file in files:
        if file.stem not in there:
            raise ImageError(f"{file} has no {what} of that name in {folder}.")
    return [there[file.stem] for file in files]


def _index(file: Path) -> dict[str, dict[str, str]]:
    if not file.is_file():
        return {}
    try:
        # spreadsheets put a byte order mark before the first column's name
        rows = list(csv.DictReader(file.read_text("utf-8-sig").splitlines()))
    except (UnicodeDecodeError, csv.Error) as error:
        raise ImageError(
            f"{file}: cannot be read: {error}. Save it as CSV in UTF-8."
        ) from error
    if rows and "id" not in rows[0]:
        raise ImageError(
            f"{file}: has no column 'id' with the images' names without suffix; its "
            f"columns are {', '.join(map(str, rows[0]))}."
        )
    return {row["id"]: row for row in rows}
