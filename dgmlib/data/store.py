"""Where a data set is found: ``$DGMLIB_DATA``, then the cache, then the public original, checked every time.

A data set is a handful of named arrays in one file, usually ``.npz``. It is recognised by the SHA-256 of its *contents*
(names, types, shapes, values), so that a file packed by anybody, with any compression, is accepted exactly if it is
right:

    digest = SHA-256 over sorted names of  name · dtype · shape · bytes

Nothing is ever unpickled. The cache is ``$DGMLIB_CACHE`` or the system's usual cache folder.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
import urllib.error
import urllib.request
import warnings
import zipfile
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import numpy as np
import pooch
from tqdm.auto import tqdm

from dgmlib.files import replacing

__all__ = ["Dataset", "Download", "cache_dir", "digest", "load", "read_npz", "save", "write_npz"]

Arrays = dict[str, np.ndarray]
RETRIES = 3


def read_npz(path: Path) -> Arrays:
    """All arrays of an ``.npz`` file, never unpickling."""
    with path.open("rb") as opened, np.load(opened, allow_pickle=False) as file:
        return {name: file[name] for name in file.files}


def write_npz(file: BinaryIO, arrays: Arrays) -> None:
    """Arrays as a compressed ``.npz``."""
    np.savez_compressed(file, **arrays)


@dataclass(frozen=True)
class Download:
    """One public file: its address, and its SHA-256 where its publisher's bytes are known (else None).

    Without one, only the digest of the finished arrays decides, which is just as strict but comes later.
    """

    url: str
    sha256: str | None = None

    @property
    def file_name(self) -> str:
        """Last part of the address."""
        return self.url.rsplit("/", 1)[-1]


@dataclass(frozen=True)
class Dataset:
    """A data set: its file name, the digest of its arrays, its public originals and how to convert them.

    ``build`` gets the downloaded paths in the order of ``downloads`` and returns the arrays; ``read`` and ``write``
    are the format of the packed file.
    """

    file_name: str
    digest: str
    downloads: tuple[Download, ...]
    build: Callable[[list[Path]], Arrays]
    read: Callable[[Path], Arrays] = read_npz
    write: Callable[[BinaryIO, Arrays], None] = write_npz


def cache_dir() -> Path:
    """Folder for downloaded data sets: ``$DGMLIB_CACHE``, else the system's cache folder for ``dgmlib``."""
    return Path(os.environ.get("DGMLIB_CACHE") or pooch.os_cache("dgmlib"))


def load(dataset: Dataset) -> Arrays:
    """The arrays of a data set, from the first place that has them intact.

    A wrong file in ``$DGMLIB_DATA`` is an error (it is the reader's own); a damaged file in the cache is announced and
    fetched again, and one that cannot be written is announced; when nothing can be fetched a ``ValueError`` says in one
    line how to get the data.
    """
    own = os.environ.get("DGMLIB_DATA")
    if own and (path := Path(own) / dataset.file_name).exists():
        if (arrays := _read_checked(path, dataset)) is None:
            raise ValueError(f"{path}: contents differ from {dataset.file_name} (digest {dataset.digest}); replace it.")
        return arrays
    cached = cache_dir() / dataset.file_name
    if cached.exists():
        if (arrays := _read_checked(cached, dataset)) is not None:
            return arrays
        warnings.warn(f"{cached} is damaged; fetching {dataset.file_name} again.", stacklevel=2)
    arrays = _build(dataset)
    try:
        save(cached, arrays, dataset.write)
    except OSError as error:  # the arrays are here all the same
        warnings.warn(f"{cached} cannot be written ({error}); set DGMLIB_CACHE to another folder.", stacklevel=2)
    return arrays


def save(path: Path, arrays: Arrays, write: Callable[[BinaryIO, Arrays], None] = write_npz) -> None:
    """Write arrays into a file, whole or not at all."""
    with replacing(path) as file:
        write(file, arrays)


def digest(arrays: Mapping[str, np.ndarray]) -> str:
    """SHA-256 of named arrays: independent of file format, compression, time stamps and byte order."""
    sha = hashlib.sha256()
    for name in sorted(arrays):
        array = np.ascontiguousarray(arrays[name])
        array = array.astype(array.dtype.newbyteorder("<"), copy=False)
        sha.update(f"{name} {array.dtype.str} {array.shape}\n".encode())
        sha.update(array.tobytes())
    return sha.hexdigest()


def _read_checked(path: Path, dataset: Dataset) -> Arrays | None:
    """Arrays of a file, or None when it cannot be read or holds something else."""
    try:
        arrays = dataset.read(path)
    except (OSError, ValueError, EOFError, zipfile.BadZipFile, zlib.error, AttributeError, TypeError):
        return None  # truncated, another format, a bare .npy, or holding pickled objects
    return arrays if digest(arrays) == dataset.digest else None


def _build(dataset: Dataset) -> Arrays:
    """Download the originals into a temporary folder, convert, check the digest."""
    how = (
        f"put {dataset.file_name} into a folder and set DGMLIB_DATA to it, "
        f"or connect to {', '.join(sorted({d.url.split('/')[2] for d in dataset.downloads}))}"
    )
    with tempfile.TemporaryDirectory() as folder:
        try:
            arrays = dataset.build([_download(d, Path(folder)) for d in dataset.downloads])
        except Exception as error:  # whatever failed, the reader needs the same advice
            raise ValueError(f"{dataset.file_name} is not here and fetching failed ({_line(error)}); {how}.") from error
    if (found := digest(arrays)) != dataset.digest:
        raise ValueError(f"{dataset.file_name}: download has digest {found}, expected {dataset.digest}; {how}.")
    return arrays


def _download(download: Download, folder: Path) -> Path:
    """Fetch one file with a progress bar, its checksum and up to RETRIES further tries, waiting longer each time."""
    fetcher = pooch.create(
        path=folder,
        base_url="",
        registry={download.file_name: f"sha256:{download.sha256}" if download.sha256 else None},
        urls={download.file_name: download.url},
        retry_if_failed=RETRIES,
    )
    return Path(fetcher.fetch(download.file_name, downloader=_stream))


def _stream(url: str, output: str, _: object) -> None:
    """Copy an address to a file, showing progress; failures are ``ValueError``s, the kind that pooch retries."""
    request = urllib.request.Request(url, headers={"User-Agent": "dgmlib"})
    try:
        with urllib.request.urlopen(request, timeout=30) as response, open(output, "wb") as file:
            size = int(response.headers.get("Content-Length", 0)) or None
            with tqdm(total=size, desc=url.rsplit("/", 1)[-1], unit="B", unit_scale=True) as bar:
                while chunk := response.read(1 << 16):
                    file.write(chunk)
                    bar.update(len(chunk))
    except OSError as error:
        if isinstance(error, urllib.error.HTTPError):
            error.close()
        raise ValueError(f"{url}: {error}") from error


def _line(error: Exception) -> str:
    """First line of an error, cut to a readable length."""
    return (str(error).splitlines() or [type(error).__name__])[0][:160]
