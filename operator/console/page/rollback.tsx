import { useEffect, useState } from "preact/hooks";
import { formatBytes } from "../../words/format-bytes.ts";
import type { RollbackPlan, VersionLine } from "../api.ts";
import { askJson, post } from "./connection.ts";
import { Dialog } from "./dialog.tsx";
import { Failure } from "./notices.tsx";
import { addressOf } from "./route.ts";
import { count, timeOf } from "./words.ts";

/** Says what a rollback would do, and does it. */
export function RollbackButton({ id, version }: { id: string; version: VersionLine }) {
  const [isAsked, setAsked] = useState(false);
  const name = nameOf(version);
  return (
    <>
      <button
        type="button"
        class="button small"
        aria-label={`Roll back to ${name}`}
        onClick={() => setAsked(true)}
      >
        Roll back
      </button>
      {isAsked && (
        <Dialog title={`Roll back to ${name}?`} onClose={() => setAsked(false)}>
          {(close) => <RollbackQuestion id={id} version={version} onDone={close} />}
        </Dialog>
      )}
    </>
  );
}

function RollbackQuestion({ id, version, onDone }: { id: string; version: VersionLine; onDone(): void }) {
  const [plan, setPlan] = useState<RollbackPlan>();
  const [problem, setProblem] = useState<string>();
  const [isDoing, setDoing] = useState(false);
  const { versionId } = version;
  useEffect(() => {
    askJson<RollbackPlan>(addressOf("/api/rollback", { key: id, versionId }))
      .then(setPlan)
      .catch((error: Error) => setProblem(error.message));
  }, [id, versionId]);
  const rollBack = () => {
    setDoing(true);
    post("/api/rollback", { key: id, versionId })
      .then(onDone)
      .catch((error: Error) => setProblem(error.message))
      .finally(() => setDoing(false));
  };
  return (
    <>
      {problem !== undefined && <Failure sentence={problem} />}
      {plan === undefined && problem === undefined && <p class="aside">Looking what that would do …</p>}
      {plan !== undefined && (
        <>
          <p>
            <span class="name">{id}</span> becomes what it was on {timeOf(plan.at)}, {formatBytes(plan.bytes)}
            . It is announced as any upload is
            {plan.devices === undefined ? "" : `, to ${count(plan.devices, "device")}`}.
          </p>
          <p>{costOf(plan)}</p>
          <p>
            Each device restarts what its own rules name for this file. The version that is there now stays in
            the list.
          </p>
        </>
      )}
      <div class="buttons">
        <button type="button" class="button" onClick={onDone}>
          Cancel
        </button>
        <button
          type="button"
          class="button primary"
          disabled={plan === undefined || isDoing}
          onClick={rollBack}
        >
          {isDoing ? "Rolling back …" : "Roll back"}
        </button>
      </div>
    </>
  );
}

function costOf({ bytes, packed, devices = 0 }: RollbackPlan): string {
  const most = packed === undefined ? bytes : Math.min(bytes, packed);
  const how = packed !== undefined && packed < bytes ? "packed" : "whole";
  const all = devices > 1 ? `, ${formatBytes(most * devices)} in all` : "";
  return `On the link: at most ${formatBytes(most)} for a device (${how})${all}; less where a patch leads there, nothing where a device still has it.`;
}

export function nameOf({ n, versionId }: VersionLine): string {
  return n === undefined ? `version ${versionId.slice(0, 8)}` : `version ${n}`;
}
