from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest
from pydantic import ValidationError

from napari_cellseg.postprocess import Foreground, Postprocess, Split, segment

PAIR = np.zeros((40, 60))
_y, _x = np.ogrid[:40, :60]
for _center in (18, 40):
    PAIR[(_y - 20) ** 2 + (_x - _center) ** 2 <= 144] = 0.9


def test_touching_pair_is_split_by_either_landscape():
    p = Postprocess(smallest_area=0, h=1, landscape="distance transform")
    labels = segment(PAIR, None, p)
    assert labels.max() == 2
    assert labels[20, 18] != labels[20, 40]
    distance = np.sqrt(np.maximum(0, 144 - (_y - 20.0) ** 2 - (_x % 29 - 14.5) ** 2))
    assert segment(PAIR, distance, p.replace(landscape="distance map")).max() == 2
    assert segment(PAIR, None, p.replace(h=50)).max() == 1


def test_what_is_missing_is_said():
    with pytest.raises(ValueError, match="no distance map"):
        segment(PAIR, None, Postprocess(smallest_area=0, h=1))
    with pytest.raises(ValueError, match="h is automatic"):
        segment(PAIR, PAIR, Postprocess(smallest_area=0))


def test_fit_keeps_what_is_set():
    fitted = Postprocess(h=0).fit(20)
    assert fitted.h == 0
    assert fitted.smallest_area is not None
    assert Postprocess(smallest_area=7).fit(20).smallest_area == 7
    assert fitted.fit(99) == fitted


def test_parts_are_cache_keys():
    p = Postprocess().fit(30)
    assert p.replace(h=9).part(Foreground) == p.part(Foreground)
    assert hash(p.replace(h=9).part(Foreground)) == hash(p.part(Foreground))
    assert p.part(Split) == Split(h=p.h)
    assert next(iter(Postprocess.model_fields)) == "threshold"


@pytest.mark.parametrize(
    "wrong",
    [{"element_size": 4}, {"element_size": -1}, {"h": -0.1}, {"threshold": 1.1}],
)
def test_parameters_out_of_range_are_refused(wrong):
    with pytest.raises(ValidationError):
        Postprocess(**wrong)


def test_parameters_do_not_import_numba():
    code = (
        "import sys, napari_cellseg.postprocess.parameters;"
        "sys.exit('numba' in sys.modules or 'torch' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_kernels_work_without_a_folder_for_the_cache():
    code = (
        "from numba.core import caching;"
        "caching.CacheImpl._locator_classes = [];"
        "import numpy as np;"
        "from napari_cellseg.postprocess._flood import find;"
        "assert find(np.array([0, 1, 1], np.int32), 2) == 1"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
