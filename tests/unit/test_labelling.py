"""Each photo of a folder gets its label map or its reason; what is there is kept, whoever does the work."""

from concurrent.futures import Future, ThreadPoolExecutor

import pytest
import torch
from PIL import Image

from warpgan import checkpoints, config, human_parsing, labelling
from warpgan.labelling import label_folder, label_photo
from warpgan.models import HumanParser, build_human_parser
from warpgan.parsing import read_parsing

CHOSEN = config.preset("quick", human_width=0.25, human_decoder=8)


@pytest.fixture(scope="module")
def parser():
    torch.manual_seed(0)
    return HumanParser(0.25, 8).eval()


@pytest.fixture(scope="module")
def weights(tmp_path_factory):
    folder = tmp_path_factory.mktemp("weights")
    torch.manual_seed(1)
    module = build_human_parser(CHOSEN)
    checkpoints.save(folder / "human_parser", {"human_parser": module}, stage="human_parser", config=CHOSEN, step=1)
    return folder


@pytest.fixture
def photos(tmp_path):
    folder = tmp_path / "photos"
    (folder / "more").mkdir(parents=True)
    for number, name in enumerate(("a.jpg", "b.PNG", "more/a.jpg", "more/c.webp")):
        noise = torch.randint(256, (8, 5, 3), generator=torch.Generator().manual_seed(number), dtype=torch.uint8)
        Image.fromarray(noise.numpy()).resize((30, 40 + number)).save(folder / name)
    (folder / "notes.txt").write_text("no photo")
    return folder


def maps(out):
    return {str(path.relative_to(out)): read_parsing(path) for path in sorted(out.rglob("*.png"))}


def test_every_photo_gets_the_parsers_answer_at_its_own_size(photos, tmp_path, parser):
    report = label_folder(photos, tmp_path / "out", parser, height=41, progress=False)
    assert (report.made, report.kept, report.failed) == (4, 0, {})
    found = maps(tmp_path / "out")
    assert {name: tuple(labels.shape) for name, labels in found.items()} == {
        "a.png": (40, 30), "b.png": (41, 30), "more/a.png": (42, 30), "more/c.png": (43, 30)
    }
    image = torch.tensor(list(Image.open(photos / "b.PNG").tobytes())).view(41, 30, 3).permute(2, 0, 1) / 127.5 - 1
    with torch.no_grad():
        assert torch.equal(found["b.png"], parser(image[None])[0].argmax(dim=0))
    assert Image.open(tmp_path / "out" / "b.png").mode == "P"


def test_a_photo_is_seen_at_one_height_and_answered_at_its_own():
    seen = []

    def left_and_right(image):
        seen.append(tuple(image.shape))
        logits = torch.zeros(1, 20, *image.shape[-2:])
        logits[:, 5] = image[:, 0] * 9
        return logits

    image = torch.full((3, 100, 60), -1.0)
    image[:, :, 30:] = 1
    labels = label_photo(image, left_and_right, height=50)
    assert seen == [(1, 3, 50, 30)]
    assert (labels[:, :28] == 0).all() and (labels[:, 32:] == 5).all() and labels.shape == (100, 60)
    small = label_photo(image[:, :40], left_and_right, height=50)  # a small one is enlarged
    assert seen[1] == (1, 3, 50, 75) and small.shape == (40, 60)
    assert (small[:, :28] == 0).all() and (small[:, 32:] == 5).all()


def test_what_is_there_is_kept_and_what_is_broken_made_again(photos, tmp_path, parser):
    out = tmp_path / "out"
    label_folder(photos, out, parser, progress=False)
    kept = (out / "a.png").stat().st_mtime_ns
    (out / "b.png").write_bytes((out / "b.png").read_bytes()[:60])
    (out / "more" / "a.png").unlink()
    report = label_folder(photos, out, parser, progress=False)
    assert (report.made, report.kept) == (2, 2)
    assert (out / "a.png").stat().st_mtime_ns == kept and len(maps(out)) == 4


def test_a_photo_that_cannot_be_read_stops_no_other(photos, tmp_path, parser):
    (photos / "cut.jpg").write_bytes((photos / "a.jpg").read_bytes()[:200])
    (photos / "words.png").write_text("not a picture")
    report = label_folder(photos, tmp_path / "out", parser, progress=False)
    assert report.made == 4 and set(report.failed) == {"cut.jpg", "words.png"}
    assert "damaged" in report.failed["cut.jpg"] and "/" not in report.failed["cut.jpg"]
    assert "cut.jpg: " in str(report) and "4 labelled, 0 were there already, 2 failed" in str(report)
    assert set(maps(tmp_path / "out")) == {"a.png", "b.png", "more/a.png", "more/c.png"}


def test_processes_and_executors_write_the_same_maps(photos, tmp_path, weights, monkeypatch):
    monkeypatch.setattr(labelling, "TASK", 2)
    label_folder(photos, tmp_path / "here", weights, progress=False)
    report = label_folder(photos, tmp_path / "processes", weights, workers=2, progress=False)
    assert (report.made, report.failed) == (4, {})
    with ThreadPoolExecutor(1) as executor:
        label_folder(photos, tmp_path / "threads", weights, executor=executor, progress=False)
    here, processes, threads = (maps(tmp_path / name) for name in ("here", "processes", "threads"))
    for name, labels in here.items():
        assert torch.equal(labels, threads[name])
        assert (labels != processes[name]).float().mean() < 0.01  # another number of threads may turn a tie


class Dying:
    """An executor whose second task is lost."""

    tasks = 0

    def submit(self, function, *arguments):
        self.tasks += 1
        future = Future()
        if self.tasks == 2:
            future.set_exception(RuntimeError("killed by SIGKILL"))
        else:
            future.set_result(function(*arguments))
        return future


def test_a_lost_worker_fails_its_photos_and_calling_again_goes_on(photos, tmp_path, parser, monkeypatch):
    monkeypatch.setattr(labelling, "TASK", 1)
    report = label_folder(photos, tmp_path / "out", parser, executor=Dying(), progress=False)
    assert report.made == 3 and list(report.failed) == ["b.PNG"]
    assert "ended early (killed by SIGKILL); call again" in report.failed["b.PNG"]
    again = label_folder(photos, tmp_path / "out", parser, progress=False)
    assert (again.made, again.kept, again.failed) == (1, 3, {})


def test_label_maps_inside_the_photos_folder_are_no_photos(photos, parser):
    label_folder(photos, photos / "labels", parser, progress=False)
    report = label_folder(photos, photos / "labels", parser, progress=False)
    assert (report.made, report.kept) == (0, 4)


def test_photos_that_would_share_a_map_are_refused_before_any_work(photos, tmp_path, parser):
    (photos / "a.png").write_bytes((photos / "b.PNG").read_bytes())
    with pytest.raises(ValueError, match="a.png and a.jpg would both be labelled"):
        label_folder(photos, tmp_path / "out", parser, progress=False)
    assert not (tmp_path / "out").exists()


def test_a_map_never_replaces_its_photo(tmp_path, parser):
    Image.new("RGB", (20, 20)).save(tmp_path / "a.png")
    with pytest.raises(ValueError, match="a.png: its label map would replace it"):
        label_folder(tmp_path, tmp_path, parser, progress=False)


@pytest.mark.parametrize("wrong", [{"workers": -1}, {"workers": 1.5}, {"height": 0}, {"executor": 3}])
def test_arguments_are_checked(photos, tmp_path, parser, wrong):
    with pytest.raises(ValueError, match=f"{next(iter(wrong))} must"):
        label_folder(photos, tmp_path / "out", parser, progress=False, **wrong)


def test_the_command_tells_what_failed(photos, tmp_path, weights, capsys):
    arguments = ["label", str(photos), str(tmp_path / "out"), "--weights", str(weights)]
    assert human_parsing.main(arguments) == 0
    assert "4 labelled" in capsys.readouterr().out
    (photos / "cut.jpg").write_bytes(b"")
    assert human_parsing.main(arguments) == 1
    assert "4 were there already, 1 failed\n  cut.jpg: " in capsys.readouterr().out
    assert human_parsing.main(["label", str(tmp_path / "nowhere"), str(tmp_path / "out")]) == 1
    assert "nowhere: no such folder" in capsys.readouterr().err
