import { Container, Skeleton } from "@mantine/core";

/** Stands where a page will be, in the shape that most have: a heading, then what is below it. */
export function PageComing() {
  return (
    <Container size="lg" py="lg" role="status" aria-label="Opening the page">
      <Skeleton h={28} w={220} mb="xs" />
      <Skeleton h={16} w={380} mb="lg" />
      <Skeleton h={320} />
    </Container>
  );
}
