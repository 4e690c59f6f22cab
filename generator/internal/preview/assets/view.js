// A page looked at in another way: as on paper, at a phone's width, without style
// sheets, or without scripts. It stays in this way while one follows its links, and
// keeps its place when it has changed.
(function () {
  "use strict";
  var zh = document.currentScript.dataset.language === "zh";
  var ways = [["print", zh ? "打印的样子" : "As printed"], ["phone", zh ? "手机宽度" : "At phone width"],
    ["plain", zh ? "没有样式" : "Without CSS"], ["noscript", zh ? "没有脚本" : "Without JavaScript"]];
  var query = new URLSearchParams(location.search);
  var way = query.get("as");
  if (!ways.some(function (w) { return w[0] === way; })) way = "phone";
  var page = query.get("page") || "/";
  if (!/^\/(?![/\\])/.test(page)) page = "/"; // of this site alone
  document.documentElement.lang = zh ? "zh-Hans" : "en";
  document.title = zh ? "预览" : "Preview";
  document.body.dataset.as = way;

  var frame = document.createElement("iframe");
  frame.title = zh ? "网页" : "The page";
  if (way === "noscript") frame.setAttribute("sandbox", "allow-same-origin");
  var links = [];
  function bar() {
    var header = document.querySelector("header");
    header.textContent = "";
    links = ways.map(function (w) {
      var a = document.createElement("a");
      a.textContent = w[1];
      a.href = "?as=" + w[0] + "&page=" + encodeURIComponent(page);
      if (w[0] === way) a.setAttribute("aria-current", "page");
      header.append(a);
      return a;
    });
    if (way === "print") {
      var button = document.createElement("button");
      button.type = "button";
      button.textContent = zh ? "打印…" : "Print…";
      button.onclick = function () { frame.contentWindow.print(); };
      header.append(button);
    }
    var back = document.createElement("a");
    back.textContent = zh ? "回到网页" : "Back to the page";
    back.href = page;
    header.append(back);
  }

  // Rules for paper hold, those for screens do not.
  function paper(rules) {
    Array.prototype.forEach.call(rules, function (rule) {
      if (rule.media && rule.cssRules) rule.media.mediaText = onPaper(rule.media.mediaText);
      if (rule.cssRules && rule.cssRules.length) paper(rule.cssRules);
    });
  }
  function onPaper(media) {
    return media.split(",").map(function (m) {
      m = m.trim();
      if (/^(only )?screen\b/.test(m)) return "not all";
      return m.replace(/^(only )?print\b/, "all").replace(/\(prefers-color-scheme:\s*dark\)/, "(width < 0px)");
    }).join(", ");
  }
  function dress() {
    var doc = frame.contentDocument;
    if (!doc) return;
    Array.prototype.forEach.call(doc.styleSheets, function (sheet) {
      if (way === "plain") sheet.disabled = true;
      if (way === "print" && sheet.href) {
        if (sheet.media.mediaText) sheet.media.mediaText = onPaper(sheet.media.mediaText);
        paper(sheet.cssRules);
      }
    });
    if (way === "print") { // the sheet's margins
      doc.documentElement.style.colorScheme = "light";
      doc.body.style.padding = "20mm 18mm";
    }
  }

  var top = null; // where the page stood before it was loaded again
  frame.addEventListener("load", function () {
    dress();
    try {
      page = frame.contentWindow.location.pathname + frame.contentWindow.location.search;
    } catch (e) {
      return; // it has left the site
    }
    history.replaceState(null, "", "?as=" + way + "&page=" + encodeURIComponent(page));
    bar();
    if (top !== null) frame.contentWindow.scrollTo(0, top);
    top = null;
  });
  document.addEventListener("preview-tree", function () {
    if (!frame.contentWindow || !frame.src) return;
    top = frame.contentWindow.scrollY;
    frame.contentWindow.location.reload();
  });
  bar();
  frame.src = page;
  document.body.append(frame);
})();
