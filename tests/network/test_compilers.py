from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

CODE = """
import sys
from pathlib import Path

from napari_cellseg.network.architectures import compilers
compilers._MAPPED = Path(sys.argv[1])
with compilers.without_triton():
    import torchvision
from torch.utils._triton import has_triton_package
print(has_triton_package(), "triton" in sys.modules)
"""


@pytest.mark.parametrize("library", ["libLLVM-15.so.1", "libm.so.6"])
def test_triton_is_not_loaded_beside_the_llvm_of_opengl(
    tmp_path: Path, library: str
) -> None:
    maps = tmp_path / "maps"
    maps.write_text(f"7f00-7f01 r-xp 0 08:01 1 /usr/lib/{library}")
    ran = [sys.executable, "-c", CODE, str(maps)]
    out = subprocess.run(ran, capture_output=True, check=True, text=True).stdout
    there, loaded = out.split()
    if "LLVM" in library:
        assert (there, loaded) == ("False", "False")
    else:
        assert there == loaded
