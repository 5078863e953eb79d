"""The printers of MyST's node types, grouped by file; importing this package registers them all."""

from . import blocks, code, exercises, figures, math, outputs, references, tables, text, widgets
from .context import HANDLERS, Node, Renderer, plain_text, renders

__all__ = ["HANDLERS", "Node", "Renderer", "plain_text", "renders"]
_GROUPS = (blocks, code, exercises, figures, math, outputs, references, tables, text, widgets)
