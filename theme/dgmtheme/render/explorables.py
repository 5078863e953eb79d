"""Explorables: the frozen figure in the page, its recording beside it, the player to bring both together."""

import hashlib
import json
from html import escape

from ..sanitize import clean_svg
from . import placeholder
from .context import Renderer, tag

MIME = "application/vnd.dgmlib.explorable.v1+json"
REQUIRED = ("version", "id", "title", "controls", "spec", "frozen")


def explorable(ctx: Renderer, recording: str) -> str:
    """A figure that is complete without JavaScript and that the player upgrades."""
    try:
        data = json.loads(recording)
        missing = [key for key in REQUIRED if key not in data]
        if missing:
            raise ValueError(f"the recording lacks {', '.join(missing)}")
        controls = placeholder.controls(data["controls"])
    except (ValueError, TypeError, LookupError) as error:
        ctx.warn(f"an explorable's recording cannot be read: {error}; execute the notebook with DGMLIB_RECORD=1")
        return ""
    ctx.features.add("explorables")
    name, frozen = data["id"], data["frozen"]
    svg, _ = clean_svg(frozen["svg"], ctx.fresh_id("frozen"))
    digest = hashlib.sha256(recording.encode()).hexdigest()[:12]
    source = ctx.files.write(f"explorables/{name}-{digest}.json", recording)
    inner = (
        placeholder.head(data["title"])
        + placeholder.stage(svg, data["title"], frozen.get("height"))
        + controls
        + tag("figcaption", escape(frozen.get("caption", "")), class_="explorable-caption")
    )
    anchor = ctx.anchor({"html_id": name})
    return tag("figure", inner, class_="explorable", id=anchor, data_explorable=name, data_src=source) + "\n"
