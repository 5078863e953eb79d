/* On paper everything is open: solutions, folded cells, dropdowns. Afterwards they close again. */
export function printing() {
  let opened = [];
  window.addEventListener("beforeprint", () => {
    opened = [...document.querySelectorAll("main details:not([open])")].filter(
      (element) => !element.classList.contains("outline-inline"),
    );
    opened.forEach((element) => (element.open = true));
  });
  window.addEventListener("afterprint", () => {
    opened.forEach((element) => (element.open = false));
    opened = [];
  });
}
