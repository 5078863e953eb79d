"""Listings, cells, outputs, widgets, explorables."""

import json
import re

import pytest
from trees import node

EXPLORABLE = "application/vnd.dgmlib.explorable.v1+json"


def cell(*outputs, tags=(), code="f(x)", **values):
    outs = node("outputs", *outputs) if outputs else {"type": "outputs", "children": []}
    data = {"data": {"tags": list(tags)}} if tags else {}
    return node("block", node("code", value=code, lang="python"), outs, kind="notebook-code", **data, **values)


def output(**bundle):
    return node("output", jupyter_data={"output_type": "display_data", "metadata": {}, "data": bundle})


def result(mime, content, **metadata):
    data = {"output_type": "execute_result", "metadata": metadata, "data": {mime: {"content": content}}}
    return node("output", jupyter_data=data)


def test_code_is_highlighted_line_by_line(show):
    html = show(node("code", value="def f():\n    '''a\n    b'''", lang="python"))
    lines = re.findall(r'<span class="line">.*', html)
    assert len(lines) == 3
    assert all(line.count("<span") == line.count("</span") for line in lines)
    assert '<span class="k">def</span>' in html


def test_code_text_is_unchanged(show):
    source = "a < b\n\n\tif x:  # “é”"
    html = show(node("code", value=source, lang="python"))
    import html as entities

    assert entities.unescape(re.sub(r"<[^>]+>", "", html)).rstrip("\n") == source


def test_unknown_language_is_plain(show):
    assert "a &lt; b" in show(node("code", value="a < b", lang="no-such-language"))


def test_numbers_emphasis_and_file_name(show):
    html = show(node("code", value="a\nb\nc", showLineNumbers=True, emphasizeLines=[2], filename="x.py"))
    assert '<span class="line marked" data-line="2">b</span>' in html
    assert '<div class="code-filename">x.py</div>' in html and 'class="code numbered"' in html


def test_line_numbers_start_where_asked_and_emphasis_counts_lines(show):
    html = show(node("code", value="a\nb", showLineNumbers=True, startingLineNumber=10, emphasizeLines=[2]))
    assert 'class="line" data-line="10"' in html and 'class="line marked" data-line="11"' in html


@pytest.mark.parametrize(("visibility", "folded", "there"), [("show", 0, 1), ("hide", 1, 1), ("remove", 0, 0)])
def test_input_is_shown_folded_or_removed(show, visibility, folded, there):
    html = show(node("code", value="xyz", visibility=visibility))
    assert (html.count("<details"), html.count("xyz")) == (folded, there)


@pytest.mark.parametrize(("visibility", "folded", "there"), [("show", 0, 1), ("hide", 1, 1), ("remove", 0, 0)])
def test_outputs_are_shown_folded_or_removed(show, visibility, folded, there):
    html = show(node("outputs", result("text/plain", "forty-two"), visibility=visibility))
    assert (html.count("<details"), html.count("forty-two")) == (folded, there)


def test_hidden_cell_is_one_disclosure(show):
    html = show(cell(result("text/plain", "42"), visibility="hide"))
    assert html.count("<details") == 1 and "Show the code and its output" in html


def test_streams(show):
    def stream(name):
        return node("output", jupyter_data={"output_type": "stream", "name": name, "text": "a < b\n"})

    assert 'class="output-text stdout"' in show(stream("stdout"))
    pieces = node("outputs", stream("stdout"), stream("stdout"), stream("stderr"), stream("stdout"))
    assert show(pieces).count("<pre") == 3, "what was printed in pieces is one text"
    assert "a &lt; b\na &lt; b" in show(pieces)
    assert '<pre class="output-text stderr" data-scrolls="Output">a &lt; b</pre>' in show(stream("stderr"))


def test_long_text_is_read_from_its_file(show):
    data = {"output_type": "stream", "name": "stdout", "text": "a lo...", "path": "/long.txt"}
    assert "a long text" in show(node("output", jupyter_data=data))


ERROR = {"output_type": "error", "ename": "ValueError", "evalue": "bad", "traceback": "\x1b[31mValueError\x1b[0m: bad"}


def test_expected_error_is_printed_in_colour(show):
    html = show(cell(node("output", jupyter_data=ERROR), tags=["raises-exception"]))
    assert '<span class="ansi-red">ValueError</span>: bad' in html


def test_unexpected_error_is_a_defect_with_file_and_line(ctx):
    ctx.source = "---\ntitle: x\n---\n\n```{code-cell}\nf(x)\n```\n"
    ctx.render(cell(node("output", jupyter_data=ERROR)))
    assert ctx.warnings == ["notebooks/page.md:6 the cell raised ValueError: bad"]


def test_richest_form_wins(show):
    html = show(output(**{"text/plain": {"content": "<Table>"}, "text/html": {"content": "<b>rich</b>"}}))
    assert "<b>rich</b>" in html and "Table>" not in html


def test_html_loses_scripts_styles_and_handlers(ctx):
    ctx.render(result("text/html", "<div onclick='x()'><style>td{}</style><script>1</script>kept</div>"))
    assert len(ctx.warnings) == 1
    assert all(name in ctx.warnings[0] for name in ("<script>", "<style>", "onclick"))


@pytest.mark.parametrize(
    ("mime", "content"),
    [
        ("text/html", '<img src="https://a.org/x.png">'),
        ("text/markdown", "![x](https://a.org/x.png)"),
        ("image/svg+xml", '<svg><image href="https://a.org/x.png"/></svg>'),
    ],
)
def test_a_picture_from_another_host_is_dropped_and_reported(ctx, mime, content):
    assert "a.org" not in ctx.render(result(mime, content))
    assert "https://a.org/x.png" in ctx.warnings[0]


def test_pandas_table_scrolls_and_its_corner_is_no_heading(show):
    html = show(result("text/html", "<table border='1' class='dataframe'><tr><th></th><th>a</th></tr></table>"))
    assert '<div class="output-html table-scroll"' in html and "<td></td><th>a</th>" in html and "border" not in html


def test_svg_is_inline_with_ids_of_its_own(show):
    svg = '<?xml version="1.0"?><svg viewBox="0 0 1 1"><clipPath id="c"/><g clip-path="url(#c)"/></svg>'
    first, second = show(result("image/svg+xml", svg)), show(result("image/svg+xml", svg))
    assert "<clipPath" in first and "viewBox" in first and "<?xml" not in first
    ids = [re.search(r'id="([^"]+)"', html)[1] for html in (first, second)]
    assert ids[0] != ids[1] and f"url(#{ids[0]})" in first


def test_png_from_file_and_from_memory(ctx, show):
    ctx.files.fetch = {"/a.png": b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x10\0\0\0\x08"}.get
    data = {"output_type": "display_data", "data": {"image/png": {"path": "/a.png"}}, "metadata": {}}
    html = show(node("output", jupyter_data=data))
    assert 'src="/dgm/build/a.png"' in html and 'width="16" height="8"' in html
    assert 'src="data:image/png;base64,AAAA"' in show(result("image/png", "AAAA\n"))


def test_alternative_text_from_the_cell(show):
    assert 'alt="A bell"' in show(result("image/png", "AAAA", **{"image/png": {"alt": "A bell"}}))


def test_latex_is_typeset_with_the_books_macros(ctx, show):
    ctx.macros = {r"\pmodel": r"{\textcolor{chocolate}{p_\theta}}"}
    html = show(result("text/latex", r"$\displaystyle \pmodel(x)$"))
    assert 'class="katex-display"' in html and "var(--dgm-model)" in html


def test_wrong_latex_is_reported(ctx):
    ctx.render(result("text/latex", r"$\frac{$"))
    assert "KaTeX refused" in ctx.warnings[0]


def test_markdown_with_table_and_formula(show):
    html = show(result("text/markdown", "**b** and $x^2$\n\n| a |\n|---|\n| 1 |"))
    assert "data-scrolls" in html  # a wide table is reached by keyboard
    assert "<strong>b</strong>" in html and 'class="katex"' in html and "<td>1</td>" in html


def test_a_script_in_markdown_is_dropped_and_reported(ctx):
    assert "script" not in ctx.render(result("text/markdown", "a\n\n<script>1</script>"))
    assert "<script>" in ctx.warnings[0]


def test_live_widget_without_recording_is_a_defect(ctx):
    ctx.render(output(**{"application/vnd.jupyter.widget-view+json": {}, "text/plain": {"content": "x"}}))
    assert "DGMLIB_RECORD=1" in ctx.warnings[0]


RECORDING = {
    "version": 1,
    "id": "two-bumps",
    "title": "Two bumps",
    "controls": {},
    "spec": {},
    "frozen": {"svg": '<svg viewBox="0 0 1 1"><path stroke="var(--dgm-data)"/></svg>', "caption": "0.42 nats"},
}


def test_explorable_is_whole_without_scripts_and_ships_its_recording(ctx, show):
    recording = json.dumps(RECORDING)
    html = show(result(EXPLORABLE, recording))
    assert 'class="explorable" id="two-bumps" data-explorable="two-bumps"' in html
    assert 'stroke="var(--dgm-data)"' in html and "0.42 nats</figcaption>" in html
    source = re.search(r'data-src="/dgm/(explorables/two-bumps-[0-9a-f]{12}\.json)"', html)[1]
    assert ctx.files.contents[source].decode() == recording
    assert "explorables" in ctx.features


CONTROL = {"name": "a", "label": "A <b>", "stops": [0, 1], "labels": ["no", "yes"], "start": 1, "role": None}
CONTROLS = [
    CONTROL | {"kind": "slider", "play": True, "marks": [{"at": 0.5, "text": "here"}]},
    CONTROL | {"kind": "choice"},
    CONTROL | {"kind": "choice", "labels": list("vwxyz"), "stops": list(range(5))},
    CONTROL | {"kind": "toggle"},
    CONTROL | {"kind": "reseed"},
    CONTROL | {"kind": "pad", "stops": 4, "labels": [], "xs": [0, 1], "ys": [0, 1], "axes": ["x", "y"]},
]


def test_explorable_keeps_room_for_what_the_player_adds(show):
    recording = RECORDING | {"controls": CONTROLS}
    recording["frozen"] = RECORDING["frozen"] | {"height": {"row": 289, "column": 864}}
    html = show(result(EXPLORABLE, json.dumps(recording)))
    assert 'style="--row: 289px; --column: 864px"' in html
    room = html[html.index('class="explorable-controls explorable-room" inert aria-hidden="true"') :]
    assert room.count('type="range"') == 3 and room.count("explorable-play") == 1 and room.count("<option>") == 5
    assert room.count('class="explorable-choice"') == 2 and room.count('type="checkbox"') == 1
    assert "A &lt;b&gt;" in room and "no. 2" in room and "explorable-pad-area" in room


def test_recording_name_follows_its_content(ctx):
    names = []
    for title in ("a", "b", "a"):
        ctx.render(result(EXPLORABLE, json.dumps({**RECORDING, "title": title})))
    names = [name for name in ctx.files.contents if name.startswith("explorables/")]
    assert len(names) == 2


@pytest.mark.parametrize(
    "recording", ["{", json.dumps({"version": 1}), json.dumps(RECORDING | {"controls": [{"kind": "lever"}]})]
)
def test_broken_recording_is_reported(ctx, recording):
    assert ctx.render(result(EXPLORABLE, recording)) == ""
    assert "recording cannot be read" in ctx.warnings[0]


def test_widget_gets_its_module_and_state(ctx, show):
    html = show(node("anywidget", esm="/widget.mjs", model={"count": 3}))
    assert 'data-widget="/dgm/build/widget.mjs"' in html and "{&#34;count&#34;: 3}" in html
    assert "<noscript>" in html and "widgets" in ctx.features


def test_foreign_widget_is_refused(ctx):
    ctx.render(node("anywidget", esm="https://example.org/w.mjs"))
    assert "not a file of the book" in ctx.warnings[0]


def test_mermaid_is_shown_as_source_with_a_warning(ctx):
    assert "z --&gt; x" in ctx.render(node("mermaid", value="z --> x"))
    assert "Mermaid" in ctx.warnings[0]
