/* Copying code, and links to sections. */
let speaker;

const say = (words) => {
  if (!speaker) {
    speaker = document.createElement("p");
    speaker.className = "visually-hidden";
    speaker.setAttribute("role", "status");
    document.body.append(speaker);
  }
  // The same words again are no news to a screen reader unless they were gone in between.
  speaker.textContent = "";
  setTimeout(() => (speaker.textContent = words), 50);
};

const copy = async (text, words) => {
  try {
    await navigator.clipboard.writeText(text);
    say(words);
    return true;
  } catch {
    say("Copying is not allowed here");
    return false;
  }
};

export function copyButtons() {
  for (const block of document.querySelectorAll(".code")) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "copy-button";
    button.textContent = "Copy";
    button.setAttribute("aria-label", "Copy the code");
    button.addEventListener("click", async () => {
      const done = await copy(block.querySelector("code").textContent, "Code copied");
      button.textContent = done ? "Copied" : "Failed";
      setTimeout(() => (button.textContent = "Copy"), 1600);
    });
    block.append(button);
  }
}

export function headingLinks() {
  document.addEventListener("click", (event) => {
    const link = event.target.closest?.(".heading-anchor");
    if (link) copy(link.href, "Link copied");
  });
}
