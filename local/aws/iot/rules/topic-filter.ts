/** Whether a topic is one that a filter stands for; MQTT 3.1.1 §4.7, with what it says about topics that begin with `$`. */
export function matchesFilter(filter: string, topic: string): boolean {
  const wanted = filter.split("/");
  const levels = topic.split("/");
  if (topic.startsWith("$") && (wanted[0] === "+" || wanted[0] === "#")) return false;
  for (const [index, level] of wanted.entries()) {
    if (level === "#") return true;
    if (index >= levels.length || (level !== "+" && level !== levels[index])) return false;
  }
  return wanted.length === levels.length;
}

/** Whether a filter is one: `+` alone in its level, `#` alone in the last. */
export function isFilter(text: string): boolean {
  const levels = text.split("/");
  return (
    text !== "" &&
    levels.every((level, index) =>
      level === "#" ? index === levels.length - 1 : level === "+" || !/[+#]/.test(level),
    )
  );
}
