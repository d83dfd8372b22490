"""Pixel scores over structuring elements: Table 1 of Drăghici and Neghină (2025)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from _timing import row, table
from napari_cellseg.metrics import PixelCounts, pixel_counts
from napari_cellseg.pipeline import Pipeline, resolve

if TYPE_CHECKING:
    from _data import Sample
    from napari_cellseg.recipe import Recipe

PAPER = {
    ("stretch", "diamond"): ("94.66 89.86", "94.66 89.86", "94.65 89.86"),
    ("equalize", "diamond"): ("92.72 86.48", "92.75 86.53", "92.77 86.56"),
    ("clahe", "diamond"): ("95.40 91.23", "95.40 91.22", "95.38 91.20"),
    ("stretch", "disk"): ("94.65 89.84", "94.66 89.86", "94.66 89.86"),
    ("equalize", "disk"): ("92.72 86.47", "92.74 86.51", "92.77 86.57"),
    ("clahe", "disk"): ("95.40 91.22", "95.40 91.22", "95.39 91.20"),
}
"""F1 and IoU (%) without photometric changes, for elements of 3, 5 and 7 px."""
SIZES = (3, 5, 7)
MAPS = 2**30


def elements(sample: Sample, recipe: Recipe) -> None:
    """Print the rows of the recipe's preprocessing; the network runs once a frame."""
    stack, truths = sample
    pipeline = Pipeline(stack, memory=MAPS)
    ready = resolve(recipe, pipeline)
    print(f"\nTable 1, {ready.preprocess.method}: F1 and IoU (%)\n")
    table("element", "px", "paper", recipe.name)
    for shape in ("diamond", "disk"):
        paper = PAPER.get((ready.preprocess.method, shape), ("",) * len(SIZES))
        for size, published in zip(SIZES, paper, strict=True):
            post = {"element": shape, "element_size": size}
            tried = ready.change("postprocess", **post)
            counts = PixelCounts()
            for t, truth in truths.items():
                counts += pixel_counts(pipeline.segment(t, tried).labels, truth)
            ours = f"{100 * counts.f1:.2f} {100 * counts.iou:.2f}"
            row(shape, size, published, ours)
