import type { UserSummary } from "../../api/types";

/** Issuer of the people who sign in with a password here. */
const LOCAL = "user";

/** Whether somebody has a password here, so that all of the account is changed here. */
export function isLocal({ issuer }: Pick<UserSummary, "issuer">): boolean {
  return issuer === LOCAL;
}

/** Who vouches for somebody, in words. */
export function vouchedBy(user: Pick<UserSummary, "issuer">): string {
  if (isLocal(user)) return "name and password";
  const [kind = "", ...rest] = user.issuer.split(":");
  const names: Record<string, string> = { oidc: "OpenID Connect", saml: "SAML" };
  return `${names[kind] ?? kind}, ${rest.join(":")}`;
}

/** Names that are written with commas between. */
export function namesIn(text: string): string[] {
  const names = text.split(",").map((name) => name.trim());
  return [...new Set(names.filter((name) => name !== ""))];
}
