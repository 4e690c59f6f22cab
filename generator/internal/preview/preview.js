// The preview's part of a page: reload when there is a newer tree, and show what
// is wrong until it is mended. Only the preview adds this; readers never get it.
(function () {
  "use strict";
  var tree = Number(document.currentScript.dataset.tree);
  var box = null;
  function line(tag, text, style) {
    var e = document.createElement(tag);
    e.textContent = text;
    e.style.cssText = style;
    return e;
  }
  function show(title, found) {
    if (box) { box.remove(); box = null; }
    if (!found.length) return;
    box = document.createElement("div");
    box.id = "preview-findings";
    box.setAttribute("role", "alert");
    box.style.cssText = "position:fixed;inset:auto 0 0 0;max-block-size:70vh;overflow:auto;z-index:2147483647;" +
      "background:#fff;color:#1a1a1a;border-block-start:6px solid #9b1c1f;padding:1rem 1.25rem;font:16px/1.6 sans-serif;box-shadow:0 -4px 24px #0006";
    box.append(line("strong", title, "display:block"));
    found.forEach(function (f) {
      var item = document.createElement("div");
      item.style.cssText = "margin-block-start:.75rem";
      item.append(line("code", f.where, "display:block;color:#9b1c1f;overflow-wrap:anywhere"),
        line("div", f.fact, ""), line("div", f.hint, "color:#555"));
      box.append(item);
    });
    document.body.append(box);
  }
  new EventSource("/__preview/events").onmessage = function (e) {
    var now = JSON.parse(e.data);
    if (now.tree !== tree) { location.reload(); return; }
    show(now.title, now.found);
  };
})();
