"""What code cells printed: text, errors, tables, pictures, formulas, Markdown, explorables."""

import json
import re
from typing import Any

from markupsafe import escape

from .. import ansi, katex, markdown
from ..sanitize import clean, clean_svg
from .code import fold
from .context import Node, Renderer, renders, tag, void
from .explorables import MIME as EXPLORABLE
from .explorables import explorable
from .math import colour_roles

LIVE = "application/vnd.jupyter.widget-view+json"
PICTURES = ("image/png", "image/jpeg", "image/gif", "image/webp", "image/bmp")


@renders("outputs")
def outputs(ctx: Renderer, node: Node) -> str:
    """All outputs of a cell."""
    if node.get("visibility") == "remove":
        return ""
    body = ctx.children({**node, "children": _joined(ctx, node.get("children", []))})
    if not body.strip():
        return ""
    block = tag("div", body, class_="outputs", id=ctx.anchor(node)) + "\n"
    return fold("Show the output", block) if node.get("visibility") == "hide" else block


def _joined(ctx: Renderer, children: list[Node]) -> list[Node]:
    """The outputs with what was printed in several pieces, one right after the other, as one text."""
    joined: list[Node] = []
    for child in children:
        name = _stream(child)
        if name and joined and name == _stream(joined[-1]):
            texts = [_whole(ctx, item["jupyter_data"], "text") for item in (joined[-1], child)]
            stream = {"output_type": "stream", "name": name, "text": "".join(texts)}
            joined[-1] = {**joined[-1], "jupyter_data": stream}
        else:
            joined.append(child)
    return joined


def _stream(node: Node) -> str | None:
    data = node.get("jupyter_data") or {}
    return data.get("name") if data.get("output_type") == "stream" else None


@renders("output")
def output(ctx: Renderer, node: Node) -> str:
    """One output, by its kind."""
    data = node.get("jupyter_data") or {}
    kind = data.get("output_type")
    if kind == "stream":
        name = "stderr" if data.get("name") == "stderr" else "stdout"
        return _terminal(_whole(ctx, data, "text"), name)
    if kind == "error":
        if not ctx.may_raise:
            ctx.warn(f"the cell raised {data.get('ename')}: {data.get('evalue')}")
        return _terminal(_whole(ctx, data, "traceback"), "error")
    if kind in {"display_data", "execute_result", "update_display_data"}:
        return _bundle(ctx, data)
    ctx.warn(f"the theme cannot print an output of type {kind!r}")
    return ""


def _whole(ctx: Renderer, data: dict[str, Any], field: str) -> str:
    """Text of an output; MyST moves long texts to files of their own."""
    if path := data.get("path"):
        return ctx.files.read(path)
    value = data.get(field, "")
    return "\n".join(value) if isinstance(value, list) else value


def _terminal(text: str, kind: str) -> str:
    pre = tag("pre", ansi.to_html(text.rstrip("\n")), class_=f"output-text {kind}", data_scrolls="Output")
    return pre + "\n"


def _bundle(ctx: Renderer, data: dict[str, Any]) -> str:
    """The richest form of a result that the page can show."""
    bundle, metadata = data.get("data") or {}, data.get("metadata") or {}
    if LIVE in bundle and EXPLORABLE not in bundle:
        ctx.warn("a live widget cannot be printed; execute with DGMLIB_RECORD=1 so that explorables record themselves")
    for mime, show in _FORMS.items():
        if mime in bundle:
            return show(ctx, bundle[mime], metadata.get(mime) or metadata, mime)
    ctx.warn(f"no form of this output can be shown: {', '.join(bundle) or 'it is empty'}")
    return ""


def _content(ctx: Renderer, item: dict[str, Any]) -> str:
    if path := item.get("path"):
        return ctx.files.read(path)
    content = item.get("content", "")
    return content if isinstance(content, str) else json.dumps(content)


def _explorable(ctx: Renderer, item: dict[str, Any], metadata: dict, mime: str) -> str:
    return explorable(ctx, _content(ctx, item))


def _report(ctx: Renderer, dropped: set[str]) -> None:
    """Name what had to be left out of an output: silence would hide a broken picture."""
    if dropped:
        ctx.warn(f"an output contains what pages neither run nor load: {', '.join(sorted(dropped))}")


def _html(ctx: Renderer, item: dict[str, Any], metadata: dict, mime: str) -> str:
    body, dropped = clean(_content(ctx, item))
    _report(ctx, dropped)
    body = re.sub(r"<th[^>]*></th>", "<td></td>", body)  # pandas leaves its corner an empty heading
    return tag("div", body, class_="output-html table-scroll", data_scrolls="Output") + "\n"


def _svg(ctx: Renderer, item: dict[str, Any], metadata: dict, mime: str) -> str:
    body, dropped = clean_svg(_content(ctx, item), ctx.fresh_id("svg"))
    _report(ctx, dropped)
    label = metadata.get("alt") or "Figure drawn by the code above"
    return tag("div", body, class_="output-image", role="img", aria_label=label) + "\n"


def _picture(ctx: Renderer, item: dict[str, Any], metadata: dict, mime: str) -> str:
    source = ctx.files.use(item["path"], ctx) if "path" in item else f"data:{mime};base64,{item['content'].strip()}"
    label = metadata.get("alt") or "Figure drawn by the code above"
    pixels = ctx.files.size(item["path"]) if "path" in item else (None, None)
    width, height = metadata.get("width") or pixels[0], metadata.get("height") or pixels[1]
    image = void("img", src=source, alt=label, loading="lazy", width=width, height=height)
    return tag("div", image, class_="output-image") + "\n"


def _latex(ctx: Renderer, item: dict[str, Any], metadata: dict, mime: str) -> str:
    source = _content(ctx, item).strip()
    display = not (source.startswith("$") and not source.startswith("$$")) or "\\displaystyle" in source
    return tag("div", formula(ctx, source.strip("$"), display), class_="output-latex", data_scrolls="Formula") + "\n"


def formula(ctx: Renderer, source: str, display: bool) -> str:
    """A formula of an output, typeset; a wrong one is shown as source and reported."""
    try:
        return colour_roles(katex.typeset(source, display, tuple(sorted(ctx.macros.items()))))
    except ValueError as error:
        ctx.warn(str(error))
        return tag("code", escape(source), class_="math-error")


def _markdown(ctx: Renderer, item: dict[str, Any], metadata: dict, mime: str) -> str:
    body, dropped = markdown.to_html(_content(ctx, item), lambda source, display: formula(ctx, source, display))
    _report(ctx, dropped)
    return tag("div", body, class_="output-markdown", data_scrolls="Output") + "\n"


def _plain(ctx: Renderer, item: dict[str, Any], metadata: dict, mime: str) -> str:
    return _terminal(_content(ctx, item), "result")


_FORMS = {
    EXPLORABLE: _explorable,
    "image/svg+xml": _svg,
    **dict.fromkeys(PICTURES, _picture),
    "text/html": _html,
    "text/latex": _latex,
    "text/markdown": _markdown,
    "text/plain": _plain,
    "application/json": _plain,
}
