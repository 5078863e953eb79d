"""The notebooks in real JupyterLab, driven in real Chromium: they run, and their figures live."""

import shutil
import statistics

import nbformat
import pytest

from dgmlib.figures import catalogue
from tests import jupyterlab
from tests.site.browser import FRAME
from tests.timing import quietest
from tools.notebooks import pair_of, sources

pytestmark = pytest.mark.browser

SOURCES = sources()
FIGURES = list(catalogue())
SLIDERS = [name for name, figure in catalogue().items() if any(c.kind == "slider" for c in figure.controls.values())]
GALLERY = "gallery.ipynb"

# Every move is timed from the slider's own input event to the frame after the chart has been drawn again.
MOVES = """async (figure, moves) => {
    const range = figure.querySelector("input[type=range]");
    const times = [];
    for (let move = 0; move < moves; move++) {
        const changed = new Promise((resolve) => figure.addEventListener("explorable:change", resolve, { once: true }));
        const stops = Number(range.max) + 1;
        range.value = (Number(range.value) + 1) % stops;
        const start = performance.now();
        range.dispatchEvent(new Event("input", { bubbles: true }));
        await changed;
        await FRAME;
        times.push(performance.now() - start);
    }
    return times;
}""".replace("FRAME", FRAME)


def gallery() -> nbformat.NotebookNode:
    """Return a notebook with one cell per explorable of the book, after a cell that imports them."""
    cells = ["from dgmlib.figures import catalogue", *(f"catalogue()[{name!r}]" for name in FIGURES)]
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    return nbformat.v4.new_notebook(
        cells=[nbformat.v4.new_code_cell(cell) for cell in cells], metadata={"kernelspec": kernel}
    )


@pytest.fixture(scope="session")
def lab(tmp_path_factory):
    """Return the address of a JupyterLab that serves copies of the notebooks."""
    folder = tmp_path_factory.mktemp("lab")
    notebooks = folder / "notebooks"
    notebooks.mkdir()
    for source in SOURCES:
        shutil.copy(pair_of(source), notebooks)
    nbformat.write(gallery(), notebooks / GALLERY)
    with jupyterlab.serving(notebooks, folder) as address:
        yield address


@pytest.fixture
def page(chromium):
    """Return a page of its own, which must not meet an uncaught error."""
    context = chromium.new_context(viewport={"width": 1440, "height": 900})
    context.set_default_timeout(60_000)
    page = context.new_page()
    faults = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    yield page
    context.close()
    assert not faults


@pytest.fixture(scope="module")
def gallery_page(chromium, lab):
    """Return a page with the gallery, all of its cells run."""
    context = chromium.new_context(viewport={"width": 1440, "height": 900})
    context.set_default_timeout(60_000)
    page = context.new_page()
    jupyterlab.open_notebook(page, lab, GALLERY)
    page.evaluate(jupyterlab.RUN_ALL)
    yield page
    context.close()


def shown(gallery_page, name: str):
    return jupyterlab.show_explorable(gallery_page, FIGURES.index(name) + 1)


def is_figure(output: nbformat.NotebookNode) -> bool:
    """Whether a committed output is the picture that stands for an explorable, and not a picture of its own."""
    data = output.get("data", {})
    titles = tuple(f"{figure.title}. " for figure in catalogue().values())
    return "image/png" in data and "".join(data.get("text/plain", "")).startswith(titles)


@pytest.mark.parametrize("source", SOURCES, ids=lambda source: source.stem)
def test_a_notebook_runs_and_each_of_its_figures_lives(page, lab, source):
    jupyterlab.open_notebook(page, lab, pair_of(source).name)
    page.evaluate(jupyterlab.RUN_ALL)
    outputs = page.evaluate(jupyterlab.OUTPUTS)
    assert not [output for cell in outputs for output in cell if output["output_type"] == "error"]
    pictured = nbformat.read(pair_of(source), 4).cells
    for cell, (outputs_now, before) in enumerate(zip(outputs, pictured, strict=True)):
        if any(is_figure(output) for output in before.get("outputs", [])):
            assert any("application/vnd.jupyter.widget-view+json" in output["data"] for output in outputs_now)
            figure = jupyterlab.show_explorable(page, cell)
            assert figure.evaluate("(figure) => Object.keys(figure.explorable.tables).length") > 0
            assert figure.locator("svg").count() >= 1


@pytest.mark.parametrize("name", FIGURES)
def test_a_figure_shows_what_python_computes(gallery_page, name):
    figure = shown(gallery_page, name)
    expected = catalogue()[name]
    start = {key: control.start for key, control in expected.controls.items()}
    tables = figure.evaluate(
        "async (figure, start) => { await figure.explorable.set(start); return figure.explorable.tables; }", start
    )
    assert tables == expected.tables(**start)
    assert figure.evaluate("(figure) => figure.explorable.caption") == expected.caption(**start)


@pytest.mark.parametrize("name", SLIDERS)
def test_moving_a_slider_redraws_the_chart(gallery_page, name):
    """By keyboard, as a reader would; the chart's marks must change, not only the number beside the slider."""
    figure = shown(gallery_page, name)
    before = figure.locator("svg").first.inner_html()
    value = figure.evaluate("(figure) => JSON.stringify(figure.explorable.value)")
    slider = figure.locator("input[type=range]").first
    slider.press("ArrowRight" if slider.input_value() != slider.get_attribute("max") else "ArrowLeft")
    gallery_page.wait_for_function(
        "([figure, before]) => JSON.stringify(figure.explorable.value) !== before", arg=[figure.element_handle(), value]
    )
    gallery_page.wait_for_function(
        "([figure, before]) => figure.querySelector('svg').innerHTML !== before", arg=[figure.element_handle(), before]
    )


@pytest.mark.parametrize("name", SLIDERS)
def test_setting_the_trait_from_python_moves_the_slider(gallery_page, name):
    control, slider = next((n, c) for n, c in catalogue()[name].controls.items() if c.kind == "slider")
    figure = shown(gallery_page, name)
    for stop in (slider.stops[0], slider.stops[-1]):
        gallery_page.evaluate(jupyterlab.RUN_CODE, f"catalogue()[{name!r}].{control} = {stop!r}")
        gallery_page.wait_for_function(
            "([figure, name, stop]) => figure.explorable.value[name] === stop",
            arg=[figure.element_handle(), control, stop],
        )
        place = figure.get_by_label(slider.label, exact=True).first.input_value()
        assert int(place) == slider.stops.index(stop)


def test_only_tables_that_change_are_drawn_again(gallery_page):
    """The picture of what is to be flagged depends on the kind, not on the threshold."""
    figure = shown(gallery_page, "anomaly-detection")
    same = """async (figure, changes) => {
        const before = figure.explorable.tables;
        await figure.explorable.set(changes);
        const after = Object.entries(figure.explorable.tables);
        return Object.fromEntries(after.map(([name, table]) => [name, table === before[name]]));
    }"""
    figure.evaluate(same, {"threshold": -220, "kind": "rotated"})
    moved = figure.evaluate(same, {"threshold": -200})
    assert moved["examples"] and moved["roc"] and not moved["threshold"] and not moved["now"]
    chosen = figure.evaluate(same, {"kind": "mirrored"})
    assert not chosen["examples"] and chosen["digits"]


@pytest.mark.timing
@pytest.mark.parametrize("name", SLIDERS)
def test_a_slider_repaints_within_sixty_milliseconds(gallery_page, name):
    """Through the kernel and back, the median of forty moves after ten to warm up."""
    figure = shown(gallery_page, name)
    figure.evaluate(MOVES, 10)
    median = quietest(lambda: statistics.median(figure.evaluate(MOVES, 40)), enough=lambda found: found <= 60)
    print(f"{name}: median {median:.0f} ms")
    assert median <= 60
