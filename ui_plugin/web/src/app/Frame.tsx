import { ActionIcon, Menu, useComputedColorScheme, useMantineColorScheme } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { lazy, type ReactNode, Suspense, useEffect, useRef } from "react";
import { Link, NavLink, useLocation } from "react-router-dom";
import { api, bodyOf, rememberSession } from "../api/client";
import { overviewQuery, sessionQuery } from "../api/queries";
import { plural } from "../ui/format";
import classes from "./Frame.module.css";
import { host } from "./host";

const StepUp = lazy(() => import("./StepUp"));

const PAGES = [
  { to: "/", label: "Home" },
  { to: "/catalogue", label: "Catalogue" },
  { to: "/lineage", label: "Lineage" },
  { to: "/impact", label: "Impact" },
  { to: "/quality", label: "Quality" },
  { to: "/sources", label: "Sources" },
  { to: "/governance", label: "Governance" },
  { to: "/reports", label: "Reports" },
];

/** The bar at the top and the page below it; within Airflow only the pages' links remain of the bar. */
export function Frame({ children }: { children: ReactNode }) {
  const isWidget = useLocation().pathname === "/widget";
  if (isWidget) return <main id="main">{children}</main>;
  return (
    <div className={classes.frame}>
      <a href="#main" className={classes.skip}>
        Skip to content
      </a>
      <header className={classes.bar} data-embedded={host.isEmbedded}>
        {!host.isEmbedded && (
          <Link to="/" className={classes.brand}>
            <img src={`${host.base}/logo.svg`} alt="" width={24} height={24} />
            LineageNexus
          </Link>
        )}
        <Pages />
        <Lag />
        {host.kind !== "airflow" && <SchemeSwitch />}
        {!host.isEmbedded && <Account />}
      </header>
      <Suspense>
        <StepUp />
      </Suspense>
      <main id="main" className={classes.main} tabIndex={-1}>
        {children}
      </main>
    </div>
  );
}

/** The pages' links; in a small window, scrolled to the one that is open. */
function Pages() {
  const { pathname } = useLocation();
  const nav = useRef<HTMLElement>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: which link is the open page's follows from the path.
  useEffect(() => {
    nav.current?.querySelector("[aria-current=page]")?.scrollIntoView({ block: "nearest", inline: "center" });
  }, [pathname]);
  return (
    <nav ref={nav} className={classes.nav} aria-label="Pages">
      {PAGES.map(({ to, label }) => (
        <NavLink key={to} to={to} end={to === "/"} className={classes.link ?? ""}>
          {label}
        </NavLink>
      ))}
    </nav>
  );
}

/** How far the graph is behind what was accepted; nothing when it is level. */
function Lag() {
  const { data } = useQuery(overviewQuery);
  if (!data || data.lag_events === 0) return <span className={classes.grow} />;
  return (
    <span className={`${classes.grow} ${classes.lag}`} title="Accepted events that are not in the graph yet">
      {plural(data.lag_events, "event")} being merged
    </span>
  );
}

function SchemeSwitch() {
  const { setColorScheme } = useMantineColorScheme();
  const scheme = useComputedColorScheme("light");
  const other = scheme === "dark" ? "light" : "dark";
  return (
    <ActionIcon variant="subtle" color="gray" aria-label={`Use ${other} colours`} onClick={() => setColorScheme(other)}>
      <svg viewBox="0 0 20 20" width={17} height={17} aria-hidden="true">
        <circle cx="10" cy="10" r="7.2" fill="none" stroke="currentColor" strokeWidth="1.6" />
        <path d="M10 2.8a7.2 7.2 0 0 1 0 14.4z" fill="currentColor" />
      </svg>
    </ActionIcon>
  );
}

function Account() {
  const { data } = useQuery(sessionQuery);
  const client = useQueryClient();
  const signOut = useMutation({
    mutationFn: () => bodyOf(api.DELETE("/api/v1/session")),
    onSuccess: ({ continue_at }) => {
      rememberSession(null);
      client.clear();
      location.assign(continue_at ?? `${host.base}/`);
    },
  });
  const name = data?.name ?? "";
  return (
    <Menu position="bottom-end">
      <Menu.Target>
        <ActionIcon variant="light" radius="xl" aria-label={`Account of ${name}`}>
          {name.slice(0, 1).toUpperCase()}
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>Signed in as {name}</Menu.Label>
        {data?.permissions.includes("audit") && (
          <Menu.Item component={Link} to="/audit">
            Audit
          </Menu.Item>
        )}
        {data?.permissions.includes("curate") && (
          <Menu.Item component={Link} to="/dead-letters">
            Dead letters
          </Menu.Item>
        )}
        {data?.permissions.includes("admin") && (
          <Menu.Item component={Link} to="/admin">
            Administration
          </Menu.Item>
        )}
        <Menu.Item component={Link} to="/settings">
          Settings and about
        </Menu.Item>
        <Menu.Item onClick={() => signOut.mutate()}>Sign out</Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
