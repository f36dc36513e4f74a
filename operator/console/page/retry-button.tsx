import { useEffect, useState } from "preact/hooks";
import { post } from "./connection.ts";

/** Has a device try a version once more. @param at another once the device has answered */
export function RetryButton({ device, path, at }: { device: string; path: string; at: number }) {
  const [said, setSaid] = useState("");
  useEffect(() => setSaid(""), [at]);
  const retry = () => {
    setSaid("asking …");
    post("/api/retry", { device, path })
      .then(() => setSaid("asked"))
      .catch((error: Error) => setSaid(error.message));
  };
  return (
    <>
      <button type="button" class="button small" aria-label={`Try again: ${path}`} onClick={retry}>
        Try again
      </button>
      <span role="status" class="aside">
        {said}
      </span>
    </>
  );
}
