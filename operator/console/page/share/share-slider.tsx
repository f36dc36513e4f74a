import { useEffect, useId, useRef } from "preact/hooks";

/**
 * A part of a fleet in whole percent, by pointer or by the keys that a slider has.
 *
 * @param means how many devices that are
 * @param isFirst whether it takes the focus, as what a question is about
 */
export function ShareSlider({
  percent,
  means,
  isFirst = false,
  onChange,
}: {
  percent: number;
  means: string;
  isFirst?: boolean;
  onChange(percent: number): void;
}) {
  const id = useId();
  const input = useRef<HTMLInputElement>(null);
  useEffect(() => {
    if (isFirst) input.current?.focus();
  }, [isFirst]);
  return (
    <div class="share">
      <label for={id}>Share of the fleet</label>
      <input
        ref={input}
        id={id}
        type="range"
        min={0}
        max={100}
        step={1}
        value={percent}
        aria-valuetext={`${percent} %, ${means}`}
        onInput={(event) => onChange(event.currentTarget.valueAsNumber)}
      />
      <output for={id} aria-live="off">
        <strong>{percent} %</strong> {means}
      </output>
    </div>
  );
}
