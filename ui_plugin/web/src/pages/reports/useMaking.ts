import { useMutation } from "@tanstack/react-query";
import { useRef } from "react";
import { download } from "../../ui/files";

/** Makes a file that may take a while, hands it over, and can be told to stop. */
export function useMaking() {
  const running = useRef<AbortController>(null);
  const making = useMutation({
    mutationFn: async ({ file, make }: { file: string; make: (signal: AbortSignal) => Promise<Blob> }) => {
      running.current = new AbortController();
      download(file, await make(running.current.signal));
      return file;
    },
  });
  const stop = () => {
    running.current?.abort();
    making.reset();
  };
  return { making, stop };
}
