/* A link into something folded opens it. */
const fragment = () => {
  try {
    return decodeURIComponent(location.hash.slice(1));
  } catch {
    return ""; // half a percent code names nothing here
  }
};

export function reveal() {
  const show = () => {
    const id = fragment().split("?")[0];
    const target = id && document.getElementById(id);
    if (!target) return;
    let folded = target.closest("details");
    let opened = false;
    while (folded) {
      opened ||= !folded.open;
      folded.open = true;
      folded = folded.parentElement.closest("details");
    }
    if (opened) target.scrollIntoView();
  };
  window.addEventListener("hashchange", show);
  show();
}
