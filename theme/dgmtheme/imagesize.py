"""Width and height of a picture from its first bytes, so that pages keep its place before it has loaded."""

import re
import struct


def size(content: bytes) -> tuple[int, int] | None:
    """Pixels of a PNG, GIF or SVG picture; None where they cannot be told."""
    if content.startswith(b"\x89PNG\r\n\x1a\n") and len(content) >= 24:
        width, height = struct.unpack(">II", content[16:24])
        return width, height
    if content[:6] in (b"GIF87a", b"GIF89a") and len(content) >= 10:
        width, height = struct.unpack("<HH", content[6:10])
        return width, height
    head = content[:2000].decode("utf-8", errors="ignore")
    if "<svg" not in head:
        return None
    box = re.search(r'viewBox="\s*[-\d.]+[ ,]+[-\d.]+[ ,]+([\d.]+)[ ,]+([\d.]+)', head)
    return (round(float(box[1])), round(float(box[2]))) if box else None
