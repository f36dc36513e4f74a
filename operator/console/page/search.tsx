import { useEffect, useRef, useState } from "preact/hooks";
import { goTo } from "./route.ts";

const PAUSE_MS = 200;

/** A search that is kept in the address, as soon as one pauses to type. The key `/` leads to it. */
export function Search({
  label,
  example,
  value,
  addressFor,
}: {
  label: string;
  /** Of what may be typed; else the label stands there. */
  example?: string;
  value: string;
  addressFor(text: string): string;
}) {
  const [text, setText] = useState(value);
  const input = useRef<HTMLInputElement>(null);
  useEffect(() => setText(value), [value]);
  useEffect(() => {
    if (text === value) return;
    const waiting = setTimeout(() => goTo(addressFor(text), { replace: true }), PAUSE_MS);
    return () => clearTimeout(waiting);
  }, [text, value, addressFor]);
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target))
        return;
      event.preventDefault();
      input.current?.focus();
    };
    addEventListener("keydown", onKey);
    return () => removeEventListener("keydown", onKey);
  }, []);
  return (
    <label class="search">
      <span class="visually-hidden">{label}</span>
      <input
        ref={input}
        type="search"
        placeholder={example ?? label}
        value={text}
        spellcheck={false}
        autocomplete="off"
        onInput={(event) => setText(event.currentTarget.value)}
      />
      <span class="key" aria-hidden="true">
        /
      </span>
    </label>
  );
}

function isTyping(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && target.matches("input, textarea, select");
}
