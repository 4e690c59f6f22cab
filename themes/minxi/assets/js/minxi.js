// What scripts add: the reader's modes are kept in this browser, and the language
// switch leads to the sentence that is being read, the columns that scroll show where
// one is, and the contents of the whole plan show the section in view. Everything else,
// and the modes on a single page too, works without.
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

  // The columns: where they scroll, the page's own and the one with the focus are seen.
  const menu = document.querySelector(".site-menu");
  const current = menu?.querySelector("[aria-current]");
  if (current) menu.scrollLeft = current.offsetLeft + current.offsetWidth - menu.clientWidth;
  menu?.addEventListener("focusin", (e) => e.target.scrollIntoView({ block: "nearest", inline: "nearest" }));

  // The same sentence in the other language, or beside it.
  const follow = () => {
    for (const a of document.querySelectorAll(".languages a, .views a")) {
      if (a.hash !== location.hash) a.hash = location.hash;
    }
  };
  addEventListener("hashchange", follow);
  document.addEventListener("click", follow, true); // a click may come sooner than that
  follow();

  // What is quoted or cited is copied by one press, where a browser lets pages do so;
  // HTML also as what it shows, for editors without a view of the source.
  const share = document.querySelector(".cite-share");
  for (const one of (navigator.clipboard && share?.querySelectorAll("details")) || []) {
    const text = one.querySelector("pre, p");
    if (!text) continue;
    const button = document.createElement("button");
    const say = (word) => button.setAttribute("aria-label", share.dataset[word]);
    button.type = "button";
    say("copy");
    button.addEventListener("click", async () => {
      const copied = text.textContent;
      const as = (type) => ({ [type]: new Blob([copied], { type }) });
      await (self.ClipboardItem && "html" in text.dataset
        ? navigator.clipboard.write([new ClipboardItem({ ...as("text/plain"), ...as("text/html") })])
        : navigator.clipboard.writeText(copied));
      say("copied");
      setTimeout(say, 2000, "copy");
    });
    one.append(button);
  }

  // The section in view, where the contents stand beside the text.
  const toc = document.querySelector(".plan-whole + .toc");
  if (toc) {
    const links = [...toc.querySelectorAll("li > a")];
    const heads = links.map((a) => document.getElementById(a.hash.slice(1)));
    let here, waiting;
    const look = () => {
      waiting = false;
      const root = document.documentElement;
      const line = parseFloat(getComputedStyle(root).scrollPaddingTop) + 24;
      const tops = heads.map((h) => h.getBoundingClientRect().top);
      let now = links.findLast((a, i) => tops[i] < line);
      // At its end the page scrolls no further: the last one, or the one asked for.
      if (scrollY + innerHeight > root.scrollHeight - 2) {
        now = links.find((a, i) => a.hash === location.hash && tops[i] > 0 && tops[i] < innerHeight) ?? links.at(-1);
      }
      if (getComputedStyle(toc).position !== "sticky") now = undefined;
      if (now === here) return;
      for (const a of links) a.removeAttribute("aria-current");
      here = now;
      if (!here) return;
      here.closest("ol").closest("li")?.firstElementChild.setAttribute("aria-current", "true");
      here.setAttribute("aria-current", "location");
      toc.scrollTop = here.offsetTop - toc.clientHeight / 2;
    };
    const later = () => {
      if (!waiting) requestAnimationFrame(look);
      waiting = true;
    };
    for (const e of ["scroll", "resize", "hashchange"]) addEventListener(e, later, { passive: true });
    later();
  }
})();
