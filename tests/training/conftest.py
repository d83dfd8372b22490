from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np
import pytest

from napari_cellseg.simulate import simulate_frame

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Six annotated images, the last two for validation."""
    rng = np.random.default_rng(0)
    rows = ["id,kind,split"]
    for part in ("images", "labels"):
        (tmp_path / "data" / part).mkdir(parents=True)
    for i in range(6):
        frame, labels = simulate_frame(rng, (96, 96), 20.0)
        cv2.imwrite(str(tmp_path / f"data/images/{i}.png"), frame)
        cv2.imwrite(str(tmp_path / f"data/labels/{i}.png"), labels)
        kind = "brightfield" if i == 0 else "fluorescence"
        rows.append(f"{i},{kind},{'val' if i > 3 else 'train'}")
    (tmp_path / "data/index.csv").write_text("\n".join(rows))
    return tmp_path / "data"
