"""Pixel scores over structuring elements: Table 1 of Drăghici and Neghină (2025)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from _timing import row, table
from napari_cellseg.metrics import PixelCounts, pixel_counts
from napari_cellseg.network.files import stated
from napari_cellseg.pipeline import Pipeline, resolve

if TYPE_CHECKING:
    from _data import Sample
    from napari_cellseg.recipe import Recipe

PAPER = {
    ("stretch", False, "diamond"): ("94.66 89.86", "94.66 89.86", "94.65 89.86"),
    ("equalize", False, "diamond"): ("92.72 86.48", "92.75 86.53", "92.77 86.56"),
    ("clahe", False, "diamond"): ("95.40 91.23", "95.40 91.22", "95.38 91.20"),
    ("stretch", True, "diamond"): ("83.31 71.57", "83.34 71.62", "83.38 71.67"),
    ("equalize", True, "diamond"): ("94.38 89.37", "94.38 89.36", "94.37 89.36"),
    ("clahe", True, "diamond"): ("95.09 90.66", "95.11 90.69", "95.14 90.75"),
    ("stretch", False, "disk"): ("94.65 89.84", "94.66 89.86", "94.66 89.86"),
    ("equalize", False, "disk"): ("92.72 86.47", "92.74 86.51", "92.77 86.57"),
    ("clahe", False, "disk"): ("95.40 91.22", "95.40 91.22", "95.39 91.20"),
    ("stretch", True, "disk"): ("83.29 71.54", "83.34 71.62", "83.39 71.69"),
    ("equalize", True, "disk"): ("94.38 89.36", "94.38 89.37", "94.37 89.36"),
    ("clahe", True, "disk"): ("95.09 90.65", "95.11 90.69", "95.15 90.77"),
}
"""F1 and IoU (%) for elements of 3, 5 and 7 px, by contrast and whether the network was
trained with photometric changes."""
PHOTOMETRIC = ("contrast", "noise")
SIZES = (3, 5, 7)
MAPS = 2**30


def elements(sample: Sample, recipe: Recipe) -> None:
    """Print the rows of the recipe's preprocessing and of the model's augmentation.

    Whether that had photometric changes, the model's card knows. The network runs once
    a frame.
    """
    stack, truths = sample
    pipeline = Pipeline(stack, memory=MAPS)
    ready = resolve(recipe, pipeline)
    method, changed = ready.preprocess.method, photometric(recipe)
    which = "with" if changed else "no"
    print(f"\nTable 1, {method}, {which} photometric changes: F1 and IoU (%)\n")
    table("element", "px", "paper", recipe.name)
    for shape in ("diamond", "disk"):
        paper = PAPER.get((method, changed, shape), ("",) * len(SIZES))
        for size, published in zip(SIZES, paper, strict=True):
            post = {"element": shape, "element_size": size}
            tried = ready.change("postprocess", **post)
            counts = PixelCounts()
            for t, truth in truths.items():
                counts += pixel_counts(pipeline.segment(t, tried).labels, truth)
            ours = f"{100 * counts.f1:.2f} {100 * counts.iou:.2f}"
            row(shape, size, published, ours)


def photometric(recipe: Recipe) -> bool:
    """Whether a recipe's model was trained with changes of contrast or noise."""
    protocol = stated(recipe.network.model).card.get("protocol", {})
    augmentation = protocol.get("augmentation", {})
    return any(augmentation.get(name) for name in PHOTOMETRIC)
