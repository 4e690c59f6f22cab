// Has the browser keep the site for reading without a network (worker.js): once the page
// is there, so that it costs the page nothing.
(() => {
  const at = new URL("../sw.js", document.currentScript.src);
  if ("serviceWorker" in navigator && "DecompressionStream" in self && at.protocol !== "file:")
    addEventListener("load", () => navigator.serviceWorker.register(at).catch(() => {}));
})();
