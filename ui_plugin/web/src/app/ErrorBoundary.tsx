import { Button, Container, Text, Title } from "@mantine/core";
import { Component, type ReactNode } from "react";

interface State {
  error: Error | null;
}

/** Says that the page failed, in place of a blank one. */
export class ErrorBoundary extends Component<{ children: ReactNode }, State> {
  override state: State = { error: null };

  static getDerivedStateFromError(error: Error): State {
    return { error };
  }

  override render(): ReactNode {
    if (!this.state.error) return this.props.children;
    return (
      <Container size="sm" py="xl">
        <Title order={1} size="h3">
          This page failed
        </Title>
        <Text my="md">
          Your data is not affected. Reload the page; if it fails again, report this message: {this.state.error.message}
        </Text>
        <Button onClick={() => location.reload()}>Reload</Button>
      </Container>
    );
  }
}
