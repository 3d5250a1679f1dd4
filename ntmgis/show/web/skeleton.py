"""The fixed frame of the status page: landmarks and empty places that the script fills."""

__all__ = ["SKELETON"]

SKELETON = """\
<noscript><p class="noscript">Trang này cần JavaScript để vẽ bản đồ. / This page needs JavaScript.</p></noscript>
<div id="app" data-tab="legend" data-sheet="peek" data-details="closed" data-table="closed">
<a class="skip" href="#search-box" data-word="skip">Tới ô tìm kiếm</a>
<header id="head">
<div id="titles"><h1 id="title"></h1><p id="subtitle"></p></div>
<div id="search" role="search"><input id="search-box" type="text" role="combobox" autocomplete="off" \
autocapitalize="off" spellcheck="false" aria-expanded="false" aria-controls="search-list" aria-autocomplete="list">\
<ul id="search-list" role="listbox" hidden></ul></div>
<div id="tools"></div>
<p id="sample-band" hidden></p>
</header>
<main id="stage">
<div class="folium-map" id="ntmgis_map" role="application"></div>
<div id="map-corner"><div id="measuring" hidden></div><div id="locating" hidden></div></div>
<div id="on-paper"></div>
<div id="periods" hidden></div>
<div id="tip" role="tooltip" hidden></div>
</main>
<nav id="tabs"><div id="tablist" role="tablist"></div></nav>
<aside id="legend" tabindex="-1"></aside>
<aside id="details" tabindex="-1"></aside>
<section id="table" tabindex="-1"></section>
<footer id="foot"></footer>
<dialog id="paper" aria-labelledby="paper-title"></dialog>
<div id="live" role="status" aria-live="polite"></div>
</div>
"""
