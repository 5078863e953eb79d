"""Data sets: what is embedded, where the others come from, and what happens when a place is wrong or unreachable."""

import functools
import gzip
import hashlib
import http.server
import io
import re
import struct
import tarfile
import threading
import zipfile
from importlib.resources import files
from pathlib import Path

import numpy as np
import pytest

from dgmlib import data
from dgmlib.data import bsds, larochelle, mnist, sms, spambase, store
from dgmlib.data.assets import read_arrays, read_text
from dgmlib.data.messages import parse_messages
from dgmlib.data.store import Dataset, Download, digest
from dgmlib.data.words import LONG_NUMBER, NUMBER

FULL = (mnist.MNIST, larochelle.BINARIZED_MNIST, bsds.BSDS300, bsds.BSD68, sms.SMS, spambase.SPAMBASE)

# -- Embedded --------------------------------------------------------------------------------------------------------


def test_mnist_subset_is_balanced_in_every_prefix_and_small():
    images, labels = data.load_mnist_subset()
    assert images.shape == (5000, 28, 28) and images.dtype == labels.dtype == np.uint8
    np.testing.assert_array_equal(labels, np.arange(5000) % 10)
    assert len({image.tobytes() for image in images}) == 5000
    assert len(files("dgmlib.data.assets").joinpath("mnist_subset.npz").read_bytes()) <= 1_500_000


def test_binarised_digits_are_thresholded():
    for load, threshold in ((data.load_mnist_subset, 128), (data.load_digits, 8)):
        (grey, labels), (binary, same) = load(), load(binarized=True)
        np.testing.assert_array_equal(binary, grey >= threshold)
        np.testing.assert_array_equal(labels, same)
        assert binary.dtype == np.uint8 and 0.1 < binary.mean() < 0.5


def test_mnist_subset_is_the_beginning_of_mnist(data_dir):
    images, labels = data.load_mnist_subset()
    full_images, full_labels = data.load_mnist("train")
    for digit in range(10):
        expected = full_images[full_labels == digit][:500]
        np.testing.assert_array_equal(images[labels == digit], expected)


def test_digits_keep_scikit_learns_values():
    images, labels = data.load_digits()
    assert images.shape == (1797, 8, 8) and images.max() == 16
    np.testing.assert_array_equal(np.bincount(labels), [178, 182, 177, 183, 181, 182, 181, 179, 174, 180])


def test_natural_images_have_contents_and_a_recorded_licence():
    images, readme = data.load_natural_images(), read_text("README.md")
    assert len(images) == 10
    for name, image in images.items():
        assert image.shape == (256, 256) and image.dtype == np.uint8 and image.std() > 15
        row = re.search(rf"^\| `{name}` \|.*\| (.+) \|$", readme, flags=re.MULTILINE)
        assert row and re.search("CC0|CC BY|public domain|no known copyright", row[1])


@pytest.mark.parametrize("name", ["mnist_subset.npz", "natural_images.npz"])
def test_assets_have_the_documented_contents(name):
    section = read_text("README.md").split(f"## `{name}`")[1].split("\n## ")[0]
    assert digest(read_arrays(name)) in section


def test_messages_are_many_distinct_and_of_both_kinds():
    texts, labels = data.load_messages()
    assert len(texts) == len(labels) == len(set(texts)) == 410
    assert labels.sum() == 156 and 0 < labels[:20].sum() < 20  # mixed, not sorted
    lengths = [len(text) for text in texts]
    assert min(lengths) < 10 and max(lengths) > 110


def test_messages_name_no_real_number_or_site():
    for text in data.load_messages()[0]:
        for number in re.findall(r"\d[\d ]{6,}\d", text):
            assert number.startswith("0700 900")
        assert all(site.endswith(".example") for site in re.findall(r"www\.[\w.-]*\w", text))
        assert "@" not in text and "http" not in text


def test_messages_share_words_between_the_classes():
    texts, labels = data.load_messages()
    words = [{w for t, y in zip(texts, labels, strict=True) if y == k for w in data.tokenize(t)} for k in (0, 1)]
    assert len(words[0] & words[1]) > 250
    assert {"free", "call", "prize", "win", "urgent", "claim", "offer"} <= words[0] & words[1]


def test_message_files_are_checked():
    texts, labels = parse_messages(["ham\thello\tthere", "spam\tWIN"])
    assert texts == ("hello\tthere", "WIN") and labels.tolist() == [0, 1]
    with pytest.raises(ValueError, match="line 2: got 'egg'"):
        parse_messages(["ham\ta", "egg\tb"])


# -- Words -----------------------------------------------------------------------------------------------------------


def test_tokens_hide_every_digit():
    text = "Call 0700 900-111 NOW! £1.50/min, code B4U2 (ref 9914) www.a1.example/7 me7@x9.example it's ‘we’ naïve"
    tokens = data.tokenize(text)
    assert not any(c.isdigit() for token in tokens for c in token)
    assert tokens[:4] == ["call", LONG_NUMBER, "now", "!"] and NUMBER in tokens
    assert {"‹link›", "‹address›", "it's", "we", "naïve", "£"} <= set(tokens)
    assert data.mask_numbers("ring 0700 900111") == "ring #### ######"


def test_bag_of_words_counts_messages_and_ignores_the_unknown():
    bag = data.BagOfWords(["a a b", "a c", "a b d"])
    assert bag.words == ("a", "b") and bag.index == {"a": 0, "b": 1}
    np.testing.assert_array_equal(bag.encode(["b z b", "", "A"]), [[0, 1], [0, 0], [1, 0]])
    assert data.BagOfWords(["a b", "b c"], min_count=1, max_words=2).words == ("b", "a")
    with pytest.raises(ValueError, match="no word occurs in 5"):
        data.BagOfWords(["a"], min_count=5)
    with pytest.raises(ValueError, match="wrap it in a list"):
        bag.encode("a")
    with pytest.raises(ValueError, match="wrap it in a list"):
        data.BagOfWords("hello all")


def test_real_vocabulary_leaks_no_number(data_dir):
    texts, _ = data.load_sms()
    assert sum(bool(re.search(r"\d{5}", text)) for text in texts) > 400  # there is something to leak
    assert not any(c.isdigit() for word in data.BagOfWords(texts, min_count=1).words for c in word)


# -- Full data sets ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("dataset", FULL, ids=lambda d: d.file_name)
def test_full_sets_have_the_recorded_contents(dataset, data_dir):
    assert digest(dataset.read(data_dir / dataset.file_name)) == dataset.digest


def test_full_sets_have_the_documented_shapes(data_dir):
    assert data.load_mnist("test")[0].shape == (10000, 28, 28)
    valid = data.load_binarized_mnist("valid")
    assert valid.shape == (10000, 28, 28) and int(valid.sum()) == 1_028_036
    photographs, tests = data.load_bsds300(), data.load_bsd68()
    assert len(photographs) == 200 and sum(p.shape == (481, 321) for p in photographs) == 63
    assert len(tests) == 68 and sum(p.shape == (481, 321) for p in tests) == 15
    assert np.unique(data.load_spambase()[1], return_counts=True)[1].tolist() == [2788, 1813]
    assert len(data.load_sms(distinct=False)[0]) == 5574 and len(data.load_sms()[0]) == 5171


@pytest.mark.parametrize("load", [data.load_mnist, data.load_binarized_mnist])
def test_unknown_split(load):
    with pytest.raises(ValueError, match="split: got 'all'"):
        load("all")


# -- Store -------------------------------------------------------------------------------------------------------------


ARRAYS = {"x": np.arange(6, dtype=np.int16).reshape(2, 3), "name": np.array(["a", "b"])}


class Server:
    """A web server on this machine that can fail on demand and counts what it was asked for."""

    def __init__(self, folder: Path):
        server, self.asked, self.failures = self, [], 0

        class Handler(http.server.SimpleHTTPRequestHandler):
            def do_GET(self):
                server.asked.append(self.path)
                if server.failures:
                    server.failures -= 1
                    self.send_error(503)
                else:
                    super().do_GET()

            def log_message(self, *_):
                pass

        self.folder = folder
        self.http = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Handler, directory=folder))
        threading.Thread(target=self.http.serve_forever, daemon=True).start()

    def offer(self, name: str, content: bytes, *, checksum: bool = True) -> Download:
        (self.folder / name).write_bytes(content)
        url = f"http://127.0.0.1:{self.http.server_port}/{name}"
        return Download(url, hashlib.sha256(content).hexdigest() if checksum else None)


@pytest.fixture
def server(tmp_path):
    folder = tmp_path / "served"
    folder.mkdir()
    running = Server(folder)
    yield running
    running.http.shutdown()
    running.http.server_close()


@pytest.fixture
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("DGMLIB_CACHE", str(tmp_path / "cache"))
    monkeypatch.delenv("DGMLIB_DATA", raising=False)
    return tmp_path / "cache"


@pytest.fixture
def waits(monkeypatch):
    """Seconds that would have been waited between tries."""
    seconds = []
    monkeypatch.setattr("pooch.core.time.sleep", seconds.append)
    return seconds


@pytest.fixture
def small(server):
    download = server.offer("small.bin", ARRAYS["x"].tobytes())
    build = lambda paths: {**ARRAYS, "x": np.frombuffer(paths[0].read_bytes(), np.int16).reshape(2, 3)}  # noqa: E731
    return Dataset("small.npz", digest(ARRAYS), (download,), build)


def assert_same(found, expected):
    assert found.keys() == expected.keys()
    for name in expected:
        np.testing.assert_array_equal(found[name], expected[name])


def test_digest_sees_names_types_shapes_values_but_not_order_or_layout():
    x = ARRAYS["x"]
    for other in ({"y": x}, {"x": x.astype(np.int32)}, {"x": x.reshape(3, 2)}, {"x": x + 1}, {"x": x, "z": x}):
        assert digest(other) != digest({"x": x})
    assert digest({"b": x, "a": x}) == digest({"a": x, "b": x})
    assert digest({"x": np.asfortranarray(x)}) == digest({"x": x}) == digest({"x": x.astype(">i2")})


def test_downloads_once_with_a_progress_bar_then_reads_the_cache(small, cache, server, capfd):
    assert_same(store.load(small), ARRAYS)
    assert "100%" in capfd.readouterr().err
    assert_same(store.load(small), ARRAYS)
    assert server.asked == ["/small.bin"]
    assert [path.name for path in cache.iterdir()] == ["small.npz"]  # no original, no temporary file


def test_own_folder_comes_before_cache_and_network(small, cache, server, tmp_path, monkeypatch):
    monkeypatch.setenv("DGMLIB_DATA", str(tmp_path))
    np.savez(tmp_path / "small.npz", **ARRAYS)  # packed differently: not compressed
    assert_same(store.load(small), ARRAYS)
    assert not server.asked and not cache.exists()


def test_a_wrong_file_in_the_own_folder_is_an_error(small, cache, server, tmp_path, monkeypatch):
    monkeypatch.setenv("DGMLIB_DATA", str(tmp_path))
    np.savez(tmp_path / "small.npz", x=ARRAYS["x"] + 1, name=ARRAYS["name"])
    with pytest.raises(ValueError, match=r"small\.npz: contents differ .* replace it"):
        store.load(small)
    assert not server.asked


@pytest.mark.parametrize("damage", ["truncated", "flipped", "empty", "pickled", "text", "array"])
def test_a_damaged_cache_is_announced_and_fetched_again(damage, small, cache, server):
    store.load(small)
    path = cache / "small.npz"
    content = path.read_bytes()
    pickled = io.BytesIO()
    np.savez(pickled, x=np.array([{}], dtype=object))
    bare = io.BytesIO()
    np.save(bare, ARRAYS["x"])
    flipped = bytearray(content)
    flipped[60] ^= 0xFF
    damaged = {
        "truncated": content[: len(content) // 2],
        "flipped": bytes(flipped),
        "empty": b"",
        "pickled": pickled.getvalue(),
        "text": b"<html>not found</html>",
        "array": bare.getvalue(),
    }
    path.write_bytes(damaged[damage])
    with pytest.warns(UserWarning, match=r"small\.npz is damaged; fetching small\.npz again"):
        assert_same(store.load(small), ARRAYS)
    assert len(server.asked) == 2
    assert_same(store.load(small), ARRAYS)  # and the cache is whole again


def test_a_download_is_not_lost_where_the_cache_cannot_be_written(small, cache, server, monkeypatch):
    cache.write_text("a file, not a folder")
    with pytest.warns(UserWarning, match=r"small\.npz cannot be written .*; set DGMLIB_CACHE to another folder"):
        assert_same(store.load(small), ARRAYS)
    assert server.asked == ["/small.bin"]


def test_retries_and_waits_longer_each_time(small, cache, server, waits):
    server.failures = 3
    assert_same(store.load(small), ARRAYS)
    assert len(server.asked) == 4 and waits == sorted(set(waits)) and len(waits) == 3


def test_gives_up_with_one_line_that_helps(small, cache, server, waits):
    server.failures = 99
    with pytest.raises(ValueError) as caught:
        store.load(small)
    message = str(caught.value)
    assert "\n" not in message and "DGMLIB_DATA" in message and "127.0.0.1" in message and "503" in message
    assert len(server.asked) == 4
    assert not cache.exists() or not list(cache.iterdir())


def test_a_changed_download_is_refused(small, cache, server, waits):
    (server.folder / "small.bin").write_bytes(ARRAYS["x"][::-1].tobytes())
    with pytest.raises(ValueError, match="does not match the known hash"):
        store.load(small)
    unchecked = Dataset(small.file_name, small.digest, (Download(small.downloads[0].url),), small.build)
    with pytest.raises(ValueError, match=f"expected {small.digest}"):
        store.load(unchecked)
    assert not cache.exists() or not list(cache.iterdir())


def test_an_interrupted_write_leaves_nothing(tmp_path):
    def fail(file, arrays):
        file.write(b"half")
        raise KeyboardInterrupt

    store.save(tmp_path / "a.npz", ARRAYS)
    with pytest.raises(KeyboardInterrupt):
        store.save(tmp_path / "a.npz", {}, fail)
    assert [path.name for path in tmp_path.iterdir()] == ["a.npz"]
    assert_same(store.read_npz(tmp_path / "a.npz"), ARRAYS)


def test_the_cache_has_a_usual_place(monkeypatch):
    monkeypatch.delenv("DGMLIB_CACHE", raising=False)
    assert store.cache_dir().name == "dgmlib"


# -- Conversions, on small originals made here -------------------------------------------------------------------------


def through_the_network(dataset, contents, expected, server):
    """Load a data set whose originals hold `contents` through the real download and conversion."""
    downloads = tuple(server.offer(d.file_name, c) for d, c in zip(dataset.downloads, contents, strict=True))
    small = Dataset(dataset.file_name, digest(expected), downloads, dataset.build, dataset.read, dataset.write)
    assert_same(store.load(small), expected)
    assert_same(store.load(small), expected)  # now from the cache, in its own format


def idx(array):
    return gzip.compress(b"\0\0\x08" + struct.pack(f">B{array.ndim}I", array.ndim, *array.shape) + array.tobytes())


def zipped(**members):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name, text in members.items():
            archive.writestr(name.replace("__", "."), text)
    return file.getvalue()


def test_mnist_from_its_originals(cache, server):
    rng = np.random.default_rng(0)
    arrays = {
        f"{split}_{what}": rng.integers(256, size=(n, *shape)).astype(np.uint8)
        for split, n in (("train", 5), ("test", 2))
        for what, shape in (("images", (28, 28)), ("labels", ()))
    }
    through_the_network(mnist.MNIST, [idx(a) for a in arrays.values()], arrays, server)
    with pytest.raises(ValueError, match="not an MNIST file"):
        mnist.parse_idx(b"<html>")


def test_binarised_mnist_from_its_originals(cache, server):
    bits = np.random.default_rng(0).integers(2, size=(3, 2, 784))
    texts = ["".join(" ".join(map(str, row)) + "\n" for row in split).encode() for split in bits]
    arrays = {s: np.packbits(b.astype(np.uint8), axis=1) for s, b in zip(("train", "valid", "test"), bits, strict=True)}
    through_the_network(larochelle.BINARIZED_MNIST, texts, arrays, server)
    with pytest.raises(ValueError, match="784 digits"):
        larochelle.parse_amat(b"0 1 2\n")


def test_spambase_from_its_originals(cache, server):
    table = np.round(np.random.default_rng(0).random((3, 58)), 3)
    table[:, 57] = [1, 0, 1]
    names = [f"word_freq_w{i}" for i in range(48)] + [f"char_freq_{c}" for c in ";([!$#"]
    names += [f"capital_run_length_{c}" for c in ("average", "longest", "total")]
    description = "| a comment\n1, 0.    | spam, non-spam classes\n\n" + "".join(f"{n}:  continuous.\n" for n in names)
    rows = "".join(",".join(map(str, row)) + "\n" for row in table)
    arrays = {"X": table[:, :57], "y": np.array([1, 0, 1], np.uint8), "feature_names": np.array(names)}
    content = zipped(spambase__data=rows, spambase__names=description)
    through_the_network(spambase.SPAMBASE, [content], arrays, server)


def test_sms_from_its_original(cache, server):
    text = "ham\thi £5\nspam\tWIN\u2028now\n".encode()
    through_the_network(sms.SMS, [zipped(SMSSpamCollection=text)], {"utf8": np.frombuffer(text, np.uint8)}, server)
    assert gzip.decompress((cache / "sms_spam_collection.tsv.gz").read_bytes()) == text


def jpeg(image):
    from PIL import Image

    file = io.BytesIO()
    Image.fromarray(image).save(file, "JPEG", quality=95)
    return file.getvalue(), np.asarray(Image.open(file).convert("RGB"))


def test_photographs_from_their_archive(cache, server):
    rng = np.random.default_rng(0)
    pictures = {"12": (9, 16, 3), "3": (16, 9, 3), "40": (9, 16, 3)}
    encoded = {name: jpeg(rng.integers(256, size=shape).astype(np.uint8)) for name, shape in pictures.items()}
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w:gz") as archive:
        for folder, members in {"train": ("40", "12", "3"), "test": ("3",)}.items():
            for name in members:
                entry = tarfile.TarInfo(f"BSDS500-x/BSDS500/data/images/{folder}/{name}.jpg")
                entry.size = len(encoded[name][0])
                archive.addfile(entry, io.BytesIO(encoded[name][0]))
    grey = {name: bsds.matlab_gray(rgb) for name, (_, rgb) in encoded.items()}
    arrays = {
        "images": np.stack([grey["12"], grey["3"].T, grey["40"]]),
        "transposed": np.array([False, True, False]),
        "names": np.array(["12", "3", "40"]),
    }
    through_the_network(bsds.BSDS300, [file.getvalue()], arrays, server)
    picked = bsds.read_archive(server.folder / bsds.BSDS300.downloads[0].file_name, "train", ("40", "3"))
    assert picked["names"].tolist() == ["40", "3"]


def test_grey_is_matlabs():
    rgb = np.array([[255, 255, 255], [0, 0, 0], [255, 0, 0], [0, 255, 0], [0, 0, 255]], np.uint8)
    assert bsds.matlab_gray(rgb).tolist() == [255, 0, 76, 150, 29]


def test_every_address_is_public_and_every_known_checksum_whole():
    for dataset in FULL:
        assert re.fullmatch("[0-9a-f]{64}", dataset.digest)
        for download in dataset.downloads:
            assert re.match(r"https?://[\w.-]+\.(com|edu)/", download.url)
            assert download.sha256 is None or re.fullmatch("[0-9a-f]{64}", download.sha256)
