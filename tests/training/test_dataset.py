from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np
import pytest
import tifffile

from napari_cellseg.errors import ImageError, RecipeError
from napari_cellseg.protocol import Protocol
from napari_cellseg.recipe import Recipe
from napari_cellseg.simulate import simulate_frame
from napari_cellseg.training.dataset import (
    Annotated,
    find_reference,
    load_examples,
    prepare,
)
from napari_cellseg.training.folders import find_pairs
from napari_cellseg.training.targets import median_diameter

if TYPE_CHECKING:
    from pathlib import Path

NUCLEI = Recipe(name="x", training=Protocol(diameter=24))


def test_an_image_that_the_index_does_not_list_has_no_value(folder: Path) -> None:
    rows = (folder / "index.csv").read_text().splitlines()
    (folder / "index.csv").write_text("\n".join(rows[:-1]))
    assert [p.name for p in find_pairs(folder, {"kind": "fluorescence"})] == list(
        "1234"
    )


def test_other_files_are_passed_over(folder: Path) -> None:
    for part in ("images", "labels"):
        (folder / part / "readme.txt").write_text("by hand")
        (folder / part / ".DS_Store").write_bytes(b"\0")
    (folder / "images" / ".6.png").write_bytes(b"\0")
    assert len(find_pairs(folder, {})) == 6


def test_an_index_of_a_spreadsheet_is_read(folder: Path) -> None:
    index = folder / "index.csv"
    index.write_text(index.read_text(), encoding="utf-8-sig")
    assert len(find_pairs(folder, {"kind": "brightfield"})) == 1


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"name,split\n0,val\n", r"index\.csv: has no column 'id'.*name, split"),
        (b"id,kind\n0,\xb5\n", r"index\.csv: cannot be read: .*UTF-8"),
    ],
)
def test_an_index_that_cannot_be_read_is_named(
    content: bytes, said: str, folder: Path
) -> None:
    (folder / "index.csv").write_bytes(content)
    with pytest.raises(ImageError, match=said):
        find_pairs(folder, {})


GREY = np.arange(96 * 96, dtype=np.uint16).reshape(96, 96)
IDS = (GREY > 4000).astype(np.uint16)


@pytest.mark.parametrize(
    ("image", "labels", "said"),
    [
        (GREY, IDS[:50, :50], r"x\.tif is 96 x 96 px, its labels .* are 50 x 50 px"),
        (np.stack([GREY] * 3), IDS, r"images.x\.tif: holds 3 frames"),
        (GREY, np.stack([IDS] * 3), r"labels.x\.tif: holds 3 frames"),
        (GREY, IDS + 0.5, r"x\.tif.*fractions"),
        (GREY, IDS.astype(np.int16) - 1, r"x\.tif.*negative"),
        (GREY, np.stack([IDS] * 3, -1).astype(np.uint8), r"labels.x\.tif: .*colour"),
        (np.where(IDS, np.nan, GREY), IDS, r"images.x\.tif has \d+ pixels"),
    ],
    ids=["size", "stack", "label stack", "fractions", "negative", "colour", "nan"],
)
def test_a_file_that_cannot_be_used_is_named(
    image: np.ndarray, labels: np.ndarray, said: str, tmp_path: Path
) -> None:
    for part, data in (("images", image), ("labels", labels)):
        (tmp_path / part).mkdir()
        colour = "rgb" if data.shape[-1] == 3 else "minisblack"
        tifffile.imwrite(tmp_path / part / "x.tif", data, photometric=colour)
    with pytest.raises(ImageError, match=said):
        load_examples(find_pairs(tmp_path, {}), NUCLEI)


def test_whole_numbers_as_floats_are_labels(tmp_path: Path) -> None:
    for part, data in (("images", GREY), ("labels", IDS.astype(np.float32))):
        (tmp_path / part).mkdir()
        tifffile.imwrite(tmp_path / part / "x.tif", data)
    (example,) = load_examples(find_pairs(tmp_path, {}), NUCLEI)
    assert set(np.unique(example.labels)) == {0, 1}


def test_an_image_whose_histogram_is_not_known_is_named(tmp_path: Path) -> None:
    recipe = Recipe.model_validate({"name": "x", "preprocess": {"method": "match"}})
    for part, data in (("images", np.where(IDS, np.nan, GREY)), ("labels", IDS)):
        (tmp_path / part).mkdir()
        tifffile.imwrite(tmp_path / part / "x.tif", data)
    with pytest.raises(ImageError, match=r"images.x\.tif holds pixels that are not"):
        find_reference(find_pairs(tmp_path, {}), recipe)


def test_a_truncated_image_is_named(folder: Path) -> None:
    file = folder / "images" / "3.png"
    file.write_bytes(file.read_bytes()[:200])
    with pytest.raises(ImageError, match=r"3\.png"):
        load_examples(find_pairs(folder, {}), NUCLEI)


def test_a_missing_label_image_is_named(folder: Path) -> None:
    (folder / "labels" / "3.png").unlink()
    with pytest.raises(ImageError, match=r"3\.png has no label image"):
        find_pairs(folder, {})


def test_a_folder_of_another_form_is_named(tmp_path: Path) -> None:
    with pytest.raises(ImageError, match="no folder 'images'"):
        find_pairs(tmp_path, {})


def test_examples_have_the_protocols_diameter() -> None:
    frame, labels = simulate_frame(np.random.default_rng(1), (200, 200), 48.0)
    example = prepare(Annotated(frame, labels), NUCLEI)
    assert example.image.shape == example.labels.shape == example.distance.shape
    assert median_diameter(example.labels) == pytest.approx(24, rel=0.03)


RAMP = np.arange(40 * 60, dtype=np.uint16).reshape(40, 60)
CELLS = np.zeros((40, 60), np.uint16)
CELLS[5:25, 10:30], CELLS[5:25, 30:50] = 1, 2


@pytest.mark.parametrize(
    ("scale", "shape"),
    [
        ({"to": "factor", "factor": 0.5}, (20, 30)),
        ({"to": "image size", "side": 64}, (64, 64)),
        ({"to": "pixel size", "pixel_size": 0.65}, (20, 30)),
    ],
)
def test_examples_have_the_scale_of_the_recipe(
    scale: dict[str, object], shape: tuple[int, int]
) -> None:
    recipe = Recipe.model_validate({"name": "x", "scale": scale})
    annotated = Annotated(RAMP, CELLS, nuclei=CELLS, pixel_size=0.325)
    example = prepare(annotated, recipe)
    assert example.nuclei is not None
    arrays = (example.image, example.labels, example.distance, example.nuclei)
    assert {a.shape for a in arrays} == {shape}
    assert set(np.unique(example.labels)) == {0, 1, 2}
    # half the width of a cell as the network sees it
    half = 10 * min(shape[0] / 40, shape[1] / 60)
    assert example.distance.max() == pytest.approx(half, abs=0.6)


def test_an_unknown_pixel_size_is_asked_for() -> None:
    recipe = Recipe.model_validate({"name": "x", "scale": {"to": "pixel size"}})
    with pytest.raises(RecipeError, match=r"0\.65 µm .* --pixel-size"):
        prepare(Annotated(RAMP, CELLS), recipe)


def test_a_colour_image_is_the_mean_of_its_channels(folder: Path) -> None:
    grey = cv2.imread(str(folder / "images/0.png"), cv2.IMREAD_UNCHANGED)
    grey = (grey / max(grey.max() / 255, 1)).astype(np.uint8)
    colour = np.stack([grey, grey // 2, grey // 3], -1)
    cv2.imwrite(str(folder / "images/0.png"), colour)
    example = load_examples(find_pairs(folder, {})[:1], NUCLEI)[0]
    labels = cv2.imread(str(folder / "labels/0.png"), cv2.IMREAD_UNCHANGED)
    mean = np.round(colour.mean(-1)).astype(np.uint8)
    expected = prepare(Annotated(mean, labels), NUCLEI)
    np.testing.assert_array_equal(example.image, expected.image)


def test_nuclei_beside_labels_are_read(folder: Path) -> None:
    (folder / "nuclei").mkdir()
    for file in (folder / "labels").iterdir():
        labels = cv2.imread(str(file), cv2.IMREAD_UNCHANGED)
        cv2.imwrite(str(folder / "nuclei" / file.name), labels * 2)
    example = load_examples(find_pairs(folder, {})[:1], NUCLEI)[0]
    assert example.nuclei is not None
    np.testing.assert_array_equal(example.nuclei, 2 * example.labels)


@pytest.fixture
def challenge(tmp_path: Path) -> Path:
    """Two sequences: 01 with silver and gold truth, 02 with gold truth of a frame."""

    def write(name: str, value: int) -> None:
        file = tmp_path / "Set" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        frame = np.full((32, 32), value, np.uint16)
        frame[8:24, 8:24] += 1
        tifffile.imwrite(file, frame)

    for sequence in ("01", "02"):
        for t in range(3):
            write(f"{sequence}/t{t:03}.tif", 100)
    for t in (0, 2):
        write(f"01_ST/SEG/man_seg{t:03}.tif", 0)
    write("01_GT/SEG/man_seg001.tif", 0)
    write("02_GT/SEG/man_seg001.tif", 0)
    return tmp_path / "Set"


def test_a_challenge_data_set_is_paired_by_number(challenge: Path) -> None:
    pairs = find_pairs(challenge, {})
    assert [p.name for p in pairs] == ["01/t000", "01/t002", "02/t001"]
    assert [p.attributes["sequence"] for p in pairs] == ["01", "01", "02"]
    truth = [p.labels.relative_to(challenge).parts[0] for p in pairs if p.labels]
    assert truth == ["01_ST", "01_ST", "02_GT"]
    assert len(load_examples(pairs, NUCLEI)) == 3
    assert [p.name for p in find_pairs(challenge, {"sequence": "02"})] == ["02/t001"]


def test_frames_without_truth_are_left_out_and_counted(
    challenge: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level("INFO"):
        find_pairs(challenge, {})
    assert "1 of 3 frames are not in" in caplog.text
    assert "2 of 3 frames are not in" in caplog.text


def test_truth_of_other_frames_is_refused(challenge: Path) -> None:
    (challenge / "02/t001.tif").unlink()
    with pytest.raises(ImageError, match=r"02: none of its 2 frames has the number"):
        find_pairs(challenge, {})
