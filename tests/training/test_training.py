from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np
import pytest
import tifffile
import torch
from pydantic import ValidationError

from napari_cellseg.errors import ImageError, ModelError
from napari_cellseg.network.bundle import load_bundle
from napari_cellseg.network.parameters import Architecture
from napari_cellseg.preprocess import Preprocess
from napari_cellseg.protocol import Augmentation, Protocol
from napari_cellseg.simulate import simulate_frame
from napari_cellseg.training.augment import random_crop
from napari_cellseg.training.dataset import find_pairs, load_examples, prepare
from napari_cellseg.training.run import train
from napari_cellseg.training.split import split
from napari_cellseg.training.targets import median_diameter

if TYPE_CHECKING:
    from pathlib import Path

TINY = Protocol(
    architecture=Architecture(widths=(8, 16)),
    crop=64,
    batch=2,
    epochs=2,
    averaging=0.5,
)


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


def test_the_loss_falls_and_the_file_loads(folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "tiny.safetensors"
    protocol = TINY.replace(epochs=8, learning_rate=0.01)
    epochs = list(train([folder], out, protocol, Preprocess(), torch.device("cpu")))
    assert [e.number for e in epochs] == list(range(1, 9))
    assert epochs[-1].loss < 0.8 * epochs[0].loss
    assert np.isfinite(epochs[-1].validation_loss)
    bundle = load_bundle(out)
    assert bundle.card["epoch"] == 8
    assert bundle.architecture.widths == (8, 16)


def test_a_stopped_run_resumes_to_the_same_weights(
    folder: Path, tmp_path: Path
) -> None:
    arguments = (TINY, Preprocess(), torch.device("cpu"))
    whole, parts = tmp_path / "a.safetensors", tmp_path / "b.safetensors"
    list(train([folder], whole, *arguments))
    next(train([folder], parts, *arguments))
    rest = list(train([folder], parts, *arguments, resume=True))
    assert [e.number for e in rest] == [2]
    for name, value in load_bundle(whole).network.state_dict().items():
        resumed = load_bundle(parts).network.state_dict()[name]
        torch.testing.assert_close(resumed, value, rtol=1e-2, atol=1e-3)


def test_another_run_does_not_resume(folder: Path, tmp_path: Path) -> None:
    out, cpu = tmp_path / "a.safetensors", torch.device("cpu")
    next(train([folder], out, TINY, Preprocess(), cpu))
    other = TINY.replace(architecture=Architecture(widths=(4, 8)), batch=1, epochs=3)
    with pytest.raises(
        ModelError, match=r"another run: .*batch \(was 2, now 1\)"
    ) as no:
        next(train([folder], out, other, Preprocess(), cpu, resume=True))
    assert "protocol.architecture.widths (was [8, 16], now [4, 8])" in str(no.value)
    assert "epochs" not in str(no.value)
    with pytest.raises(ModelError, match=r"preprocess\.low \(was 1\.0, now 2\.0\)"):
        next(train([folder], out, TINY, Preprocess(low=2), cpu, resume=True))
    where = {"kind": "fluorescence"}
    with pytest.raises(ModelError, match=r'where\.kind \(was None, now "fluor'):
        next(train([folder], out, TINY, Preprocess(), cpu, where=where, resume=True))
    longer = TINY.replace(epochs=3)
    rest = train([folder], out, longer, Preprocess(), cpu, resume=True)
    assert next(rest).number == 2


def test_a_file_that_is_no_checkpoint_is_refused(folder: Path, tmp_path: Path) -> None:
    out, cpu = tmp_path / "a.safetensors", torch.device("cpu")
    next(train([folder], out, TINY, Preprocess(), cpu))
    checkpoint = tmp_path / "a.safetensors.checkpoint"
    whole = checkpoint.read_bytes()
    checkpoint.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(ModelError, match=r"\.checkpoint is damaged"):
        next(train([folder], out, TINY, Preprocess(), cpu, resume=True))
    checkpoint.write_bytes(out.read_bytes())
    with pytest.raises(ModelError, match=r"\.checkpoint is no checkpoint"):
        next(train([folder], out, TINY, Preprocess(), cpu, resume=True))


def test_a_model_is_adapted_from_its_own_weights(folder: Path, tmp_path: Path) -> None:
    first, second = tmp_path / "a.safetensors", tmp_path / "b.safetensors"
    list(train([folder], first, TINY, Preprocess(), torch.device("cpu")))
    still = TINY.replace(epochs=1, learning_rate=1e-9, weight_decay=0, averaging=0.999)
    list(train([folder], second, still, Preprocess(), torch.device("cpu"), start=first))
    assert load_bundle(second).card["start"] == str(first)
    for name, value in load_bundle(first).network.named_parameters():
        kept = load_bundle(second).network.get_parameter(name)
        torch.testing.assert_close(kept, value, rtol=1e-3, atol=1e-5)


def test_a_model_of_another_architecture_is_refused(
    folder: Path, tmp_path: Path
) -> None:
    first = tmp_path / "a.safetensors"
    list(train([folder], first, TINY, Preprocess(), torch.device("cpu")))
    other = TINY.replace(architecture=Architecture(widths=(4, 8)))
    arguments = (tmp_path / "b.safetensors", other, Preprocess(), torch.device("cpu"))
    with pytest.raises(ModelError, match=r"a\.safetensors has the architecture"):
        next(train([folder], *arguments, start=first))


def test_the_index_decides_what_is_used(folder: Path) -> None:
    pairs = find_pairs(folder, {"kind": "fluorescence"})
    learn, check = split(pairs, TINY)[:2]
    assert [p.name for p in learn] == ["1", "2", "3"]
    assert [p.name for p in check] == ["4", "5"]


def test_a_column_that_no_index_has_is_refused(folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "a.safetensors"
    arguments = ([folder], out, TINY, Preprocess(), torch.device("cpu"))
    with pytest.raises(ImageError, match="column 'kin'; there are: id, kind, split"):
        next(train(*arguments, where={"kin": "fluorescence"}))
    (folder / "index.csv").unlink()
    with pytest.raises(ImageError, match="column 'kind'; there are: none"):
        next(train(*arguments, where={"kind": "fluorescence"}))
    assert not out.exists()
    assert len(find_pairs(folder, {"kind": "fluorescence"})) == 6


def test_an_image_that_the_index_does_not_list_has_no_value(folder: Path) -> None:
    rows = (folder / "index.csv").read_text().splitlines()
    (folder / "index.csv").write_text("\n".join(rows[:-1]))
    assert [p.name for p in find_pairs(folder, {"kind": "fluorescence"})] == list(
        "1234"
    )


def test_too_few_images_for_a_step_are_refused(folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "a.safetensors"
    arguments = ([folder], out, TINY.replace(batch=64), Preprocess())
    with pytest.raises(ImageError, match=r"too few for a step of 64.*batch to \d"):
        next(train(*arguments, torch.device("cpu")))
    index = folder / "index.csv"
    index.write_text(index.read_text().replace("train", "val"))
    with pytest.raises(ImageError, match="no image to train on"):
        next(train([folder], out, TINY, Preprocess(), torch.device("cpu")))
    assert not out.exists()


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
        load_examples(find_pairs(tmp_path, {}), Preprocess(), 24)


def test_whole_numbers_as_floats_are_labels(tmp_path: Path) -> None:
    for part, data in (("images", GREY), ("labels", IDS.astype(np.float32))):
        (tmp_path / part).mkdir()
        tifffile.imwrite(tmp_path / part / "x.tif", data)
    (example,) = load_examples(find_pairs(tmp_path, {}), Preprocess(), 90)
    assert set(np.unique(example.labels)) == {0, 1}


def test_a_truncated_image_is_named(folder: Path) -> None:
    file = folder / "images" / "3.png"
    file.write_bytes(file.read_bytes()[:200])
    with pytest.raises(ImageError, match=r"3\.png"):
        load_examples(find_pairs(folder, {}), Preprocess(), 24)


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"crop": 80, "architecture": {"widths": [4] * 6}}, "a multiple of 32 px"),
        ({"architecture": {"widths": [0, 0]}}, "greater than or equal to 1"),
        ({"architecture": {"inputs": 3}}, "should be 1"),
        ({"architecture": {"maps": ["foreground"]}}, "required"),
        ({"architecture": {"maps": ["distance", "foreground"]}}, "'foreground'"),
        ({"augmentation": {"zoom": [0, 0]}}, "greater than or equal to 0.1"),
        ({"augmentation": {"gamma": [2, 1]}}, r"start \(2\.0\) is above its end"),
    ],
)
def test_settings_that_cannot_train_are_refused(
    settings: dict[str, object], said: str
) -> None:
    with pytest.raises(ValidationError, match=said):
        Protocol.model_validate(settings)


@pytest.mark.parametrize("blur", [0, 0.2, 0.3])
def test_crops_without_blur(blur: float) -> None:
    frame, labels = simulate_frame(np.random.default_rng(1), (96, 96), 24.0)
    example = prepare(frame, labels, Preprocess(), 24.0)
    for seed in range(10):
        rng = np.random.default_rng(seed)
        crop = random_crop(example, 64, Augmentation(blur=blur), rng)
        assert np.isfinite(crop.image).all()


def test_a_missing_label_image_is_named(folder: Path) -> None:
    (folder / "labels" / "3.png").unlink()
    with pytest.raises(ImageError, match=r"3\.png has no label image"):
        find_pairs(folder, {})


def test_a_folder_of_another_form_is_named(tmp_path: Path) -> None:
    with pytest.raises(ImageError, match="no folder 'images'"):
        find_pairs(tmp_path, {})


def test_examples_have_the_protocols_diameter() -> None:
    frame, labels = simulate_frame(np.random.default_rng(1), (200, 200), 48.0)
    example = prepare(frame, labels, Preprocess(), 24.0)
    assert example.image.shape == example.labels.shape == example.distance.shape
    assert median_diameter(example.labels) == pytest.approx(24, rel=0.03)


def test_crops_keep_image_labels_and_distance_together() -> None:
    frame, labels = simulate_frame(np.random.default_rng(1), (300, 300), 24.0)
    example = prepare(frame, labels, Preprocess(), 24.0)
    for seed in range(10):
        rng = np.random.default_rng(seed)
        crop = random_crop(example, 128, Augmentation(), rng)
        assert crop.image.shape == crop.labels.shape == (128, 128)
        assert np.isfinite(crop.image).all()
        # interpolation smears the outline by about a pixel
        inside = cv2.erode((crop.labels > 0).astype(np.uint8), np.ones((3, 3)))
        assert (crop.distance[inside > 0] > 0).mean() > 0.99
        assert set(np.unique(crop.labels)) <= set(np.unique(example.labels))
