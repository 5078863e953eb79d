<?xml version="1.0" encoding="UTF-8"?>
<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform" xmlns:s="http://www.sitemaps.org/schemas/sitemap/0.9">
  <xsl:output method="html" encoding="UTF-8"/>
  <xsl:template match="/">
    <html lang="en">
      <head><title>Sitemap</title><link rel="stylesheet" href="myst-theme.css"/></head>
      <body>
        <main class="article">
          <h1>Sitemap</h1>
          <ul>
            <xsl:for-each select="s:urlset/s:url">
              <li><a href="{s:loc}"><xsl:value-of select="s:loc"/></a></li>
            </xsl:for-each>
          </ul>
        </main>
      </body>
    </html>
  </xsl:template>
</xsl:stylesheet>
