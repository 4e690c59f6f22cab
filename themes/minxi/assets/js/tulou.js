// The drawing of the plan as an instrument. What is pointed at or has the focus fills
// the courtyard; arrow keys go from a chapter to its sentences and among them, those
// that are faint left out. Without script cells have their titles, and chapters lead on.
(() => {
  const house = document.querySelector(".tulou svg");
  if (!house) return;
  const yard = document.querySelector(".courtyard");
  const and = document.documentElement.lang.startsWith("zh") ? "、" : ", ";
  const make = (tag, text) => Object.assign(document.createElement(tag), { textContent: text });
  // The title would cover the drawing as a tooltip.
  for (const a of house.querySelectorAll("a")) {
    const title = a.querySelector("title");
    if (!title) continue; // of a chapter, which is named beside it
    a.setAttribute("aria-label", title.textContent);
    title.remove();
  }
  yard.append(make("small", yard.dataset.hint));
  const rest = [...yard.childNodes];

  const nameOf = (id) => {
    const choice = document.querySelector(`.tulou [value="${id}"]`);
    return choice?.label ?? choice?.closest("label").querySelector("b").textContent;
  };
  const show = (a) => {
    yard.className = "courtyard";
    if (!a) return yard.replaceChildren(...rest);
    const label = a.dataset.title ?? a.getAttribute("aria-label");
    const cell = a.closest(".cells");
    if (!cell) return yard.replaceChildren(make("span", label));
    const tone = a.getAttribute("class") ?? "";
    const of = [tone.replace(/^t-|^open$/, ""), ...(a.dataset.of ?? "").split(" ")].filter(Boolean);
    if (tone !== "open") yard.className += " " + tone;
    const cut = label.indexOf(" ");
    yard.replaceChildren(
      make("b", label.slice(0, cut)),
      make("span", label.slice(cut + 1)),
      make("small", of.map((id) => nameOf(id)?.replace(/ \d+$/, "")).filter(Boolean).join(and)),
    );
  };
  const focused = () => (house.contains(document.activeElement) ? document.activeElement.closest("a") : null);
  house.addEventListener("pointerover", (e) => show(e.target.closest("a") ?? focused()));
  house.addEventListener("pointerleave", () => show(focused()));
  house.addEventListener("focusin", () => show(focused()));
  house.addEventListener("focusout", () => show());

  const steps = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1, Home: -Infinity, End: Infinity };
  house.addEventListener("keydown", (e) => {
    const here = focused();
    const chapter = here?.closest(".links > g");
    const step = e.key === "Escape" ? -Infinity : steps[e.key];
    if (!chapter || !step || e.ctrlKey || e.altKey || e.metaKey) return;
    e.preventDefault();
    const stops = [...chapter.querySelectorAll("a")].filter((a) => !a.matches(".room") && getComputedStyle(a).fillOpacity > 0.5);
    const to = Math.min(Math.max(stops.indexOf(here) + step, 0), stops.length - 1);
    stops[to].focus();
  });
})();
