import { Center, Container, Loader } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { hasStatus } from "../api/problem";
import { sessionQuery } from "../api/queries";
import { SignInPage } from "../pages/SignInPage";
import { ProblemNotice } from "../ui/Notice";

/** Shows its content to who is signed in, and the sign-in page to others. */
export function SignedIn({ children }: { children: ReactNode }) {
  const session = useQuery({ ...sessionQuery, retryOnMount: false });
  if (session.isSuccess) return children;
  if (session.isPending) {
    return (
      <Center h="100%">
        <Loader role="status" aria-label="Loading" />
      </Center>
    );
  }
  if (hasStatus(session.error, 401)) return <SignInPage />;
  return (
    <Container size="sm" py="xl">
      <ProblemNotice error={session.error} onRetry={session.refetch} />
    </Container>
  );
}
