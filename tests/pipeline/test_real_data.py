"""The shipped model on annotated microscopy that it was not trained on."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from napari_cellseg.io.images import open_image
from napari_cellseg.metrics import evaluate
from napari_cellseg.pipeline import Pipeline, resolve
from napari_cellseg.recipe import load_recipe

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.realdata


# benchmarks/accuracy.py measures whole sequences; these few frames tell a model or a
# pipeline that is broken from one that works
@pytest.mark.parametrize(
    ("dataset", "truth", "diameter", "least"),
    [("Fluo-N2DH-GOWT1", "ST", 60, 0.8), ("Fluo-N2DH-SIM+", "GT", 51, 0.85)],
)
def test_nuclei_are_found_at_a_scale_found_by_itself(
    shared_data: Path, dataset: str, truth: str, diameter: float, least: float
) -> None:
    folder = shared_data / "ctc" / dataset
    stack = open_image(folder / "01").stack()
    labels = open_image(folder / f"01_{truth}" / "SEG").stack()
    at = {stack.number(t): t for t in range(len(stack))}
    pipeline = Pipeline(stack, "cpu")
    recipe = resolve(load_recipe("nuclei"), pipeline)
    assert recipe.scale.diameter == pytest.approx(diameter, rel=0.25)
    report = evaluate(
        (
            stack.where(at[labels.number(t)]),
            pipeline.segment(at[labels.number(t)], recipe).labels,
            labels.frame(t),
        )
        for t in (0, len(labels) // 2)
    )
    assert report.ap["0.50"] > least
