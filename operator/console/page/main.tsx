import { render } from "preact";
import { App } from "./app.tsx";
import { openSession } from "./connection.ts";
import { Door } from "./door.tsx";

const isKnown = await openSession().catch(() => false);
render(isKnown ? <App /> : <Door />, document.body);
