/* The button that goes round system → light → dark, and remembers. */
const MODES = ["system", "light", "dark"];
const NAMES = { system: "System", light: "Light", dark: "Dark" };

const stored = () => {
  try {
    const mode = localStorage.getItem("colour-mode");
    return MODES.includes(mode) ? mode : "system";
  } catch {
    return "system";
  }
};

const store = (mode) => {
  try {
    localStorage.setItem("colour-mode", mode);
  } catch {
    /* not remembered, still applied to this page */
  }
};

export function colourMode(button) {
  if (!button) return;
  const show = (mode) => {
    window.dispatchEvent(new CustomEvent("colour-mode", { detail: mode }));
    button.dataset.mode = mode;
    button.setAttribute("aria-label", `Colour mode: ${mode}`);
    button.querySelector(".mode-name").textContent = NAMES[mode];
  };
  button.hidden = false;
  show(stored());
  button.addEventListener("click", () => {
    const mode = MODES[(MODES.indexOf(button.dataset.mode) + 1) % MODES.length];
    store(mode);
    show(mode);
  });
  window.addEventListener("storage", (event) => event.key === "colour-mode" && show(stored()));
  // A page that comes back as it was left may have missed a choice made on another.
  window.addEventListener("pageshow", (event) => event.persisted && show(stored()));
}
