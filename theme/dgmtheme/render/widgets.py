"""Widgets of the `{anywidget}` directive: a module of the site's own and the state it starts from."""

import json

from markupsafe import escape

from .context import Node, Renderer, renders, tag


@renders("anywidget", "any:bundle")
def anywidget(ctx: Renderer, node: Node) -> str:
    """A host element; `widgets.js` imports the module and hands it a model."""
    ctx.features.add("widgets")
    node = {**node, **(node.get("data") or {})}
    module, style = node.get("esm") or node.get("import"), node.get("css")
    if not module or not module.startswith("/"):
        ctx.warn(f"the widget module {module!r} is not a file of the book")
        return ""
    model = json.dumps(node.get("model") or node.get("json") or {})
    host = tag(
        "div",
        "",
        class_=f"widget {node.get('class') or ''}".strip(),
        id=ctx.anchor(node),
        data_widget=ctx.files.use(module, ctx),
        data_css=ctx.files.use(style, ctx) if style else None,
        data_model=model,
    )
    notice = tag("noscript", tag("p", escape("This widget needs JavaScript."), class_="widget-notice"))
    return host + notice + "\n"
