/* Runs before the first paint, so that a chosen colour mode never flashes. "system" leaves the choice to CSS. */
(() => {
  let mode = null;
  try {
    mode = localStorage.getItem("colour-mode");
  } catch {
    /* storage may be forbidden; the system's mode is then the only one */
  }
  if (mode === "light" || mode === "dark") document.documentElement.dataset.theme = mode;
})();
