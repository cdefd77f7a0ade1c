import { Button, Text } from "@mantine/core";
import { ProblemNotice } from "../../ui/Notice";
import { Waiting } from "../../ui/Waiting";
import type { useMaking } from "./useMaking";

interface Props extends ReturnType<typeof useMaking> {
  isReady: boolean;
  onMake: () => void;
}

/** Starts the making, shows that it goes on, and says how it ended. */
export function MakeButton({ making, stop, isReady, onMake }: Props) {
  if (making.isPending) return <Waiting what="Making the report" onCancel={stop} />;
  return (
    <>
      <div>
        <Button disabled={!isReady} onClick={onMake}>
          Make and save
        </Button>
      </div>
      {making.isSuccess && (
        <Text size="sm" role="status">
          Saved as {making.data}.
        </Text>
      )}
      {making.isError && <ProblemNotice error={making.error} />}
    </>
  );
}
