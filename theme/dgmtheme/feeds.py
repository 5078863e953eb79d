"""Files for machines: robots.txt and the sitemap."""

from markupsafe import escape

from .site import Site


def robots(site: Site) -> str:
    """Everything may be read; the sitemap is named when the published address is known."""
    lines = ["User-agent: *", "Allow: /"]
    if site.address:
        lines.append(f"Sitemap: {site.address}/sitemap.xml")
    return "\n".join(lines) + "\n"


def sitemap(site: Site) -> str:
    """All pages, in reading order, with a style sheet for people who open it."""
    urls = "".join(f"  <url><loc>{escape(site.absolute(page.url or '/'))}</loc></url>\n" for page in site.pages)
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<?xml-stylesheet type="text/xsl" href="{site.links.file("sitemap_style.xsl")}"?>\n'
        f'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">\n{urls}</urlset>\n'
    )
