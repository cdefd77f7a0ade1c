import { Button, Center, Loader, Text, TextInput } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { useInfiniteQuery } from "@tanstack/react-query";
import { type KeyboardEvent, useLayoutEffect, useMemo, useRef, useState } from "react";
import { Link, useNavigate, useSearchParams } from "react-router-dom";
import { api, bodyOf } from "../../api/client";
import type { DatasetQuery } from "../../api/queries";
import { assetAddress } from "../../app/addresses";
import { formatNumber } from "../../ui/format";
import { EmptyState, ProblemNotice } from "../../ui/Notice";
import { PageHead } from "../PageHead";
import classes from "./CataloguePage.module.css";
import { type CatalogueState, readCatalogue, toggleFilter, writeCatalogue } from "./catalogueState";
import { Facets } from "./Facets";
import { ResultList } from "./ResultList";
import { SavedSearches } from "./SavedSearches";

const PAGE_SIZE = 50;
/** The first sign is searched for at once, further ones when the reader rests this long. */
const REST_MS = 50;

/** Search as you type, with facets; `/` starts a search, arrows choose, Enter opens. */
export function CataloguePage() {
  const [params, setParams] = useSearchParams();
  const state = useMemo(() => readCatalogue(params), [params]);
  const change = (next: CatalogueState) => setParams(writeCatalogue(next), { replace: true });
  const found = useSearch(state);
  const items = found.data?.pages.flatMap((page) => page.items) ?? [];
  const first = found.data?.pages[0];
  const [active, setActive] = useState(-1);
  const navigate = useNavigate();
  const input = useSlashFocus();
  const onKeyDown = (event: KeyboardEvent) => {
    const chosen = items[Math.max(active, 0)];
    if (event.key === "ArrowDown") setActive(Math.min(active + 1, items.length - 1));
    else if (event.key === "ArrowUp") setActive(Math.max(active - 1, 0));
    else if (event.key === "Enter" && chosen) navigate(assetAddress(chosen.namespace, chosen.name));
    else return;
    event.preventDefault();
  };
  const isFiltered = params.size > 0;
  return (
    <div className={classes.page}>
      <Facets
        counts={first?.facets ?? {}}
        chosen={state.filters}
        onToggle={(facet, value) => change(toggleFilter(state, facet, value))}
      >
        <SavedSearches query={writeCatalogue(state).toString()} />
      </Facets>
      <section className={classes.results} aria-label="Results">
        <PageHead title="Catalogue" />
        <TextInput
          ref={input}
          size="md"
          type="search"
          aria-label="Search assets, columns and descriptions"
          placeholder="Search assets, columns, descriptions ( / )"
          value={state.q}
          onChange={(event) => {
            setActive(-1);
            change({ ...state, q: event.currentTarget.value });
          }}
          onKeyDown={onKeyDown}
        />
        <Text size="sm" c="dimmed" my="xs" role="status">
          {first && `${formatNumber(first.total)}${first.total_capped ? "+" : ""} found`}
        </Text>
        {found.isError && <ProblemNotice error={found.error} onRetry={found.refetch} />}
        {found.isPending && (
          <Center p="xl">
            <Loader role="status" aria-label="Searching" />
          </Center>
        )}
        {first?.total === 0 &&
          (isFiltered ? <NothingFound onClear={() => change({ q: "", filters: {} })} /> : <EmptyCatalogue />)}
        {first && (
          <ResultList
            items={items}
            active={active}
            onEnd={() => found.hasNextPage && !found.isFetchingNextPage && found.fetchNextPage()}
          />
        )}
      </section>
    </div>
  );
}

function useSearch(state: CatalogueState) {
  const [settled] = useDebouncedValue(state, REST_MS, { leading: true });
  return useInfiniteQuery({
    queryKey: ["search", settled],
    queryFn: ({ pageParam, signal }) => {
      const { quality, ...filters } = settled.filters;
      const query = {
        ...{ ...filters, q: settled.q, limit: PAGE_SIZE },
        ...(quality ? { quality: quality as NonNullable<DatasetQuery["quality"]> } : {}),
        ...(pageParam ? { cursor: pageParam } : {}),
      };
      return bodyOf(api.GET("/api/v1/datasets", { params: { query }, signal }));
    },
    initialPageParam: "",
    getNextPageParam: (page) => page.next ?? undefined,
    placeholderData: (before) => before,
  });
}

function useSlashFocus() {
  const input = useRef<HTMLInputElement>(null);
  useLayoutEffect(() => {
    const onSlash = (event: globalThis.KeyboardEvent) => {
      if (event.key !== "/" || event.target instanceof HTMLInputElement) return;
      event.preventDefault();
      input.current?.select();
    };
    addEventListener("keydown", onSlash);
    return () => removeEventListener("keydown", onSlash);
  }, []);
  return input;
}

function NothingFound({ onClear }: { onClear: () => void }) {
  const clear = (
    <Button variant="default" onClick={onClear}>
      Clear search and filters
    </Button>
  );
  return (
    <EmptyState title="Nothing found" action={clear}>
      Names, columns and descriptions are searched. Try a part of a word, or fewer filters.
    </EmptyState>
  );
}

function EmptyCatalogue() {
  return (
    <EmptyState
      title="The catalogue is empty"
      action={
        <Button component={Link} to="/connect">
          Connect a source
        </Button>
      }
    >
      Assets appear as soon as a source is harvested or a job sends OpenLineage events.
    </EmptyState>
  );
}
