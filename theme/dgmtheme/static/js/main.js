/* What every page can do once scripts run. Without them the page is complete, only quieter. */
import { colourMode } from "./colour-mode.js";
import { drawer } from "./drawer.js";
import { copyButtons, headingLinks } from "./copy.js";
import { scrollSpy } from "./scroll-spy.js";
import { scrollRegions } from "./scroll-regions.js";
import { previews } from "./previews.js";
import { printing } from "./printing.js";
import { searchKeys } from "./search-keys.js";
import { reveal } from "./reveal.js";

const script = document.querySelector("script[data-search]");
colourMode(document.querySelector("[data-colour-mode]"));
drawer(document.querySelector("[data-drawer]"), document.getElementById("contents"));
searchKeys(document.querySelector("[data-search-open]"), script.dataset);
copyButtons();
headingLinks();
scrollSpy(document.querySelector(".outline"));
scrollRegions();
previews();
printing();
reveal();
