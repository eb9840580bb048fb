"""Seeded damage to keypoint files, pair lists and label maps, and independent judges of what damage has left.

A judge reads by the format's rules alone, with nothing of the package, and says what a reader must give; or None where
the rules are broken, and then the reader must refuse.
"""

import json
import random
import re
import struct
import zlib

import numpy as np

_INTEGERS = r"\[\s*-?\d+\s*(?:,\s*-?\d+\s*){17}\]"
_ROW = re.compile(rf"\s*([^:\x00-\x1f]+?)\s*:\s*({_INTEGERS})\s*:\s*({_INTEGERS})\s*")
_NUMBERS = re.compile(rb"-?\d+(?:\.\d+)?")
_SIGNATURE = b"\x89PNG\r\n\x1a\n"


# Damage to texts: bytes in, bytes out, and a random.Random that decides


def _cut(data, rng):
    return data[: rng.randrange(len(data) + 1)]


def _headless(data, rng):
    return data[rng.randrange(len(data) + 1) :]


def _flip(data, rng):
    data = bytearray(data)
    for _ in range(rng.choice((1, 1, 3, 30))):
        if data:
            data[rng.randrange(len(data))] ^= 1 << rng.randrange(8)
    return bytes(data)


def _insert(data, rng):
    at = rng.randrange(len(data) + 1)
    return data[:at] + rng.randbytes(rng.choice((1, 2, 50))) + data[at:]


def _exchange_marks(data, rng):
    old, new = rng.sample([b":", b",", b";", b"\t", b" ", b"|", b"[", b'"', b"{"], 2)
    return data.replace(old, new, rng.choice((1, -1)))


def _other_number(data, rng):
    places = list(_NUMBERS.finditer(data))
    if not places:
        return data
    place = rng.choice(places)
    number = rng.choice((b"NaN", b"-Infinity", b"1e999", b"1.5", b"-2", b"99999999", b"1" + b"0" * 400, b"9" * 6000,
                         b"null", b"true", b'"7"', b"", b"--1", b"0x10", b"[[1]]", b"\xd9\xa3", b"-1"))
    return data[: place.start()] + number + data[place.end() :]


def _lines(change):
    def mutate(data, rng):
        lines = data.split(b"\n")
        return b"\n".join(change(lines, rng.randrange(len(lines)), rng))

    return mutate


def _fields(change):
    def at_line(lines, at, rng):
        mark = b":" if b":" in lines[at] else b","
        fields = lines[at].split(mark)
        lines[at] = mark.join(change(fields, rng.randrange(len(fields)), rng))
        return lines

    return _lines(at_line)


def _blow_up(data, rng):
    return rng.choice((b"[" * 100_000, data * 3, b"a" * 300_000, b"name:keypoints_y:keypoints_x\n" + b"[" * 70_000,
                       b'{"people": ' + b"[" * 50_000, b"from,to\n" + b"," * 90_000, b"\n" * 10_000, b" "))


def _latin(data, rng):
    at = rng.randrange(len(data) + 1)
    return data[:at] + "Größe".encode("latin-1") + data[at:]


def _twice(data, rng):
    key = rng.choice((b'"people"', b'"pose_keypoints"', b'"pose_keypoints_2d"'))
    return data.replace(key, key + b": [], " + key, 1)


TEXT = {
    "cut": _cut, "headless": _headless, "flip": _flip, "insert": _insert, "marks": _exchange_marks,
    "number": _other_number, "empty": lambda data, rng: b"", "blow up": _blow_up, "latin": _latin, "twice": _twice,
    "byte order mark": lambda data, rng: b"\xef\xbb\xbf" * rng.choice((1, 1, 2)) + data,
    "utf-16": lambda data, rng: data.decode("latin-1").encode("utf-16"),
    "crlf": lambda data, rng: data.replace(b"\n", b"\r\n"), "cr": lambda data, rng: data.replace(b"\n", b"\r"),
    "line lost": _lines(lambda lines, at, rng: lines[:at] + lines[at + 1 :]),
    "line twice": _lines(lambda lines, at, rng: lines[: at + 1] + lines[at:]),
    "line moved": _lines(lambda lines, at, rng: lines[at:] + lines[:at]),
    "field lost": _fields(lambda fields, at, rng: fields[:at] + fields[at + 1 :]),
    "field twice": _fields(lambda fields, at, rng: fields[: at + 1] + fields[at:]),
    "fields turned": _fields(lambda fields, at, rng: fields[::-1]),
}


# Damage to pictures: chunks in, chunks out, with right checksums, so that what is wrong lies deeper


def png_chunks(data: bytes) -> list[tuple[bytes, bytes]]:
    """Take a whole PNG apart into (name, body)."""
    chunks, at = [], len(_SIGNATURE)
    while at < len(data):
        length, name = struct.unpack(">I4s", data[at : at + 8])
        chunks.append((name, data[at + 8 : at + 8 + length]))
        at += 12 + length
    return chunks


def png_bytes(chunks) -> bytes:
    """Put chunks together, each with the right checksum."""
    parts = (struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))
             for name, body in chunks)
    return _SIGNATURE + b"".join(parts)


def _header(chunks, rng):
    fields = list(struct.unpack(">IIBBBBB", chunks[0][1]))
    at = rng.randrange(7)
    fields[at] = rng.choice((0, 1, 60_000, 2**31, fields[at] + 1)) if at < 2 else rng.choice((0, 1, 2, 3, 4, 8, 16, 99))
    if rng.random() < 0.2:
        fields[:2] = 60_000, 60_000
    return [(b"IHDR", struct.pack(">IIBBBBB", *fields)), *chunks[1:]]


def _pixels(change):
    def mutate(chunks, rng):
        raw = zlib.decompress(b"".join(body for name, body in chunks if name == b"IDAT"))
        rest = [chunk for chunk in chunks if chunk[0] not in (b"IDAT", b"IEND")]
        return [*rest, (b"IDAT", change(raw, rng)), (b"IEND", b"")]

    return mutate


def _order(chunks, rng):
    chunks = list(chunks)
    rng.choice((rng.shuffle, lambda them: them.pop(rng.randrange(len(them))),
                lambda them: them.insert(rng.randrange(len(them)), rng.choice(them))))(chunks)
    return chunks


def _bomb(chunks, rng):
    packed = zlib.compress(bytes(rng.choice((10, 30_000_000))))
    extra = rng.choice(((b"zTXt", b"a\0\0" + packed), (b"iCCP", b"a\0\0" + packed), (b"iTXt", b"a\0\1\0\0\0" + packed),
                        (b"tRNS", bytes(300)), (b"PLTE", bytes(7)), (b"acTL", struct.pack(">II", 2**31, 0)),
                        (b"fcTL", bytes(3)), (b"XXXX", bytes(9)), (b"gAMA", b""), (b"pHYs", b"\0")))
    return [chunks[0], extra, *chunks[1:]]


def _one_label(raw, rng):
    raw = bytearray(raw)
    raw[rng.randrange(len(raw))] = rng.randrange(256)
    return zlib.compress(bytes(raw))


CHUNKS = {
    "header": _header, "order": _order, "bomb": _bomb, "label": _pixels(_one_label),
    "short": _pixels(lambda raw, rng: zlib.compress(raw[: rng.randrange(len(raw))])),
    "long": _pixels(lambda raw, rng: zlib.compress(raw + bytes(rng.choice((1, 1000, 50_000_000))))),
    "wrong sum": _pixels(lambda raw, rng: zlib.compress(raw)[:-1] + b"\x55"),
    "unpacked": _pixels(lambda raw, rng: raw),
    "packed damage": lambda chunks, rng: [
        (name, _flip(body, rng) if name in (b"IDAT", b"PLTE") else body) for name, body in chunks],
}


# Judges


def judge_annotation(data: bytes):
    """Rows of an annotation list by its rules, or None."""
    try:
        lines = re.split("\r?\n", data.decode("utf-8-sig"))
    except UnicodeDecodeError:
        return None
    header = [field.strip() for field in lines[0].split(":")]
    if sorted(header) != ["keypoints_x", "keypoints_y", "name"] or max(map(len, lines)) >= 1 << 16:
        return None
    rows = {}
    for line in filter(str.strip, lines[1:]):
        fields = dict(zip(header, (part.strip() for part in line.split(":"))))
        match = _ROW.fullmatch(":".join(fields.get(key, "") for key in ("name", "keypoints_y", "keypoints_x")))
        if not match or (not line.isprintable() and "\t" not in line) or match[1] in rows or line.count(":") != 2:
            return None
        y, x = (json.loads(field) for field in match.groups()[1:])
        if any((a == -1) != (b == -1) or abs(a) > 1e5 or abs(b) > 1e5 for a, b in zip(x, y)):
            return None
        rows[match[1]] = [[a, b, 1] if a >= 0 and b >= 0 else [0, 0, 0] for a, b in zip(x, y)]
    return rows


def judge_pairs(data: bytes):
    """Pairs of a list by its rules, or None."""
    try:
        first, *lines = re.split("\r?\n", data.decode("utf-8-sig"))
    except UnicodeDecodeError:
        return None
    rows = [tuple(part.strip() for part in line.split(",")) for line in filter(str.strip, lines)]
    good = all(len(row) == 2 and all(row) and row[0] != row[1] and not re.search("[\0-\x08\x0a-\x1f]", "".join(row))
               for row in rows)
    header = [part.strip() for part in first.split(",")]
    if not good or sorted(header) != ["from", "to"]:
        return None
    return [row[:: 1 if header[0] == "from" else -1] for row in rows]


def judge_labels(data: bytes):
    """Labels of an 8-bit grey PNG without interlacing by the standard, or None; "other" for what is not judged here."""
    header = struct.unpack(">IIBBBBB", data[16:29])
    if header[2:] != (8, 0, 0, 0, 0):
        return "other"
    width, height = header[:2]
    try:
        chunks = png_chunks(data)
        raw = zlib.decompress(b"".join(body for name, body in chunks if name == b"IDAT"))
    except (zlib.error, struct.error):
        return None
    if len(raw) != height * (width + 1) or png_bytes(chunks) != data:
        return None
    rows, above = [], np.zeros(width, np.int64)
    for y in range(height):
        kind, *line = raw[y * (width + 1) : (y + 1) * (width + 1)]
        row, left, corner = np.zeros(width, np.int64), 0, 0
        for x in range(width):
            up = int(above[x])
            distances = (abs(up - corner), abs(left - corner), abs(left + up - 2 * corner))
            guess = (0, left, up, (left + up) // 2, (left, up, corner)[distances.index(min(distances))])[kind]
            left, corner = (line[x] + guess) % 256, up
            row[x] = left
        rows.append(row)
        above = row
    return np.stack(rows)


def seeded(seed: int) -> random.Random:
    """A generator of its own for each file, so that a find can be repeated alone."""
    return random.Random(f"damage {seed}")
