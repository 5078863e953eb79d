"""The theme is no installed package: mystmd runs it in its own folder, the tests import it from there."""

import sys
from pathlib import Path

import pytest
from projects import project

from tests.site import serving

THEME = Path(__file__).resolve().parents[2] / "theme"
sys.path.insert(0, str(THEME))

from dgmtheme.build import build  # noqa: E402
from dgmtheme.files import Files  # noqa: E402
from dgmtheme.links import Links  # noqa: E402
from dgmtheme.render import Renderer  # noqa: E402

FILES = {
    "/curve.svg": b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 40 16"/>',
    "/long.txt": b"a long text",
    "/widget.mjs": b"export default {}",
}


@pytest.fixture
def ctx():
    links = Links("/dgm")
    return Renderer(links, Files(links, FILES.get), location="/notebooks/page.md")


@pytest.fixture
def show(ctx):
    """Print a node and insist that the theme had nothing to complain about."""

    def render(node):
        html = ctx.render(node)
        assert ctx.warnings == []
        return html

    return render


@pytest.fixture(scope="session")
def sink(tmp_path_factory):
    """The kitchen sink, built."""
    return build(project(tmp_path_factory.mktemp("sink") / "book"), "/dgm")


@pytest.fixture(scope="session")
def address(sink):
    with serving.serve(sink, base="/dgm", headers=serving.STRICT_POLICY) as address:
        yield address


@pytest.fixture
def page(chromium):
    page = chromium.new_page()
    yield page
    page.close()
