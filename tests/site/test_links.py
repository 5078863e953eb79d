"""No link, anchor or asset of the built site is broken, at a host's root and below a base path."""

from tests.site.linkcheck import check


def test_every_link_holds_under_python_http_server(site, pages):
    assert check(site, expected_pages=pages) == []


def test_every_link_holds_below_a_base_path(based_site, pages):
    assert check(based_site, expected_pages=pages) == []
