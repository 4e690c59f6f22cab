// Which page this is, by its address; and following what others save.
(function (E) {
  "use strict";
  const { say, ask } = E;
  const main = document.getElementById("main");
  const path = decodeURIComponent(location.pathname).replace(/^\/edit\/?/, "").replace(/\/$/, "");
  const query = new URLSearchParams(location.search);
  // The address of a division or sentence for readers.
  E.address = (id) => "/" + E.lang + (id === "p" ? "/plan/" : /-/.test(id) ? "/m/" + id + "/" : "/plan/" + id + "/");

  async function start() {
    if (query.has("at") || query.has("page")) {
      const r = await ask("place" + location.search);
      location.replace(r.ok ? r.data.to : "/edit/");
      return;
    }
    const id = /^(p|[cs][1-9]\d*)(-\d+)?(\/(en|zh))?$/.exec(path);
    if (path === "") await E.overview(main);
    else if (id) await E.division(main, id[1] + (id[2] || ""));
    else if (path.startsWith("page/")) await E.page(main, path.slice(5), query.get("lang") || E.lang);
    else if (path === "terms") await E.terms(main);
    else if (path === "new") await E.beginning(main, query.get("kind"));
    else if (path === "translators") await E.translators(main);
    else if (path === "publish") await E.publishing(main);
    else if (path === "history") await E.history(main, query.get("of") || "");
    else if (path === "record") await E.recording(main);
    else if (path === "import") await E.importing(main);
    else { E.top(say("没有这一页", "No such page")); main.append(E.make("p", {}, say("没有这一页。", "There is no such page."), " ", E.make("a", { href: "/edit/" }, say("回到总览", "To the overview")))); }
    document.body.dataset.ready = "yes";
  }
  // Others on the same folder see where one is, and one sees where they are.
  const session = Array.from(crypto.getRandomValues(new Uint8Array(8)), (b) => b.toString(16).padStart(2, "0")).join("");
  const at = path.replace(/^([a-z]\d*)-\d+.*$/, "$1");
  async function beat() {
    if (document.hidden) return;
    const r = await ask("here", { session, what: at || "overview" });
    if (!r.ok) return;
    const box = document.getElementById("others");
    const others = r.data.filter((o) => E.pick(o.called) && (!o.mine || o.what === at));
    box.replaceChildren(...others.map((o) => E.make("p", { class: o.what === at ? "same" : "" },
      o.mine ? say("这里也在您的另一个标签页里开着", "You have this open in another tab, too") : o.what === at ? say(o.who + " 也在编辑这里", o.who + " is editing this, too") : say(o.who + " 正在编辑" + E.pick(o.called), o.who + " is editing " + E.pick(o.called)))));
  }
  setInterval(beat, 25000);
  document.addEventListener("visibilitychange", beat);
  addEventListener("pagehide", () => {
    fetch("/edit/api/here", { method: "POST", keepalive: true, headers: { "Content-Type": "application/json" }, body: JSON.stringify({ session, what: "" }) }).catch(() => {});
  });

  let renewing = false, again = false;
  document.addEventListener("preview-tree", async () => {
    if (!E.renew) return;
    if (renewing) { again = true; return; }
    renewing = true;
    do { again = false; await E.renew(); } while (again);
    renewing = false;
  });
  start().then(beat);
})(window.editor);
