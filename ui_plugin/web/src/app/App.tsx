import { MantineProvider } from "@mantine/core";
import { MutationCache, QueryCache, QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { lazy, Suspense } from "react";
import { BrowserRouter, Route, Routes } from "react-router-dom";
import { hasStatus, ProblemError } from "../api/problem";
import { sessionQuery } from "../api/queries";
import { CataloguePage } from "../pages/catalogue/CataloguePage";
import { HomePage } from "../pages/home/HomePage";
import { NotFoundPage } from "../pages/NotFoundPage";
import { PageComing } from "../ui/PageComing";
import { useAirflowScheme } from "./airflowHost";
import { ErrorBoundary } from "./ErrorBoundary";
import { Frame } from "./Frame";
import { host } from "./host";
import { SignedIn } from "./SignedIn";
import { theme } from "./theme";

const AdminPage = lazy(() => import("../pages/admin/AdminPage"));
const AssetPage = lazy(() => import("../pages/asset/AssetPage"));
const AuditPage = lazy(() => import("../pages/audit/AuditPage"));
const ConnectPage = lazy(() => import("../pages/sources/ConnectPage"));
const DeadLettersPage = lazy(() => import("../pages/deadLetters/DeadLettersPage"));
const GovernancePage = lazy(() => import("../pages/governance/GovernancePage"));
const ImpactPage = lazy(() => import("../pages/impact/ImpactPage"));
const LineagePage = lazy(() => import("../pages/LineagePage"));
const QualityPage = lazy(() => import("../pages/quality/QualityPage"));
const ReportsPage = lazy(() => import("../pages/reports/ReportsPage"));
const SettingsPage = lazy(() => import("../pages/SettingsPage"));
const SourcesPage = lazy(() => import("../pages/sources/SourcesPage"));
const WidgetPage = lazy(() => import("../pages/WidgetPage"));
const MOST_RETRIES = 2;

/** A session that ended shows the sign-in page, whichever request found out; a sign-in that failed ends none. */
function onError(error: Error): void {
  const hadSession = queryClient.getQueryData(sessionQuery.queryKey) !== undefined;
  if (hadSession && hasStatus(error, 401)) queryClient.resetQueries({ queryKey: sessionQuery.queryKey, exact: true });
}

const queryClient: QueryClient = new QueryClient({
  queryCache: new QueryCache({ onError: (error, query) => query.queryKey[0] !== "session" && onError(error) }),
  mutationCache: new MutationCache({ onError }),
  defaultOptions: {
    queries: { staleTime: 10_000, refetchOnWindowFocus: false, retry: isWorthRetrying },
  },
});

/** A refusal stays one; what did not answer, or is starting, may answer soon. */
function isWorthRetrying(count: number, error: Error): boolean {
  const isRefused = error instanceof ProblemError && error.problem.status < 500;
  return !isRefused && count < MOST_RETRIES;
}

export function App() {
  const scheme = useAirflowScheme();
  return (
    <MantineProvider theme={theme} defaultColorScheme="auto" {...(scheme && { forceColorScheme: scheme })}>
      <QueryClientProvider client={queryClient}>
        <ErrorBoundary>
          {/* Not in transitions: a text that the URL holds would lose what is typed while they wait. */}
          <BrowserRouter basename={host.base} useTransitions={false}>
            <SignedIn>
              <Frame>
                <Suspense fallback={<PageComing />}>
                  <Routes>
                    <Route path="/" element={<HomePage />} />
                    <Route path="/catalogue" element={<CataloguePage />} />
                    <Route path="/asset" element={<AssetPage />} />
                    <Route path="/lineage" element={<LineagePage />} />
                    <Route path="/impact" element={<ImpactPage />} />
                    <Route path="/quality" element={<QualityPage />} />
                    <Route path="/sources" element={<SourcesPage />} />
                    <Route path="/connect" element={<ConnectPage />} />
                    <Route path="/governance" element={<GovernancePage />} />
                    <Route path="/admin" element={<AdminPage />} />
                    <Route path="/reports" element={<ReportsPage />} />
                    <Route path="/audit" element={<AuditPage />} />
                    <Route path="/dead-letters" element={<DeadLettersPage />} />
                    <Route path="/settings" element={<SettingsPage />} />
                    <Route path="/widget" element={<WidgetPage />} />
                    <Route path="*" element={<NotFoundPage />} />
                  </Routes>
                </Suspense>
              </Frame>
            </SignedIn>
          </BrowserRouter>
        </ErrorBoundary>
      </QueryClientProvider>
    </MantineProvider>
  );
}
