"""The SMS Spam Collection v.1: 5,574 real text messages, spam or ham. Real people wrote them: print none unmasked.

Terms: free; T. A. Almeida and J. M. Gómez Hidalgo hold the copyright and ask for the citation. Source: T. A. Almeida,
J. M. Gómez Hidalgo, A. Yamakami, "Contributions to the study of SMS spam filtering", ACM DocEng 2011.
"""

from __future__ import annotations

import gzip
import zipfile
from pathlib import Path
from typing import BinaryIO

import numpy as np

from dgmlib.data.messages import parse_messages
from dgmlib.data.store import Arrays, Dataset, Download, load

__all__ = ["load_sms"]


def load_sms(*, distinct: bool = True) -> tuple[tuple[str, ...], np.ndarray]:
    """Messages and labels (n,) int, 1 = spam.

    distinct: keep only the first of identical lines (5,171 of 5,574), so that no test message is also a training one.
    """
    lines = load(SMS)["utf8"].tobytes().decode("utf-8").rstrip("\n").split("\n")
    return parse_messages(list(dict.fromkeys(lines)) if distinct else lines)


def _as_array(content: bytes) -> Arrays:
    return {"utf8": np.frombuffer(content, np.uint8)}


def _read(path: Path) -> Arrays:
    return _as_array(gzip.decompress(path.read_bytes()))


def _write(file: BinaryIO, arrays: Arrays) -> None:
    file.write(gzip.compress(arrays["utf8"].tobytes(), mtime=0))


def _build(paths: list[Path]) -> Arrays:
    with zipfile.ZipFile(paths[0]) as archive:
        return _as_array(archive.read("SMSSpamCollection"))


SMS = Dataset(
    file_name="sms_spam_collection.tsv.gz",
    digest="bf4a9ed3e9e1273902ade8b0187a1a31b50d0e12c15fa96f67a9ecb8e30668fd",
    downloads=(Download("https://archive.ics.uci.edu/static/public/228/sms+spam+collection.zip"),),
    build=_build,
    read=_read,
    write=_write,
)
