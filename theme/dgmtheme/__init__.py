"""A MyST site theme in Python: MyST's document tree in, plain readable HTML out.

mystmd parses, numbers, executes and indexes; this package prints. See `theme/README.md` for the map.
"""
