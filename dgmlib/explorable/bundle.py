"""The Vega library as one ES module, made from the copy that vl-convert carries: no network, no npm.

    python -m dgmlib.explorable.bundle DIR

writes `vega.js` into DIR, for a site to serve beside `explorable.js`.
"""

import functools
import sys
from pathlib import Path

import vl_convert

from dgmlib import files


@functools.cache
def vega() -> str:
    """Vega, Vega-Lite and Vega-Embed as the text of an ES module whose default export is `vegaEmbed`."""
    return vl_convert.javascript_bundle("export default vegaEmbed;")


def write(folder: Path) -> Path:
    """Write `vega.js` into `folder`, whole or not at all, and return its path."""
    path = folder / "vega.js"
    files.write(path, vega().encode())
    return path


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: python -m dgmlib.explorable.bundle DIR")
    print(write(Path(sys.argv[1])))
