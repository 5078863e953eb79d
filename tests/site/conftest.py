"""The built site, served three ways, and pages of one Chromium to look at it."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from tests.site.browser import DESKTOP
from tests.site.build import built_site, explorables_of, page_paths
from tests.site.serving import STRICT_POLICY, http_server_module, serve

OpenPage = Callable[..., Page]


@pytest.fixture(scope="session")
def book() -> Path:
    """The folder of the site built for the root of a host."""
    return built_site("")


@pytest.fixture(scope="session")
def pages(book) -> list[str]:
    """The path of every page, the front page first."""
    return page_paths(book)


@pytest.fixture(scope="session")
def live_pages(book, pages) -> list[str]:
    """The path of every page that shows an explorable."""
    return [path for path in pages if explorables_of(book, path)]


@pytest.fixture(scope="session")
def page_of(book, live_pages) -> dict[str, str]:
    """For each explorable's ID the path of the first page that shows it."""
    return {name: path for path in reversed(live_pages) for name in explorables_of(book, path)}


@pytest.fixture(scope="session")
def shown_again(book, live_pages, page_of) -> list[tuple[str, str]]:
    """Path and ID wherever a page shows an explorable that an earlier page has shown."""
    return [(path, name) for path in live_pages for name in explorables_of(book, path) if page_of[name] != path]


@pytest.fixture(scope="session")
def still_pages(pages, live_pages) -> list[str]:
    """The path of every page that shows none."""
    return [path for path in pages if path not in live_pages]


@pytest.fixture(scope="session")
def site(book) -> Iterator[str]:
    """Address of the site as `python -m http.server` serves it."""
    with http_server_module(book) as root:
        yield root


@pytest.fixture(scope="session")
def strict_site(book) -> Iterator[str]:
    """Address of the site under a content security policy without `unsafe-eval`."""
    with serve(book, headers=STRICT_POLICY) as root:
        yield root


@pytest.fixture(scope="session")
def based_site() -> Iterator[str]:
    """Address of the site built for and served below `/dgm`."""
    with serve(built_site("/dgm"), base="/dgm") as root:
        yield root


@pytest.fixture
def open_page(chromium: Browser) -> Iterator[OpenPage]:
    """Open an address in a context of its own; closed after the test."""
    with ExitStack() as stack:

        def open_address(address: str | None = None, **options) -> Page:
            context = chromium.new_context(**{**DESKTOP, **options})
            stack.callback(context.close)
            context.set_default_timeout(30_000)
            page = context.new_page()
            if address is not None:
                page.goto(address)
            return page

        yield open_address


@pytest.fixture
def planted(tmp_path) -> Iterator[Callable[[Mapping[str, str]], str]]:
    """Serve files made for a test, to prove that a check can fail; returns their address."""
    with ExitStack() as stack:

        def plant(files: Mapping[str, str]) -> str:
            for name, text in files.items():
                (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
                (tmp_path / name).write_text(text, encoding="utf-8")
            return stack.enter_context(serve(tmp_path))

        yield plant
