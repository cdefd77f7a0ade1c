import { useQuery } from "@tanstack/react-query";
import { sessionQuery } from "./queries";

/** Whether who is signed in has a permission somewhere; where exactly, the API decides. */
export function usePermission(permission: string): boolean {
  return useQuery(sessionQuery).data?.permissions.includes(permission) ?? false;
}
