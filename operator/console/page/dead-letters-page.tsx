import { useEffect, useState } from "preact/hooks";
import type { DeadLettersView, RedriveLine, Start } from "../api.ts";
import { ask, askJson, linesOf } from "./connection.ts";
import { Link } from "./link.tsx";
import type { Live } from "./live.ts";
import { Empty, Shown } from "./notices.tsx";
import { deviceAddress, fileAddress } from "./route.ts";
import { count } from "./words.ts";

/** What could not be announced. It is looked at when somebody asks, and when their number is another. */
export function DeadLettersPage({ start }: { start: Live<Start> }) {
  const isKnown = start.view !== undefined || start.problem !== undefined;
  const waiting = start.view?.deadLetters;
  const [live, setLive] = useState<Live<DeadLettersView>>({});
  const [told, setTold] = useState<string[]>([]);
  const [isMoving, setMoving] = useState(false);
  const look = () => {
    askJson<DeadLettersView>("/api/dead-letters")
      .then((view) => setLive({ view }))
      .catch((error: Error) => setLive((before) => ({ ...before, problem: error.message })));
  };
  useEffect(() => {
    if (isKnown) look();
  }, [isKnown, waiting]);
  const redrive = async () => {
    setMoving(true);
    setTold([]);
    const tell = (sentence: string) => setTold((before) => [...before, sentence]);
    try {
      for await (const line of linesOf<RedriveLine>(await ask("/api/redrive", { method: "POST" }))) {
        if ("says" in line) tell(line.says);
        else if ("problem" in line) tell(line.problem);
        else if (line.done.cameBack > 0) tell("Mend what is said of those that came back, then try again.");
      }
    } catch (error) {
      tell(error instanceof Error ? error.message : String(error));
    }
    setMoving(false);
    look();
  };
  return (
    <>
      <div class="heading">
        <h1 tabIndex={-1}>Dead letters</h1>
        <p class="aside">What could not be announced waits here for two weeks</p>
      </div>
      {told.length > 0 && (
        <div role="status">
          <ul class="told">
            {told.map((line, index) => (
              <li key={index}>{line}</li>
            ))}
          </ul>
        </div>
      )}
      <Shown live={live}>
        {(view) =>
          view.letters.length === 0 ? (
            <Empty title="There are none." />
          ) : (
            <>
              <Letters view={view} />
              <p>Mend what the reason names first: a letter that is tried again too early comes back.</p>
              <div class="buttons start">
                <button
                  type="button"
                  class="button primary"
                  disabled={isMoving}
                  onClick={() => void redrive()}
                >
                  {isMoving
                    ? "Watching what becomes of them …"
                    : `Try ${count(view.waiting, "letter")} again`}
                </button>
                <button type="button" class="button" disabled={isMoving} onClick={look}>
                  Look again
                </button>
              </div>
            </>
          )
        }
      </Shown>
    </>
  );
}

function Letters({ view: { letters } }: { view: DeadLettersView }) {
  return (
    <div class="table">
      <table>
        <caption class="visually-hidden">Dead letters</caption>
        <thead>
          <tr>
            <th scope="col">File</th>
            <th scope="col">Device</th>
            <th scope="col" class="is-reason">
              Reason
            </th>
          </tr>
        </thead>
        <tbody>
          {letters.map(({ keys, device, reason }, index) => (
            <tr key={index}>
              <td class="name">
                {keys.length === 0 && "none that can be read"}
                {keys.map((key) => (
                  <Link key={key} to={fileAddress(key)}>
                    {key}
                  </Link>
                ))}
              </td>
              <td class="name">{device !== undefined && <Link to={deviceAddress(device)}>{device}</Link>}</td>
              <td class="reason">{reason ?? "tried for ten days"}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
