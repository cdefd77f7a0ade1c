/** What Airflow's home page loads of us: a frame with a page of the same build, whose React is its own. */
globalThis.AirflowPlugin = function LineageNexusDashboard() {
  return globalThis.React.createElement("iframe", {
    src: new URL("nexus/widget?embed=1", document.baseURI).href,
    title: "LineageNexus",
    style: { width: "100%", height: 84, border: 0, colorScheme: "normal" },
  });
};
