import { useQuery } from "@tanstack/react-query";
import { usersQuery } from "../../api/admin";

/** Gives who an account or group is in words; people by name, where the list of people is there (for admins). */
export function useSubjectWords(): (kind: string | undefined, subject: string | undefined) => string {
  const { data } = useQuery(usersQuery);
  const names = new Map(data?.map((user) => [user.id, user.display_name ?? user.name]));
  return (kind, subject = "") => {
    if (kind !== "account") return `${subject} (group)`;
    const name = names.get(subject);
    return name ? `${name} (${subject})` : subject;
  };
}
