"""Write simulated images of cells with dark nuclei, to train and to measure with."""

from __future__ import annotations

import argparse
from pathlib import Path

from napari_cellseg.simulate import write_cells


def main() -> None:
    """Read the options and write the folder."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, help="where images/, labels/ ... go")
    parser.add_argument("--number", type=int, default=60, help="of images")
    parser.add_argument("--seed", type=int, default=0, help="other images")
    parser.add_argument("--side", type=int, default=512, help="of an image (px)")
    parser.add_argument(
        "--no-truth",
        action="store_true",
        help="the two channels alone, which training makes labels from",
    )
    asked = parser.parse_args()
    shape = (asked.side, asked.side)
    write_cells(asked.folder, asked.number, asked.seed, shape, truth=not asked.no_truth)


if __name__ == "__main__":
    main()
