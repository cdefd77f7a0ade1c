/** The page of Airflow that shows ours in a frame; both come from one origin. */
import { useSyncExternalStore } from "react";
import { host } from "./host";

type Scheme = "light" | "dark";

/** Airflow's page, or null where there is none, or it is another site's. */
function airflowPage(): Document | null {
  if (host.kind !== "airflow" || window.parent === window) return null;
  try {
    return window.parent.document;
  } catch (error) {
    if (error instanceof DOMException) return null;
    throw error;
  }
}

const page = airflowPage();

/** The colours that the reader chose in Airflow; null outside of it. */
export function useAirflowScheme(): Scheme | null {
  return useSyncExternalStore(watchScheme, schemeNow);
}

function schemeNow(): Scheme | null {
  if (!page) return null;
  return page.documentElement.classList.contains("dark") ? "dark" : "light";
}

function watchScheme(onChange: () => void): () => void {
  if (!page) return () => undefined;
  const observer = new MutationObserver(onChange);
  observer.observe(page.documentElement, { attributes: true, attributeFilter: ["class"] });
  return () => observer.disconnect();
}

/** Whether an address is one of this Airflow's pages. */
export function isAirflowPage(href: string): boolean {
  return page !== null && new URL(href, location.href).origin === location.origin;
}

/** Go to a page of Airflow, as if its own link had been followed: our frame may not navigate the page round it. */
export function openAirflowPage(href: string): void {
  if (!page) return;
  const link = page.createElement("a");
  link.href = href;
  page.body.append(link);
  link.click();
  link.remove();
}

/** The address of one of our pages that fills Airflow's window. */
export function fullPage(path: string): string {
  return host.kind === "airflow" ? `${host.base.replace(/\/nexus$/, "")}/plugin/nexus/nexus${path}` : host.base + path;
}
