// The preview's part of a page: reload when there is a newer tree, and show what
// is wrong until it is mended. Only the preview adds this; readers never get it.
//
// A browser opens six connections to a server and no more, so tabs do not hold a
// stream each. Of the tabs that are seen, the one that has the lock holds the only
// stream and passes on what it hears; a hidden tab holds none and asks once when it
// is seen again.
(function () {
  "use strict";
  var tree = Number(document.currentScript.dataset.tree);
  var name = "minxi-preview";
  var box = null;
  var gone = false;
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
  function take(now) {
    if (gone || document.hidden) return; // a hidden tab asks when it is seen
    if (now.tree !== tree) {
      gone = true;
      location.reload();
      return;
    }
    show(now.title, now.found);
  }
  function ask() {
    fetch("/__preview/state").then(function (r) { return r.json(); }).then(take, function () {});
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
