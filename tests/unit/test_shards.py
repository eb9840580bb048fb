"""A shard is whole or not there: whatever is cut, flipped, foreign or half-written is never read as ours."""

import errno
import json
import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
import stand_in
import torch

from warpgan.data import RenderedPeople
from warpgan.people import render, shards
from warpgan.people.shards import PER_SHARD, fault, shard_path, write_shard

EXTRAS = ("depth", "normals", "unlit")


@pytest.fixture(autouse=True)
def rendered(monkeypatch):
    """Replace the renderer and count the people that it makes."""
    made = []

    def render_person(seed, *arguments, **options):
        made.append(seed.spawn_key)
        return stand_in.render_person(seed, *arguments, **options)

    monkeypatch.setattr(render, "render_person", render_person)
    return made


def job(folder, people=3, **changes):
    return {"split": "val", "seed": 5, "size": [24, 16], "poses": 2, "people": people, "style": "plain", "extras": [],
            "device": "cpu", "folder": str(folder), **changes}


def make(cache, people=3, **changes):
    return RenderedPeople("val", (24, 16), people, 2, 5, cache=cache, workers=0, progress=False, **changes)


def test_no_cut_and_no_changed_header_is_read_as_whole(tmp_path):
    write_shard(job(tmp_path), 0)
    path = shard_path(tmp_path, 0)
    whole = path.read_bytes()
    assert fault(job(tmp_path), 0) is None
    header = 8 + int.from_bytes(whole[:8], "little")
    for length in [0, 1, 7, 8, 9, header - 1, header, *np.linspace(header + 1, len(whole) - 1, 20).astype(int)]:
        path.write_bytes(whole[:length])
        assert "00000.safetensors" in fault(job(tmp_path), 0)
    text = whole[8:header].rstrip()
    for place in range(8 + len(text)):
        spoilt = bytearray(whole)
        spoilt[place] ^= 1 << place % 7
        path.write_bytes(spoilt)
        assert "00000.safetensors" in fault(job(tmp_path), 0), bytes(spoilt[8:header])
    path.write_bytes(whole)
    assert fault(job(tmp_path), 0) is None


@pytest.mark.parametrize("changes", [
    {"split": "train"}, {"seed": 6}, {"size": [16, 24]}, {"poses": 3}, {"style": "market"}, {"extras": ["depth"]},
])
def test_a_shard_of_other_people_is_not_ours(tmp_path, changes):
    write_shard(job(tmp_path), 0)
    assert "other people" in fault(job(tmp_path, **changes), 0)
    assert fault(job(tmp_path, device="cuda:1"), 0) is None  # the device changes nobody


def test_what_is_stored_comes_back_within_its_steps(tmp_path):
    data = make(tmp_path, 10, extras=EXTRAS)
    for person in (0, 7, 8, 9):
        true = stand_in.render_person(shards.person_seed(5, "val", person), 2, (24, 16), extras=EXTRAS)
        for pose in range(2):
            picture = data.pictures(2 * person + pose)
            for name, stored in (("image", "images"), ("unlit", "unlit")):
                steps = (picture[name].permute(1, 2, 0) + 1) * 127.5
                assert np.array_equal(steps.round().numpy(), true[stored][pose])
            assert np.array_equal(picture["parsing"], true["parsings"][pose])
            assert np.array_equal(picture["keypoints"], true["keypoints"][pose])
            assert np.array_equal(picture["joint_visible"], true["visible"][pose])
            assert picture["pure"].dtype == torch.bool and np.array_equal(picture["pure"], true["pure"][pose])
            assert np.abs(picture["depth"].numpy() - true["depth"][pose]).max() < 0.00013
            assert np.abs(picture["normals"].numpy() - np.moveaxis(true["normals"][pose], 2, 0)).max() < 0.008
            pair = data[2 * person + 1 - pose]  # of two pairs the first has its target in the second pose
            wanted = true["correspondences"][pose, 1 - pose]
            valid = (wanted[..., 0] >= 0) & (true["parsings"][pose] > 0)
            assert np.array_equal(pair["correspondence_valid"], valid)
            assert np.abs(pair["correspondence"].numpy() - wanted)[valid].max() <= 0.5 / 64 + 1e-6
            assert {"target_depth", "condition_normals", "target_unlit", "condition_pure"} < set(pair)


def test_a_short_shard_is_lengthened_and_nobody_is_rendered_twice(tmp_path, rendered):
    make(tmp_path / "grown", 3)
    data = make(tmp_path / "grown", 13)
    assert len(rendered) == len(set(rendered)) == 13
    make(tmp_path / "grown", 5)
    assert len(rendered) == 13
    at_once = make(tmp_path / "whole", 13)
    for shard in range(2):
        assert shard_path(data.folder, shard).read_bytes() == shard_path(at_once.folder, shard).read_bytes()


def test_people_that_are_kept_are_copied_not_made_again(tmp_path, monkeypatch):
    before = make(tmp_path, 3).pictures(5)
    black = {"images": np.zeros((2, 24, 16, 3), np.uint8)}
    monkeypatch.setattr(render, "render_person", lambda *given, **rest: stand_in.render_person(*given, **rest) | black)
    more = make(tmp_path, 4)
    assert torch.equal(more.pictures(5)["image"], before["image"])
    assert (more.pictures(6)["image"] == -1).all()


def test_a_shorter_shard_never_takes_the_place_of_a_longer_one(tmp_path, monkeypatch):
    write_shard(job(tmp_path / "long", 8), 0)
    longer = shard_path(tmp_path / "long", 0).read_bytes()
    path = shard_path(tmp_path / "mine", 0)

    def meanwhile(*arguments, **options):  # another process, that wants more people, is done first
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(longer)
        return stand_in.render_person(*arguments, **options)

    monkeypatch.setattr(render, "render_person", meanwhile)
    write_shard(job(path.parent, 3), 0)
    assert path.read_bytes() == longer


def test_kernels_are_launched_by_one_thread_at_a_time(tmp_path, monkeypatch):
    inside, most = [], []

    def watched(*arguments, **options):
        inside.append(1)
        most.append(len(inside))
        time.sleep(0.005)
        inside.pop()
        return stand_in.render_person(*arguments, **options)

    monkeypatch.setattr(render, "render_person", watched)
    with ThreadPoolExecutor(4) as pool:
        data = make(tmp_path / "threads", 4 * PER_SHARD, executor=pool)
    assert set(most) == {1}
    alone = make(tmp_path / "alone", 4 * PER_SHARD)
    for shard in range(4):
        assert shard_path(data.folder, shard).read_bytes() == shard_path(alone.folder, shard).read_bytes()


def full(path, data):
    raise OSError(errno.ENOSPC, "No space left on device")


def test_a_full_disk_is_told_in_one_sentence_and_leaves_nothing_half_written(tmp_path, monkeypatch):
    make(tmp_path, PER_SHARD)
    with monkeypatch.context() as patch:
        patch.setattr(Path, "write_bytes", full)
        with pytest.raises(OSError, match="needs .* MB and .* MB are free; what is written already is kept") as told:
            make(tmp_path, 2 * PER_SHARD)
    folder = next(tmp_path.iterdir())
    assert str(folder) in str(told.value) and "\n" not in str(told.value)
    assert [file.name for file in folder.iterdir()] == ["00000.safetensors"]
    assert make(tmp_path, 2 * PER_SHARD).people == 2 * PER_SHARD


@pytest.fixture
def tiny_disk(tmp_path):
    """A file system of 256 kB."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mounted = ["mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", str(folder)]
    able = hasattr(os, "geteuid") and os.geteuid() == 0
    if not able or subprocess.run(mounted, capture_output=True, check=False).returncode != 0:
        pytest.skip("needs the right to mount a file system")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


def test_a_disk_that_is_really_full(tiny_disk):
    with pytest.raises(OSError, match="is full: the next shard needs"):
        make(tiny_disk, 80, extras=EXTRAS)
    folder = next(tiny_disk.iterdir())
    assert 0 < len(list(folder.iterdir())) < 10
    assert all(file.name == f"{number:05d}.safetensors" for number, file in enumerate(sorted(folder.iterdir())))
    subprocess.run(["mount", "-o", "remount,ro", str(tiny_disk)], check=True)
    with pytest.raises(OSError, match="cannot be written .*[Rr]ead-only.*give another folder"):
        make(tiny_disk, 80, extras=EXTRAS)
    assert make(tiny_disk, 8, extras=EXTRAS).pictures(15)["depth"].max() > 3  # what is there can be read


def test_what_a_killed_process_left_is_swept_away_when_it_is_old(tmp_path):
    data = make(tmp_path, 2)
    old, young = (data.folder / f".00000.{word}.safetensors" for word in ("old", "young"))
    for part in (old, young):
        part.write_text("half")
    os.utime(old, (time.time() - 7200,) * 2)
    make(tmp_path, 3)
    assert young.exists() and not old.exists()


MEMORY = """
import json, sys
from pathlib import Path
import stand_in
from warpgan.data import RenderedPeople
from warpgan.people import render
if sys.argv[2] == "stand-in":
    render.render_person = stand_in.render_person
peaks, size = [], (64, 32) if sys.argv[2] == "stand-in" else (32, 16)
for number, people in enumerate(int(count) for count in sys.argv[3:]):
    cache = Path(sys.argv[1], str(number))  # rendered anew each time
    data = RenderedPeople("train", size, people, 2, cache=cache, workers=0, progress=False)
    for pair in data:
        pass
    status = Path("/proc/self/status").read_text()
    peaks.append(int(status.split("VmHWM:")[1].split()[0]) / 1024)
print(json.dumps(peaks))
"""


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="needs Linux to tell a process's peak")
@pytest.mark.parametrize("renderer, counts, warm", [
    ("stand-in", (160, 480), 0),
    # The same people again and again: a peak is that of whoever wears most, and what is built once is built by then.
    ("true", (32,) * 7, 3),
])
def test_memory_does_not_grow_with_the_number_of_people(tmp_path, renderer, counts, warm):
    path = os.pathsep.join([str(Path(__file__).parent), str(Path(shards.__file__).parents[2])])
    # glibc keeps what is freed, more and more of it as blocks grow; here every large block goes back at once, so that
    # a peak is what was in use.
    steady = {"PYTHONPATH": path, "MALLOC_MMAP_THRESHOLD_": "65536", "MALLOC_ARENA_MAX": "1"}
    done = subprocess.run([sys.executable, "-c", MEMORY, str(tmp_path), renderer, *map(str, counts)], check=True,
                          env={**os.environ, **steady}, capture_output=True, text=True)
    peaks = json.loads(done.stdout)
    assert peaks[-1] - peaks[warm] < 8  # MiB
