"""Fixtures that every part's tests share."""

from __future__ import annotations

import runpy
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import settings

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from napari_cellseg.tracking.lineage import Track

# how long an example takes says something of the machine only
settings.register_profile("suite", deadline=None)
settings.load_profile("suite")


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of annotated microscopy, or skip where it is not there."""
    folder = Path(__file__).parents[2] / "shared" / "data"
    if not folder.is_dir():
        pytest.skip(f"annotated microscopy is not at {folder}")
    return folder


@pytest.fixture
def case() -> dict[str, tuple[NDArray[np.uint16], tuple[Track, ...]]]:
    """The canonical label movies of tests/cases.py by name: labels and tracks."""
    makers: dict[str, Any] = runpy.run_path(str(Path(__file__).with_name("cases.py")))
    return {name: make() for name, make in makers["CASES"].items()}
