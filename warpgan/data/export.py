"""Rendered people for other projects, from the command line: render a split and write it in PATN's layout.

`python -m warpgan.data.export --split train --people 1000 --size 256x176 --style deepfashion --out folder`.
What the files hold is said in the function `warpgan.data.export`, which does the work.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from warpgan.data.exporting import EIGHT, NAMES, SUFFIXES, check, export
from warpgan.data.rendered import RenderedPeople
from warpgan.people.shards import SPLITS


def _size(text):
    height, _, width = text.partition("x")
    if not (height.isdecimal() and width.isdecimal()):
        raise argparse.ArgumentTypeError(f"a size is HEIGHTxWIDTH in pixels, as 256x176, found {text!r}")
    return int(height), int(width)


def _parser():
    parser = argparse.ArgumentParser(prog="python -m warpgan.data.export", description=__doc__.splitlines()[0])
    parser.add_argument("--out", required=True, help="folder to write to; what is there already is kept")
    parser.add_argument("--split", required=True, choices=SPLITS)
    parser.add_argument("--people", type=int, help="how many; by default those of RenderedPeople")
    parser.add_argument("--poses", type=int, help="pictures of each; by default 4")
    parser.add_argument("--size", type=_size, default=(256, 176), help="HEIGHTxWIDTH, by default 256x176")
    parser.add_argument("--style", default="plain", help="plain, deepfashion or market")
    parser.add_argument("--seed", type=int, default=0, help="another seed gives other people")
    parser.add_argument("--prefix", default="fasion-resize", help="of the lists, by default fasion-resize")
    parser.add_argument("--suffix", default=".jpg", choices=SUFFIXES)
    parser.add_argument("--names", default="plain", choices=NAMES, help="form of the pictures' names")
    parser.add_argument("--eight", choices=EIGHT, help="write parsings of eight merged labels too")
    parser.add_argument("--correspondences", action="store_true", help="write correspondences too, a file a pair")
    parser.add_argument("--cache", help="folder of the rendered people; by default WARPGAN_CACHE or ~/.cache/warpgan")
    parser.add_argument("--workers", type=int, help="rendering processes; by default one a core")
    parser.add_argument("--device", default="cpu", help="cpu or cuda:0")
    parser.add_argument("--quiet", action="store_true", help="no progress bars")
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    """Render and write; gives the exit status: 0, 1 with one sentence on stderr, 130 after an interruption."""
    given = _parser().parse_args(arguments)
    progress = not given.quiet
    try:
        check(given.prefix, given.suffix, given.names, given.eight)  # before anybody is rendered in vain
        people = RenderedPeople(given.split, given.size, given.people, given.poses, given.seed, style=given.style,
                                device=given.device, cache=given.cache, workers=given.workers, progress=progress)
        out = export(people, given.out, prefix=given.prefix, suffix=given.suffix, names=given.names, eight=given.eight,
                     correspondences=given.correspondences, progress=progress)
    except (ValueError, OSError, RuntimeError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("interrupted: what is done is kept, and the same command goes on from there", file=sys.stderr)
        return 130
    print(f"{people.num_pictures} pictures of {people.people} people, {len(people)} pairs: {out}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
