"""What a page fetches: from its own origin only, little, and Vega only when an explorable comes near."""

import pytest

from tests.site.browser import Watch, settle

pytestmark = pytest.mark.browser

LIGHT_PAGE = 150_000  # bytes after gzip, fonts included
LOW_SCREEN = {"viewport": {"width": 1440, "height": 300}}


def vega_loads(watch: Watch) -> list[str]:
    return [url for url in watch.urls if url.endswith("/vega.js")]


@pytest.mark.parametrize("served", ["strict_site", "based_site"])
def test_pages_keep_to_their_origin_and_complain_of_nothing(request, open_page, pages, served):
    root = request.getfixturevalue(served)
    faults = {}
    for path in pages:
        watch = Watch(open_page())
        watch.page.goto(root + path)
        settle(watch.page)
        faults[path] = watch.complaints + watch.strangers(root)
        watch.page.close()
    assert {path: found for path, found in faults.items() if found} == {}


def test_a_page_without_explorables_is_light(strict_site, open_page, still_pages):
    for path in still_pages:
        watch = Watch(open_page())
        watch.page.goto(strict_site + path)
        settle(watch.page)
        weights = watch.weights()
        assert sum(weights.values()) <= LIGHT_PAGE, f"{path}: {weights}"
        assert vega_loads(watch) == []


def test_vega_waits_until_an_explorable_is_near(strict_site, open_page, live_pages):
    deferred = []
    for path in live_pages:
        watch = Watch(open_page(**LOW_SCREEN))
        watch.page.goto(strict_site + path)
        watch.page.wait_for_load_state("networkidle")
        distance = watch.page.locator("[data-explorable]").first.bounding_box()["y"]
        if distance > 4 * LOW_SCREEN["viewport"]["height"]:
            assert vega_loads(watch) == [], f"{path}: loaded with the first explorable {distance:.0f} px away"
            deferred.append(path)
        settle(watch.page)
        assert len(vega_loads(watch)) == watch.urls.count(strict_site + path)  # once each time the page was loaded
        watch.page.close()
    assert deferred, "no page has its first explorable far below the fold; the test saw nothing"
