import { useEffect, useState } from "preact/hooks";
import type { UploadPlan } from "../../api.ts";
import { post } from "../connection.ts";
import { Failure } from "../notices.tsx";
import { count } from "../words.ts";
import { ChooseFiles } from "./choose-files.tsx";
import type { Chosen } from "./collect-files.ts";
import { digestOf } from "./digest.ts";
import { Plan } from "./plan.tsx";
import { Progress } from "./progress.tsx";
import { type Aim, TargetPicker } from "./target-picker.tsx";
import { UploadShare } from "./upload-share.tsx";
import { chooseNothing, sendAll, useUploads } from "./uploads.ts";

/** Choose files and who gets them, read what will happen, then see it happen. */
export function UploadPage() {
  const { chosen, sends, warning } = useUploads();
  const [aim, setAim] = useState<Aim>({ kind: "default", to: "", folder: "", share: 100 });
  const { plan, problem } = usePlan(chosen, aim);
  const isReady = plan !== undefined && plan.uploads.length > 0 && plan.refused.length === 0 && isAimed(aim);
  return (
    <>
      <div class="heading">
        <h1 tabIndex={-1}>Upload</h1>
      </div>
      {warning !== undefined && <p class="aside">{warning}</p>}
      {sends.length > 0 && <Progress sends={sends} />}
      <ChooseFiles hasFiles={chosen.length > 0} />
      {chosen.length > 0 && (
        <>
          <TargetPicker aim={aim} onChange={setAim} />
          {problem !== undefined && <Failure sentence={problem} />}
          {plan?.hasShares === true && (
            <UploadShare
              devices={plan.devices}
              files={plan.uploads.length}
              share={aim.share}
              onChange={(share) => setAim({ ...aim, share })}
            />
          )}
          {plan !== undefined && <Plan plan={plan} share={plan.hasShares ? aim.share : 100} />}
          <div class="buttons start">
            <button
              type="button"
              class="button primary"
              disabled={!isReady}
              onClick={() =>
                plan !== undefined && void sendAll(plan.uploads, plan.hasShares ? aim.share : 100)
              }
            >
              Upload {count(plan?.uploads.length ?? chosen.length, "file")}
            </button>
            <button type="button" class="button" onClick={chooseNothing}>
              Choose others
            </button>
          </div>
        </>
      )}
    </>
  );
}

function isAimed({ kind, to }: Aim): boolean {
  return kind === "default" || to !== "";
}

const PAUSE_MS = 250;

/** What the server says would happen, asked again once one pauses to choose. */
function usePlan(chosen: readonly Chosen[], aim: Aim): { plan?: UploadPlan; problem?: string } {
  const [known, setKnown] = useState<{ plan?: UploadPlan; problem?: string }>({});
  const { kind, folder } = aim;
  const to = kind === "default" ? "" : aim.to;
  const isAsked = chosen.length > 0 && isAimed(aim);
  useEffect(() => {
    setKnown({});
    if (!isAsked) return;
    let isCurrent = true;
    const ask = async () => {
      const files: { path: string; bytes: number; sha256?: string | undefined }[] = [];
      for (const { path, file } of chosen)
        files.push({ path, bytes: file.size, sha256: await digestOf(file) }); // one in memory at a time
      const plan = await post<UploadPlan>("/api/plan", { to, folder, files });
      if (isCurrent) setKnown({ plan });
    };
    const waiting = setTimeout(() => {
      ask().catch((error: Error) => isCurrent && setKnown({ problem: error.message }));
    }, PAUSE_MS);
    return () => {
      isCurrent = false;
      clearTimeout(waiting);
    };
  }, [chosen, to, folder, isAsked]);
  return known;
}
