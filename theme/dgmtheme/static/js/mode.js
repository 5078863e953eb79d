/* Runs before the first paint, so that a chosen colour mode never flashes. "system" leaves the choice to CSS.
   The button (colour-mode.js) announces later choices. */
(() => {
  const show = (mode) => {
    const chosen = mode === "light" || mode === "dark";
    if (chosen) document.documentElement.dataset.theme = mode;
    else delete document.documentElement.dataset.theme;
    for (const meta of document.querySelectorAll("meta[name=theme-color]")) {
      const own = meta.dataset.mode;
      meta.media = chosen ? (own === mode ? "all" : "not all") : `(prefers-color-scheme: ${own})`;
    }
  };
  let mode = null;
  try {
    mode = localStorage.getItem("colour-mode");
  } catch {
    /* storage may be forbidden; the system's mode is then the only one */
  }
  show(mode);
  window.addEventListener("colour-mode", (event) => show(event.detail));
})();
