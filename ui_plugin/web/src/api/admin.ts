/** Reads of what administrators manage: people, tokens, rights, sign-ins and the installation's health. */
import { queryOptions } from "@tanstack/react-query";
import { api, bodyOf } from "./client";

const HEALTH_MS = 5_000;
/** A role that is given or taken holds within this time. */
const RIGHTS_MS = 5_000;

export const usersQuery = queryOptions({
  queryKey: ["users"],
  queryFn: ({ signal }) => bodyOf(api.GET("/api/v1/users", { signal })),
});

export const groupsQuery = queryOptions({
  queryKey: ["users", "groups"],
  queryFn: ({ signal }) => bodyOf(api.GET("/api/v1/groups", { signal })),
});

export const tokensQuery = (dormantDays: number | null) =>
  queryOptions({
    queryKey: ["tokens", "all", dormantDays],
    queryFn: ({ signal }) => {
      const query = dormantDays === null ? {} : { dormant_days: dormantDays };
      return bodyOf(api.GET("/api/v1/tokens", { params: { query }, signal }));
    },
  });

export const ownTokensQuery = queryOptions({
  queryKey: ["tokens", "own"],
  queryFn: ({ signal }) => bodyOf(api.GET("/api/v1/tokens/own", { signal })),
});

export const systemQuery = queryOptions({
  queryKey: ["system"],
  queryFn: ({ signal }) => bodyOf(api.GET("/api/v1/system", { signal })),
  refetchInterval: HEALTH_MS,
});

export const signInStateQuery = queryOptions({
  queryKey: ["system", "sign-in"],
  queryFn: ({ signal }) => bodyOf(api.GET("/api/v1/system/sign-in", { signal })),
});

/** What an account may do; null: the reader's own. */
export const rightsQuery = (account: string | null) =>
  queryOptions({
    queryKey: ["roles", "rights", account],
    queryFn: ({ signal }) => {
      const query = account === null ? {} : { account };
      return bodyOf(api.GET("/api/v1/access/rights", { params: { query }, signal }));
    },
    refetchInterval: RIGHTS_MS,
  });

export const recertificationsQuery = queryOptions({
  queryKey: ["recertifications"],
  queryFn: ({ signal }) => bodyOf(api.GET("/api/v1/recertifications", { signal })),
});

export const recertifiedQuery = (id: string) =>
  queryOptions({
    queryKey: ["recertifications", id],
    queryFn: ({ signal }) =>
      bodyOf(
        api.GET("/api/v1/recertifications/{recertification_id}/bindings", {
          params: { path: { recertification_id: id } },
          signal,
        }),
      ),
  });
