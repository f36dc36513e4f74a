import { useEffect, useRef } from "preact/hooks";
import type { Start } from "../api.ts";
import { AttentionPage } from "./attention-page.tsx";
import { DeadLettersPage } from "./dead-letters-page.tsx";
import { DevicePage } from "./device-page.tsx";
import { DevicesPage } from "./devices-page.tsx";
import { Door } from "./door.tsx";
import { FilePage } from "./file-page.tsx";
import { FilesPage } from "./files-page.tsx";
import { FleetPage } from "./fleet-page.tsx";
import { FleetsPage } from "./fleets-page.tsx";
import { type Live, useLive } from "./live.ts";
import { Masthead } from "./masthead.tsx";
import { Empty } from "./notices.tsx";
import { type Route, useRoute } from "./route.ts";
import { UploadPage } from "./upload/upload-page.tsx";
import { useDroppedFiles } from "./upload/use-dropped-files.ts";

export function App() {
  const route = useRoute();
  const start = useLive<Start>("/api/start");
  const isOver = useDroppedFiles();
  const main = useRef<HTMLElement>(null);
  const isFirst = useRef(true);
  const subject = `${route.path}?${route.query.get("id") ?? ""}${route.query.get("key") ?? ""}`;
  useEffect(() => {
    const heading = main.current?.querySelector("h1");
    document.title = `${heading?.textContent ?? ""} · Noteferry`;
    if (!isFirst.current) heading?.focus(); // who reads by ear hears where a link has led
    isFirst.current = false;
  }, [subject]);
  if (start.isForeign === true) return <Door />;
  return (
    <>
      <a class="skip" href="#main">
        Skip to the content
      </a>
      <Masthead path={route.path} start={start.view} />
      <main id="main" ref={main} tabIndex={-1}>
        <Page key={subject} route={route} start={start} />
      </main>
      {isOver && (
        <div class="drop-veil" aria-hidden="true">
          <p>Drop to upload: you choose who gets it next</p>
        </div>
      )}
    </>
  );
}

function Page({ route: { path, query }, start }: { route: Route; start: Live<Start> }) {
  const after = query.get("after") ?? undefined;
  switch (path) {
    case "/":
      return <DevicesPage prefix={query.get("q") ?? ""} after={after} />;
    case "/attention":
      return <AttentionPage after={after} />;
    case "/device":
      return <DevicePage id={query.get("id") ?? ""} />;
    case "/fleets":
      return <FleetsPage after={after} />;
    case "/fleet":
      return <FleetPage id={query.get("id") ?? ""} stage={query.get("stage") ?? ""} after={after} />;
    case "/files":
      return <FilesPage prefix={query.get("prefix") ?? ""} after={after} />;
    case "/file":
      return <FilePage id={query.get("key") ?? ""} state={query.get("state") ?? ""} after={after} />;
    case "/dead-letters":
      return <DeadLettersPage start={start} />;
    case "/upload":
      return <UploadPage />;
    default:
      return (
        <>
          <h1 tabIndex={-1}>No such page</h1>
          <Empty title="The console has no page here." />
        </>
      );
  }
}
