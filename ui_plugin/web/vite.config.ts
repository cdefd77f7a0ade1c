import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";

export default defineConfig({
  // One build serves every mount point: the server puts a <base href> into index.html.
  base: "./",
  plugins: [react()],
  build: {
    outDir: "../nexus_ui_plugin/dist",
    emptyOutDir: true,
    target: "es2022",
    // A data: URL would need a wider content security policy.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
  worker: { format: "es" },
  server: { host: "127.0.0.1", proxy: { "/api": "http://127.0.0.1:8000" } },
  test: { environment: "happy-dom", include: ["test/**/*.test.{ts,tsx}"] },
});
