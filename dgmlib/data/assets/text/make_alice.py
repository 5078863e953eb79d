"""Make ``alice.txt.gz`` from ``alice29.txt`` of the Canterbury corpus: ``python make_alice.py PATH/alice29.txt``.

The original's SHA-256 is checked first, so the text that comes out is always the same.
"""

import gzip
import hashlib
import re
import sys
from pathlib import Path

from dgmlib.files import write

SHA256 = "7467306ee0feed4971260f3c87421154a05be571d944e9cb021a5713700c38f0"


def clean(raw: str) -> str:
    """Twelve chapters, each a line ``# Title`` and one line a paragraph.

    Title page, rows of asterisks, two notes on later editions and the closing "THE END" go; line breaks inside a
    paragraph become spaces; quotation marks are set as ‘ and ’; the four underscores that mark italics go.
    """
    body = re.sub(r"\[later editions.*?\]", "", raw.replace("\r\n", "\n").rstrip("\x1a\n"), flags=re.DOTALL)
    chapters = re.split(r"\n *CHAPTER [IVX]+\n", body)[1:]
    return "".join(map(_chapter, chapters))


def _chapter(text: str) -> str:
    paragraphs = [" ".join(block.split()) for block in re.split(r"\n\s*\n", text)]
    kept = [p for p in paragraphs if p.strip("* ") and p != "THE END"]
    title, *rest = [p.replace("`", "‘").replace("'", "’").replace("_", "") for p in kept]
    return f"# {title}\n" + "".join(f"{paragraph}\n" for paragraph in rest)


def main(source: str) -> None:
    """Write the packed text beside this script, whole or not at all."""
    raw = Path(source).read_bytes()
    if (found := hashlib.sha256(raw).hexdigest()) != SHA256:
        raise ValueError(f"{source}: got SHA-256 {found}, expected {SHA256}; use alice29.txt, 152,089 bytes.")
    packed = gzip.compress(clean(raw.decode("ascii")).encode("utf-8"), mtime=0)
    write(Path(__file__).with_name("alice.txt.gz"), packed)


if __name__ == "__main__":
    main(*sys.argv[1:])
