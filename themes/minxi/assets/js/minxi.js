// What scripts add: the reader's modes are kept in this browser, and the language
// switch leads to the sentence that is being read. Everything else, and the modes
// on a single page too, works without.
(() => {
  const data = document.documentElement.dataset;
  const names = ["type", "contrast", "theme"];
  const boxes = { large: ["type", "large"], contrast: ["contrast", "more"], light: ["theme", "light"], dark: ["theme", "dark"] };
  const box = (id) => document.getElementById("mode-" + id);
  const panel = document.querySelector(".modes");

  const show = (chosen) => {
    for (const name of names) {
      if (chosen[name]) data[name] = chosen[name];
      else delete data[name];
    }
    for (const id in boxes) {
      const [name, value] = boxes[id];
      box(id).checked = chosen[name] === value;
    }
    if (!chosen.theme) box("auto").checked = true;
  };
  const kept = () => {
    try {
      return JSON.parse(localStorage.minxi || "{}");
    } catch {
      return {};
    }
  };
  const keep = () => {
    const chosen = {};
    for (const id in boxes) if (box(id).checked) chosen[boxes[id][0]] = boxes[id][1];
    try {
      if (Object.keys(chosen).length) localStorage.minxi = JSON.stringify(chosen);
      else localStorage.removeItem("minxi");
    } catch {} // a browser that keeps nothing still shows the mode on this page
    show(chosen);
  };

  if (panel) {
    // Also when the browser brings back a page as it was left.
    addEventListener("pageshow", () => show(kept()));
    panel.addEventListener("change", keep);
    // A panel over the page closes as people expect.
    document.addEventListener("keydown", (e) => {
      if (e.key === "Escape" && panel.open) {
        panel.open = false;
        panel.querySelector("summary").focus();
      }
    });
    document.addEventListener("click", (e) => {
      if (!panel.contains(e.target)) panel.open = false;
    });
  }

  // The same sentence in the other language, or beside it.
  const follow = () => {
    for (const a of document.querySelectorAll(".languages a, .views a")) {
      if (a.hash !== location.hash) a.hash = location.hash;
    }
  };
  addEventListener("hashchange", follow);
  follow();
})();
