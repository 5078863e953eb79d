"""Print the installed distributions of this environment as pins, one `name==version` a line.

Local version tags (`2.13.0+cpu`) are dropped, so that one list serves every platform. The package itself and the
tools that every virtual environment brings along are left out.
"""

from importlib.metadata import distributions

OWN = {"dgmlib", "pip", "setuptools", "wheel"}


def pins() -> list[str]:
    """Return the sorted pins of the running environment."""
    found = {dist.name.lower(): f"{dist.name}=={dist.version.split('+')[0]}" for dist in distributions()}
    return [found[name] for name in sorted(found) if name not in OWN]


if __name__ == "__main__":
    print("# Written by `make lock`. What one platform needs beyond these pins, pip adds there.")
    print("\n".join(pins()))
