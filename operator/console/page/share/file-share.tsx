import { useEffect, useState } from "preact/hooks";
import type { FileView, SharePlan } from "../../api.ts";
import { askJson, post } from "../connection.ts";
import { Dialog } from "../dialog.tsx";
import { Failure } from "../notices.tsx";
import { addressOf } from "../route.ts";
import { ShareSlider } from "./share-slider.tsx";
import { devicesAt, shareSentences } from "./share-words.ts";

/** After which it is said that the notifier does not take it up. */
const AWAITED_MS = 60_000;

/** For what part of its fleet the newest version is, and the way to change that. */
export function FileShare({ view: { key, share } }: { view: FileView }) {
  const [isAsked, setAsked] = useState(false);
  const [given, setGiven] = useState<{ versionId: string; percent: number }>();
  if (share === undefined) return null;
  const { percent, versionId } = share;
  const awaited = given?.versionId === versionId ? given : undefined;
  return (
    <section class="share-now" aria-label="Share of the fleet">
      <p>
        {percent === undefined ? (
          "The notifier has not looked at the newest version yet."
        ) : percent === 100 ? (
          <>
            The newest version is for <strong>the whole fleet</strong>.
          </>
        ) : (
          <>
            The newest version is for <strong>{percent} % of the fleet</strong>; the others go by the one
            before.
          </>
        )}
      </p>
      <button
        type="button"
        class="button small"
        disabled={percent === undefined}
        onClick={() => setAsked(true)}
      >
        Change the share
      </button>
      {awaited !== undefined && <Awaited asked={awaited.percent} now={percent} />}
      {isAsked && (
        <Dialog title="Change the share" onClose={() => setAsked(false)}>
          {(close) => (
            <ShareQuestion
              id={key}
              onDone={(done) => {
                if (done !== undefined) setGiven(done);
                close();
              }}
            />
          )}
        </Dialog>
      )}
    </section>
  );
}

/** Whether the notifier has taken up what it was asked. */
function Awaited({ asked, now }: { asked: number; now: number | undefined }) {
  const [isLate, setLate] = useState(false);
  const isTaken = asked === now;
  useEffect(() => {
    setLate(false);
    if (isTaken) return;
    const waiting = setTimeout(() => setLate(true), AWAITED_MS);
    return () => clearTimeout(waiting);
  }, [asked, isTaken]);
  if (isLate)
    return (
      <Failure
        sentence={`The notifier has not taken up ${asked} % within a minute. It does so as soon as it can; noteferry doctor says what is wrong.`}
      />
    );
  return (
    <p role="status" class="aside">
      {isTaken
        ? `Taken up: it is for ${asked} % now.`
        : `Asked for ${asked} %: the notifier takes it up in a moment …`}
    </p>
  );
}

type QuestionProps = { id: string; onDone(given?: { versionId: string; percent: number }): void };

function ShareQuestion({ id, onDone }: QuestionProps) {
  const [plan, setPlan] = useState<SharePlan>();
  const [chosen, setChosen] = useState<number>();
  const [problem, setProblem] = useState<string>();
  const [isDoing, setDoing] = useState(false);
  useEffect(() => {
    askJson<SharePlan>(addressOf("/api/share", { key: id }))
      .then(setPlan)
      .catch((error: Error) => setProblem(error.message));
  }, [id]);
  const percent = chosen ?? plan?.percent ?? 100;
  const give = () => {
    if (plan === undefined) return;
    const { versionId } = plan;
    setDoing(true);
    post("/api/share", { key: id, versionId, percent })
      .then(() => onDone({ versionId, percent }))
      .catch((error: Error) => setProblem(error.message))
      .finally(() => setDoing(false));
  };
  return (
    <>
      {problem !== undefined && <Failure sentence={problem} />}
      {plan === undefined && problem === undefined && <p class="aside">Looking who is in the fleet …</p>}
      {plan !== undefined && (
        <>
          <p>
            {plan.n === undefined ? "The newest version" : `Version ${plan.n}`} of{" "}
            <span class="name">{id}</span> is for {plan.percent} % now, {devicesAt(plan, plan.percent)}.
          </p>
          {plan.why !== undefined && <p class="aside">How many devices that are is not known: {plan.why}</p>}
          <ShareSlider percent={percent} means={devicesAt(plan, percent)} isFirst onChange={setChosen} />
          <div role="status">
            <ul class="sentences">
              {shareSentences(plan, percent).map((sentence) => (
                <li key={sentence}>{sentence}</li>
              ))}
            </ul>
          </div>
        </>
      )}
      <div class="buttons">
        <button type="button" class="button" onClick={() => onDone()}>
          Cancel
        </button>
        <button
          type="button"
          class="button primary"
          disabled={plan === undefined || percent === plan.percent || isDoing}
          onClick={give}
        >
          {isDoing ? "Asking the notifier …" : `Give it to ${percent} %`}
        </button>
      </div>
    </>
  );
}
