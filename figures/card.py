"""The card of trained weights, written from what their checkpoints and an evaluation say; see `results.py`."""

import hashlib
from pathlib import Path

from warpgan import checkpoints, config, models

WORDS = {"parser": "stage I, pose-guided parser", "matcher": "geometric matcher", "gan": "stage II, generator"}

STEPS = {"parser": ("parser_steps",), "matcher": ("matcher_map_steps", "matcher_pair_steps"), "gan": ("gan_steps",)}
# Fields that stage II alone reads: what they were when the parser or the matcher was trained does not matter.
STAGE2 = (
    "generator_", "merge", "residual", "gate", "warping", "adversarial_from", "adversarial_share", "pixel_weight",
    "person_weight", "perceptual", "stage2_parsing", "chroma_weight", "self_pairs", "decoder_sees", "maps", "warped",
    "block_level", "pixel_loss", "warp_passes",
)


def fingerprints(folder: Path) -> dict[str, str]:
    """SHA-256 of each network's file, so that numbers and weights cannot drift apart unnoticed."""
    return {
        stage: hashlib.sha256((Path(folder) / stage / checkpoints.WEIGHTS).read_bytes()).hexdigest()
        for stage in checkpoints.SHIPPED
    }


def trainings(checkpoint: checkpoints.Checkpoint) -> list[dict]:
    """The trainings behind a network, oldest first: `steps` of each, and the `changes` that each made to the preset.

    More than one where a training began with the weights of another (`start`).
    """
    own, known = config.changes(checkpoint.config), checkpoint.facts.get("started_from")
    found = [{"steps": checkpoint.step, "changes": own}]
    while known:
        earlier = known.get("earlier")
        before = earlier["step"] if earlier else 0
        changes = known.get("changes", found[0]["changes"])  # not noted once: then both had to be alike
        found.insert(0, {"steps": known["step"] - before, "changes": changes})
        known = earlier
    return found


def recipe(found: dict[str, checkpoints.Checkpoint]) -> list[str]:
    """The commands that train such weights: the preset, and every field in which a training differs from it.

    A stage that began with weights has a line for each training.
    """
    lines, folders = [], []
    for stage, checkpoint in found.items():
        parts = trainings(checkpoint)
        places = [f"runs/earlier{i or ''}" for i in range(len(parts) - 1)] + ["runs/mine"]
        folders += places
        for out, start, part in zip(places, ["", *places], parts, strict=False):
            lines.append(_command(stage, checkpoint.config.preset, _changes(stage, part["changes"]), out, start))
    ship = "from warpgan import checkpoints; checkpoints.ship('runs/mine', 'runs/mine-small')"
    made = " ".join(sorted(set(folders)))
    return [f"mkdir -p {made}", *lines, f'python -c "{ship}"  # half precision, nothing for resuming']


def _changes(stage: str, changes: dict) -> str:
    """What matters to a stage, as the parameter `changes` has it."""
    left_out = set(config.SCHEDULE) - set(STEPS[stage])  # of other stages, or of what is written on the way
    others = {"parser": ("matcher", *STAGE2), "matcher": ("parser", *STAGE2), "gan": ("parser", "matcher")}[stage]
    return " ".join(
        f"{name}={str(value).lower() if isinstance(value, bool) else value}"
        for name, value in changes.items()
        if name not in left_out and not name.startswith(others)
    )


def _command(stage: str, preset: str, changes: str, out: str, start: str) -> str:
    begin = f" -p start $PWD/{start}" if start else ""
    frozen = "" if out == "runs/mine" else "$PWD/runs/mine"
    return (
        f"papermill notebooks/training_run.ipynb {out}/{stage}.ipynb -p out $PWD/{out} -p stage {stage} "
        f'-p preset {preset} -p people -1 -p steps -1 -p changes "{changes}"{begin} -p frozen "{frozen}"'
    )


def row(*cells) -> str:
    """One row of a Markdown table."""
    return f"| {' | '.join(str(cell) for cell in cells)} |"


def card(folder: Path, results: dict, *, machine: str = "") -> str:
    """Write the card of a folder of shipped weights.

    Args:
        folder: holds `parser`, `matcher` and `gan`.
        results: what notebook 07 leaves in `results.json`.
        machine: what the networks were trained on, in words; empty: not said.

    Returns:
        Markdown.

    Raises:
        FileNotFoundError, ValueError: as `checkpoints.load`.
    """
    found = {stage: checkpoints.load(Path(folder) / stage, stage) for stage in checkpoints.SHIPPED}
    size = sum((Path(folder) / stage / checkpoints.WEIGHTS).stat().st_size for stage in found)
    trained = found["gan"].config
    lines = [
        "# Weights `rendered`",
        "",
        'Three small networks for `PoseTransfer.from_pretrained("rendered")`: a person and a target pose in, a picture '
        f"out. Together {size / 1e6:.1f} MB in half precision. This card is written by `python -m figures.results`.",
        "",
        "## Data",
        "",
        f'{trained.people} rendered people in {trained.poses} poses each (`data.RenderedPeople("train")`, data seed '
        f"{trained.data_seed}), pictures of {trained.height}x{trained.width} (height x width). No photo was used.",
        "",
        "## Training",
        "",
        "| network | parameters | steps | batch | seed | hours |",
        "|---|---|---|---|---|---|",
    ]
    for stage, checkpoint in found.items():
        chosen = checkpoint.config
        count = models.parameter_count(models.build(chosen)[checkpoints.SHIPPED[stage]])
        hours = checkpoint.facts.get("seconds", 0) / 3600
        hours += (checkpoint.facts.get("started_from") or {"seconds": 0.0})["seconds"] / 3600
        steps = " + ".join(str(one["steps"]) for one in trainings(checkpoint))
        cells = (WORDS[stage], f"{count / 1e6:.2f} M", steps, chosen.batch_of(stage), chosen.seed, f"{hours:.2f}")
        lines.append(row(*cells))
    if any(checkpoint.facts.get("started_from") for checkpoint in found.values()):
        lines += ["", "Where numbers of steps are added, each training began with the weights of the one before it, "
                  "see `-p start` below; *before* is what the weights reach that the last one began with."]
    lines += ["", f"Trained on {machine}.", ""] if machine else [""]
    lines += [
        "```",
        *recipe(found),
        "```",
        "",
        "Before and after training, on people of the validation split:",
        "",
    ]
    lines += [row("network", "measure", "before", "after"), "|---|---|---|---|"]
    for stage, checkpoint in found.items():
        noted = checkpoint.facts.get("metrics", {})
        for name, after in noted.get("after", {}).items():
            if name != "step" and not name.startswith("unwarped") and " " not in name:  # nor by view
                before = noted.get("before", {}).get(name, float("nan"))
                lines.append(row(WORDS[stage], name.replace("_", " "), f"{before:.3f}", f"{after:.3f}"))
    network, stage1, matcher = results["methods"]["network"], results["stage1"], results["matcher"]
    lines += [
        "",
        "## What they reach",
        "",
        f"On {results['pairs']} pairs of {results['people']} people of the test split, everything derived from the "
        "parsing that stage I draws; in brackets the 95 % bootstrap interval over people:",
        "",
        f"- SSIM {network['ssim']:.3f} [{network['ssim_low']:.3f}, {network['ssim_high']:.3f}] "
        "(Gaussian window of sigma 1.5, data range 2)",
        f"- mean absolute error over clothing seen in both pictures (range 2) {network['clothing_l1']:.3f} "
        f"[{network['clothing_l1_low']:.3f}, {network['clothing_l1_high']:.3f}]",
        f"- stage I: right label on {stage1['label_agreement']:.3f} of the person's pixels, mean IoU "
        f"{stage1['mean_iou']:.3f}",
        f"- matcher: right label on {matcher['label_agreement']:.3f} of them after the warp, "
        f"{matcher['unwarped_label_agreement']:.3f} without; {matcher['correspondence_error']:.1f} pixels from the "
        f"true correspondence, {matcher['unwarped_correspondence_error']:.1f} without",
        "",
        "The README's results hold this against what needs no learning.",
        "",
        "## Limits",
        "",
        "Trained on rendered people alone, at one small size and with plain backgrounds: on photos "
        "they show that the "
        "parts work together, not what the method can reach. Faces and hands are a few pixels.",
        "",
        "Licence: Apache-2.0, like the code.",
    ]
    return "\n".join(lines) + "\n"
