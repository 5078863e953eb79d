"""The browser's checks see each planted fault, and nothing on a sound page."""

import pytest
from playwright.sync_api import TimeoutError

from tests.site.browser import PHONE, Watch, axe_faults, settle, sticking_out
from tests.site.serving import STRICT_POLICY, serve

pytestmark = pytest.mark.browser

SOUND = """<!doctype html><html lang="en"><meta charset="utf-8"><title>Sound</title>
<meta name="viewport" content="width=device-width"><link rel="icon" href="data:,">
<main><h1>Sound</h1><div style="overflow-x: auto"><pre style="width: 900px">wide, but it scrolls</pre></div>{}
</main></html>"""


def test_a_sound_page_passes(planted, open_page):
    root = planted({"index.html": SOUND.format('<img src="a.svg" alt="dot">'), "a.svg": "<svg/>"})
    page = open_page(**PHONE)
    watch = Watch(page)
    page.goto(root)
    settle(page)
    assert watch.complaints == []
    assert watch.strangers(root) == []
    assert sticking_out(page) == []
    assert axe_faults(page) == []
    assert set(watch.weights()) == {"/", "/a.svg"}


# A figure that lives, as the player's do, once a frame shows it; FRAMES says when frames come.
LIVES_WITH_A_FRAME = SOUND.format("""<figure data-explorable="a"></figure><script>
    const figure = document.querySelector("figure"), first = !sessionStorage.length;
    sessionStorage.seen = true;
    if (!(FRAMES)) window.requestAnimationFrame = () => {};
    requestAnimationFrame(() => figure.explorable = {tables: LIVES});</script>""")


def test_a_page_whose_frames_stop_is_loaded_anew(planted, open_page):
    page = open_page()
    page.set_default_timeout(1000)
    watch = Watch(page)
    page.goto(planted({"index.html": LIVES_WITH_A_FRAME.replace("FRAMES", "!first").replace("LIVES", "{}")}))
    settle(page)
    assert watch.urls == 2 * [page.url]


@pytest.mark.parametrize(("frames", "lives", "loads"), [("true", "null", 1), ("false", "{}", 2)])
def test_a_figure_that_never_lives_is_a_fault(planted, open_page, frames, lives, loads):
    page = open_page()
    page.set_default_timeout(1000)
    watch = Watch(page)
    page.goto(planted({"index.html": LIVES_WITH_A_FRAME.replace("FRAMES", frames).replace("LIVES", lives)}))
    with pytest.raises(TimeoutError):
        settle(page)
    assert watch.urls == loads * [page.url]


@pytest.mark.parametrize(
    ("fragment", "complaint"),
    [
        ("<script>console.error('broken')</script>", "error: broken"),
        ("<script>console.warn('careful')</script>", "warning: careful"),
        ("<script>undefined_name()</script>", "uncaught: undefined_name is not defined"),
        ('<img src="gone.png" alt="">', "error: Failed to load resource"),
    ],
)
def test_hears_what_a_page_complains_about(planted, open_page, fragment, complaint):
    page = open_page()
    watch = Watch(page)
    page.goto(planted({"index.html": SOUND.format(fragment)}))
    assert any(heard.startswith(complaint) for heard in watch.complaints), watch.complaints


def test_sees_a_request_to_another_host(planted, open_page):
    elsewhere = planted({"a.png": "not an image"}).replace("127.0.0.1", "localhost")
    root = planted({"index.html": SOUND.format(f'<img src="{elsewhere}/a.png" alt="">')})
    page = open_page()
    watch = Watch(page)
    page.goto(root)
    assert watch.strangers(root) == [f"{elsewhere}/a.png"]


@pytest.mark.parametrize(
    "script", ["new Function('return 1')()", "document.body.append(new Image().src = 'http://localhost:1/')"]
)
def test_hears_a_breach_of_the_strict_policy(tmp_path, open_page, script):
    (tmp_path / "index.html").write_text(SOUND.format('<script src="a.js"></script>'))
    (tmp_path / "a.js").write_text(script)
    page = open_page()
    watch = Watch(page)
    with serve(tmp_path, headers=STRICT_POLICY) as root:
        page.goto(root)
    assert any("Content Security Policy" in heard for heard in watch.complaints), watch.complaints


@pytest.mark.parametrize(
    "fragment",
    [
        '<p style="width: 500px">wide</p>',
        '<p style="margin-left: -30px">left</p>',
        '<p style="white-space: nowrap">a long line of text that nobody ever breaks anywhere, at any width</p>',
        '<style>body { overflow-x: hidden }</style><p style="width: 500px">hidden, still lost</p>',
    ],
)
def test_sees_what_sticks_out(planted, open_page, fragment):
    page = open_page(planted({"index.html": SOUND.format(fragment)}), **PHONE)
    assert sticking_out(page) != []


@pytest.mark.parametrize(
    ("fragment", "rule"),
    [
        ('<img src="data:image/gif;base64,R0lGODlhAQABAAAAACw=">', "image-alt"),
        ('<p style="color: #bbb; background: #fff">pale</p>', "color-contrast"),
        ('<input type="range">', "label"),
        ("<button></button>", "button-name"),
    ],
)
def test_axe_sees_a_serious_fault(planted, open_page, fragment, rule):
    page = open_page(planted({"index.html": SOUND.format(fragment)}))
    assert [fault.split(":")[0] for fault in axe_faults(page)] == [rule]
