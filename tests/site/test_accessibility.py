"""axe finds nothing serious or critical on any page, in either colour mode, on a desk and on a telephone."""

import pytest

from tests.site.browser import MODES, SCREENS, axe_faults, settle

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("width", SCREENS)
def test_axe_finds_nothing_serious(site, open_page, pages, width):
    page = open_page(reduced_motion="reduce", **SCREENS[width])
    faults = {}
    for path in (*pages, "/404.html"):
        page.goto(site + path)
        settle(page)
        page.evaluate("document.querySelectorAll('details').forEach(details => { details.open = true; })")
        for mode in MODES:
            page.emulate_media(color_scheme=mode)
            faults[path, mode] = axe_faults(page)
    assert {where: found for where, found in faults.items() if found} == {}


@pytest.mark.parametrize("mode", MODES)
def test_axe_finds_nothing_serious_in_the_search(site, open_page, mode):
    page = open_page(site, color_scheme=mode)
    page.click("[data-search-open]")
    page.keyboard.type("entropy")
    page.wait_for_selector("#hit-0 mark")
    assert axe_faults(page) == []
