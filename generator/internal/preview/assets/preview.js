// The preview's part of a page: load again when the page has changed, and show what
// is wrong until it is mended. Only the preview adds this; readers never get it.
//
// A browser opens six connections to a server and no more, so tabs do not hold a
// stream each. Of the tabs that are seen, the one that has the lock holds the only
// stream and passes on what it hears; a hidden tab holds none and asks once when it
// is seen again. Browsers without locks ask every two seconds.
(function () {
  "use strict";
  var self = document.currentScript.dataset;
  var zh = self.language === "zh";
  var say = function (a, b) { return zh ? a : b; };
  var tree = Number(self.tree);
  if (window !== window.top) return; // the page around it does all of this
  var name = "minxi-preview";
  var gone = false;
  var last = null;

  function element(tag, attributes) {
    var e = document.createElement(tag);
    Object.keys(attributes || {}).forEach(function (k) { e.setAttribute(k, attributes[k]); });
    for (var i = 2; i < arguments.length; i++) e.append(arguments[i]);
    return e;
  }

  // What is ours stands in a tree of its own, which the site's styles do not reach.
  var host = element("div", { id: "preview", lang: zh ? "zh-Hans" : "en" });
  var root = host.attachShadow({ mode: "open" });
  var panel = element("section", { id: "findings", "aria-live": "polite", hidden: "" });
  var bar = element("nav", { id: "bar", "aria-label": say("预览", "Preview") });
  root.append(element("link", { rel: "stylesheet", href: "/__preview/preview.css" + new URL(document.currentScript.src).search }), panel, bar);
  var folded = sessionStorage.getItem(name + "-folded") === "yes";

  // The line that is concerned, with its place marked.
  function line(f) {
    var code = element("code", { class: "text" });
    if (f.at < 0) code.append(f.text);
    else code.append(f.text.slice(0, f.at), element("mark", {}, f.text.slice(f.at, f.at + 1) || " "), f.text.slice(f.at + 1));
    return code;
  }
  function show(found) {
    if (self.view === "quiet") return; // the editor shows findings where they belong
    panel.hidden = !found.length;
    panel.textContent = "";
    if (!found.length) return;
    var errors = found.filter(function (f) { return !f.warning; }).length;
    var fold = element("button", { type: "button", "aria-expanded": String(!folded) },
      folded ? say("展开", "Show") : say("收起", "Fold"));
    fold.onclick = function () {
      folded = !folded;
      sessionStorage.setItem(name + "-folded", folded ? "yes" : "no");
      show(found);
      panel.querySelector("button").focus();
    };
    var title = errors ? say("请改正：" + found.length + " 处", "To mend: " + found.length)
      : say("请看一看：" + found.length + " 处", "To look at: " + found.length);
    panel.className = errors ? "errors" : "";
    panel.append(element("header", {}, element("strong", {}, title), fold));
    if (folded) return;
    var list = element("ol");
    found.slice(0, 100).forEach(function (f) {
      var item = element("li", { class: f.warning ? "warning" : "" });
      if (f.where) {
        var where = element("code", {}, f.where);
        item.append(self.edit ? element("a", { href: self.edit + "?at=" + encodeURIComponent(f.where) }, where) : where);
      }
      item.append(element("p", {}, say(f.fact.zh, f.fact.en)));
      if (f.text) item.append(line(f));
      var hint = element("p", { class: "hint" }, say(f.hint.zh, f.hint.en), " ");
      if (self.edit && f.check) hint.append(element("a", { target: "_blank", href: self.edit + "guide/?check=" + encodeURIComponent(f.check) }, say("怎么办", "How?")));
      if (hint.textContent.trim()) item.append(hint);
      list.append(item);
    });
    if (found.length > 100) list.append(element("li", {}, say("还有 " + (found.length - 100) + " 处", (found.length - 100) + " more")));
    panel.append(list);
  }

  // Pages that readers do not have, or that are of a day to come, say so, and so do
  // links to them.
  function words(mark) {
    return [mark.draft ? say("草稿，不发布", "draft, not published") : "",
      mark.future ? say(mark.future + "，日期未到", mark.future + ", a day to come") : ""].filter(Boolean).join(say("；", "; "));
  }
  function sign(marks) {
    document.querySelectorAll("[data-preview-mark]").forEach(function (e) { e.remove(); });
    document.querySelectorAll("main a[href]").forEach(function (a) {
      var mark = a.origin === location.origin && a.pathname !== location.pathname && marks[clean(a.pathname)];
      if (!mark) return;
      var note = element("span", { "data-preview-mark": "" }, say("（" + words(mark) + "）", " (" + words(mark) + ")"));
      a.after(note);
    });
  }
  function clean(path) { return decodeURI(path).replace(/index\.html$/, ""); }

  function menu(marks) {
    bar.textContent = "";
    if (self.view) return; // that page has its own
    var here = location.pathname + location.search;
    var mark = marks[clean(location.pathname)];
    if (mark) bar.append(element("strong", { class: "mark" }, words(mark)));
    var choices = element("ul");
    var add = function (href, text) { choices.append(element("li", {}, element("a", { href: href }, text))); };
    if (self.edit) {
      add(self.edit + "?page=" + encodeURIComponent(here), say("编辑本页", "Edit this page"));
      add(self.edit, say("全部内容", "All content"));
    }
    [["print", say("打印的样子", "As printed")], ["phone", say("手机宽度", "At phone width")],
      ["plain", say("没有样式", "Without CSS")], ["noscript", say("没有脚本", "Without JavaScript")]].forEach(function (v) {
      add("/__preview/view?as=" + v[0] + "&page=" + encodeURIComponent(here), v[1]);
    });
    var box = element("details", {}, element("summary", {}, say("预览", "Preview")), choices);
    box.addEventListener("keydown", function (e) {
      if (e.key === "Escape" && box.open) { box.open = false; box.querySelector("summary").focus(); }
    });
    bar.append(box);
  }

  function take(now) {
    if (gone || document.hidden) return; // a hidden tab asks when it is seen
    if (now.tree !== tree) {
      var same = now.before === tree && now.differ && now.differ.indexOf(self.file) < 0;
      if (!same && !self.view) {
        gone = true;
        location.reload();
        return;
      }
      if (tree && self.view !== "quiet") document.dispatchEvent(new CustomEvent("preview-tree"));
      tree = now.tree;
    }
    var text = JSON.stringify(now);
    if (text === last) return;
    // The editor wants to know of findings, too.
    if (last !== null && self.view === "quiet") document.dispatchEvent(new CustomEvent("preview-tree"));
    last = text;
    show(now.found);
    sign(now.marks || {});
    menu(now.marks || {});
  }
  function ask() {
    return fetch("/__preview/state").then(function (r) { return r.json(); }).then(take, function () {});
  }
  document.body.append(host);

  if (!navigator.locks || !window.BroadcastChannel) {
    var again = function () { (document.hidden ? Promise.resolve() : ask()).then(function () { setTimeout(again, 2000); }); };
    document.addEventListener("visibilitychange", function () { if (!document.hidden) ask(); });
    again();
    return;
  }
  var channel = new BroadcastChannel(name);
  channel.onmessage = function (e) { take(e.data); };
  var waiting = null; // ends the wait for the lock
  var letGo = null;   // gives the lock back
  function listen() {
    var stop = waiting = new AbortController();
    navigator.locks.request(name, { signal: stop.signal }, function () {
      return new Promise(function (release) {
        var stream = new EventSource("/__preview/events");
        stream.onmessage = function (e) {
          var now = JSON.parse(e.data);
          channel.postMessage(now);
          take(now);
        };
        letGo = function () { stream.close(); release(); };
        if (document.hidden) letGo();
      });
    }).catch(function () {}); // no longer waiting
  }
  function follow() {
    if (document.hidden) {
      if (waiting) waiting.abort();
      if (letGo) letGo();
      waiting = letGo = null;
    } else if (!waiting) {
      ask();
      listen();
    }
  }
  document.addEventListener("visibilitychange", follow);
  follow();
})();
