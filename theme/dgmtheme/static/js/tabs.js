/* Turns a run of alternatives into tabs (arrow keys, Home, End); the choice is kept for all sets with that name. */
const sets = [];

const choose = (set, index, focus) => {
  set.forEach(({ tab, panel }, i) => {
    const chosen = i === index;
    tab.setAttribute("aria-selected", String(chosen));
    tab.tabIndex = chosen ? 0 : -1;
    panel.hidden = !chosen;
    if (chosen && focus) tab.focus();
  });
};

const chooseEverywhere = (set, index, focus) => {
  choose(set, index, focus);
  const name = set[index].panel.dataset.sync;
  if (!name) return;
  for (const other of sets) {
    const same = other.findIndex(({ panel }) => panel.dataset.sync === name);
    if (other !== set && same >= 0) choose(other, same, false);
  }
};

const step = (key, index, count) =>
  ({ ArrowRight: (index + 1) % count, ArrowLeft: (index + count - 1) % count, Home: 0, End: count - 1 })[key];

for (const element of document.querySelectorAll("[data-tabs]")) {
  const list = document.createElement("div");
  list.setAttribute("role", "tablist");
  const set = [...element.querySelectorAll(":scope > .tab-panel")].map((panel) => {
    const tab = document.createElement("button");
    tab.type = "button";
    tab.setAttribute("role", "tab");
    tab.setAttribute("aria-controls", panel.id);
    tab.id = `${panel.id}-tab`;
    const title = panel.querySelector(":scope > .tab-title");
    tab.textContent = title.textContent;
    title.hidden = true;
    panel.setAttribute("role", "tabpanel");
    panel.setAttribute("aria-labelledby", tab.id);
    list.append(tab);
    return { tab, panel };
  });
  set.forEach(({ tab }, index) => {
    tab.addEventListener("click", () => chooseEverywhere(set, index, false));
    tab.addEventListener("keydown", (event) => {
      const next = step(event.key, index, set.length);
      if (next === undefined) return;
      event.preventDefault();
      chooseEverywhere(set, next, true);
    });
  });
  element.prepend(list);
  element.classList.add("ready");
  sets.push(set);
  choose(set, 0, false);
}
