from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

from napari_cellseg.network.architectures import compilers

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

CODE = """
import sys
from pathlib import Path
from napari_cellseg.network.architectures import compilers
compilers._MAPPED = Path(sys.argv[1])
with compilers.without_triton():
    pass
from torch.utils._triton import has_triton_package
print(has_triton_package(), "triton" in sys.modules)
"""


def listed(folder: Path, library: str) -> Path:
    maps = folder / "maps"
    maps.write_text(f"7f00-7f01 r-xp 0 08:01 1 /usr/lib/{library}")
    return maps


def test_triton_is_not_loaded_beside_the_llvm_of_opengl(tmp_path: Path) -> None:
    maps = listed(tmp_path, "libLLVM-15.so.1")
    ran = [sys.executable, "-c", CODE, str(maps)]
    out = subprocess.run(ran, capture_output=True, check=True, text=True).stdout
    assert out.split() == ["False", "False"]


def test_without_that_llvm_triton_is_left_as_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for maps in (listed(tmp_path, "libm.so.6"), tmp_path / "absent"):
        monkeypatch.setattr(compilers, "_MAPPED", maps)
        before = sys.modules.get("triton", "absent")
        with compilers.without_triton():
            assert sys.modules.get("triton", "absent") is before
