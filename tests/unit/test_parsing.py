"""Parsings: kinds of files that must not be mistaken for each other, mirror, one-hot and colours."""

import struct
import zlib

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from warpgan.labels import LABEL_COLOURS, LABELS, VOC_COLOURS
from warpgan.parsing import colourise, mirror, one_hot, read_parsing, write_parsing
from warpgan.png import SIGNATURE


def patches(seed=0, size=(40, 30)):
    """Draw a map of 5x5 patches in which all labels occur."""
    coarse = torch.arange(48) % 20
    coarse = coarse[torch.randperm(48, generator=torch.Generator().manual_seed(seed))].view(8, 6)
    return coarse.repeat_interleave(size[0] // 8, 0).repeat_interleave(size[1] // 6, 1)


def save(path, pixels, mode=None, palette=None):
    picture = Image.fromarray(np.asarray(pixels).astype(np.uint8))
    if mode is not None:
        picture = picture.convert(mode)
    if palette is not None:
        picture.putpalette([channel for colour in palette for channel in colour])
    picture.save(path)
    return path


def painted(parsing, table=LABEL_COLOURS):
    return np.array(table, dtype=np.uint8)[parsing.numpy()]


# What makes them what they are: one map, whatever it is stored as


@pytest.mark.parametrize(
    "kind", ["indices", "palette", "VOC palette", "free palette", "colours", "VOC colours", "opaque colours"]
)
def test_every_way_of_storing_a_map_reads_the_same(tmp_path, kind):
    parsing, path = patches(), tmp_path / "map.png"
    if kind == "indices":
        save(path, parsing)
    elif kind.endswith("palette"):
        tables = {"palette": LABEL_COLOURS, "VOC palette": VOC_COLOURS}
        save(path, parsing, palette=tables.get(kind, [(7 * i, 90, 255 - i) for i in range(20)]))
    else:
        table = VOC_COLOURS if kind.startswith("VOC") else LABEL_COLOURS
        save(path, painted(parsing, table), mode="RGBA" if kind.startswith("opaque") else None)
    for again in (False, True):
        found = read_parsing(path, size=(40, 30), again=again)
        assert found.dtype == torch.int64 and torch.equal(found, parsing)


def test_a_written_map_comes_back_and_looks_coloured(tmp_path):
    parsing = patches(1)
    write_parsing(tmp_path / "map.png", parsing)
    assert torch.equal(read_parsing(tmp_path / "map.png"), parsing)
    with Image.open(tmp_path / "map.png") as picture:
        assert picture.mode == "P"
        assert np.array_equal(np.array(picture.convert("RGB")), painted(parsing))


@given(st.integers(0, 1000))
def test_mirroring_turns_columns_and_exchanges_sides(seed):
    parsing = patches(seed)
    mirrored = mirror(parsing)
    assert torch.equal(mirror(mirrored), parsing)
    for label, name in enumerate(LABELS):
        side, _, part = name.partition("-")
        other = {"left": f"right-{part}", "right": f"left-{part}"}.get(side, name)
        assert torch.equal(mirrored == LABELS.index(other), (parsing == label).flip(-1))


def test_one_hot_has_one_channel_for_each_pixel():
    batch = torch.stack([patches(2), patches(3)])
    channels = one_hot(batch)
    assert channels.shape == (2, 20, 40, 30) and channels.dtype == torch.float32
    assert (channels.sum(1) == 1).all() and torch.equal(channels.argmax(1), batch)
    assert torch.equal(one_hot(batch.to(torch.uint8)), channels)


def test_colours_are_the_table():
    batch = torch.stack([patches(4), patches(5)])
    assert np.array_equal(colourise(batch).numpy(), painted(batch))


# Real samples


def test_label_counts_of_real_maps(realdata, golden):
    for name, expected in golden("parsing_counts")["counts"].items():
        found = read_parsing(realdata / name, size=tuple(expected["hw"])).flatten()
        assert found.bincount(minlength=20).tolist() == [expected["counts"].get(str(i), 0) for i in range(20)]


@pytest.mark.parametrize("name", ["0002190.png", "0012008.png"])
def test_real_mirrored_maps(realdata, name):
    parsing = read_parsing(realdata / "cihp" / "labels" / name)
    assert torch.equal(mirror(parsing), read_parsing(realdata / "cihp" / "labels_rev" / name))


def test_the_same_real_map_in_colours_and_indices(realdata):
    folder = realdata / "viton"
    colours, indices = (folder / kind / "000001_0.png" for kind in ("image-parse", "image-parse-new"))
    assert torch.equal(read_parsing(colours), read_parsing(indices))


# Bad input: one sentence that names the file and the fault


def refused(path, sentence, **options):
    with pytest.raises(ValueError, match=sentence) as error:
        read_parsing(path, **options)
    assert str(error.value).startswith(f"{path}: ") and "\n" not in str(error.value)


def test_labels_above_19(tmp_path):
    parsing = patches()
    parsing[3, 4] = 20
    for palette in (None, (*VOC_COLOURS, (200, 100, 50))):
        refused(save(tmp_path / "map.png", parsing, palette=palette), "label 20 where labels are 0..19")


def test_ignored_pixels_only_where_they_are_expected(tmp_path):
    parsing = patches()
    parsing[3, 4] = 255
    path = save(tmp_path / "map.png", parsing)
    refused(path, "holds 255 .pixels to ignore.; pass ignore=True")
    assert torch.equal(read_parsing(path, ignore=True), parsing)
    with pytest.raises(ValueError, match="labels are 0..19, this parsing holds 0..255"):
        one_hot(read_parsing(path, ignore=True)[None])


def test_another_size_than_the_picture(tmp_path):
    path = save(tmp_path / "map.png", patches())
    refused(path, "the parsing is 30 wide and 40 high, its picture 40 wide and 30 high", size=(30, 40))


def test_a_colour_map_turned_into_grey(tmp_path):
    refused(save(tmp_path / "map.png", painted(patches()), mode="L"), "a colour map turned into grey")
    refused(save(tmp_path / "map.png", painted(patches(), VOC_COLOURS), mode="L"), "turned into grey")


def test_a_colour_map_packed_into_a_palette_of_its_own_order(tmp_path):
    picture = Image.fromarray(painted(patches())).quantize(20)
    picture.save(tmp_path / "map.png")
    refused(tmp_path / "map.png", "a colour map packed into a palette whose order is not the labels'")


def test_a_grey_map_packed_into_a_palette_of_its_own_order(tmp_path):
    parsing = torch.where(patches() > 10, 13, 2)  # greys 2 and 13 become indices 0 and 1
    path = save(tmp_path / "map.png", parsing == 13, palette=[(2, 2, 2), (13, 13, 13)], mode="L")
    refused(path, "a grey label map packed into a palette")


def test_a_colour_of_no_table_is_named_with_its_place(tmp_path):
    pixels = painted(patches())
    pixels[7, 11] = 1, 2, 3
    refused(save(tmp_path / "map.png", pixels), r"colour \(1, 2, 3\) at x 11, y 7 stands for no label")
    blended = Image.fromarray(painted(patches())).resize((77, 91), Image.Resampling.BILINEAR)
    blended.save(tmp_path / "blended.png")
    refused(tmp_path / "blended.png", "stands for no label")


def test_labels_written_into_three_channels(tmp_path):
    path = save(tmp_path / "map.png", patches()[..., None].expand(-1, -1, 3))
    refused(path, "labels written as greys belong into one channel")


def test_few_colours_of_both_tables_need_a_word(tmp_path):
    path = save(tmp_path / "map.png", painted(12 * (patches() > 9)))  # green: skirt, or hair in VOC's table
    refused(path, "in both tables with different labels; pass colours=")
    assert torch.equal(read_parsing(path, colours=LABEL_COLOURS), 12 * (patches() > 9))


@pytest.mark.parametrize(
    "content, sentence", [(b"no picture", "not a picture"), ("cut", "the picture is damaged")]
)
def test_damaged_files(tmp_path, content, sentence):
    path = save(tmp_path / "map.png", torch.randint(0, 20, (64, 64)))
    path.write_bytes(path.read_bytes()[:900] if content == "cut" else content)
    refused(path, sentence)
    with pytest.raises(FileNotFoundError, match="none.png: no such file"):
        read_parsing(tmp_path / "none.png")


def test_other_kinds_of_pictures(tmp_path):
    Image.fromarray(painted(patches())).save(tmp_path / "map.jpg")
    refused(tmp_path / "map.jpg", "a JPEG, whose compression changes labels")
    Image.fromarray(patches().numpy().astype(np.uint16)).save(tmp_path / "deep.png")
    refused(tmp_path / "deep.png", "16 bits a channel; a parsing has 8")
    clear = np.dstack([painted(patches()), np.full((40, 30), 128, np.uint8)])
    Image.fromarray(clear).save(tmp_path / "clear.png")
    refused(tmp_path / "clear.png", "picture mode RGBA")


@pytest.mark.parametrize(
    "wrong", [torch.tensor([[[0, 20]]]), torch.tensor([[[-1, 3]]]), torch.zeros(1, 2, 2)],
    ids=["above", "below", "floats"],
)
def test_labels_out_of_range_never_become_channels(tmp_path, wrong):
    for use in (one_hot, mirror, colourise, lambda one: write_parsing(tmp_path / "map.png", one[0])):
        with pytest.raises(ValueError, match="labels are 0..19, this parsing holds|a parsing holds integers"):
            use(wrong)
    assert not list(tmp_path.iterdir())


def test_a_map_is_never_written_with_loss(tmp_path):
    with pytest.raises(ValueError, match="map.jpg: a parsing is written as .png"):
        write_parsing(tmp_path / "map.jpg", patches())


@pytest.mark.parametrize("depth", [2, 4])
def test_labels_of_2_and_4_bits_stay_labels_though_pillow_spreads_them_over_the_greys(tmp_path, depth):
    def chunk(name, body):
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

    rows = bytes([0, 0b00010001]) * 2 if depth == 4 else bytes([0, 0b00110001]) * 2
    header = struct.pack(">IIBBBBB", 2 if depth == 4 else 4, 2, depth, 0, 0, 0, 0)
    chunks = (chunk(b"IHDR", header), chunk(b"IDAT", zlib.compress(rows)), chunk(b"IEND", b""))
    (tmp_path / "map.png").write_bytes(SIGNATURE + b"".join(chunks))
    assert read_parsing(tmp_path / "map.png").tolist() == [[1, 1] if depth == 4 else [0, 3, 0, 1]] * 2


def test_a_bomb_of_pixels_is_refused_before_it_is_decoded(tmp_path):
    path = save(tmp_path / "map.png", np.zeros((6000, 6000)))
    refused(path, "6000 wide and 6000 high, 36,000,000 pixels; at most 33,554,432 are expected")
