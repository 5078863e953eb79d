"""Deep generative models you can read, run and move: the package behind the interactive book."""

__version__ = "0.1.0"
